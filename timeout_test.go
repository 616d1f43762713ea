package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestWithTimeout(t *testing.T) {
	t.Run("returns ErrTimeout when its time is over", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() { asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Hour, asynctest.SleepForever)) })
			asynctest.ExpectEqual(t, "time", took, time.Hour)
		})
	})

	t.Run("returns what the body returns in time, and neither end suspends", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for _, want := range []error{nil, errBoom} {
				n := asynctest.CountPasses(ctx, func() {
					got := asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error { return want })
					asynctest.ExpectEqual(t, "error", got, want)
				})
				asynctest.ExpectEqual(t, "passes", n, 0)
			}
		})
	})

	t.Run("leaves no timer behind", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error { return nil }))
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("resumes the body two passes after the expiry", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			var expired uint64
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				l.CallLater(time.Hour, func() { expired = l.Stats().Passes })
				err := asynctest.SleepForever(ctx)
				asynctest.ExpectEqual(t, "passes", l.Stats().Passes-expired+1, 2)
				return err
			})
		})
	})

	t.Run("cancels its context when the body has returned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var inner context.Context
			asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				inner = ctx
				return nil
			}))
			asynctest.ExpectEqual(t, "Err", inner.Err(), context.Canceled)
			asynctest.ExpectNil(t, ctx.Err())
		})
	})

	t.Run("is a net.Error with Timeout", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err, ok := errors.AsType[net.Error](asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever))
			asynctest.ExpectEqual(t, "is a net.Error", ok, true)
			asynctest.ExpectEqual(t, "Timeout", err.Timeout(), true)
		})
	})

	t.Run("returns ErrNoRunningLoop outside a loop", func(t *testing.T) {
		asynctest.ExpectIs(t, asyncio.WithTimeout(t.Context(), time.Second, asynctest.SleepForever), asyncio.ErrNoRunningLoop)
	})

	t.Run("panics without a body", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() { _ = asyncio.WithTimeout(ctx, time.Second, nil) })
		})
	})
}

func TestWithTimeoutBelievesItsBody(t *testing.T) {
	cases := []struct {
		name string
		ends func(err error) error
		want func(t *testing.T, err error)
	}{
		{"that swallows the cancellation", func(error) error { return nil }, asynctest.ExpectNil},
		{"that fails", func(error) error { return errBoom }, func(t *testing.T, err error) { asynctest.ExpectEqual(t, "error", err, errBoom) }},
		{"that wraps the cancellation", func(err error) error { return fmt.Errorf("reading: %w", err) }, asynctest.ExpectTimeout},
		{"that joins cancellations", func(err error) error { return errors.Join(err, context.Canceled) }, asynctest.ExpectTimeout},
		{"that returns Err of its context", func(error) error { return context.Canceled }, asynctest.ExpectTimeout},
		{"that joins a failure", func(err error) error { return errors.Join(err, errBoom) }, func(t *testing.T, err error) {
			asynctest.ExpectIs(t, err, errBoom)
			asynctest.ExpectIsNot(t, err, asyncio.ErrTimeout)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				var timeout *asyncio.Timeout
				err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					timeout = asyncio.TimeoutOf(ctx)
					return c.ends(asynctest.SleepForever(ctx))
				})
				c.want(t, err)
				asynctest.ExpectEqual(t, "expired", timeout.Expired(), true)
			})
		})
	}

	t.Run("that is canceled without an expiry", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error { return asyncio.ErrCanceled })
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("that panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			got := asynctest.ExpectPanic(t, func() {
				_ = asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					panic(errBoom)
				})
			})
			asynctest.ExpectEqual[any](t, "value", got, errBoom)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})
}

func TestWithTimeoutOfZero(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Hour} {
		t.Run(fmt.Sprintf("%v lets operations pass that are ready", d), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				q := asyncio.NewQueue[int](0)
				_ = q.TryPut(1)
				var lock asyncio.Lock
				done := asyncio.CreateTask(ctx, asynctest.Value(2))
				_, _ = done.Await(ctx)
				asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, d, func(ctx context.Context) error {
					_, err := q.Get(ctx)
					asynctest.ExpectNil(t, err)
					_, err = done.Await(ctx)
					asynctest.ExpectNil(t, err)
					return lock.Acquire(ctx)
				}))
			})
		})

		t.Run(fmt.Sprintf("%v expires at the first suspension", d), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, d, func(ctx context.Context) error { return asyncio.Yield(ctx) }))
			})
		})
	}
}

