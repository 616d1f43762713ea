package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// Here returns the loop of a context that is a scope, if the calling goroutine runs
// that loop. It returns nil for every other context.
func Here(ctx context.Context) *Loop {
	if s, ok := ctx.(*Scope); ok && s.loop().OnLoop() {
		return s.loop()
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

// running are the loops that run now. They are few, and looked through more
// often than they change, so the list is never changed, but replaced.
var running struct {
	mu    sync.Mutex // held while the list is replaced
	loops atomic.Pointer[[]*Loop]
}

// RunningHere returns the loop that the calling goroutine runs, as the loop
// itself or as one of its tasks, or nil. Any goroutine may call it. A function that
// is given no context finds its loop so, and one that must not run in a loop finds out
// that it does. A function that has a context of a loop uses LoopOf.
func RunningHere() *Loop {
	loops := running.loops.Load()
	if loops == nil {
		return nil
	}
	id := coro.GoroutineID()
	for _, l := range *loops {
		if l.goroutine.Get() == id {
			return l
		}
	}
	return nil
}

// enlist puts the loop among the running ones until leave is called.
func (l *Loop) enlist() (leave func()) {
	replaceRunning(func(loops []*Loop) []*Loop { return append(loops, l) })
	return func() {
		replaceRunning(func(loops []*Loop) []*Loop {
			return slices.DeleteFunc(loops, func(other *Loop) bool { return other == l })
		})
	}
}

// replaceRunning replaces the list by what change makes of a copy.
func replaceRunning(change func([]*Loop) []*Loop) {
	running.mu.Lock()
	defer running.mu.Unlock()
	var loops []*Loop
	if now := running.loops.Load(); now != nil {
		loops = slices.Clone(*now)
	}
	loops = change(loops)
	running.loops.Store(&loops)
}
