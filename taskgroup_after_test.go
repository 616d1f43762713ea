package asyncio_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A drain is a group whose body has called CancelAfter and returned.
type drain struct {
	took    time.Duration
	err     error
	expired bool
}

func drainOf(ctx context.Context, d time.Duration, body func(tg *asyncio.TaskGroup)) (r drain) {
	var group *asyncio.TaskGroup
	r.took = asynctest.Elapsed(ctx, func() {
		r.err = inGroup(ctx, func(tg *asyncio.TaskGroup) {
			group = tg
			body(tg)
			tg.CancelAfter(d)
		})
	})
	r.expired = group.Expired()
	return r
}

func TestCancelAfter(t *testing.T) {
	t.Run("lets what ends in time end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[int]
			got := drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) { task = asyncio.Spawn(tg, asynctest.Later(time.Minute, 7)) })
			asynctest.ExpectEqual(t, "drain", got, drain{time.Minute, nil, false})
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("cancels what does not, in the order of spawning, and waits for it", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			got := drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) {
				tg.Go(noted(&d, "a", 2*time.Hour))
				tg.Go(noted(&d, "b", time.Minute))
				asyncio.Spawn(tg, asynctest.CleansUp(&d, "c", 5*time.Minute))
				tg.Go(noted(&d, "d", 2*time.Hour))
			})
			asynctest.ExpectEqual(t, "drain", got, drain{65 * time.Minute, nil, true})
			d.Expect(t, "a begins", "b begins", "d begins", "b ends: <nil>",
				"a ends: asyncio: canceled", "d ends: asyncio: canceled", "c is clean")
		})
	})

	t.Run("cancels the body too, and what was started meanwhile", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var why, whyOfTask error
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.CancelAfter(time.Hour)
					_ = asyncio.Sleep(ctx, time.Minute)
					tg.Go(func(ctx context.Context) error {
						defer func() { whyOfTask = context.Cause(ctx) }()
						return asynctest.WaitForever(ctx)
					})
					err := asynctest.WaitForever(ctx)
					why = context.Cause(ctx)
					return err
				}))
			})
			asynctest.ExpectEqual(t, "time", took, time.Hour)
			asynctest.ExpectTimeout(t, why)
			asynctest.ExpectTimeout(t, whyOfTask)
		})
	})

	t.Run("again moves the end, to later and to earlier", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for _, again := range []time.Duration{3 * time.Hour, time.Minute} {
				got := drainOf(ctx, again, func(tg *asyncio.TaskGroup) {
					tg.Go(asynctest.WaitForever)
					tg.CancelAfter(time.Hour)
				})
				asynctest.ExpectEqual(t, "drain", got, drain{again, nil, true})
			}
		})
	})

	t.Run("of no time cancels at once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for _, d := range []time.Duration{0, -time.Second} {
				asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					task := tg.Go(func(context.Context) error { panic("it ran") })
					tg.CancelAfter(time.Hour)
					tg.CancelAfter(d)
					asynctest.ExpectEqual(t, "Err", ctx.Err(), context.Canceled)
					asynctest.ExpectEqual(t, "expired", tg.Expired(), true)
					_, err := task.Await(ctx)
					asynctest.ExpectCanceled(t, err)
					return err
				}))
			}
		})
	})

	t.Run("by a task of the group, and by a callback", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
					tg.Go(func(ctx context.Context) error {
						asyncio.RunningLoop(ctx).CallLater(time.Minute, func() { tg.CancelAfter(time.Minute) })
						tg.CancelAfter(time.Hour)
						return asynctest.WaitForever(ctx)
					})
				}))
			})
			asynctest.ExpectEqual(t, "time", took, 2*time.Minute)
		})
	})

	t.Run("releases what the limit keeps back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := inGroup(ctx, func(tg *asyncio.TaskGroup) {
				for range 3 {
					tg.Go(asynctest.WaitForever)
				}
				tg.CancelAfter(time.Minute)
			}, asyncio.Limit(1))
			asynctest.ExpectNil(t, err)
		})
	})
}

