package engine

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Dress returns the context whose values a task has, in place of that with which it was
// created, and what is called when the task has ended; nil: nothing. Both are called on
// the task's goroutine. It is how the tools of Go are told which task a goroutine is at.
type Dress func(t *Task, ctx context.Context) (dressed context.Context, undress func())

// AddDress lets tasks that begin from now on be dressed, after what was added before. To be
// called before the loop runs, or on it.
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
