package callbacks

import (
	"context"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
)

type server struct {
	jobs *asyncio.Queue[int]
	lock asyncio.Lock
	ctx  context.Context
}

func (s *server) tick() {
	_ = s.jobs.Put(s.ctx, 1) // want `^asyncio.Queue.Put suspends a task, but server.tick runs as a callback, where it panics: create a task there \(asyncio.Go\) and wait in it \(asyncio-callback-suspends\)$`
}

func pause(ctx context.Context) error { return asyncio.Sleep(ctx, 1) }

func bad(ctx context.Context, s *server, l *asyncio.Loop, t *asyncio.Task[int], c asyncio.Coro[int], fd uintptr) error {
	l.CallSoon(func() { _ = asyncio.Sleep(ctx, 1) }) // want `asyncio.Sleep suspends a task, but the function that bad gives to asyncio.Loop.CallSoon runs as a callback`
	l.CallLater(time.Second, s.tick)
	l.CallAt(time.Time{}, func() { _ = pause(ctx) })         // want `pause suspends a task`
	_ = l.CallSoonThreadsafe(func() { _, _ = c.Await(ctx) }) // want `Coro.Await suspends` `asyncio-lost-error`
	t.AddDoneCallback(func(t *asyncio.Task[int]) {
		if err := s.lock.Acquire(ctx); err == nil { // want `asyncio.Lock.Acquire suspends`
			s.lock.Release()
		}
	})
	wait := func() {
		_, _ = s.jobs.Get(ctx) // want `asyncio.Queue.Get suspends`
		_, _ = c(ctx)          // want `the coroutine suspends a task`
	}
	asyncio.NoSuspend(ctx, func() {
		_ = asyncio.Yield(ctx) // want `^asyncio.Yield suspends a task, but the function that bad gives to asyncio.NoSuspend must not suspend, so it panics: do before or after it what may wait`
	})
	if err := l.AddSignalHandler(os.Interrupt, wait); err != nil {
		return err
	}
	return l.AddReader(fd, func() { _ = s.jobs.Join(ctx) }) // want `asyncio.Queue.Join suspends`
}

func hooks(ctx context.Context) asyncio.Option {
	return asyncio.Observe(&asyncio.Hooks{
		TaskDone: func(asyncio.HookEvent) { _ = asyncio.Yield(ctx) }, // want `asyncio.Yield suspends a task, but the function that hooks gives to the hook TaskDone`
	})
}
