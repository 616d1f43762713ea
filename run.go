package asyncio

import (
	"context"
	"errors"
	"fmt"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Run runs main on a new event loop, on the calling goroutine, and returns
// its error. When main has ended, Run cancels the tasks that are left, lets
// them clean up, waits for them and for the functions of ToThread, and leaves
// no goroutine behind. Tasks and functions that do not end within the grace time (see
// [Grace]) are reported, and named in a *ShutdownError. In Python: asyncio.run.
//
// When ctx is canceled, main is canceled; with a context of signal.NotifyContext, Ctrl-C
// does that. If main's error holds a *PanicError, Run panics with it after it has cleaned
// up. Inside a running loop, Run returns ErrLoopRunning. In a bubble of testing/synctest,
// the loop goes by the bubble's clock.
func Run(ctx context.Context, main func(ctx context.Context) error, opts ...Option) error {
	_, err := RunValue(ctx, noResult(main), opts...)
	return err
}

// RunValue is Run for a coroutine with a result.
func RunValue[T any](ctx context.Context, main Coro[T], opts ...Option) (value T, err error) {
	return runAndClose(NewRunner(opts...), ctx, main)
}

func runAndClose[T any](r *Runner, ctx context.Context, main Coro[T]) (value T, err error) {
	over := false
	defer func() {
		if !over { // a Goexit in a callback is on its way out
			_ = r.Close()
		}
	}()
	value, err = runMain(r, ctx, main)
	closed := r.Close()
	over = true
	rethrow(err)
	if closed != nil {
		err = join(err, closed)
	}
	return value, err
}

// A Runner runs several coroutines, one after another, on one loop. Tasks
// that one run leaves over go on in the next. In Python: asyncio.Runner. One
// goroutine at a time may use it.
type Runner struct {
	config config.Config
	loop   *Loop // made when it is first used
	closed bool
}

// NewRunner returns a Runner. Close it in the end.
func NewRunner(opts ...Option) *Runner {
	return &Runner{config: config.New(opts)}
}

// Run runs main and returns its error; see the function Run. Tasks that main leaves over
// stay suspended until the next Run, or Close. A runtime.Goexit in a task closes the
// runner and ends the goroutine.
func (r *Runner) Run(ctx context.Context, main func(ctx context.Context) error) error {
	_, err := runMain(r, ctx, noResult(main))
	if r.loop != nil && r.loop.core.Exiting() {
		_ = r.Close() // a Goexit goes on there
	}
	rethrow(err)
	return err
}

// Loop returns the runner's loop. After Close it is closed.
func (r *Runner) Loop() *Loop {
	r.mustBe()
	if r.loop == nil {
		r.loop = newLoop(&r.config)
		if r.closed {
			_ = r.loop.core.Close()
		}
	}
	return r.loop
}

// Close ends the tasks that are left over, as the function Run does, and closes the loop.
// It may return a *ShutdownError. Closing twice does nothing.
func (r *Runner) Close() error {
	r.mustBe()
	if r.closed {
		return nil
	}
	r.closed = true
	if r.loop == nil {
		return nil
	}
	if r.loop.core.Running() {
		r.closed = false
		return ErrLoopRunning
	}
	return r.loop.close()
}

func (r *Runner) mustBe() {
	if r == nil {
		panic("asyncio: a method of a nil Runner: make it with NewRunner")
	}
}

func runMain[T any](r *Runner, ctx context.Context, main Coro[T]) (T, error) {
	var zero T
	r.mustBe()
	switch {
	case main == nil:
		panic(nilCoroutine)
	case ctx == nil:
		panic(nilContext)
	case engine.RunningHere() != nil:
		return zero, ErrLoopRunning
	case r.closed:
		return zero, ErrLoopClosed
	}
	l := r.Loop()
	t := &Task[T]{coro: main}
	t.core.CreateMain(&l.core, ctx, (*taskBody[T])(t))
	t.core.Start()
	interrupted, err := l.runUntil(&t.core, r.config.Interrupt)
	switch {
	case err != nil:
		return zero, err
	case !t.core.Done():
		return zero, ErrLoopStopped
	case interrupted && t.core.Canceled():
		return t.value, fmt.Errorf("%w: %w", ErrInterrupted, t.core.Err())
	}
	return t.value, t.core.Err()
}

const nilContext = "asyncio: nil context: pass context.Background(), or the context of the caller"

// rethrow panics if a panic of a task has come up to here.
func rethrow(err error) {
	if p, ok := errors.AsType[*PanicError](err); ok {
		panic(p)
	}
}