func TestNestedTimeouts(t *testing.T) {
	t.Run("only the one that expired is told", func(t *testing.T) {
		for _, outerFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("outer first: %v", outerFirst), func(t *testing.T) {
				asynctest.OnLoop(t, func(ctx context.Context) { nestedTimeouts(t, ctx, outerFirst) })
			})
		}
	})

	t.Run("at the same moment, the outer one wins", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var inner error
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				inner = asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever)
				return inner
			}))
			asynctest.ExpectCanceled(t, inner)
			asynctest.ExpectIsNot(t, inner, asyncio.ErrTimeout)
		})
	})

	t.Run("the error of the inner one is an ordinary error for the outer one", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
					asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever))
					asynctest.ExpectNil(t, ctx.Err())
					return asyncio.Sleep(ctx, time.Minute)
				}))
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute+time.Second)
		})
	})
}

func nestedTimeouts(t *testing.T, ctx context.Context, outerFirst bool) {
	outer, inner := time.Hour, time.Minute
	if outerFirst {
		outer, inner = inner, outer
	}
	var innerErr error
	err := asyncio.WithTimeout(ctx, outer, func(ctx context.Context) error {
		innerErr = asyncio.WithTimeout(ctx, inner, asynctest.SleepForever)
		if !outerFirst {
			asynctest.ExpectNil(t, ctx.Err())
		}
		return innerErr
	})
	asynctest.ExpectTimeout(t, err)
	asynctest.ExpectEqual(t, "inner timed out", errors.Is(innerErr, asyncio.ErrTimeout), !outerFirst)
	asynctest.ExpectEqual(t, "inner canceled", errors.Is(innerErr, asyncio.ErrCanceled), outerFirst)
}

func TestTimeoutInTheCleanUpAfterAnother(t *testing.T) {
	cleanup := func(ctx context.Context) error {
		_ = asynctest.SleepForever(ctx)
		return asyncio.WithTimeout(context.WithoutCancel(ctx), time.Second, asynctest.SleepForever)
	}

	t.Run("is a failure of its task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) { tg.Go(cleanup) })
			}), asyncio.ErrTimeout)
		})
	})

	t.Run("is told as what the body has made of it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				return fmt.Errorf("cleaning up: %w", cleanup(ctx))
			})
			asynctest.ExpectEqual(t, "text", err.Error(), "cleaning up: asyncio: timed out")
		})
	})

	t.Run("a body that returns the cause of its context has timed out", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				return fmt.Errorf("why: %w", context.Cause(ctx))
			})
			asynctest.ExpectEqual(t, "error", err, asyncio.ErrTimeout)
		})
	})
}

func TestTimeoutAndOuterCancellation(t *testing.T) {
	// Both happen before the body goes on; the outer one wins, in either
	// order.
	for _, canceledFirst := range []bool{true, false} {
		t.Run(fmt.Sprintf("in one pass, canceled first: %v", canceledFirst), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				l := asyncio.RunningLoop(ctx)
				var task *asyncio.Task[struct{}]
				cancel := func() { l.CallLater(time.Second, func() { task.Cancel() }) }
				task = asyncio.Go(ctx, func(ctx context.Context) error {
					if canceledFirst {
						cancel()
					}
					return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
						if !canceledFirst {
							cancel()
						}
						return asynctest.SleepForever(ctx)
					})
				})
				_, err := task.Await(ctx)
				asynctest.ExpectCanceled(t, err)
				asynctest.ExpectIsNot(t, err, asyncio.ErrTimeout)
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			})
		})
	}

	t.Run("during the clean-up after the expiry, the cancellation wins", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					err := asynctest.SleepForever(ctx)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
					return err
				})
			})
			_ = asyncio.Sleep(ctx, time.Minute)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})
}

