package asyncio

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// AsCompleted runs awaitables beside each other and yields their results in
// the order in which they end:
//
//	for value, err := range asyncio.AsCompleted(ctx, a, b, c) {
//		fmt.Println(value, err)
//	}
//
// Coroutines become tasks at the call. Breaking out of the loop leaves the rest running.
// If ctx is canceled, the last pair has an error that is ErrCanceled. A task or future
// given twice is yielded once. The sequence can be ranged over once; a sequence that is
// never ranged over takes a little memory until the tasks have ended. In Python:
// asyncio.as_completed.
func AsCompleted[T any](ctx context.Context, aws ...Awaitable[T]) iter.Seq2[T, error] {
	seq := AsCompletedIndex(ctx, aws...)
	return func(yield func(T, error) bool) {
		for _, r := range seq {
			if !yield(r.Value, r.Err) {
				return
			}
		}
	}
}

// AsCompletedIndex is AsCompleted, but yields with each result the index of its awaitable
// among the arguments. The index is -1 with the error of a canceled ctx.
func AsCompletedIndex[T any](ctx context.Context, aws ...Awaitable[T]) iter.Seq2[int, Result[T]] {
	c := &completions[T]{ctx: ctx}
	if engine.RunningLoopOf(ctx) != nil {
		c.open(aws)
	}
	return c.each
}

// completions is one AsCompleted.
type completions[T any] struct {
	*waitSet // nil: it was called outside a loop
	ctx      context.Context
	handles  []handle[T]
	done     []*member // the members that are done and not yielded, in the order in which they ended
	yielded  int       // how many members were yielded
}

var labelAsCompleted = engine.NewLabel("as_completed")

// open creates all tasks before it waits for any, as asyncio does. So awaitables that are
// done already are yielded after the first steps of the tasks.
func (c *completions[T]) open(aws []Awaitable[T]) {
	c.waitSet, c.handles = newWaitSet(labelAsCompleted, len(aws)), make([]handle[T], len(aws))
	for i, aw := range aws {
		c.handles[i] = addTo(c.ctx, c.waitSet, aw, i)
	}
	c.ended = func(m *member) {
		c.done = append(c.done, m)
		c.task.Wake()
	}
	c.subscribe()
}

func (c *completions[T]) each(yield func(int, Result[T]) bool) {
	if c.waitSet == nil {
		if engine.RunningLoopOf(c.ctx) == nil {
			yield(-1, Result[T]{Err: ErrNoRunningLoop})
		}
		return
	}
	defer c.forget()
	for c.yielded < len(c.members) {
		i, err := c.next()
		if err != nil {
			yield(-1, Result[T]{Err: err})
			return
		}
		var r Result[T]
		r.Value, r.Err = c.handles[i].Result()
		if !yield(i, r) {
			return
		}
	}
}

// next waits for the next member that is done.
func (c *completions[T]) next() (int, error) {
	w, err := engine.Begin(c.ctx, "AsCompleted")
	if err != nil {
		return 0, err
	}
	for len(c.done) == 0 {
		if err := w.Park(&c.task, c); err != nil {
			return 0, err
		}
	}
	m := c.done[0]
	c.done = c.done[1:]
	c.yielded++
	return m.index, nil
}

// forget ends the sequence: nothing more is yielded.
func (c *completions[T]) forget() {
	c.unsubscribe()
	c.yielded = len(c.members)
}