func TestCancelAfterBesideOtherEnds(t *testing.T) {
	t.Run("a failure is returned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			got := drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.WaitForever(ctx)
					return errBoom
				})
			})
			asynctest.ExpectGroup(t, got.err, errBoom)
			asynctest.ExpectEqual(t, "expired", got.expired, true)
		})
	})

	t.Run("a group that is aborted does not expire, however long the cleaning up takes", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			got := drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.WaitForever(ctx)
					asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
					return asyncio.Sleep(context.WithoutCancel(ctx), 2*time.Hour)
				})
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Minute, errBoom))
			})
			asynctest.ExpectGroup(t, got.err, errBoom)
			asynctest.ExpectEqual(t, "expired", got.expired, false)
		})
	})

	t.Run("a body that gives up says so, however long the cleaning up takes", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", 2*time.Hour))
				tg.CancelAfter(time.Hour)
				_ = asyncio.Yield(ctx)
				return asyncio.ErrCanceled
			})
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("an outer cancellation wins", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var group *asyncio.TaskGroup
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) {
					group = tg
					asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", 2*time.Hour))
					tg.CancelAfter(time.Hour)
				})
			})
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "expired", group.Expired(), false)
		})
	})

	t.Run("an end in the same pass is in time", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			got := drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) {
				e := new(asyncio.Event)
				asyncio.RunningLoop(ctx).CallLater(time.Hour, e.Set) // is woken before the group expires, and goes on after
				tg.Go(e.Wait)
			})
			asynctest.ExpectEqual(t, "drain", got, drain{time.Hour, nil, true}) // it has not ended yet
		})
	})

	t.Run("a group of which all has ended does not expire", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var group *asyncio.TaskGroup
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				group = tg
				tg.Go(func(ctx context.Context) error {
					asyncio.RunningLoop(ctx).CallSoon(func() { tg.CancelAfter(0) }) // the group has not heard of the end
					return nil
				})
			}))
			asynctest.ExpectEqual(t, "expired", group.Expired(), false)
		})
	})

	t.Run("a group that was left does nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var group *asyncio.TaskGroup
			_ = inGroup(ctx, func(tg *asyncio.TaskGroup) { group = tg })
			group.CancelAfter(time.Hour)
			group.CancelAfter(0)
			asynctest.ExpectEqual(t, "expired", group.Expired(), false)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("a panic of the body does not wait for it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectPanic(t, func() {
					_ = drainOf(ctx, time.Hour, func(tg *asyncio.TaskGroup) {
						tg.Go(asynctest.WaitForever)
						tg.CancelAfter(time.Hour)
						panic("body")
					})
				})
			})
			asynctest.ExpectEqual(t, "time", took, 0)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("no group at all panics", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		for _, tg := range []*asyncio.TaskGroup{nil, new(asyncio.TaskGroup)} {
			asynctest.ExpectAdvice(t, func() { tg.CancelAfter(1) }, "TaskGroup.CancelAfter on a TaskGroup that is not open")
			asynctest.ExpectAdvice(t, func() { tg.Expired() }, "TaskGroup.Expired on a TaskGroup that is not open")
		}
	})
}

func TestCancelAfterCanBeCanceledAtEveryMoment(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		err := inGroup(ctx, func(tg *asyncio.TaskGroup) {
			tg.Go(asynctest.WaitForever)
			tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
			tg.CancelAfter(time.Minute)
		})
		if err != nil {
			return err
		}
		return asyncio.Yield(ctx)
	})
}

// TestCancelAfterIsShown looks at the group in a dump, and at its timer.
func TestCancelAfterIsShown(t *testing.T) {
	asynctest.InVirtualTime(t, func(ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			return inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(e.Wait)
				tg.CancelAfter(time.Minute)
			}, asyncio.GroupName("drain"))
		})
		_ = asyncio.Sleep(ctx, 20*time.Second)
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil || !strings.Contains(b.String(), `group "drain" of 1 task, canceled in 40s`) {
			t.Errorf("the dump is %v\n%s", err, b.String())
		}
		for _, timer := range engine.LoopOf(ctx).Timers() {
			asynctest.ExpectEqual(t, "the timer is for", timer.For.Label, engine.LabelGroup)
		}
		e.Set()
	})
}
