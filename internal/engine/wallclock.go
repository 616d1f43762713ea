package engine

import (
	"context"
	"time"
)

type wallClockKey struct{}

// WithWallClock returns a context for tasks whose wall clock is not that of the loop.
func WithWallClock(ctx context.Context, now func() time.Time) context.Context {
	return context.WithValue(ctx, wallClockKey{}, now)
}

// WallClock returns the wall clock of a context; nil: it has none of its own.
func WallClock(ctx context.Context) (now func() time.Time) {
	now, _ = ctx.Value(wallClockKey{}).(func() time.Time)
	return now
}
