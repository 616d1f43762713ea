package asyncio

import (
	"fmt"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// AddReader makes the loop call fn in every pass in which the descriptor can be read
// without waiting. fn replaces the function of an earlier call. The descriptor stays the
// caller's: call RemoveReader before closing it. AddReader returns an error for a
// descriptor that belongs to a stream, and on systems without epoll or kqueue; after the
// loop's end, it returns ErrLoopClosed. In Python: loop.add_reader.
func (l *Loop) AddReader(fd uintptr, fn func()) error {
	return l.addWatch("Loop.AddReader", fd, engine.Readable, fn)
}

// AddWriter is AddReader for writing. In Python: loop.add_writer.
func (l *Loop) AddWriter(fd uintptr, fn func()) error {
	return l.addWatch("Loop.AddWriter", fd, engine.Writable, fn)
}

// RemoveReader undoes AddReader; a call that is already due does not happen. It reports
// whether there was anything to end. In Python: loop.remove_reader.
func (l *Loop) RemoveReader(fd uintptr) bool {
	return l.removeWatch("Loop.RemoveReader", fd, engine.Readable)
}

// RemoveWriter is RemoveReader for writing. In Python: loop.remove_writer.
func (l *Loop) RemoveWriter(fd uintptr) bool {
	return l.removeWatch("Loop.RemoveWriter", fd, engine.Writable)
}

// A descriptorWatch calls the user's functions for one descriptor.
type descriptorWatch struct {
	loop    *Loop
	fd      uintptr
	reading *readyCallback // nil: the descriptor is not watched for reading
	writing *readyCallback
}

// A readyCallback is one function of a descriptorWatch.
type readyCallback struct {
	fn   func()
	call engine.Callback // the next one, if it is due
}

func newReadyCallback(l *engine.Loop, fn func()) *readyCallback {
	c := &readyCallback{fn: fn}
	c.call.Init(l, fn)
	return c
}

func (c *readyCallback) schedule(l *engine.Loop) {
	c.call.Init(l, c.fn)
	c.call.Schedule()
}

func (w *descriptorWatch) side(about engine.Readiness) **readyCallback {
	if about == engine.Readable {
		return &w.reading
	}
	return &w.writing
}

func (w *descriptorWatch) about() (r engine.Readiness) {
	if w.reading != nil {
		r |= engine.Readable
	}
	if w.writing != nil {
		r |= engine.Writable
	}
	return r
}

// Ready makes a descriptorWatch an engine.Watcher.
func (w *descriptorWatch) Ready(r engine.Readiness) {
	if c := w.reading; c != nil && r&engine.Readable != 0 {
		c.schedule(&w.loop.core)
	}
	if c := w.writing; c != nil && r&engine.Writable != 0 {
		c.schedule(&w.loop.core)
	}
}

// LoopClosed makes a descriptorWatch an engine.Watcher.
func (w *descriptorWatch) LoopClosed() {}

func (l *Loop) addWatch(op string, fd uintptr, about engine.Readiness, fn func()) error {
	l.check(op)
	if fn == nil {
		panic(nilFunction)
	}
	w, before := l.watches[fd]
	if !before {
		w = &descriptorWatch{loop: l, fd: fd}
	}
	side := w.side(about)
	replaced := *side
	*side = newReadyCallback(&l.core, fn)
	if err := w.watch(before); err != nil {
		*side = replaced
		return fmt.Errorf("%s(%d): %w", op, fd, err)
	}
	if replaced != nil {
		replaced.call.Cancel()
	}
	if l.watches == nil {
		l.watches = map[uintptr]*descriptorWatch{}
	}
	l.watches[fd] = w
	return nil
}

func (w *descriptorWatch) watch(before bool) error {
	set := w.loop.core.WatchDescriptor
	if before {
		set = w.loop.core.RewatchDescriptor
	}
	return set(int(w.fd), w.about(), false, w)
}

func (l *Loop) removeWatch(op string, fd uintptr, about engine.Readiness) bool {
	l.check(op)
	w, ok := l.watches[fd]
	if !ok || *w.side(about) == nil {
		return false
	}
	(*w.side(about)).call.Cancel()
	*w.side(about) = nil
	if l.core.Closed() {
		return true
	}
	// An error would say that the descriptor was closed before, and then
	// there is nothing to end.
	if w.about() == 0 {
		delete(l.watches, fd)
		_ = l.core.UnwatchDescriptor(int(fd))
	} else {
		_ = w.watch(true)
	}
	return true
}
