package asyncio_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// shownContexts are all kinds of contexts that a task can show to other goroutines. Each
// is a function that shows some and then waits for its end.
var shownContexts = map[string]func(ctx context.Context, show func(context.Context)) error{
	"a task's": func(ctx context.Context, show func(context.Context)) error {
		show(ctx)
		return asynctest.SleepForever(ctx)
	},
	"a timeout's": func(ctx context.Context, show func(context.Context)) error {
		return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
			show(ctx)
			return asynctest.SleepForever(ctx)
		})
	},
	"that of a timeout that expires": func(ctx context.Context, show func(context.Context)) error {
		return asyncio.WithTimeout(ctx, 0, func(ctx context.Context) error {
			show(ctx)
			return asynctest.SleepForever(ctx)
		})
	},
	"that of a timeout that is left": func(ctx context.Context, show func(context.Context)) error {
		return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
			show(ctx)
			return asyncio.Yield(ctx)
		})
	},
	"those of a group and its tasks": func(ctx context.Context, show func(context.Context)) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			show(ctx)
			for range 2 {
				tg.Go(func(ctx context.Context) error {
					show(ctx)
					return asynctest.SleepForever(ctx)
				}, asyncio.Eager())
			}
			return asynctest.SleepForever(ctx)
		})
	},
	"those of a group that aborts": func(ctx context.Context, show func(context.Context)) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			show(ctx)
			tg.Go(func(context.Context) error { return errBoom })
			tg.Go(func(ctx context.Context) error {
				show(ctx)
				return asynctest.SleepForever(ctx)
			}, asyncio.Eager())
			return nil
		})
	},
	"a thread's": func(ctx context.Context, show func(context.Context)) error {
		return showInThread(ctx, show, func(ctx context.Context) { <-ctx.Done() })
	},
	"that of a thread which returns": func(ctx context.Context, show func(context.Context)) error {
		return showInThread(ctx, show, func(context.Context) {})
	},
	"those of package context": func(ctx context.Context, show func(context.Context)) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		show(ctx)
		value := context.WithValue(ctx, keyOne, 1)
		show(value)
		return asyncio.WithTimeout(value, time.Hour, func(ctx context.Context) error {
			show(ctx)
			ctx, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			show(ctx)
			return asynctest.SleepForever(ctx)
		})
	},
}

func showInThread(ctx context.Context, show, then func(context.Context)) error {
	shown := make(chan struct{})
	_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
		show(ctx)
		close(shown)
		then(ctx)
		return 0, nil
	})
	<-shown //asyncio:ok channel the thread closes it without the loop
	return err
}

// Package context promises: if Done is not yet closed, Err returns nil. And the cause
// is set together with Err, and stays.
func TestErrIsSeenTogetherWithDoneAndTheCause(t *testing.T) {
	for name, show := range shownContexts {
		t.Run(name, func(t *testing.T) {
			asynctest.OnRealLoop(t, func(ctx context.Context) {
				for round := 0; round < contractRounds() && !t.Failed(); round++ {
					watchTheEnd(t, ctx, round%len(waysToSee), show)
				}
			})
		})
	}
}

// contractRounds is how often it is tried: what is wrong lasts for some nanoseconds.
func contractRounds() int {
	if testing.Short() {
		return 30
	}
	return 600
}

func watchTheEnd(t *testing.T, ctx context.Context, way int, show func(ctx context.Context, show func(context.Context)) error) {
	var watchers sync.WaitGroup
	watch := func(ctx context.Context) {
		begun := make(chan struct{})
		watchers.Go(func() {
			close(begun)
			keepsItsPromises(t, ctx, way)
		})
		<-begun
	}
	task := asyncio.Go(ctx, func(ctx context.Context) error { return show(ctx, watch) }, asyncio.Eager())
	_ = asyncio.Yield(ctx)
	task.CancelCause(errBoom)
	_, _ = task.Await(context.WithoutCancel(ctx))
	watchers.Wait() //asyncio:ok blocks the goroutines need the loop no more
}

// waysToSee are the ways in which another goroutine sees that a context is done.
var waysToSee = []func(ctx context.Context) bool{
	func(ctx context.Context) bool { return ctx.Err() != nil },
	func(ctx context.Context) bool { return context.Cause(ctx) != nil },
	func(ctx context.Context) bool { return isClosed(ctx.Done()) },
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// keepsItsPromises watches a context to its end. Only one of the ways asks it for Done
// before that.
func keepsItsPromises(t *testing.T, ctx context.Context, way int) {
	ended := waysToSee[way]
	if way == 2 {
		called := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(called)
			isAtItsEnd(t, ctx)
		})
		defer func() {
			if !stop() {
				<-called // t must not end before
			}
		}()
	}
	for spins := 1; !ended(ctx); spins++ {
		if spins%1000 == 0 {
			runtime.Gosched()
		}
	}
	isAtItsEnd(t, ctx)
}

func isAtItsEnd(t *testing.T, ctx context.Context) {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil {
		t.Errorf("%v has a cause, %v, and no Err", ctx, cause)
	}
	if !isClosed(ctx.Done()) {
		t.Errorf("Err of %v is %v, and Done is open", ctx, err)
	}
	if cause == nil {
		t.Errorf("%v is done and has no cause", ctx)
	}
	for range 100 {
		if again := ctx.Err(); again != err {
			t.Errorf("Err of %v was %v and is %v", ctx, err, again)
		}
		if again := context.Cause(ctx); again != cause {
			t.Errorf("the cause of %v was %v and is %v", ctx, cause, again)
		}
		if t.Failed() {
			return
		}
	}
}
