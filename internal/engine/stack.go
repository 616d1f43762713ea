package engine

import (
	"bytes"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// Stack returns the task's stack, as runtime.Stack prints it; nil if the task has
// none. A task that is suspended is resumed to print its own stack, which takes
// microseconds. But if the task is running and is not on the calling goroutine, because
// it drives the pass, or because another task has started eagerly in its step, all stacks
// are printed, with the world stopped. Loop only.
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

// print makes a worker that is suspended in a wait print its stack. It returns nil if it
// is not suspended.
func (w *worker) print() (stack []byte) {
	w.asked, w.called = &stack, true
	w.coro.TryResume()
	w.asked = nil
	w.called = w.mustAnswer()
	return asSuspended(stack)
}

// framesOfPrint is how many frames on top of a stack belong to the printing.
const framesOfPrint = 4

// asSuspended changes the stack that a worker has printed so that it looks like the stack
// of a suspended goroutine.
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
