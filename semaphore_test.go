package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestSemaphore(t *testing.T) {
	t.Run("hands out its permits without suspending", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(2)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, s.Acquire(ctx))
				asynctest.ExpectEqual(t, "locked", s.Locked(), false)
				asynctest.ExpectNil(t, s.Acquire(ctx))
				asynctest.ExpectEqual(t, "locked", s.Locked(), true)
				asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
				s.Release()
				asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), true)
			}), 0)
		})
	})

	t.Run("lets no more run at once, first come, first served", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(2)
			running, most := 0, 0
			var d asynctest.Logbook
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					return s.With(ctx, func() error {
						running++
						most = max(most, running)
						d.Add("%s", name)
						defer func() { running-- }()
						return asyncio.Yield(ctx)
					})
				})
			}
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "most at once", most, 2)
			d.Expect(t, "a", "b", "c", "d", "e")
		})
	})

	t.Run("a permit that is released belongs to who waits, and to no one who comes in between", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewSemaphore(1)
			_ = s.Acquire(ctx)
			asyncio.Go(ctx, acquirer(&d, "first", s.Acquire, s.Release))
			asynctest.Settle(ctx)
			s.Release()
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
			asynctest.ExpectNil(t, s.Acquire(ctx))
			d.Add("second")
			d.Expect(t, "first", "second")
		})
	})

	t.Run("permits released together go to as many", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewSemaphore(0)
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := s.Acquire(ctx)
					d.Add("%s", name)
					return err
				})
			}
			asynctest.Settle(ctx)
			s.Release()
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "a", "b")
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "a", "b", "c")
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
		})
	})

	t.Run("a permit that is free stays behind one that is on its way", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewSemaphore(1)
			_ = s.Acquire(ctx)
			asyncio.Go(ctx, acquirer(&d, "first", s.Acquire, s.Release))
			asynctest.Settle(ctx)
			s.Release() // is on its way to the first
			s.Release() // is free
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			asynctest.ExpectNil(t, s.Acquire(ctx))
			d.Add("second")
			d.Expect(t, "first", "second")
		})
	})

	t.Run("no permit is lost with who is canceled, waiting or woken", func(t *testing.T) {
		for _, releasedFirst := range []bool{false, true} {
			asynctest.InOrder(t, func(ctx context.Context) {
				s := asyncio.NewSemaphore(1)
				_ = s.Acquire(ctx)
				var d asynctest.Logbook
				a := asyncio.Go(ctx, acquirer(&d, "a", s.Acquire, s.Release))
				b := asyncio.Go(ctx, acquirer(&d, "b", s.Acquire, s.Release))
				asynctest.Settle(ctx)
				if releasedFirst {
					s.Release()
					a.Cancel()
				} else {
					a.Cancel()
					s.Release()
				}
				asynctest.Settle(ctx)
				asynctest.ExpectEqual(t, "a canceled", a.Canceled(), !releasedFirst)
				asynctest.ExpectNil(t, b.Err())
				asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), true)
				asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
			})
		}
	})

	t.Run("on a canceled context takes no permit", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(1)
			onCanceledContext(ctx, func(ctx context.Context) {
				asynctest.ExpectCanceled(t, s.Acquire(ctx))
				asynctest.ExpectCanceled(t, s.With(ctx, func() error { return errBoom }))
			})
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})

	t.Run("can be given more than it began with", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var s asyncio.Semaphore
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			s.Release()
			asynctest.ExpectNil(t, s.Acquire(ctx))
		})
	})

	t.Run("With gives the permit back, panic or not", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(1)
			asynctest.ExpectEqual(t, "error", s.With(ctx, func() error { return errBoom }), errBoom)
			asynctest.ExpectPanic(t, func() { _ = s.With(ctx, func() error { panic("x") }) })
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})

	t.Run("of less than nothing panics", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.NewSemaphore(-1) })
		asynctest.ExpectPanic(t, func() { asyncio.NewBoundedSemaphore(-1) })
	})
}

func TestBoundedSemaphore(t *testing.T) {
	t.Run("panics when more is released than was acquired", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			s := asyncio.NewBoundedSemaphore(1)
			asynctest.ExpectPanic(t, s.Release)
			asynctest.ExpectNil(t, s.Acquire(ctx))
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			s.Release()
			asynctest.ExpectPanic(t, s.Release)
		})
	})

	t.Run("is a semaphore otherwise", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewBoundedSemaphore(1)
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, acquirer(&d, name, s.Acquire, s.Release))
			}
			asynctest.Settle(ctx)
			d.Expect(t, "a", "b", "c")
			asynctest.ExpectEqual(t, "error", s.With(ctx, func() error { return errBoom }), errBoom)
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})
}
