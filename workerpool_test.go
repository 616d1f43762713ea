package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

func TestNewWorkerPool(t *testing.T) {
	t.Run("of nothing panics with advice", func(t *testing.T) {
		asynctest.ExpectAdvice(t, func() { asyncio.NewWorkerPool(0) }, "NewWorkerPool(0)", "at least one worker", "GOMAXPROCS")
	})
	t.Run("starts no goroutine by itself", func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := asyncio.NewWorkerPool(100)
		asynctest.ExpectGoroutines(t, before)
		if err := p.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWorkerPool(t *testing.T) {
	t.Run("of n runs n functions at once", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, together := poolFor(t, 4), meet(4)
		for range 4 {
			if err := p.Submit(together); err != nil {
				t.Error(err)
			}
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("never runs more, with no more goroutines", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, before := poolFor(t, 3), runtime.NumGoroutine()
		var running, most atomic.Int64
		for range 300 {
			_ = p.Submit(func() {
				most.Store(max(most.Load(), running.Add(1)))
				runtime.Gosched()
				running.Add(-1)
			})
		}
		asynctest.ExpectGoroutines(t, before+3)
		_ = p.Shutdown(t.Context())
		if n := most.Load(); n > 3 {
			t.Errorf("%d functions ran at once", n)
		}
	})
	t.Run("of one runs first in, first out", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p := poolFor(t, 1)
		var d asynctest.Logbook
		var want []string
		for i := range 100 {
			_ = p.Submit(func() { d.Add("%d", i) })
			want = append(want, fmt.Sprint(i))
		}
		_ = p.Shutdown(t.Context())
		d.Expect(t, want...)
	})
	t.Run("uses a worker again", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, before := poolFor(t, 8), runtime.NumGoroutine()
		done := make(chan struct{})
		for range 50 {
			_ = p.Submit(func() { done <- struct{}{} })
			asynctest.Receive(t, done)
		}
		// A worker may not be back when the next function comes: more than
		// one is right, one for each is not.
		asynctest.ExpectGoroutines(t, before+8)
	})
	t.Run("takes functions from many goroutines", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p := poolFor(t, 4)
		var sum atomic.Int64
		ended := make(chan struct{})
		for range 8 {
			go func() {
				for range 100 {
					_ = p.Submit(func() { sum.Add(1) })
				}
				ended <- struct{}{}
			}()
		}
		for range 8 {
			asynctest.Receive(t, ended)
		}
		_ = p.Shutdown(t.Context())
		if sum.Load() != 800 {
			t.Errorf("%d of 800 functions ran", sum.Load())
		}
	})
	t.Run("survives a function that ends its goroutine", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p := poolFor(t, 1)
		var d asynctest.Logbook
		_ = p.Submit(runtime.Goexit)
		_ = p.Submit(d.Note("after"))
		if err := p.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		d.Expect(t, "after")
	})
	t.Run("refuses a nil function", func(t *testing.T) {
		asynctest.ExpectAdvice(t, func() { _ = poolFor(t, 1).Submit(nil) }, "nil function", "pass what is to be called")
	})
}

func TestWorkerPoolShutdown(t *testing.T) {
	t.Run("waits for all that was submitted", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p := poolFor(t, 2)
		var ended atomic.Int64
		for range 50 {
			_ = p.Submit(func() {
				runtime.Gosched()
				ended.Add(1)
			})
		}
		if err := p.Shutdown(t.Context()); err != nil || ended.Load() != 50 {
			t.Errorf("Shutdown returned %v after %d of 50 functions", err, ended.Load())
		}
	})
	t.Run("takes nothing more", func(t *testing.T) {
		p := poolFor(t, 1)
		_ = p.Shutdown(t.Context())
		if err := p.Submit(func() { t.Error("it ran") }); err != asyncio.ErrExecutorShutDown {
			t.Errorf("Submit returned %v", err)
		}
	})
	t.Run("may be called again", func(t *testing.T) {
		p := poolFor(t, 1)
		if err := errors.Join(p.Shutdown(t.Context()), p.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
	})
	t.Run("blocks a goroutine until its context is done", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, release := poolFor(t, 1), make(chan struct{})
		_ = p.Submit(func() { <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := p.Shutdown(ctx); err != context.DeadlineExceeded {
			t.Errorf("Shutdown returned %v", err)
		}
		close(release)
		if err := p.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
	t.Run("suspends a task, and the others go on", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, release := poolFor(t, 1), make(chan struct{})
		_ = p.Submit(func() { <-release })
		var d asynctest.Logbook
		asynctest.EndWell(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error {
				d.Add("other task")
				close(release)
				return nil
			})
			err := p.Shutdown(ctx)
			d.Add("shut down")
			return err
		})
		d.Expect(t, "other task", "shut down")
	})
	t.Run("in a task ends with that", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, release := poolFor(t, 1), make(chan struct{})
		_ = p.Submit(func() { <-release })
		asynctest.EndWell(t, func(ctx context.Context) error {
			task := asyncio.Go(ctx, p.Shutdown)
			_ = asyncio.Yield(ctx)
			task.Cancel()
			if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
				t.Errorf("Shutdown returned %v", err)
			}
			return nil
		})
		close(release)
	})
}

// A function either waits for a worker or keeps one busy: one that has been started for it
// and has not come to it yet does neither.
func TestWorkerPoolState(t *testing.T) {
	asynctest.NothingIsLeft(t)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		pool := poolFor(t, 1)
		release := make(chan struct{})
		busy := func(context.Context) (int, error) { <-release; return 0, nil }
		first, second := asyncio.RunInExecutor(ctx, pool, busy), asyncio.RunInExecutor(ctx, pool, busy)
		state := engine.LoopOf(ctx).Pools()[0].State
		asynctest.Eventually(t, "a busy worker", func() bool {
			s := state()
			if s.Busy+s.Queued != 2 {
				t.Errorf("%d functions run and %d wait, want 2 of them in all", s.Busy, s.Queued)
			}
			return s.Busy == 1
		})
		close(release)
		if _, err := asyncio.Gather(ctx, first, second); err != nil {
			return err
		}
		return pool.Shutdown(ctx)
	}, asyncio.Observe(&asyncio.Hooks{TaskDone: func(asyncio.HookEvent) {}}))
	asynctest.ExpectNil(t, err)
}
