package cpython

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// startings are the two ways in which tasks of a group may start; like CPython
// runs its cases with an eager task factory as well.
var startings = map[string][]asyncio.TaskOption{"lazy": nil, "eager": {asyncio.Eager()}}

// A groupCase is a test that starts its tasks with the given options.
type groupCase func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption)

func runGroupCases(t *testing.T, cases map[string]groupCase) {
	for start, how := range startings {
		for name, test := range cases {
			t.Run(start+"/"+name, func(t *testing.T) {
				onLoop(t, func(ctx context.Context) error {
					test(t, ctx, how...)
					return nil
				})
			})
		}
	}
}

type group = asyncio.TaskGroup

func TestCPythonGroupResults(t *testing.T) {
	runGroupCases(t, map[string]groupCase{
		"all tasks have ended when the group is left": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[int]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a = asyncio.Spawn(tg, asynctest.Later(time.Second, 42), how...)
				b = asyncio.Spawn(tg, asynctest.Later(2*time.Second, 11), how...)
				return nil
			})
			is(t, "group", err, nil)
			expectResult(t, a, 42)
			expectResult(t, b, 11)
		},
		"the body may wait between the starts of its tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[int]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a = asyncio.Spawn(tg, asynctest.Later(time.Second, 42), how...)
				is(t, "sleep", asyncio.Sleep(ctx, 1500*time.Millisecond), nil)
				asynctest.ExpectEqual(t, "the first has ended", a.Done(), true)
				b = asyncio.Spawn(tg, asynctest.Later(2*time.Second, 11), how...)
				return nil
			})
			is(t, "group", err, nil)
			expectResult(t, b, 11)
		},
		"a task that is canceled alone harms no one": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[int]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a = asyncio.Spawn(tg, asynctest.Later(10*time.Second, 42), how...)
				b = asyncio.Spawn(tg, asynctest.Later(2*time.Second, 11), how...)
				is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
				a.Cancel()
				return nil
			})
			is(t, "group", err, nil)
			asynctest.ExpectEqual(t, "canceled", a.Canceled(), true)
			expectResult(t, b, 11)
		},
		"tasks start tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			ends := 0
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				tg.Go(branch(tg, 3, &ends, how), how...)
				return nil
			})
			is(t, "group", err, nil)
			asynctest.ExpectEqual(t, "tasks that ended", ends, 1+2+4+8)
		},
		"tasks that multiply end when one fails": groupOfHydras,
		"a group forgets the tasks that have ended": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				for range 10 {
					asyncio.Spawn(tg, asynctest.Later(3*time.Second, 1), how...)
					is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
					if live := len(asyncio.AllTasks(ctx)); live > 5 {
						t.Errorf("%d tasks are alive", live)
					}
				}
				is(t, "sleep", asyncio.Sleep(ctx, 10*time.Second), nil)
				asynctest.ExpectEqual(t, "tasks alive", len(asyncio.AllTasks(ctx)), 1)
				return nil
			})
			is(t, "group", err, nil)
		},
		"a task has the name that it was given": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				task := tg.Go(func(ctx context.Context) error {
					asynctest.ExpectEqual(t, "name inside", asyncio.CurrentTask(ctx).Name, "yolo")
					return nil
				}, append(how, asyncio.Name("yolo"))...)
				asynctest.ExpectEqual(t, "name", task.Name(), "yolo")
				return nil
			})
			is(t, "group", err, nil)
		},
		"a task sees the values of the context of its group": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			type key struct{}
			ctx = context.WithValue(ctx, key{}, "bar")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				tg.Go(func(ctx context.Context) error {
					asynctest.ExpectEqual(t, "value", ctx.Value(key{}), any("bar"))
					return nil
				}, how...)
				return nil
			})
			is(t, "group", err, nil)
		},
	})
}

// branch makes a task that starts two of its kind, for some generations.
func branch(tg *group, generations int, ends *int, how []asyncio.TaskOption) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
		if generations > 0 {
			tg.Go(branch(tg, generations-1, ends, how), how...)
			tg.Go(branch(tg, generations-1, ends, how), how...)
		}
		*ends++
		return nil
	}
}

func groupOfHydras(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
	heads := 0
	var hydra func(tg *group) func(ctx context.Context) error
	hydra = func(tg *group) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			heads++
			if err := asyncio.Sleep(ctx, time.Second); err != nil {
				return err
			}
			tg.Go(hydra(tg), how...)
			tg.Go(hydra(tg), how...)
			return nil
		}
	}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
		tg.Go(hydra(tg), how...)
		for heads < 10 {
			if err := asyncio.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
		return errOops
	})
	members(t, err, errOops)
	asynctest.ExpectEqual(t, "tasks alive", len(asyncio.AllTasks(ctx)), 1)
}

