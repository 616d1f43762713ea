// testdata/more: whom a cancellation reaches first.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var moreOrderPrograms = map[string]program{
	"more/cancel_the_owner_first":                 cancelTheOwnerFirst,
	"more/group_cancelled_as_its_last_child_ends": groupCanceledAsItsLastChildEnds,
	"more/gather_cancelled_into_an_error":         gatherCanceledIntoAnError,
}

func cancelTheOwnerFirst(out io.Writer, opts ...asyncio.Option) error {
	type body = func(ctx context.Context) error
	sleeper := func(name string) body { return saying(out, sleepLong, "  cancelled:", name) }
	inATimeout := func(b body) body {
		return func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, 5000*ms, func(ctx context.Context) error { return b(ctx) })
		}
	}
	inAGroup := func(child string, b body) body {
		return func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(sleeper(child))
				return b(ctx)
			})
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, b := range []struct {
			name string
			body body
		}{
			{"plainly", sleeper("body")},
			{"in_a_timeout", inATimeout(sleeper("body in a timeout"))},
			{"in_a_group", inAGroup("inner child", sleeper("body in a group"))},
			{"deep_inside", inATimeout(inAGroup("inner child", inATimeout(sleeper("body deep inside"))))},
		} {
			withChildren := inAGroup("child", b.body)
			err := asyncio.WithTimeout(ctx, 20*ms, func(ctx context.Context) error { return withChildren(ctx) })
			if timedOut(err) {
				say(out, b.name, "timed out")
			}
			t := asyncio.Go(ctx, withChildren)
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
			t.Cancel()
			if err := wait(ctx, t); err != nil {
				return err
			}
			say(out, b.name, "cancelled:", t.Canceled())
		}
		return nil
	}, opts...)
}

// leaving leaves a group whose only child does nothing, and says how.
func leaving(out io.Writer, name string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return nil })
			return nil
		})
		if canceled(err) {
			say(out, name, "left its group, cancelled")
		} else {
			say(out, name, "left its group")
		}
		return err
	}
}

func groupCanceledAsItsLastChildEnds(out io.Writer, opts ...asyncio.Option) error {
	ticks := func(ctx context.Context) (err error) {
		for i := 0; i < 6 && err == nil; i++ {
			say(out, "tick", i)
			err = asyncio.Yield(ctx)
		}
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for passes := range 5 {
			say(out, "cancelled after", passes)
			a, b := asyncio.Go(ctx, leaving(out, "a")), asyncio.Go(ctx, leaving(out, "b"))
			ticking := asyncio.Go(ctx, ticks)
			for range passes {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			say(out, "cancel", a.Cancel(), b.Cancel())
			if err := wait(ctx, a, b, ticking); err != nil {
				return err
			}
		}
		bad := valueError("bad")
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(leaving(out, "sibling"))
			tg.Go(func(context.Context) error { return bad })
			return saying(out, sleepLong, "body cancelled")(ctx)
		})
		if errors.Is(err, bad) {
			say(out, "failed")
		}
		return nil
	}, opts...)
}

func gatherCanceledIntoAnError(out io.Writer, opts ...asyncio.Option) error {
	turningBad := do(func(ctx context.Context) error {
		if canceled(sleepLong(ctx)) {
			return valueError("in the cleanup")
		}
		return nil
	})
	obeying := do(sleepLong)
	outcome := func(ctx context.Context, coros ...asyncio.Awaitable[none]) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, coros...)
			return err
		})
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		t.Cancel()
		switch _, err := t.Await(ctx); {
		case canceled(err):
			say(out, "cancelled", t.Canceled())
		case is[valueError](err):
			say(out, "failed", err, t.Canceled())
		}
		return nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return errors.Join(
			outcome(ctx, turningBad, obeying),
			outcome(ctx, obeying, turningBad),
			outcome(ctx, turningBad),
		)
	}, append(opts, quiet)...)
}
