package virtual

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/list"
)

// contexts are the contexts of the standard library whose end the loop waits for.
// Package context reports an end on another goroutine, at an unpredictable time. Here the
// loop itself looks at the contexts, so that a context that one of its tasks cancels has
// ended in the next pass, in every run. If there are many, a pass looks at only some of
// them, so that it does not become longer; before the clock moves, the loop looks at all.
type contexts struct {
	watches list.List[*watch] // the next to look at comes first
	world   *World
	asked   asked
}

type watch struct {
	ctx   context.Context
	ended func()
	node  list.Node[*watch]
}

// looksInPass is how many contexts a pass looks at.
const looksInPass = 64

// Watch makes contexts an engine.ContextWatcher. A context that something outside the
// loop ends has to wake the loop if it waits.
func (c *contexts) Watch(ctx context.Context, ended func()) (stop func() bool) {
	w := &watch{ctx: ctx, ended: ended}
	w.node.Value = w
	c.watches.Add(&w.node)
	stopWaking := context.AfterFunc(ctx, func() { _ = c.world.Wake() })
	return func() bool {
		stopWaking()
		listed := w.node.Listed()
		if listed {
			c.watches.Remove(&w.node)
		}
		return listed
	}
}

// look looks at some of the contexts, each at most once, and reports whether any has
// ended.
func (c *contexts) look(most int) (any bool) {
	for w := range c.watches.All {
		if most--; most < 0 {
			return any
		}
		c.watches.Remove(&w.node)
		if w.ctx.Err() == nil {
			c.watches.Add(&w.node) // behind all others
			continue
		}
		any = true
		w.ended()
	}
	return any
}

// haveDeadline reports whether one of them will end by itself, by the real clock.
func (c *contexts) haveDeadline() bool {
	for w := range c.watches.All {
		if _, ok := w.ctx.Deadline(); ok {
			return true
		}
	}
	return false
}
