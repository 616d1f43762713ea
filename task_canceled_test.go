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

// waysToSayCanceled are the errors with which a coroutine may say that it was canceled,
// with errOther as the cause.
var waysToSayCanceled = map[string]struct {
	end  func(ctx context.Context) error
	also error // what else the error is
}{
	"Err of the context":           {func(ctx context.Context) error { return ctx.Err() }, context.Canceled},
	"the cause":                    {context.Cause, errOther},
	"the cause, wrapped":           {func(ctx context.Context) error { return fmt.Errorf("why: %w", context.Cause(ctx)) }, errOther},
	"both":                         {func(ctx context.Context) error { return errors.Join(ctx.Err(), context.Cause(ctx)) }, errOther},
	"the cause beside ErrCanceled": {func(ctx context.Context) error { return errors.Join(asyncio.ErrCanceled, context.Cause(ctx)) }, errOther},
	"the cause in a group of tasks": {func(ctx context.Context) error {
		return &asyncio.ExceptionGroup{Message: "g", Errors: []error{context.Cause(ctx)}}
	}, errOther},
	"the cause out of a timeout": {func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Hour, context.Cause)
	}, errOther},
	"the cause out of a group": {func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error { return context.Cause(ctx) })
	}, errOther},
}

// waysToRead are those in which another task comes to the error of a task.
var waysToRead = map[string]func(ctx context.Context, task *asyncio.Task[struct{}]) error{
	"Await": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := task.Await(ctx)
		return err
	},
	"a task that awaits it": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := task.Await(ctx)
			return err
		}).Await(ctx)
		return err
	},
	"Result": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		asynctest.Settle(ctx)
		_, err := task.Result()
		return err
	},
	"Err": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		asynctest.Settle(ctx)
		return task.Err()
	},
	"a done callback": func(ctx context.Context, task *asyncio.Task[struct{}]) (err error) {
		task.AddDoneCallback(func(task *asyncio.Task[struct{}]) { err = task.Err() })
		asynctest.Settle(ctx)
		return err
	},
	"Gather": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := asyncio.Gather(ctx, task)
		return err
	},
	"GatherSettled": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		results, err := asyncio.GatherSettled(ctx, task)
		return errors.Join(err, results[0].Err)
	},
	"Race": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := asyncio.Race(ctx, task)
		return err
	},
	"Shield": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := asyncio.Shield(ctx, task)
		return err
	},
	"WaitFor": func(ctx context.Context, task *asyncio.Task[struct{}]) error {
		_, err := asyncio.WaitFor(ctx, task, time.Hour)
		return err
	},
	"AsCompleted": func(ctx context.Context, task *asyncio.Task[struct{}]) (err error) {
		for _, err = range asyncio.AsCompleted(ctx, task) {
		}
		return err
	},
}

func TestTheErrorOfACanceledTask(t *testing.T) {
	for said, way := range waysToSayCanceled {
		for read, readErr := range waysToRead {
			t.Run(said+", read by "+read, func(t *testing.T) {
				asynctest.OnLoop(t, func(ctx context.Context) {
					var returned string
					task := asyncio.Go(ctx, func(ctx context.Context) error {
						_ = asynctest.SleepForever(ctx)
						err := way.end(ctx)
						returned = err.Error()
						return err
					})
					asynctest.Settle(ctx)
					task.CancelCause(errOther)
					reader := asyncio.Go(ctx, func(ctx context.Context) error {
						err := readErr(ctx, task)
						for _, is := range []error{asyncio.ErrCanceled, context.Canceled, way.also} {
							if !errors.Is(err, is) {
								t.Errorf("%v is not %v", err, is)
							}
						}
						asynctest.ExpectEqual(t, "text", err.Error(), returned)
						return err
					})
					_, _ = asyncio.Shield(ctx, reader)
					asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
					asynctest.ExpectEqual(t, "who passes its error on is canceled, too", reader.Canceled(), true)
				})
			})
		}
	}
}

func TestAGroupIgnoresATaskThatAwaitsACanceledOne(t *testing.T) {
	for said, way := range waysToSayCanceled {
		t.Run(said, func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					return way.end(ctx)
				})
				asynctest.Settle(ctx)
				task.CancelCause(errOther)
				asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error { return waysToRead["Await"](ctx, task) })
					return nil
				}))
			})
		})
	}
}

// The expiry is the cause in the timeout. Returned as it is, it must not look like a
// timeout that has expired where the cancellation from outside wins.
func TestTheCauseOfATimeoutThatIsCanceledFromOutside(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var self *asyncio.Task[struct{}]
		self = asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, 0, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				self.Cancel()
				return context.Cause(ctx)
			})
		})
		_, err := self.Await(ctx)
		asynctest.ExpectCanceled(t, err)
		asynctest.ExpectEqual(t, "canceled", self.Canceled(), true)
	})
}
