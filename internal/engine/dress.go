package engine

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Dress returns a context for a task, whose values replace those of the context with
// which it was created, and a function that is called when the task has ended; nil: none.
// Both run on the task's goroutine. With it, the tools of Go learn which task a goroutine
// runs.
type Dress func(t *Task, ctx context.Context) (dressed context.Context, undress func())

// AddDress calls d for every task that begins from now on, after those that were added
// before. It must be called before the loop runs, or on the loop.
func (l *Loop) AddDress(d Dress) {
	coro.UseLabels()
	inner := l.dress
	if inner == nil {
		l.dress = d
		return
	}
	l.dress = func(t *Task, ctx context.Context) (context.Context, func()) {
		ctx, first := inner(t, ctx)
		ctx, second := d(t, ctx)
		if first == nil || second == nil {
			return ctx, either(first, second)
		}
		return ctx, func() { second(); first() }
	}
}

func either(a, b func()) func() {
	if a == nil {
		return b
	}
	return a
}

func (w *worker) dress(t *Task) { t.scope.values, w.undress = w.loop.dress(t, t.scope.values) }

func (w *worker) undressed() {
	undress := w.undress
	w.undress = nil
	undress()
}
