package streams

import (
	"context"
	"io"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// onLoop opens something on the loop that ctx belongs to. For a goroutine that is
// not the loop's it does so in a task of its own, which is canceled with ctx and
// has its values: they say on which host of a simulated network it is.
func onLoop[T io.Closer](ctx context.Context, op string, open func(ctx context.Context, owner *conn.Owner) (T, error)) (zero T, err error) {
	l := engine.RunningLoopOf(ctx)
	if l == nil {
		return zero, asyncio.ErrNoRunningLoop
	}
	owner := conn.OwnerOf(ctx, "streams."+op)
	if l.OnLoop() {
		return open(ctx, &owner)
	}
	made, err := asyncio.RunOn(ctx, owner.Loop(), func(ctx context.Context) (T, error) {
		owner := conn.OwnerOf(ctx, "streams."+op)
		return open(ctx, &owner)
	})
	switch canceled := ctx.Err(); {
	case canceled == nil:
		return made, err
	case err == nil:
		_ = made.Close() // it was opened together with the cancellation, which counts
		fallthrough
	default:
		return zero, canceled
	}
}
