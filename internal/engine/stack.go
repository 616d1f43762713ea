package engine

import (
	"bytes"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// Stack returns the task's stack, as runtime.Stack prints it; nil if the task has
// none. A task that is suspended prints its own, which takes microseconds: it is
// resumed for that. Only for one that is on its way, but not on the calling goroutine,
// are all stacks printed, with the world stopped: it drives the pass, or another task
// has started eagerly in its step. Loop only.
func (t *Task) Stack() []byte {
	w := t.worker
	switch {
	case w == nil:
		return nil
	case w.coro.ID == coro.GoroutineID():
		return coro.OwnStack()
	}
	if t.state != TaskRunning && !coro.LockedToThread() { // a switch between threads is fatal
		if stack := w.print(); stack != nil {
			return stack
		}
	}
	return coro.Stack(w.coro.ID)
}

// print lets a worker that is suspended in a wait print its stack. It returns nil if
// it is not suspended.
func (w *worker) print() (stack []byte) {
	w.asked, w.called = &stack, true
	w.coro.TryResume()
	w.asked, w.called = nil, w.killed
	return asSuspended(stack)
}

// framesOfPrint is how many frames on top of a stack belong to the printing.
const framesOfPrint = 4

// asSuspended makes the stack that a worker has printed that of a goroutine which is
// suspended.
func asSuspended(stack []byte) []byte {
	header, frames, _ := bytes.Cut(stack, []byte("\n"))
	for range framesOfPrint * 2 { // a frame is two lines
		_, frames, _ = bytes.Cut(frames, []byte("\n"))
	}
	if len(frames) == 0 {
		return nil
	}
	header = bytes.Replace(header, []byte("[running"), []byte("[coroutine"), 1)
	return bytes.Join([][]byte{header, frames}, []byte("\n"))
}
