package callbacks

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
)

func good(ctx context.Context, s *server, l *asyncio.Loop, t *asyncio.Task[int]) error {
	l.CallSoon(func() {
		asyncio.Go(ctx, func(ctx context.Context) error { return s.jobs.Put(ctx, 1) })
		_ = s.jobs.TryPut(2)
	})
	t.AddDoneCallback(func(t *asyncio.Task[int]) {
		if _, err := t.Result(); err != nil {
			log.Print(err)
		}
	})
	var ended asyncio.Event
	if err := l.AddSignalHandler(os.Interrupt, ended.Set); err != nil {
		return err
	}
	asyncio.NoSuspend(ctx, func() {
		if _, err := s.jobs.Get(ctx); err == nil { // there is one
			s.jobs.TaskDone()
		}
	})
	again := func() { s.tick() } // it is called nowhere
	_ = again
	var q asyncio.Queue[int]
	if err := s.lock.With(ctx, func() error { return q.Put(ctx, 1) }); err != nil {
		return err
	}
	return asyncio.WithTimeout(ctx, time.Second, ended.Wait)
}
