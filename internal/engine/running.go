package engine

import (
	"context"
	"sync"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// Here returns the loop of a context if it is plain to see that the calling
// goroutine runs it; else nil.
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

// running are the loops that run now, as keys. They are few, and looked through
// more often than they change.
var running sync.Map

// RunningHere returns the loop that the calling goroutine runs, as the loop
// itself or as one of its tasks, or nil. Any goroutine may call it. What is given
// no context finds its loop so, and what must not run in a loop finds that it
// does; where there is a context of a loop, LoopOf is the way.
func RunningHere() *Loop {
	id := coro.GoroutineID()
	for l := range running.Range {
		if l := l.(*Loop); l.goroutine.Get() == id {
			return l
		}
	}
	return nil
}
