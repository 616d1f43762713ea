package asyncio

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Watch holds a value that tasks look at and whose changes they can wait for: a
// configuration, a state. A slow task may miss values in between, but never the last one.
// To get all of them, use a [Broadcast]. The zero Watch holds a zero value. asyncio has
// no counterpart; in Python: a Condition with a variable; in tokio: watch. For the loop
// only.
type Watch[T any] struct {
	binding
	value   T
	changes uint64 // how many there were
	waiters engine.Waiters
}

// NewWatch returns a watch that holds a value.
func NewWatch[T any](value T) *Watch[T] { return &Watch[T]{value: value} }

// Set sets the value, and wakes all tasks that wait for a change. It counts as a change
// even if the value is the same as before. It does not suspend, so no other task runs
// between a Get and a Set that have no suspension between them.
func (x *Watch[T]) Set(value T) {
	x.check("Watch.Set")
	x.value = value
	x.changes++
	x.waiters.WakeAll()
}

// Get returns the value. It does not suspend.
func (x *Watch[T]) Get() T {
	x.check("Watch.Get")
	return x.value
}

// Changes ranges over the value. The first turn gets the present value, without
// suspending. After each turn, Changes suspends until the value has changed since that
// turn began, and the next turn gets the new value. If it has changed several times, only
// the last value comes. If ctx is canceled, the last pair is a zero value and an error
// that is ErrCanceled; the range ends in no other way. In tokio: Receiver::changed and
// borrow_and_update.
func (x *Watch[T]) Changes(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { x.follow(ctx, "Watch.Changes", yield) }
}

func (x *Watch[T]) follow(ctx context.Context, op string, yield func(T, error) bool) {
	for seen := x.changes - 1; ; {
		err := x.waitForChange(ctx, op, seen)
		if err != nil {
			var zero T
			yield(zero, err)
			return
		}
		seen = x.changes
		if !yield(x.value, nil) {
			return
		}
	}
}

// waitForChange waits until there is a change that was not seen.
func (x *Watch[T]) waitForChange(ctx context.Context, op string, seen uint64) error {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return err
	}
	x.bind(w, op)
	if x.changes != seen {
		return nil
	}
	return w.Park(&x.waiters, (*watchWait[T])(x))
}

// Wait suspends the calling task until ok returns true for the value, and returns that
// value. It calls ok with the present value first, and after a change with the latest
// value; a value that was set and replaced meanwhile is skipped. If ctx is canceled, it
// returns an error that is ErrCanceled. In tokio: Receiver::wait_for.
func (x *Watch[T]) Wait(ctx context.Context, ok func(T) bool) (value T, err error) {
	if ok == nil {
		panic(nilFunction)
	}
	x.follow(ctx, "Watch.Wait", func(v T, e error) bool {
		value, err = v, e
		return e == nil && !ok(v)
	})
	return value, err
}

// SetName gives the watch a name, which all reports about it show. It does not suspend.
// For the loop only; before the watch is used there, the goroutine that makes it may call
// SetName.
func (x *Watch[T]) SetName(name string) {
	x.check("Watch.SetName")
	setName(&x.object, (*watchWait[T])(x), x.loop, name)
}

var labelWatch = engine.NewLabel("watch")

// watchWait is a watch as what a task waits for.
type watchWait[T any] Watch[T]

func (w *watchWait[T]) Describe() string { return described(labelWatch, w.object) }

func (w *watchWait[T]) Ref(l *engine.Loop) engine.Ref { return refTo(&w.object, w, l, labelWatch) }

func (w *watchWait[T]) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelWatch, Waiters: w.waiters.Len()}
}
