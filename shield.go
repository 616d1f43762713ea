package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Shield awaits aw without owning it: if ctx is canceled, Shield returns an
// error that is ErrCanceled, and what it waited for goes on. A coroutine becomes a task.
// If this task fails later and no one looks at its error, the error is reported. In
// Python: asyncio.shield.
func Shield[T any](ctx context.Context, aw Awaitable[T]) (value T, err error) {
	w, err := engine.BeginUnchecked(ctx, "Shield")
	if err != nil {
		return value, err
	}
	h, _ := ensure(ctx, aw)
	if err := w.Checkpoint(); err != nil {
		return value, err
	}
	if !h.future().Done() {
		if err := waitForEnd(labelShield, h.future()).wait(w); err != nil {
			return value, err
		}
	}
	return h.Result()
}
