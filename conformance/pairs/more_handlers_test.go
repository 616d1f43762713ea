// testdata/more: what the exception handler is told.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var moreHandlerPrograms = map[string]program{
	"more/handler_of_failing_callbacks": handlerOfFailingCallbacks,
	"more/handler_of_errors_at_the_end": handlerOfErrorsAtTheEnd,
}

// telling is a handler that says what it is told. A callback of ours fails by
// a panic.
func telling(out io.Writer) func(asyncio.ExceptionContext) {
	return func(c asyncio.ExceptionContext) {
		if p, ok := errors.AsType[*asyncio.PanicError](c.Err); ok {
			say(out, "handler:", p.Value)
			return
		}
		say(out, "handler:", c.Err)
	}
}

func handlerOfFailingCallbacks(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.SetExceptionHandler(telling(out))
		bad := func(text string) func() { return func() { panic(text) } }
		fut := asyncio.NewFuture[none](ctx)
		fut.AddDoneCallback(func(*asyncio.Future[none]) { say(out, "first") })
		fut.AddDoneCallback(func(*asyncio.Future[none]) { bad("done callback")() })
		fut.AddDoneCallback(func(*asyncio.Future[none]) { say(out, "third") })
		loop.CallSoon(bad("call_soon"))
		loop.CallSoon(func() { fut.SetResult(none{}) })
		loop.CallLater(10*ms, bad("call_later"))
		if _, err := fut.Await(ctx); err != nil {
			return err
		}
		say(out, "main goes on")
		err := asyncio.Sleep(ctx, 20*ms)
		say(out, "end")
		return err
	}, opts...)
}

func handlerOfErrorsAtTheEnd(out io.Writer, opts ...asyncio.Option) error {
	left := func(name string, failure error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			err := sleepLong(ctx)
			say(out, name, "cleans up")
			if failure != nil {
				return failure
			}
			return err
		}
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).SetExceptionHandler(telling(out))
		good := asyncio.Go(ctx, left("good", nil))
		asyncio.Go(ctx, left("bad", errors.New("bad fails")))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		good.Cancel()
		err := asyncio.Sleep(ctx, 10*ms)
		say(out, "main ends")
		return err
	}, opts...)
	say(out, "after run")
	return err
}