func expectResult[T comparable](t *testing.T, task *asyncio.Task[T], want T) {
	t.Helper()
	got, err := task.Result()
	is(t, "task", err, nil)
	asynctest.ExpectEqual(t, "result", got, want)
}

// cleaning makes a task that waits and, when it is canceled, returns what
// cleanUp returns.
func cleaning(cleanUp func(cut error) error) func(ctx context.Context) error {
	return func(ctx context.Context) error { return cleanUp(asynctest.SleepForever(ctx)) }
}

func TestCPythonGroupFailures(t *testing.T) {
	runGroupCases(t, map[string]groupCase{
		"an error of a task cancels its siblings": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a *asyncio.Task[int]
			var b *asyncio.Task[none]
			seen := false
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a = asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errOops), how...)
				b = tg.Go(cleaning(func(cut error) error { seen = true; return cut }), how...)
				return nil
			})
			members(t, err, errOops)
			is(t, "first", a.Err(), errOops)
			asynctest.ExpectEqual(t, "the sibling is canceled, and saw it", b.Canceled() && seen, true)
		},
		"an error of a task cancels the body as well": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var cut error
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errOops), how...)
				cut = asynctest.SleepForever(ctx)
				return cut
			})
			members(t, err, errOops)
			is(t, "body", cut, asyncio.ErrCanceled)
		},
		"an error of the body cancels the tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[none]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a, b = tg.Go(asynctest.SleepForever, how...), tg.Go(asynctest.SleepForever, how...)
				is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
				return errOops
			})
			members(t, err, errOops)
			asynctest.ExpectEqual(t, "both canceled", a.Canceled() && b.Canceled(), true)
		},
		"an error of the body before it has waited cancels the tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[none]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				a, b = tg.Go(asynctest.SleepForever, how...), tg.Go(asynctest.SleepForever, how...)
				return errOops
			})
			members(t, err, errOops)
			asynctest.ExpectEqual(t, "both canceled", a.Canceled() && b.Canceled(), true)
		},
		"errors of the body and of a task come together": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errOops), how...)
				_ = asynctest.SleepForever(ctx)
				return errOther
			})
			members(t, err, errOops, errOther)
		},
		"a clean-up in the body that fails counts as its error": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) (err error) {
				defer func() { err = errOther }()
				asyncio.Spawn(tg, asynctest.Fail[int](errOops), how...)
				return asyncio.Sleep(ctx, time.Second)
			})
			members(t, err, errOops, errOther)
		},
		"a group in a group: the inner failure is one error of the outer": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var sibling *asyncio.Task[none]
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				sibling = tg.Go(asynctest.SleepForever, how...)
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *group) error {
					asyncio.Spawn(inner, asynctest.FailLater[int](time.Second, errOops), how...)
					inner.Go(asynctest.SleepForever, how...)
					return nil
				})
			})
			expectNested(t, err, errOops)
			asynctest.ExpectEqual(t, "the outer sibling is canceled", sibling.Canceled(), true)
		},
		"a group in a group: the outer failure cancels the inner one": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var inside error
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errOops), how...)
				inside = asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *group) error {
					asyncio.Spawn(inner, asynctest.FailLater[int](10*time.Second, errOther), how...)
					return nil
				})
				return inside
			})
			members(t, err, errOops)
			is(t, "inner group", inside, asyncio.ErrCanceled)
		},
		"two groups that fail at once tell each its own error": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var inside, next error
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				inside = asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *group) error {
					asyncio.Spawn(inner, asynctest.FailLater[int](0, errOops), how...)
					asyncio.Spawn(tg, asynctest.FailLater[int](0, errOther), how...)
					return asynctest.SleepForever(ctx)
				})
				next = asyncio.Yield(ctx)
				return next
			})
			members(t, inside, errOops)
			is(t, "the wait after the inner group", next, asyncio.ErrCanceled)
			members(t, err, errOther)
		},
	})
}

// expectNested expects a group that holds one group, which holds only want.
func expectNested(t *testing.T, err, want error) {
	t.Helper()
	outer, ok := errors.AsType[*asyncio.ExceptionGroup](err)
	if !ok || len(outer.Errors) != 1 {
		t.Errorf("got %v, want a group in a group", err)
		return
	}
	inner, ok := errors.AsType[*asyncio.ExceptionGroup](outer.Errors[0])
	if !ok {
		t.Errorf("got %v, want a group in a group", err)
		return
	}
	for _, e := range inner.Errors {
		is(t, "inner error", e, want)
	}
}