func TestTimeoutReschedule(t *testing.T) {
	t.Run("moves the deadline", func(t *testing.T) {
		for _, d := range []time.Duration{time.Second, 5 * time.Hour} {
			asynctest.OnLoop(t, func(ctx context.Context) {
				now := asyncio.RunningLoop(ctx).Now()
				took := asynctest.Elapsed(ctx, func() {
					asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
						tm := asyncio.TimeoutOf(ctx)
						tm.Reschedule(now.Add(d))
						when, ok := tm.When()
						asynctest.ExpectEqual(t, "has a deadline", ok, true)
						asynctest.ExpectEqual(t, "deadline", when, now.Add(d))
						return asynctest.SleepForever(ctx)
					}))
				})
				asynctest.ExpectEqual(t, "time", took, d)
			})
		}
	})

	t.Run("to the zero time takes it away", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				tm.Reschedule(time.Time{})
				_, ok := tm.When()
				asynctest.ExpectEqual(t, "has a deadline", ok, false)
				return asyncio.Sleep(ctx, time.Hour)
			}))
		})
	})

	t.Run("gives one to a timeout that has none", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectTimeout(t, asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				_, ok := tm.When()
				asynctest.ExpectEqual(t, "has a deadline", ok, false)
				asynctest.ExpectNil(t, asyncio.Sleep(ctx, 100*time.Hour))
				tm.Reschedule(asyncio.RunningLoop(ctx).Now().Add(time.Second))
				return asynctest.SleepForever(ctx)
			}))
		})
	})

	t.Run("to the past expires in the next pass", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				tm.Reschedule(asyncio.RunningLoop(ctx).Now())
				asynctest.ExpectEqual(t, "expired", tm.Expired(), false)
				took := asynctest.Elapsed(ctx, func() { asynctest.ExpectCanceled(t, asyncio.Yield(ctx)) })
				asynctest.ExpectEqual(t, "time", took, 0)
				asynctest.ExpectEqual(t, "expired", tm.Expired(), true)
				return asynctest.SleepForever(ctx)
			}))
		})
	})

	t.Run("to the past and away again expires nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				now := asyncio.RunningLoop(ctx).Now()
				tm.Reschedule(now)
				tm.Reschedule(now.Add(time.Hour))
				return asyncio.Sleep(ctx, time.Minute)
			}))
		})
	})

	t.Run("does nothing after the expiry", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				err := asynctest.SleepForever(ctx)
				tm.Reschedule(time.Time{})
				asynctest.ExpectCanceled(t, asyncio.Sleep(ctx, time.Second))
				return err
			}))
		})
	})

	t.Run("panics when the body has returned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var tm *asyncio.Timeout
			_ = asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				tm = asyncio.TimeoutOf(ctx)
				return nil
			})
			asynctest.ExpectPanic(t, func() { tm.Reschedule(time.Time{}) })
		})
	})

	// Package context forgets a deadline that is later than the one it sees.
	t.Run("does not bring back a standard timeout that was later than the deadline", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			now := asyncio.RunningLoop(ctx).Now()
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				derived, cancel := context.WithDeadline(ctx, now.Add(2*time.Hour))
				defer cancel()
				expectDeadline(t, derived, now.Add(time.Hour))
				tm.Reschedule(now.Add(3 * time.Hour))
				expectDeadline(t, derived, now.Add(3*time.Hour))
				return nil
			})
		})
	})
}

// longAgo are times that are too far away for a time.Duration.
var longAgo = []time.Time{
	time.Date(1, 1, 1, 1, 1, 1, 1, time.UTC),
	time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(1733, 12, 31, 0, 0, 0, 0, time.UTC),
}

func TestTimesOfLongAgo(t *testing.T) {
	// expired has a timeout whose deadline has passed, unless it takes that for none.
	expired := func(t *testing.T, ctx context.Context, when time.Time) error {
		got, ok := asyncio.TimeoutOf(ctx).When()
		asynctest.ExpectEqual(t, "has a deadline", ok, true)
		asynctest.ExpectEqual(t, "deadline", got, when)
		got, ok = ctx.Deadline()
		asynctest.ExpectEqual(t, "its context has one", ok, true)
		asynctest.ExpectEqual(t, "deadline of the context", got, when)
		return asyncio.Sleep(ctx, time.Hour)
	}
	t.Run("expire WithTimeoutAt at once", func(t *testing.T) {
		for _, when := range longAgo {
			asynctest.OnLoop(t, func(ctx context.Context) {
				asynctest.ExpectTimeout(t, asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
					return expired(t, ctx, when)
				}))
			})
		}
	})
	t.Run("expire a timeout that is rescheduled at once", func(t *testing.T) {
		for _, when := range longAgo {
			asynctest.OnLoop(t, func(ctx context.Context) {
				asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
					asyncio.TimeoutOf(ctx).Reschedule(when)
					return expired(t, ctx, when)
				}))
			})
		}
	})
	t.Run("are due at once for CallAt", func(t *testing.T) {
		for _, when := range longAgo {
			asynctest.OnLoop(t, func(ctx context.Context) {
				called := false
				h := asyncio.RunningLoop(ctx).CallAt(when, func() { called = true })
				asynctest.ExpectEqual(t, "When", h.When(), when)
				for range 2 {
					asynctest.ExpectNil(t, asyncio.Yield(ctx))
				}
				asynctest.ExpectEqual(t, "called", called, true)
			})
		}
	})
}

