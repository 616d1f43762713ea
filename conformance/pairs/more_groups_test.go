// testdata/more: task groups.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreGroupPrograms = map[string]program{
	"more/group_results":                     groupResults,
	"more/group_children_spawn_siblings":     groupChildrenSpawnSiblings,
	"more/group_body_fails":                  groupBodyFails,
	"more/group_errors_in_order_of_ends":     groupErrorsInOrderOfEnds,
	"more/group_failure_interrupts_the_body": groupFailureInterruptsTheBody,
	"more/group_in_a_group":                  groupInAGroup,
	"more/group_split_by_kind":               groupSplitByKind,
	"more/group_with_a_timeout":              groupWithATimeout,
	"more/group_cancelled_child":             groupCanceledChild,
	"more/group_cancelled_from_outside":      groupCanceledFromOutside,
	"more/group_of_gathers":                  groupOfGathers,
	"more/errors_meet_cancellation":          errorsMeetCancellation,
}

// The kinds of errors that these programs tell apart.
type valueError string

func (e valueError) Error() string { return string(e) }

type keyError string

func (e keyError) Error() string { return string(e) }

type osError string

func (e osError) Error() string { return string(e) }

// is says whether err itself is an E.
func is[E error](err error) bool {
	_, ok := err.(E)
	return ok
}

// kind is the name of Python's class for err.
func kind(err error) string {
	switch err.(type) {
	case valueError:
		return "ValueError"
	case keyError:
		return "KeyError"
	case *asyncio.ExceptionGroup:
		return "ExceptionGroup"
	}
	return fmt.Sprintf("%T", err)
}

// parts lists the errors of a group.
func parts(err error) []error {
	var group *asyncio.ExceptionGroup
	if errors.As(err, &group) {
		return group.Errors
	}
	return nil
}

func groupResults(out io.Writer, opts ...asyncio.Option) error {
	job := func(n int) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) {
			err := asyncio.Sleep(ctx, centiseconds(n))
			say(out, "job", n)
			return n * n, err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ts []*asyncio.Task[int]
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for _, n := range []int{3, 1, 2} {
				ts = append(ts, asyncio.Spawn(tg, job(n)))
			}
			say(out, "body ends", each(ts, (*asyncio.Task[int]).Done))
			return nil
		})
		if err != nil {
			return err
		}
		say(out, each(ts, result))
		return nil
	}, opts...)
}

func groupChildrenSpawnSiblings(out io.Writer, opts ...asyncio.Option) error {
	var node func(tg *asyncio.TaskGroup, name string, depth int) func(ctx context.Context) error
	node = func(tg *asyncio.TaskGroup, name string, depth int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			say(out, "start", name)
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			if depth > 0 {
				tg.Go(node(tg, name+"l", depth-1))
				tg.Go(node(tg, name+"r", depth-1))
			}
			say(out, "end", name)
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(node(tg, "n", 2))
			say(out, "body ends")
			return nil
		})
		say(out, "group ends")
		return err
	}, opts...)
}

func groupBodyFails(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, fail bool) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			err := sleepLong(ctx)
			say(out, name, "cancelled")
			if fail {
				return valueError(name)
			}
			return err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("a", false))
			b := tg.Go(child("b", true))
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			b.Cancel()
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			return keyError("body")
		})
		say(out, each(parts(err), kind))
		err = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("never starts", true))
			return keyError("body")
		})
		say(out, each(parts(err), kind))
		return nil
	}, opts...)
}

func groupErrorsInOrderOfEnds(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, delay, cleanup time.Duration) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, delay); err == nil {
				return valueError(name)
			}
			if err := asyncio.Sleep(context.WithoutCancel(ctx), cleanup); err != nil {
				return err
			}
			return valueError(name + " in cleanup")
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("a", longTime, 20*ms))
			tg.Go(child("b", longTime, 10*ms))
			tg.Go(child("c", 10*ms, 0))
			return nil
		})
		say(out, each(parts(err), error.Error))
		return nil
	}, opts...)
}

func groupFailureInterruptsTheBody(out io.Writer, opts ...asyncio.Option) error {
	bad := func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		return valueError("bad")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(bad)
			return saying(out, sleepLong, "body interrupted")(ctx)
		})
		for _, err := range parts(err) {
			say(out, "caught", err)
		}
		err = asyncio.Sleep(ctx, 10*ms)
		say(out, "goes on")
		return err
	}, opts...)
}

func groupInAGroup(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, delay time.Duration, fail bool) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			switch err := asyncio.Sleep(ctx, delay); {
			case err != nil:
				say(out, name, "cancelled")
				return err
			case fail:
				say(out, name, "fails")
				return valueError(name)
			default:
				say(out, name, "ends")
				return nil
			}
		}
	}
	inner := func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("inner quick", 10*ms, false))
			tg.Go(child("inner bad", 20*ms, true))
			tg.Go(child("inner slow", longTime, false))
			return nil
		})
	}
	var show func(err error, depth int)
	show = func(err error, depth int) {
		text := ""
		if kind(err) != "ExceptionGroup" {
			text = err.Error()
		}
		say(out, strings.Repeat("  ", depth)+kind(err), text)
		for _, part := range parts(err) {
			show(part, depth+1)
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		show(asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(inner)
			tg.Go(child("outer slow", longTime, false))
			return nil
		}), 0)
		show(asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("outer slow", longTime, false))
			return inner(ctx)
		}), 0)
		return nil
	}, opts...)
}

