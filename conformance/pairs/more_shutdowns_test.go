// testdata/more: what happens when main has ended.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var moreShutdownPrograms = map[string]program{
	"more/shutdown_with_cleanup":          shutdownWithCleanup,
	"more/shutdown_after_an_error":        shutdownAfterAnError,
	"more/shutdown_task_that_never_began": shutdownTaskThatNeverBegan,
	"more/shutdown_main_cancelled":        shutdownMainCanceled,
	"more/runner_runs_twice":              runnerRunsTwice,
}

func shutdownWithCleanup(out io.Writer, opts ...asyncio.Option) error {
	left := func(name string, cleanup int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			err := sleepLong(ctx)
			err2 := asyncio.Sleep(context.WithoutCancel(ctx), centiseconds(cleanup))
			say(out, name, "is clean")
			return errors.Join(err, err2)
		}
	}
	result, err := asyncio.RunValue(context.Background(), func(ctx context.Context) (string, error) {
		asyncio.Go(ctx, left("slow", 3))
		asyncio.Go(ctx, left("quick", 1))
		asyncio.Go(ctx, left("middle", 2))
		asyncio.Go(ctx, func(ctx context.Context) error {
			if err := sleepLong(ctx); canceled(err) {
				say(out, "swallowed")
			}
			return nil
		})
		err := asyncio.Sleep(ctx, 10*ms)
		say(out, "main returns")
		return "result", err
	}, opts...)
	say(out, result)
	return err
}

func shutdownAfterAnError(out io.Writer, opts ...asyncio.Option) error {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			defer say(out, "left is clean")
			return sleepLong(ctx)
		})
		t.AddDoneCallback(func(t *asyncio.Task[none]) { say(out, "callback", t.Canceled()) })
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return errors.New("main failed")
	}, opts...)
	say(out, "run raised", err)
	return nil
}

func shutdownTaskThatNeverBegan(out io.Writer, opts ...asyncio.Option) error {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer say(out, "late ends")
			say(out, "late begins")
			return sleepLong(ctx)
		})
		asyncio.RunningLoop(ctx).CallSoon(func() { say(out, "callback") })
		say(out, "main ends")
		return nil
	}, opts...)
	say(out, "after run")
	return err
}

func shutdownMainCanceled(out io.Writer, opts ...asyncio.Option) error {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, sleepLong)
		asyncio.RunningLoop(ctx).CallLater(10*ms, func() { t.Cancel() })
		defer say(out, "main is clean")
		_, err := t.Await(ctx)
		return err
	}, opts...)
	if !canceled(err) {
		return err
	}
	say(out, "run raised cancelled")
	return nil
}

func runnerRunsTwice(out io.Writer, opts ...asyncio.Option) error {
	background := func(ctx context.Context) error {
		defer say(out, "background ends")
		for n := 0; ; n++ {
			say(out, "background", n)
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
		}
	}
	runner := asyncio.NewRunner(opts...)
	err1 := runner.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, background)
		return asyncio.Sleep(ctx, 10*ms)
	})
	say(out, "first")
	err2 := runner.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.Sleep(ctx, 20*ms)
	})
	say(out, "second")
	say(out, "close")
	err3 := runner.Close()
	say(out, "closed")
	return errors.Join(err1, err2, err3)
}