// What real time goes by until the library sees a time is missing in the virtual one.
func TestTimesOfTheRealClockOnAVirtualOne(t *testing.T) {
	asynctest.InVirtualTime(t, func(ctx context.Context) {
		var lost time.Duration
		took := asynctest.Elapsed(ctx, func() {
			made := time.Now()
			asynctest.ExpectTimeout(t, asyncio.WithTimeoutAt(ctx, made.Add(time.Hour), func(ctx context.Context) error {
				lost = time.Since(made)
				when, _ := asyncio.TimeoutOf(ctx).When()
				ahead := when.Sub(asyncio.RunningLoop(ctx).Now())
				if ahead > time.Hour || ahead < time.Hour-lost {
					t.Errorf("the deadline is %v ahead, and %v have gone by", ahead, lost)
				}
				return asynctest.SleepForever(ctx)
			}))
		})
		if took > time.Hour || took < time.Hour-lost {
			t.Errorf("it took %v, and %v had gone by", took, lost)
		}
	})
}

func TestWithTimeoutAt(t *testing.T) {
	t.Run("expires at its time", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			when := asyncio.RunningLoop(ctx).Now().Add(time.Hour)
			asynctest.ExpectTimeout(t, asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
				tm := asyncio.TimeoutOf(ctx)
				got, ok := tm.When()
				asynctest.ExpectEqual(t, "has a deadline", ok, true)
				asynctest.ExpectEqual(t, "deadline", got, when)
				return asynctest.SleepForever(ctx)
			}))
			asynctest.ExpectEqual(t, "time", asyncio.RunningLoop(ctx).Now(), when)
		})
	})

	t.Run("in the past expires at the first suspension", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			when := asyncio.RunningLoop(ctx).Now().Add(-time.Hour)
			asynctest.ExpectTimeout(t, asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
				return asyncio.Yield(ctx)
			}))
		})
	})
}

func TestTimeoutOf(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		expect := func(name string, ctx context.Context, want *asyncio.Timeout) {
			t.Helper()
			if got := asyncio.TimeoutOf(ctx); got != want {
				t.Errorf("%s: TimeoutOf = %p, want %p", name, got, want)
			}
		}
		expect("no timeout", ctx, nil)
		_ = asyncio.WithTimeout(ctx, time.Hour, func(outer context.Context) error {
			its := asyncio.TimeoutOf(outer)
			if its == nil {
				t.Fatal("TimeoutOf in the body = nil")
			}
			derived, stop := context.WithCancel(outer)
			defer stop()
			expect("a context of package context", derived, its)
			expect("a context without its cancellation", context.WithoutCancel(outer), its)
			expect("the context around it", ctx, nil) //asyncio:ok outer-context which contexts it knows is what is tested

			_ = asyncio.WithTimeout(outer, time.Minute, func(inner context.Context) error {
				if asyncio.TimeoutOf(inner) == its {
					t.Error("TimeoutOf in an inner timeout is the outer one")
				}
				return nil
			})
			for name, at := range map[string]context.Context{
				"in the body": outer, "on a derived context": derived, "on one that is not canceled": context.WithoutCancel(outer),
			} {
				_ = asyncio.WithTaskGroup(at, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					expect("the body of a group "+name, ctx, its)
					tg.Go(func(ctx context.Context) error {
						expect("a child of a group "+name, ctx, its)
						return nil
					})
					return nil
				})
			}
			_, err := asyncio.Go(outer, func(ctx context.Context) error {
				expect("a task of Go", ctx, nil)
				return asyncio.WithTaskGroup(outer, func(ctx context.Context, _ *asyncio.TaskGroup) error { //asyncio:ok outer-context which contexts it knows is what is tested
					expect("a group of another task on the body's context", ctx, its)
					return nil
				})
			}).Await(outer)
			asynctest.ExpectNil(t, err)
			return asyncio.ToThreadFunc(outer, func(ctx context.Context) error {
				expect("a function on another goroutine", ctx, its)
				return nil
			})
		})
	})
	if asyncio.TimeoutOf(context.Background()) != nil {
		t.Error("TimeoutOf outside a loop is not nil")
	}
}
