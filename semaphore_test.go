package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
)

func TestSemaphore(t *testing.T) {
	t.Run("hands out its permits without suspending", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(2)
			expectEqual(t, "passes", passes(ctx, func() {
				expectNil(t, s.Acquire(ctx))
				expectEqual(t, "locked", s.Locked(), false)
				expectNil(t, s.Acquire(ctx))
				expectEqual(t, "locked", s.Locked(), true)
				expectEqual(t, "TryAcquire", s.TryAcquire(), false)
				s.Release()
				expectEqual(t, "TryAcquire", s.TryAcquire(), true)
			}), 0)
		})
	})

	t.Run("lets no more run at once, first come, first served", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(2)
			running, most := 0, 0
			var d logbook
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					return s.With(ctx, func() error {
						running++
						most = max(most, running)
						d.add("%s", name)
						defer func() { running-- }()
						return asyncio.Yield(ctx)
					})
				})
			}
			settle(ctx)
			expectEqual(t, "most at once", most, 2)
			d.expect(t, "a", "b", "c", "d", "e")
		})
	})

	t.Run("a permit that is released belongs to who waits, and to no one who comes in between", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			s := asyncio.NewSemaphore(1)
			_ = s.Acquire(ctx)
			asyncio.Go(ctx, acquirer(&d, "first", s.Acquire, s.Release))
			settle(ctx)
			s.Release()
			expectEqual(t, "locked", s.Locked(), true)
			expectEqual(t, "TryAcquire", s.TryAcquire(), false)
			expectNil(t, s.Acquire(ctx))
			d.add("second")
			d.expect(t, "first", "second")
		})
	})

	t.Run("permits released together go to as many", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			s := asyncio.NewSemaphore(0)
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := s.Acquire(ctx)
					d.add("%s", name)
					return err
				})
			}
			settle(ctx)
			s.Release()
			s.Release()
			settle(ctx)
			d.expect(t, "a", "b")
			s.Release()
			settle(ctx)
			d.expect(t, "a", "b", "c")
			expectEqual(t, "TryAcquire", s.TryAcquire(), false)
		})
	})

	t.Run("a permit that is free stays behind one that is on its way", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			s := asyncio.NewSemaphore(1)
			_ = s.Acquire(ctx)
			asyncio.Go(ctx, acquirer(&d, "first", s.Acquire, s.Release))
			settle(ctx)
			s.Release() // is on its way to the first
			s.Release() // is free
			expectEqual(t, "locked", s.Locked(), true)
			expectNil(t, s.Acquire(ctx))
			d.add("second")
			d.expect(t, "first", "second")
		})
	})

	t.Run("no permit is lost with who is canceled, waiting or woken", func(t *testing.T) {
		for _, releasedFirst := range []bool{false, true} {
			inOrder(t, func(ctx context.Context) {
				s := asyncio.NewSemaphore(1)
				_ = s.Acquire(ctx)
				var d logbook
				a := asyncio.Go(ctx, acquirer(&d, "a", s.Acquire, s.Release))
				b := asyncio.Go(ctx, acquirer(&d, "b", s.Acquire, s.Release))
				settle(ctx)
				if releasedFirst {
					s.Release()
					a.Cancel()
				} else {
					a.Cancel()
					s.Release()
				}
				settle(ctx)
				expectEqual(t, "a canceled", a.Canceled(), !releasedFirst)
				expectNil(t, b.Err())
				expectEqual(t, "TryAcquire", s.TryAcquire(), true)
				expectEqual(t, "TryAcquire", s.TryAcquire(), false)
			})
		}
	})

	t.Run("on a canceled context takes no permit", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(1)
			onCanceledContext(ctx, func(ctx context.Context) {
				expectCanceled(t, s.Acquire(ctx))
				expectCanceled(t, s.With(ctx, func() error { return errBoom }))
			})
			expectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})

	t.Run("can be given more than it began with", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var s asyncio.Semaphore
			expectEqual(t, "locked", s.Locked(), true)
			s.Release()
			expectNil(t, s.Acquire(ctx))
		})
	})

	t.Run("With gives the permit back, panic or not", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			s := asyncio.NewSemaphore(1)
			expectEqual(t, "error", s.With(ctx, func() error { return errBoom }), errBoom)
			expectPanic(t, func() { _ = s.With(ctx, func() error { panic("x") }) })
			expectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})

	t.Run("of less than nothing panics", func(t *testing.T) {
		expectPanic(t, func() { asyncio.NewSemaphore(-1) })
		expectPanic(t, func() { asyncio.NewBoundedSemaphore(-1) })
	})
}

func TestBoundedSemaphore(t *testing.T) {
	t.Run("panics when more is released than was acquired", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			s := asyncio.NewBoundedSemaphore(1)
			expectPanic(t, s.Release)
			expectNil(t, s.Acquire(ctx))
			expectEqual(t, "locked", s.Locked(), true)
			s.Release()
			expectPanic(t, s.Release)
		})
	})

	t.Run("is a semaphore otherwise", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			s := asyncio.NewBoundedSemaphore(1)
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, acquirer(&d, name, s.Acquire, s.Release))
			}
			settle(ctx)
			d.expect(t, "a", "b", "c")
			expectEqual(t, "error", s.With(ctx, func() error { return errBoom }), errBoom)
			expectEqual(t, "TryAcquire", s.TryAcquire(), true)
		})
	})
}
