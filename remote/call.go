package remote

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/asyncio-go/asyncio"
	"go.opentelemetry.io/otel"
)

// A returned is what a function has come to.
type returned struct {
	body  []byte
	err   error
	typ   string // of the error, if that is not the one of err
	stack string
	cause error // of the end of its context, if that came first
}

var errGoexit = errors.New("the function has called runtime.Goexit")

// functionContext is what the function is given.
func (d *delivery) functionContext(ctx context.Context) (context.Context, func()) {
	ctx = context.WithValue(ctx, jobOf{}, d)
	ctx = otel.GetTextMapPropagator().Extract(ctx, headerCarrier(d.msg.Header))
	ctx, cancel := context.WithCancelCause(ctx)
	unlink := context.AfterFunc(d.stopped, func() { cancel(context.Cause(d.stopped)) })
	var cancels []context.CancelFunc
	if !d.deadline.IsZero() {
		var c context.CancelFunc
		ctx, c = context.WithDeadlineCause(ctx, d.deadline, asyncio.ErrTimeout)
		cancels = append(cancels, c)
	}
	if d.fn.timeout > 0 {
		var c context.CancelFunc
		ctx, c = context.WithTimeoutCause(ctx, d.fn.timeout, asyncio.ErrTimeout)
		cancels = append(cancels, c)
	}
	return ctx, func() {
		unlink()
		for _, c := range cancels {
			c()
		}
		cancel(nil)
	}
}

// call runs the function. A panic and a Goexit are errors like others: they say nothing
// about the worker.
func (d *delivery) call(ctx context.Context, into *returned) {
	ctx, cancel := d.functionContext(ctx)
	defer cancel()
	normal := false
	defer func() {
		defer func(cause error) { into.cause = cause }(context.Cause(ctx))
		switch p := recover(); {
		case normal:
		case p != nil:
			*into = returned{err: speaking(panicked(p)), typ: "panic", stack: string(debug.Stack())}
		default:
			*into = returned{err: errGoexit}
		}
	}()
	body, err := d.fn.call(ctx, d.msg.Data)
	into.body, into.err = body, speaking(err)
	normal = true
}

// speaking returns err, or another error for one that panics when it is asked what it says
// and is: nothing after this may panic, because then the job would look like the death of a
// worker.
func speaking(err error) (safe error) {
	defer func() {
		if p := recover(); p != nil {
			safe = fmt.Errorf("an error of type %T, whose methods panic: %v", err, p)
		}
	}()
	if err != nil {
		_, _ = err.Error(), registeredIn(err)
		errors.As(err, new(*noRetry))
	}
	return err
}

// panicked makes an error of what a function has panicked with.
func panicked(p any) error {
	if err, ok := p.(error); ok {
		return speaking(err)
	}
	return fmt.Errorf("%v", p)
}

// runOnLoop runs the function in a task of its own: a Goexit ends only that.
func (d *delivery) runOnLoop(ctx context.Context) (r returned, err error) {
	t := asyncio.Go(ctx, func(ctx context.Context) error {
		d.call(ctx, &r)
		return nil
	}, asyncio.Name(d.fn.name+" "+d.key.id), asyncio.Eager())
	_, err = t.Await(ctx)
	if r.err != nil { // the task says the same in its own words
		err = nil
	}
	return r, err
}

// runInPool runs the function in the pool. If the worker ends and the function does not, it
// is left alone.
func (d *delivery) runInPool(ctx context.Context) (returned, error) {
	r := new(returned)
	future := asyncio.RunInExecutor(ctx, d.worker.pool, func(ctx context.Context) (struct{}, error) {
		d.call(ctx, r)
		return struct{}{}, nil
	})
	overdue := asyncio.NewFuture[struct{}](ctx)
	unlink := context.AfterFunc(d.worker.ending, func() {
		time.AfterFunc(givenBackAfter, func() {
			_ = d.worker.loop.CallSoonThreadsafe(func() { _ = overdue.SetResult(struct{}{}) }) // nobody waits any more
		})
	})
	defer unlink()
	chosen, err := asyncio.Select(ctx, future.OnDone(), overdue.OnDone())
	switch {
	case err != nil:
		return returned{}, err
	case chosen == 1:
		return returned{err: errWorkerEnds}, nil
	}
	_, _ = future.Result() // r says the same, and more
	return *r, nil
}
