package conn

import (
	"cmp"
	"context"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Owner is the loop that owns something whose methods have no context, as
// those of net.Conn. Any goroutine may use it.
type Owner struct {
	core *engine.Loop
	ctx  context.Context // with which the loop was found
}

// OwnerOf returns the owner of what is made with ctx. It panics with advice
// outside a loop.
func OwnerOf(ctx context.Context, op string) Owner {
	core := engine.LoopOf(ctx)
	if core == nil {
		panic("asyncio: " + op + " without a running event loop: pass a context derived from the one that Run hands out")
	}
	return Owner{core, ctx}
}

// Loop returns the loop.
func (o *Owner) Loop() *asyncio.Loop { return asyncio.RunningLoop(o.ctx) }

// Core returns the engine of the loop.
func (o *Owner) Core() *engine.Loop { return o.core }

// Context returns the context on which a call waits, if the calling goroutine is
// the loop's: bound, or, if that is nil, what Scope returns. For any other
// goroutine it is nil: see RunOn.
//
// The call may suspend: where it must not, Context panics, whether the call would
// have to wait or not.
func (o *Owner) Context(bound context.Context) context.Context {
	if !o.core.OnLoop() {
		return nil
	}
	o.core.MustMaySuspend("I/O")
	if bound != nil {
		return bound
	}
	return o.scope()
}

// Scope returns the context on which a call waits that is bound to none, if the
// calling goroutine is the loop's: the scope which the running task has opened
// last. In a callback it is one with which a wait panics and says why. For any
// other goroutine it is nil.
func (o *Owner) Scope() context.Context {
	if !o.core.OnLoop() {
		return nil
	}
	return o.scope()
}

func (o *Owner) scope() context.Context {
	if ctx := o.core.InnermostScope(); ctx != nil {
		return ctx
	}
	return o.ctx
}

// RunOn makes a call on the loop, in a task of its own, for a goroutine that is
// not the loop's, which waits for it. A task of another loop suspends.
func RunOn[T any](o *Owner, bound context.Context, call func(ctx context.Context) (T, error)) (T, error) {
	ctx := context.Background()
	if other := engine.RunningHere(); other != nil {
		ctx = cmp.Or(other.InnermostScope(), ctx)
	}
	return asyncio.RunOn(ctx, o.Loop(), func(ctx context.Context) (T, error) {
		return call(cmp.Or(bound, ctx))
	})
}

// Call makes a call wherever the calling goroutine is.
func Call[T any](o *Owner, bound context.Context, call func(ctx context.Context) (T, error)) (T, error) {
	if ctx := o.Context(bound); ctx != nil {
		return call(ctx)
	}
	return RunOn(o, bound, call)
}

// Do is Call for what does not suspend, and so may be called in callbacks.
func (o *Owner) Do(call func() error) error {
	if o.core.OnLoop() {
		return call()
	}
	_, err := RunOn(o, nil, func(context.Context) (struct{}, error) { return struct{}{}, call() })
	return err
}
