package virtual

import (
	"context"
	"slices"
)

// contexts are the contexts of the standard library whose end the loop waits for.
// Package context tells of an end from another goroutine, at a time of its own. Here
// the loop looks itself, so that a context that one of its tasks cancels has ended in
// the next pass, in every run.
type contexts struct {
	watches []*watch // oldest first
	wake    func() error
}

type watch struct {
	ctx   context.Context
	ended func()
	stop  func() bool // makes the end of the context no longer wake the loop
}

// Watch makes contexts an engine.ContextWatcher. A context that ends by
// something outside has to wake a loop that waits.
func (c *contexts) Watch(ctx context.Context, ended func()) (stop func() bool) {
	w := &watch{ctx: ctx, ended: ended}
	w.stop = context.AfterFunc(ctx, func() { _ = c.wake() })
	c.watches = append(c.watches, w)
	return func() bool { return c.remove(w) }
}

func (c *contexts) remove(w *watch) bool {
	w.stop()
	i := slices.Index(c.watches, w)
	if i >= 0 {
		c.watches = slices.Delete(c.watches, i, i+1)
	}
	return i >= 0
}

// look tells of the contexts that have ended.
func (c *contexts) look() {
	for i := 0; i < len(c.watches); {
		w := c.watches[i]
		if w.ctx.Err() == nil {
			i++
			continue
		}
		c.watches = slices.Delete(c.watches, i, i+1)
		w.ended()
	}
}

// haveDeadline reports whether one of them will end by itself.
func (c *contexts) haveDeadline() bool {
	return slices.ContainsFunc(c.watches, func(w *watch) bool {
		_, ok := w.ctx.Deadline()
		return ok
	})
}
