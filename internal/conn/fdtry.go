//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is for callers that are not in a task, and so cannot suspend: it has
// calls that never wait, and lets an event wait in place of a task.

// TryRead is Read, but returns ErrWouldBlock where that would wait. It never
// returns both bytes and an error.
func (f *FD) TryRead(p []byte) (int, error) {
	if err := f.check(&f.in); err != nil {
		return 0, err
	}
	if f.in.blocked {
		return 0, ErrWouldBlock
	}
	return f.readNow(p)
}

// readNow reads once.
func (f *FD) readNow(p []byte) (int, error) {
	n, err := f.read(p)
	switch {
	case n > 0:
		f.loop.Moved(n)
		f.in.blocked = n < len(p) && f.kind == TCP && !f.hung
		return n, nil
	case err == nil && f.kind == Datagram:
		return 0, nil
	case err == nil:
		return 0, io.EOF
	case err == unix.EAGAIN:
		f.in.blocked = true
		return 0, ErrWouldBlock
	case err == unix.EINTR:
		return 0, ErrWouldBlock
	default:
		return 0, os.NewSyscallError("read", err)
	}
}

// NotifyReadable makes an event ready when TryRead is worth another call; s is
// its place among the waiters until then.
func (f *FD) NotifyReadable(s *engine.Subscription, e engine.Event) { f.notify(&f.in, s, e) }

// TryWrite writes as much of p as it can without waiting, perhaps nothing. The
// caller must hold the turn; see TakeTurn.
func (f *FD) TryWrite(p []byte) (int, error) {
	if err := f.check(&f.out); err != nil {
		return 0, err
	}
	if f.out.blocked {
		return 0, nil
	}
	n, err := f.write(p)
	return n, f.wrote("write", n, len(p)-n, err)
}

// NotifyWritable makes an event ready when TryWrite is worth another call.
func (f *FD) NotifyWritable(s *engine.Subscription, e engine.Event) { f.notify(&f.out, s, e) }

func (f *FD) notify(side *side, s *engine.Subscription, e engine.Event) {
	s.Init(f.loop, e)
	if side.blocked && f.check(side) == nil {
		side.Add(&s.Waiter)
	} else {
		s.Notify()
	}
}

// TakeTurn reports whether the caller may write with TryWrite until it calls
// EndTurn; no task's bytes come in between. It is false while a task is writing.
func (f *FD) TakeTurn() bool {
	free := !f.turn.taken
	f.turn.taken = true
	return free
}

// EndTurn passes the turn to the next writer.
func (f *FD) EndTurn() { f.turn.end() }