// canceledAfter runs fn as a task, cancels that after a second, and returns
// its error.
func canceledAfter(ctx context.Context, fn func(ctx context.Context) error) (*asyncio.Task[none], error) {
	task := asyncio.Go(ctx, fn)
	_ = asyncio.Sleep(ctx, time.Second)
	task.Cancel()
	_, err := task.Await(ctx)
	return task, err
}

func TestCPythonGroupCancellation(t *testing.T) {
	runGroupCases(t, map[string]groupCase{
		"from outside cancels the tasks and the body": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			seen := 0
			count := cleaning(func(cut error) error { seen++; return cut })
			task, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					for range 5 {
						tg.Go(count, how...)
					}
					cut := asynctest.SleepForever(ctx)
					seen += 10
					return cut
				})
			})
			is(t, "group", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			asynctest.ExpectEqual(t, "who saw it", seen, 15)
		},
		"from outside while the group is being left cancels the tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			var a, b *asyncio.Task[none]
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					a, b = tg.Go(asynctest.SleepForever, how...), tg.Go(asynctest.SleepForever, how...)
					return nil
				})
			})
			is(t, "group", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", a.Canceled() && b.Canceled(), true)
		},
		"from outside of a group without tasks": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error { return asynctest.SleepForever(ctx) })
			})
			is(t, "group", err, asyncio.ErrCanceled)
		},
		"that the body answers with an error is that error": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			task, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					_ = asynctest.SleepForever(ctx)
					return errOops
				})
			})
			members(t, err, errOops)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		},
		"errors of the clean-up win": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					for range 3 {
						tg.Go(cleaning(func(error) error { return errOops }), how...)
					}
					return asynctest.SleepForever(ctx)
				})
			})
			members(t, err, errOops, errOops, errOops)
		},
		"errors of the clean-up of a group in a group win": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					tg.Go(asynctest.SleepForever, how...)
					return asyncio.WithTaskGroup(ctx, func(ctx context.Context, inner *group) error {
						inner.Go(cleaning(func(error) error { return errOops }), how...)
						inner.Go(cleaning(func(error) error { return errOops }), how...)
						return asynctest.SleepForever(ctx)
					})
				})
			})
			expectNested(t, err, errOops)
		},
		"and an error of a task while the body cleans up": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					tg.Go(stubborn(2*time.Second, errOops), how...)
					cut := asynctest.SleepForever(ctx)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), 5*time.Second)
					return cut
				})
			})
			members(t, err, errOops)
		},
		"and an error of a task while a function of the body cleans up": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					tg.Go(stubborn(2*time.Second, errOops), how...)
					_, err := asyncio.Coro[none](func(ctx context.Context) (none, error) {
						defer func() { _ = asyncio.Sleep(context.WithoutCancel(ctx), 5*time.Second) }()
						return none{}, asynctest.SleepForever(ctx)
					}).Await(ctx)
					return err
				})
			})
			members(t, err, errOops)
		},
		"by a failure stays inside the group": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
				asyncio.Spawn(tg, asynctest.Fail[int](errOops), how...)
				return nil
			})
			members(t, err, errOops)
			is(t, "the context outside", ctx.Err(), nil)
			is(t, "the next wait", asyncio.Yield(ctx), nil)
		},
		"by a failure leaves a task that was not canceled": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errOops), how...)
					return asynctest.SleepForever(ctx)
				})
				members(t, err, errOops)
				return asyncio.Sleep(ctx, time.Second)
			})
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		},
		"from outside is still seen after errors": func(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
			failing := asyncio.NewFuture[int](ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
					tg.Go(func(ctx context.Context) error {
						_ = failing.SetResult(1)
						_ = asyncio.Yield(ctx)
						return errOops
					}, how...)
					return asynctest.SleepForever(ctx)
				})
				members(t, err, errOops)
				return asyncio.Yield(ctx)
			})
			_, _ = failing.Await(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "the wait after the group", err, asyncio.ErrCanceled)
		},
		"of a group by a task whose start fails reaches those that are being started": groupFailsWhileStarting,
	})
}

// stubborn makes a task that takes no notice of its cancellation and fails
// when d is over.
func stubborn(d time.Duration, err error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		_ = asyncio.Sleep(context.WithoutCancel(ctx), d)
		return err
	}
}

func groupFailsWhileStarting(t *testing.T, ctx context.Context, how ...asyncio.TaskOption) {
	var second error
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *group) error {
		tg.Go(func(ctx context.Context) error {
			asyncio.Spawn(tg, asynctest.Fail[int](errOops), how...)
			second = asyncio.Sleep(ctx, time.Second)
			return second
		}, how...)
		return asyncio.Sleep(ctx, time.Second)
	})
	members(t, err, errOops)
	is(t, "the task that started the one that failed", second, asyncio.ErrCanceled)
}
