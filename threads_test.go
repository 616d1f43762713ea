package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What a function in a thread may do with its context, and when that ends.
func TestContextOfAThread(t *testing.T) {
	type key struct{}
	errWhy := errors.New("why")
	with := func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, 7) }
	for name, on := range map[string]func(ctx context.Context) (context.Context, context.CancelFunc){
		"a task's own": func(ctx context.Context) (context.Context, context.CancelFunc) { return with(ctx), func() {} },
		"a context.WithoutCancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return with(context.WithoutCancel(ctx)), func() {}
		},
		"one of package context's": func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(with(ctx)) },
	} {
		t.Run("on "+name+" is that until the function has returned", func(t *testing.T) {
			asynctest.MustEnd(t, func(ctx context.Context) error {
				var child context.Context
				outer, cancel := on(ctx)
				defer cancel()
				own, err := asyncio.ToThread(outer, func(ctx context.Context) (context.Context, error) {
					var cancel context.CancelFunc
					child, cancel = context.WithCancel(ctx)
					t.Cleanup(cancel)
					if ctx.Err() != nil || ctx.Value(key{}) != 7 || fmt.Sprint(ctx) == "" {
						t.Errorf("it has %v and the value %v", ctx.Err(), ctx.Value(key{}))
					}
					if asyncio.CurrentTask(ctx).Name != "Task-1" || asyncio.RunningLoop(ctx) == nil {
						t.Errorf("its task is %v", asyncio.CurrentTask(ctx))
					}
					asynctest.ExpectPanic(t, func() { _ = asyncio.Sleep(ctx, 0) }) //asyncio:ok foreign that it panics is what is tested
					return ctx, nil
				})
				asynctest.ExpectNil(t, err)
				<-own.Done() //asyncio:ok done-wait the function has ended, and its context with it
				asynctest.ExpectEqual(t, "its error", own.Err(), context.Canceled)
				<-child.Done() //asyncio:ok done-wait the function has ended, and its context with it
				asynctest.ExpectNil(t, outer.Err())
				if err := asyncio.Sleep(own, 0); !errors.Is(err, context.Canceled) {
					t.Errorf("a wait on it returned %v", err)
				}
				return nil
			})
		})
	}
	t.Run("ends with the wait, for the same cause", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			heard, begun := make(chan error, 1), make(chan bool)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					close(begun)
					<-ctx.Done()
					heard <- context.Cause(ctx)
					return 0, ctx.Err()
				})
			})
			asynctest.Settle(ctx)
			<-begun //asyncio:ok channel the thread closes it without the loop
			task.CancelCause(errWhy)
			asynctest.ExpectEqual(t, "the cause", asynctest.Receive(t, heard), errWhy)
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			return nil
		})
	})
	t.Run("ends with a timeout around it, whose deadline it has", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			due := make(chan bool, 1)
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					_, has := ctx.Deadline()
					due <- has
					<-ctx.Done()
					return 0, ctx.Err()
				})
				return err
			})
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "that it has a deadline", asynctest.Receive(t, due), true)
			return nil
		})
	})
	t.Run("cuts the wait of a task in the loop when the function returns", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, ended := asyncio.RunningLoop(ctx), asyncio.NewFuture[error](ctx)
			_, err := asyncio.ToThread(ctx, func(own context.Context) (int, error) {
				waits := make(chan bool)
				_ = l.CallSoonThreadsafe(func() {
					asyncio.CreateTask(ctx, func(context.Context) (int, error) {
						close(waits)
						_ = ended.SetResult(new(asyncio.Event).Wait(own)) // virtual time does not wait for threads, so no deadline
						return 0, nil
					})
				})
				<-waits
				return 0, nil
			})
			asynctest.ExpectNil(t, err)
			got, err := ended.Await(ctx)
			asynctest.ExpectCanceled(t, got)
			return err
		})
	})
	t.Run("of an executor ends with the task that asked, or with the future", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			heard, begun := make(chan error, 2), make(chan bool)
			start := func(ctx context.Context) *asyncio.Future[int] {
				f := asyncio.RunInExecutor(ctx, goExecutor{}, func(ctx context.Context) (int, error) {
					begun <- true
					<-ctx.Done()
					heard <- ctx.Err()
					return 0, ctx.Err()
				})
				<-begun //asyncio:ok channel the thread closes it without the loop
				return f
			}
			asyncio.Go(ctx, func(ctx context.Context) error {
				start(ctx)
				return nil
			})
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "the error of the first", asynctest.Receive(t, heard), context.Canceled)
			f := start(ctx)
			f.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "the error of the second", asynctest.Receive(t, heard), context.Canceled)
			return nil
		})
	})
	t.Run("ends with a task that is ended by force before anyone canceled it", func(t *testing.T) {
		heard := make(chan error, 1)
		var reported asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				_ = asyncio.Sleep(ctx, time.Hour) // until Run ends
				asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
					return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
						select {
						case <-ctx.Done():
						case <-time.After(asynctest.Patience):
						}
						heard <- ctx.Err()
						return 0, ctx.Err()
					})
				})
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
				return 0, nil
			})
			return asyncio.Yield(ctx)
		}, asyncio.Grace(50*time.Millisecond), reported.Option())
		asynctest.ExpectEqual(t, "its error", asynctest.Receive(t, heard), context.Canceled)
	})
}
