package conn

import (
	"cmp"
	"context"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Owner is the loop of something whose methods take no context, such as a
// net.Conn. Any goroutine may use it.
type Owner struct {
	core *engine.Loop
	ctx  context.Context // with which the loop was found
}

// OwnerOf returns the owner for what op makes with ctx. Outside a loop it panics
// with advice.
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

// Unbound is an argument for Context: it says that the call has no context of its own.
var Unbound context.Context

// Context returns the context on which a call on the loop's goroutine waits:
// bound, or, if that is nil, Scope. On any other goroutine it returns nil; see
// RunOn.
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

// Scope returns the context on which an unbound call on the loop's goroutine
// waits: the scope that the running task has opened last. In a callback, which
// cannot wait, it returns a context with which waiting panics and says why. On
// any other goroutine it returns nil.
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
// not the loop's and that blocks until the call has returned. A task of another
// loop suspends instead.
func RunOn[T any](o *Owner, bound context.Context, call func(ctx context.Context) (T, error)) (T, error) {
	ctx := context.Background()
	if other := engine.RunningHere(); other != nil {
		ctx = cmp.Or(other.InnermostScope(), ctx)
	}
	return asyncio.RunOn(ctx, o.Loop(), func(ctx context.Context) (T, error) {
		return call(cmp.Or(bound, ctx))
	})
}

// Call makes a call on the loop, from any goroutine.
func Call[T any](o *Owner, bound context.Context, call func(ctx context.Context) (T, error)) (T, error) {
	if ctx := o.Context(bound); ctx != nil {
		return call(ctx)
	}
	return RunOn(o, bound, call)
}

// Do is Call for a function that does not suspend; so callbacks may use it, too.
func (o *Owner) Do(call func() error) error {
	if o.core.OnLoop() {
		return call()
	}
	_, err := RunOn(o, nil, func(context.Context) (struct{}, error) { return struct{}{}, call() })
	return err
}
