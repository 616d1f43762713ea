//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package aio

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An FD is a descriptor of a loop, whose reads and writes suspend the running
// task where they would block. It is registered with the poller once, for
// both directions and for changes only, so that a wait costs no system call.
// It is closed with the loop, if not before. Loop only.
type FD struct {
	loop   *engine.Loop
	sys    int
	kind   Kind
	hung   bool // see engine.Hangup
	closed bool
	in     side
	out    side
	turn   engine.Waiters // tasks that wait for another's Write to end
	busy   bool           // a task is in the middle of its Write
	onHang func()         // of an end of a pipe; see OpenEnd
}

// A Kind says what the system promises about a descriptor.
type Kind uint8

const (
	// Other is what may give less than there is.
	Other Kind = iota
	// Stream is a TCP socket: a read that gets less than it asked for has
	// emptied it, and a write that is taken in part has filled it. So the
	// call that would say so is spared.
	Stream
)

// A side is one direction of a descriptor.
type side struct {
	waiters  engine.Waiters
	deadline Deadline
	blocked  bool // trying is in vain until the poller says otherwise
}

// Open makes sys, which must not block, a descriptor of the loop, and closes it
// if it cannot.
func Open(l *engine.Loop, sys int, kind Kind) (*FD, error) {
	return open(&FD{loop: l, sys: sys, kind: kind}, engine.Readable|engine.Writable)
}

// OpenEnd is Open for an end of a pipe, which is good for one direction only:
// some systems refuse to be asked about the other. When no one is left at the
// other end, onHang is called on the loop; it may close the FD.
func OpenEnd(l *engine.Loop, sys int, direction engine.Readiness, onHang func()) (*FD, error) {
	return open(&FD{loop: l, sys: sys, onHang: onHang}, direction)
}

func open(f *FD, about engine.Readiness) (*FD, error) {
	l, sys := f.loop, f.sys
	f.in.deadline.Init(l, &f.in.waiters)
	f.out.deadline.Init(l, &f.out.waiters)
	if err := l.WatchDescriptor(sys, about, true, f); err != nil {
		return nil, errors.Join(err, unix.Close(sys))
	}
	return f, nil
}

// Sys returns the system's descriptor; -1 after Close.
func (f *FD) Sys() int { return f.sys }

// Ready makes an FD an engine.Watcher.
func (f *FD) Ready(r engine.Readiness) {
	if r&engine.Hangup != 0 {
		f.hung = true
	}
	if r&engine.Readable != 0 {
		f.in.ready()
	}
	if r&engine.Writable != 0 {
		f.out.ready()
	}
	if f.hung && f.onHang != nil {
		f.onHang()
	}
}

func (s *side) ready() {
	s.blocked = false
	s.waiters.WakeAll()
}

// LoopClosed makes an FD an engine.Watcher.
func (f *FD) LoopClosed() {
	f.forget()
	unix.Close(f.sys)
	f.sys = -1
}

// Close closes the descriptor. Whoever waits for it goes on with net.ErrClosed,
// which is also what Close returns the second time.
func (f *FD) Close() error {
	if f.closed {
		return net.ErrClosed
	}
	f.forget()
	err := errors.Join(f.loop.UnwatchDescriptor(f.sys), unix.Close(f.sys))
	f.sys = -1
	return err
}

func (f *FD) forget() {
	f.closed = true
	for _, s := range []*side{&f.in, &f.out} {
		s.deadline.Stop()
		s.waiters.WakeAll()
	}
	f.turn.WakeAll()
}

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (f *FD) SetReadDeadline(t time.Time) error { return f.setDeadline(&f.in, t) }

// SetWriteDeadline sets when writes do.
func (f *FD) SetWriteDeadline(t time.Time) error { return f.setDeadline(&f.out, t) }

func (f *FD) setDeadline(s *side, t time.Time) error {
	if f.closed {
		return net.ErrClosed
	}
	s.deadline.Set(t)
	return nil
}

// check returns why the side cannot be used.
func (f *FD) check(s *side) error {
	switch {
	case f.closed:
		return net.ErrClosed
	case s.deadline.passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

// await suspends the task until the side can be tried again.
func (f *FD) await(w *engine.Wait, s *side, why engine.Label) error {
	for s.blocked {
		if err := w.Park(&s.waiters, why); err != nil {
			return err
		}
		if err := f.check(s); err != nil {
			return err
		}
	}
	return nil
}

// AwaitReadable suspends the task until a call that was told to try again has
// reason to. It is for what Read does not do: Accept, for example.
func (f *FD) AwaitReadable(ctx context.Context, op string) error {
	return f.awaitAgain(ctx, &f.in, op, labelRead)
}

// AwaitWritable is the same for what Write does not do.
func (f *FD) AwaitWritable(ctx context.Context, op string) error {
	return f.awaitAgain(ctx, &f.out, op, labelWrite)
}

func (f *FD) awaitAgain(ctx context.Context, s *side, op string, why engine.Label) error {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return err
	}
	if err := f.check(s); err != nil {
		return err
	}
	s.blocked = true
	return f.await(w, s, why)
}

// Read reads what there is, and waits while there is nothing. At the end it
// returns io.EOF. An empty p returns at once.
func (f *FD) Read(ctx context.Context, p []byte) (int, error) {
	w, err := engine.Begin(ctx, "Conn.Read")
	if err != nil {
		return 0, err
	}
	if err := f.check(&f.in); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !f.in.waiters.Empty() {
		return 0, ErrBusy
	}
	for {
		if err := f.await(w, &f.in, labelRead); err != nil {
			return 0, err
		}
		n, err := read(f.sys, p)
		switch {
		case n > 0:
			f.in.blocked = n < len(p) && f.kind == Stream && !f.hung
			return n, nil
		case err == nil:
			return 0, io.EOF
		case err == unix.EAGAIN:
			f.in.blocked = true
		case err != unix.EINTR:
			return 0, os.NewSyscallError("read", err)
		}
	}
}

// Write writes all of p, and waits while the other side is slow. What two
// tasks write is not mixed: one waits for the other, first come, first served.
func (f *FD) Write(ctx context.Context, p []byte) (n int, err error) {
	w, err := engine.Begin(ctx, "Conn.Write")
	if err != nil {
		return 0, err
	}
	if err := f.takeTurn(w); err != nil {
		return 0, err
	}
	defer f.endTurn()
	for {
		m, err := f.writeSome(w, p[n:])
		n += m
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// writeSome writes once, after waiting if it has to.
func (f *FD) writeSome(w *engine.Wait, p []byte) (int, error) {
	if err := f.check(&f.out); err != nil {
		return 0, err
	}
	if err := f.await(w, &f.out, labelWrite); err != nil {
		return 0, err
	}
	n, err := write(f.sys, p)
	switch err {
	case nil:
		f.out.blocked = n < len(p) && f.kind == Stream
		return n, nil
	case unix.EAGAIN:
		f.out.blocked = true
		return 0, nil
	case unix.EINTR:
		return 0, nil
	default:
		return 0, os.NewSyscallError("write", err)
	}
}

// takeTurn waits until no other task is in the middle of its Write.
func (f *FD) takeTurn(w *engine.Wait) error {
	if !f.busy {
		f.busy = true
		return nil
	}
	return w.Park(&f.turn, labelWrite) // whoever wakes us leaves busy set, for us
}

// endTurn hands the turn on.
func (f *FD) endTurn() {
	if !f.turn.Wake() {
		f.busy = false
	}
}
