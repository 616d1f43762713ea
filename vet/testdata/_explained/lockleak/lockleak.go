package lockleak

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func transfer(ctx context.Context, l *asyncio.Lock, move func(context.Context) error) error {
	if err := l.Acquire(ctx); err != nil { // want `\(asyncio-lock-leak\)$`
		return err
	}
	if err := move(ctx); err != nil {
		return err // the lock stays taken
	}
	l.Release()
	return nil
}

// ANCHOR_END: before

// ANCHOR: after

func moveWith(ctx context.Context, l *asyncio.Lock, move func(context.Context) error) error {
	return l.With(ctx, func() error { return move(ctx) })
}

// ANCHOR_END: after
