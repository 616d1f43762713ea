package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestWatch(t *testing.T) {
	t.Run("holds a value", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			x := asyncio.NewWatch("a")
			asynctest.ExpectEqual(t, "value", x.Get(), "a")
			x.Set("b")
			asynctest.ExpectEqual(t, "value", x.Get(), "b")
			var zero asyncio.Watch[int]
			asynctest.ExpectEqual(t, "value", zero.Get(), 0)
		})
	})
	t.Run("Changes begins with the present value, without suspending", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			x := asyncio.NewWatch(1)
			x.Set(2)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				for v, err := range x.Changes(ctx) {
					asynctest.ExpectNil(t, err)
					asynctest.ExpectEqual(t, "value", v, 2)
					break
				}
			}), 0)
		})
	})
	t.Run("Changes skips values between, and never the last", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var x asyncio.Watch[int]
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for v, err := range x.Changes(ctx) {
					if err != nil {
						return err
					}
					d.Add("%d", v)
					_ = asyncio.Sleep(ctx, time.Second)
				}
				return nil
			})
			asynctest.Settle(ctx)
			for i := range 3 {
				x.Set(i + 1)
			}
			_ = asyncio.Sleep(ctx, 10*time.Second)
			d.Expect(t, "0", "3")
			x.Set(4)
			x.Set(5)
			_ = asyncio.Sleep(ctx, time.Millisecond)
			x.Set(5) // is a change as well
			_ = asyncio.Sleep(ctx, 10*time.Second)
			d.Expect(t, "0", "3", "5", "5")
			task.Cancel()
			asynctest.Settle(ctx)
		})
	})
	t.Run("Changes sees what is set in its own turn", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			x := asyncio.NewWatch(0)
			for v, err := range x.Changes(ctx) {
				asynctest.ExpectNil(t, err)
				if v == 3 {
					break
				}
				x.Set(v + 1)
			}
			asynctest.ExpectEqual(t, "value", x.Get(), 3)
		})
	})
	t.Run("wakes all that wait, in the order in which they came", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			x := asyncio.NewWatch(0)
			for _, name := range []string{"a", "b"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					v, err := x.Wait(ctx, func(v int) bool { return v > 1 })
					d.Add("%s: %d %v", name, v, err)
					return nil
				})
			}
			asynctest.Settle(ctx)
			x.Set(1)
			asynctest.Settle(ctx)
			d.Expect(t)
			x.Set(7)
			_ = asyncio.Yield(ctx)
			d.Expect(t, "a: 7 <nil>", "b: 7 <nil>")
		})
	})
	t.Run("Wait does not suspend if the value will do, and passes over what was replaced", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			x := asyncio.NewWatch(5)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				v, err := x.Wait(ctx, func(v int) bool { return v == 5 })
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "value", v, 5)
			}), 0)
			six := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := x.Wait(ctx, func(v int) bool { return v == 6 })
				return err
			})
			asynctest.Settle(ctx)
			x.Set(6)
			x.Set(7)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "done", six.Done(), false)
		})
	})
	t.Run("Wait may suspend in its function", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			x := asyncio.NewWatch(0)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := x.Wait(ctx, func(v int) bool { return asyncio.Yield(ctx) == nil && v == 1 })
				return err
			})
			_ = asyncio.Yield(ctx)
			x.Set(1)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "done", task.Done(), true)
		})
	})
	t.Run("gives a cancellation as the last pair, with a zero value", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			x := asyncio.NewWatch(1)
			onCanceledContext(ctx, func(ctx context.Context) {
				onlyCanceled(t, x.Changes(ctx))
				v, err := x.Wait(ctx, func(int) bool { return true })
				asynctest.ExpectCanceled(t, err)
				asynctest.ExpectEqual(t, "value", v, 0)
			})
			asynctest.ExpectIs(t, lastError(x.Changes(t.Context())), asyncio.ErrNoRunningLoop)
		})
	})
	t.Run("that has changed before a cancellation says so first", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			x := asyncio.NewWatch(1)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for v, err := range x.Changes(ctx) {
					d.Add("%d %v", v, err)
				}
				return nil
			})
			asynctest.Settle(ctx)
			x.Set(2)
			task.Cancel()
			asynctest.Settle(ctx)
			d.Expect(t, "1 <nil>", "2 <nil>", "0 asyncio: canceled")
		})
	})
}
