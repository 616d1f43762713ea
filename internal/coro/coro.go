// Package coro switches stacks. It is the only package here that uses [iter.Pull],
// which is the only supported way to the runtime's coroutine switch, and the only
// one that knows the identity of goroutines.
//
// Three facts of the runtime shape it:
//
//   - A panic leaves a coroutine without its frames, and Goexit leaves it for
//     the goroutine that resumed it. Whoever runs on a coroutine recovers
//     inside.
//   - A coroutine whose iterator is stopped can never suspend again. So a
//     coroutine is ended by resuming it with something that makes it return,
//     never by stop.
//   - Switching checks that the thread-lock state (runtime.LockOSThread) is
//     the one in which the coroutine was made; a mismatch is fatal.
package coro

import "iter"

// A Coro is a coroutine: a stack of its own that runs a function, in turns with the
// goroutine that resumes it. One goroutine at a time may use it. It must not be copied.
type Coro struct {
	// ID is the identity of the coroutine's own goroutine; before the first Resume, that
	// of the goroutine that called Init. It is for reading only.
	ID int64

	next  func() (struct{}, bool)
	yield func(struct{}) bool
}

// Init makes c the coroutine of a function, which runs from the first Resume
// on and hands yield to Begin before anything else; maker is the goroutine that
// calls Init. There is no function of this package between the coroutine's start and
// main, because the garbage collector looks at every frame of every stack.
func (c *Coro) Init(main func(yield func(struct{}) bool), maker int64) {
	c.ID = maker
	c.next, _ = iter.Pull(main)
}

// Begin is called by the coroutine's function.
func (c *Coro) Begin(yield func(struct{}) bool) { c.ID, c.yield = GoroutineID(), yield }

// Resume runs the coroutine until it suspends or ends.
func (c *Coro) Resume() { c.next() }

// TryResume is Resume for a coroutine that may not be suspended. If it has not begun,
// if it runs, or if it waits for another one that it has resumed, TryResume does
// nothing and returns false.
func (c *Coro) TryResume() (resumed bool) {
	if c.yield == nil {
		return false
	}
	defer func() {
		if !resumed {
			_ = recover() // iter.Pull refuses in this way
		}
	}()
	c.next()
	return true
}

// Suspend goes back to whoever resumed the coroutine, and returns at the next
// Resume. It is called on the coroutine's own stack.
func (c *Coro) Suspend() { c.yield(struct{}{}) }