func groupSplitByKind(out io.Writer, opts ...asyncio.Option) error {
	trials := [][]error{
		{valueError("v"), keyError("k"), osError("o"), valueError("w")},
		{osError("o")},
		{keyError("k")},
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, trial := range trials {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for _, err := range trial {
					tg.Go(func(context.Context) error { return err })
				}
				return nil
			})
			var group *asyncio.ExceptionGroup
			if !errors.As(err, &group) {
				return err
			}
			values, rest := group.Split(is[valueError])
			if values != nil {
				say(out, "values", each(parts(values), error.Error))
			}
			if rest != nil {
				say(out, "others", each(parts(rest), error.Error))
			}
		}
		return nil
	}, opts...)
}

func groupWithATimeout(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, delay time.Duration) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				say(out, name, "cancelled")
				return err
			}
			say(out, name, "ends")
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, 20*ms, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(child("quick", 10*ms))
				tg.Go(child("slow", longTime))
				return nil
			})
		})
		if timedOut(err) && !is[*asyncio.ExceptionGroup](err) {
			say(out, "timed out")
		}
		err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child("other", longTime))
			return awaitWithin(ctx, 10*ms, do(sleepLong))
		})
		var group *asyncio.ExceptionGroup
		if errors.As(err, &group) && timedOut(group) {
			say(out, "timeout in the group", len(group.Errors))
		}
		return nil
	}, opts...)
}

func groupCanceledChild(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, delay time.Duration) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				say(out, name, "cancelled")
				return err
			}
			say(out, name, "ends")
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var a, b *asyncio.Task[none]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			a, b = tg.Go(child("a", longTime)), tg.Go(child("b", 20*ms))
			err := asyncio.Sleep(ctx, 10*ms)
			a.Cancel()
			return err
		})
		say(out, "group ends", a.Canceled(), b.Canceled())
		return err
	}, opts...)
}

func groupCanceledFromOutside(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, cleanup time.Duration, fail bool) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			err := sleepLong(ctx)
			if err := asyncio.Sleep(context.WithoutCancel(ctx), cleanup); err != nil {
				return err
			}
			say(out, name, "is clean")
			if fail {
				return valueError(name)
			}
			return err
		}
	}
	parent := func(fail bool) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(child("slow", 30*ms, false))
				tg.Go(child("quick", 10*ms, fail))
				return sleepLong(ctx)
			})
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, fail := range []bool{false, true} {
			t := asyncio.Go(ctx, parent(fail))
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			t.Cancel()
			if err := wait(ctx, t); err != nil {
				return err
			}
			_, err := t.Result()
			say(out, t.Canceled(), each(parts(err), error.Error))
		}
		return nil
	}, opts...)
}

func groupOfGathers(out io.Writer, opts ...asyncio.Option) error {
	leaf := func(name string, delay time.Duration, fail bool) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			switch err := asyncio.Sleep(ctx, delay); {
			case err != nil:
				say(out, name, "cancelled")
				return "", err
			case fail:
				say(out, name, "fails")
				return "", valueError(name)
			default:
				say(out, name, "ends")
				return name, nil
			}
		}
	}
	pair := func(a, b asyncio.Coro[string]) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			got, err := asyncio.Gather(ctx, a, b)
			if err == nil {
				say(out, got)
			}
			return err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(pair(leaf("a", 10*ms, false), leaf("b", 20*ms, false)))
			tg.Go(pair(leaf("c", 30*ms, false), leaf("d", 40*ms, true)))
			tg.Go(pair(leaf("e", 50*ms, false), leaf("f", longTime, false)))
			return nil
		})
		say(out, "caught", each(parts(err), error.Error))
		return nil
	}, opts...)
}

func errorsMeetCancellation(out io.Writer, opts ...asyncio.Option) error {
	sibling := func(ctx context.Context) error {
		err := sleepLong(ctx)
		say(out, "sibling begins cleanup")
		err2 := asyncio.Sleep(context.WithoutCancel(ctx), 20*ms)
		say(out, "sibling ends cleanup")
		return errors.Join(err, err2)
	}
	failing := func(ctx context.Context) error {
		if err := sleepLong(ctx); err == nil {
			return nil
		}
		if err := asyncio.Sleep(context.WithoutCancel(ctx), 10*ms); err != nil {
			return err
		}
		say(out, "failing fails")
		return valueError("in finally")
	}
	parent := func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(sibling)
			tg.Go(failing)
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			return keyError("body")
		})
		var group *asyncio.ExceptionGroup
		if !errors.As(err, &group) {
			return err
		}
		keys, values := group.Split(is[keyError])
		say(out, "keys", len(parts(keys)))
		say(out, "values", len(parts(values)))
		err = asyncio.Sleep(ctx, 10*ms)
		say(out, "parent goes on")
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, parent).Await(ctx)
		return err
	}, opts...)
}
