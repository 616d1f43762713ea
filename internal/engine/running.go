package engine

import (
	"context"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// Here returns the loop of a context that is a scope, if the calling goroutine runs
// that loop. It returns nil for every other context.
func Here(ctx context.Context) *Loop {
	if s, ok := ctx.(*Scope); ok && s.Loop().OnLoop() {
		return s.Loop()
	}
	return nil
}

// LoopOf returns the loop that a context belongs to, or nil.
func LoopOf(ctx context.Context) *Loop { return inspect(ctx).loop }

// RunningLoopOf returns the loop that a context belongs to, if that runs.
func RunningLoopOf(ctx context.Context) *Loop {
	if l := LoopOf(ctx); l != nil && l.goroutine.Get() != 0 {
		return l
	}
	return nil
}

// TaskOf returns the task whose context, or scope in it, ctx is; nil if it
// belongs to no loop. Any goroutine may call it.
func TaskOf(ctx context.Context) *Task {
	if s, ok := ctx.Value(scopeKey).(*Scope); ok {
		return s.task
	}
	return nil
}

// running has the loops that run now, as keys. They are few, and looked through more
// often than they change.
var running sync.Map

// RunningHere returns the loop that the calling goroutine runs, as the loop
// itself or as one of its tasks, or nil. Any goroutine may call it. Functions without a
// context use it to find their loop, and functions that must not run in a loop use it to
// check that. A function that has a context of a loop uses LoopOf.
func RunningHere() *Loop {
	id := coro.GoroutineID()
	for l := range running.Range {
		if l := l.(*Loop); l.goroutine.Get() == id {
			return l
		}
	}
	return nil
}

// UsedHere returns the loop that a thing is bound to after the calling goroutine has used
// it: the loop that runs here. l is the loop that it was bound to, or nil. UsedHere
// panics as Check does. Where finding out the current goroutine is expensive, the thing
// remains bound to l.
func (l *Loop) UsedHere(op string) *Loop {
	id := coro.CheapGoroutineID() // comes first, because a call preserves no register
	if coro.CheapID && l != nil && l.goroutine.Get() == id {
		return l
	}
	return l.usedElsewhere(op)
}

func (l *Loop) usedElsewhere(op string) *Loop {
	if l != nil {
		l.Check(op)
	}
	if coro.CheapID {
		if here := RunningHere(); here != nil {
			return here
		}
	}
	return l
}

// newLoops are the functions that are called for each new loop.
var newLoops struct {
	mu      sync.Mutex
	callers []*func(*Loop)
}

// OnNewLoop makes fn be called with each loop that is made from now on, before it runs,
// on the goroutine that makes it. remove undoes that. Any goroutine may call it.
func OnNewLoop(fn func(*Loop)) (remove func()) {
	newLoops.mu.Lock()
	defer newLoops.mu.Unlock()
	newLoops.callers = append(newLoops.callers, &fn)
	return func() {
		newLoops.mu.Lock()
		defer newLoops.mu.Unlock()
		newLoops.callers = slices.DeleteFunc(slices.Clone(newLoops.callers), func(f *func(*Loop)) bool { return f == &fn })
	}
}

// Made calls the functions of OnNewLoop with the loop.
func (l *Loop) Made() {
	newLoops.mu.Lock()
	callers := newLoops.callers
	newLoops.mu.Unlock()
	for _, fn := range callers {
		(*fn)(l)
	}
}
