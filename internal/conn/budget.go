package conn

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Budget is what a task may do in one step without waiting: a peer that is
// always ahead of it must not keep the loop from its timers, and from everyone
// else. Whatever may go on without waiting has one. The zero Budget is full.
type Budget struct{ spent uint8 }

// maxSpent bounds the operations between two turns of the others.
const maxSpent = 32

// Spend is called for each operation. It suspends the task if that has spent its
// budget, so that the others have their turn.
func (b *Budget) Spend(ctx context.Context, op string) error {
	if b.spent++; b.spent > maxSpent {
		return b.yield(ctx, op)
	}
	return nil
}

// yield is not in Spend, which is inlined so.
//
//go:noinline
func (b *Budget) yield(ctx context.Context, op string) error {
	b.Refill()
	if _, err := engine.BeginUnchecked(ctx, op); err != nil { // a mistake is one in op
		return err
	}
	return engine.Yield(ctx)
}

// Refill is called when the task has waited.
func (b *Budget) Refill() { b.spent = 0 }
