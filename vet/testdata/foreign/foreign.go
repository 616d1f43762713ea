package foreign

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

type state struct {
	lock  asyncio.Lock
	queue *asyncio.Queue[int]
	ended asyncio.Event
}

func compute() int { return 1 }

func feed(ctx context.Context, q *asyncio.Queue[int]) error { return q.Put(ctx, 1) }

func bad(ctx context.Context, s *state, t *asyncio.Task[int], f *asyncio.Future[int], tg *asyncio.TaskGroup) error {
	loop := asyncio.RunningLoop(ctx)
	go func() {
		s.ended.Set()                                                        // want `^asyncio.Event.Set is for the loop, but a goroutine of bad calls it on another goroutine, where it panics: use CallSoonThreadsafe\(func\(\) \{ ... \}\) \(asyncio-foreign\)$`
		t.Cancel()                                                           // want `asyncio.Task.Cancel is for the loop`
		loop.Stop()                                                          // want `asyncio.Loop.Stop is for the loop`
		_ = f.SetResult(compute())                                           // want `asyncio.Future.SetResult is for the loop`
		_ = s.queue.TryPut(1)                                                // want `asyncio.Queue.TryPut is for the loop`
		_ = s.queue.Put(ctx, 1)                                              // want `^asyncio.Queue.Put suspends a task, but a goroutine of bad calls it on another goroutine, where it fails: start a task`
		_ = asyncio.Sleep(ctx, 1)                                            // want `asyncio.Sleep suspends a task`
		loop.CallSoon(s.ended.Clear)                                         // want `asyncio.Loop.CallSoon is for the loop`
		tg.Go(func(ctx context.Context) error { return asyncio.Yield(ctx) }) // want `asyncio.TaskGroup.Go is for the loop`
		asyncio.Go(ctx, func(ctx context.Context) error { return nil })      // want `asyncio.Go is for the loop, but .*: use RunCoroutineThreadsafe`
		func() { s.lock.Release() }()                                        // want `asyncio.Lock.Release is for the loop`
	}()
	go feed(ctx, s.queue)                       // want `^feed suspends a task, but bad calls it on another goroutine`
	go s.queue.Put(ctx, 1)                      // want `asyncio.Queue.Put suspends`
	time.AfterFunc(1, func() { s.ended.Set() }) // want `asyncio.Event.Set is for the loop`
	var wg sync.WaitGroup
	wg.Go(func() { _ = f.SetError(nil) }) // want `asyncio.Future.SetError`
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		s.ended.Set()                // want `the function that bad gives to asyncio.ToThreadFunc calls it on another goroutine`
		return asyncio.Sleep(ctx, 1) // want `asyncio.Sleep suspends`
	})
}

func serve(s *state) error {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_ = s.queue.Put(r.Context(), 1) // want `asyncio.Queue.Put suspends a task, but the function that serve gives to http.HandleFunc calls it on another goroutine`
	})
	return http.ListenAndServe(":80", nil)
}
