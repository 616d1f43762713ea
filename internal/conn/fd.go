//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An FD is a file descriptor that belongs to a loop: a read or write that would
// block suspends the running task instead. It is registered with the poller once,
// for both directions and for changes only, so that a wait costs no system call.
// The end of the loop closes it if nothing has before. Loop only.
type FD struct {
	closeNotifier
	loop   *engine.Loop
	sys    int
	kind   Kind
	hung   bool // see engine.Hangup
	closed bool
	in     side
	out    side
	turn   turn   // of those who write
	onHang func() // of an end of a pipe; see OpenEnd

	object  *engine.Object // what it is for those who watch; nil: no one has asked
	listens bool           // so that what it reads are connections; known once object is set
	placed  bool           // the object's name is for good: where the descriptor leads to changes no more
}

// A Kind says what the system promises about a descriptor.
type Kind uint8

const (
	// AnyKind is a descriptor for which a short read or write means nothing.
	AnyKind Kind = iota
	// TCP is a socket that is surely empty after a short read, and full after a short
	// write, so that the next call, which would only say that, can be left out.
	TCP
	// Datagram is a socket on which a read of no bytes is an empty packet, and
	// not the end.
	Datagram
)

// A side is one direction of a descriptor.
type side struct {
	Line
	blocked bool // trying is in vain until the poller says otherwise
}

// Open gives sys, which must be in non-blocking mode, to the loop. If that fails,
// it closes sys.
func Open(l *engine.Loop, sys int, kind Kind) (*FD, error) {
	f := new(FD)
	if err := f.Open(l, sys, kind); err != nil {
		return nil, err
	}
	return f, nil
}

// Open is the function Open for an FD that is embedded in another struct.
func (f *FD) Open(l *engine.Loop, sys int, kind Kind) error {
	f.loop, f.sys, f.kind = l, sys, kind
	return f.watch(engine.Readable | engine.Writable)
}

// OpenEnd is Open for an end of a pipe, which has one direction only: some
// systems refuse to watch the other. When the other end has been closed
// everywhere, onHang is called on the loop; it may close the FD.
func OpenEnd(l *engine.Loop, sys int, direction engine.Readiness, onHang func()) (*FD, error) {
	f := &FD{loop: l, sys: sys, onHang: onHang}
	if err := f.watch(direction); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *FD) watch(about engine.Readiness) error {
	if err := f.loop.WatchDescriptor(f.sys, about, true, f); err != nil {
		return errors.Join(err, unix.Close(f.sys))
	}
	return nil
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
	s.WakeAll()
}

// LoopClosed makes an FD an engine.Watcher.
func (f *FD) LoopClosed() {
	f.forget()
	_ = f.release(true)
}

// Close closes the descriptor. Operations that wait for it return net.ErrClosed,
// and so does a second Close.
func (f *FD) Close() error {
	if f.closed {
		return net.ErrClosed
	}
	f.forget()
	return errors.Join(f.loop.UnwatchDescriptor(f.sys), f.release(false))
}

func (f *FD) release(atEnd bool) error {
	err := os.NewSyscallError("close", unix.Close(f.sys))
	f.sys = -1
	f.notifyClosed(atEnd)
	return err
}

func (f *FD) forget() {
	f.closed = true
	for _, s := range []*side{&f.in, &f.out} {
		s.Stop(f.loop)
		s.WakeAll()
	}
	f.turn.waiters.WakeAll()
}

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (f *FD) SetReadDeadline(t time.Time) error { return f.setDeadline(&f.in, t) }

// SetWriteDeadline sets when writes do.
func (f *FD) SetWriteDeadline(t time.Time) error { return f.setDeadline(&f.out, t) }

func (f *FD) setDeadline(s *side, t time.Time) error {
	if f.closed {
		return net.ErrClosed
	}
	s.SetDeadline(f.loop, t)
	return nil
}

// check returns the error with which an operation on the side must fail; nil if
// there is none.
func (f *FD) check(s *side) error {
	switch {
	case f.closed:
		return net.ErrClosed
	case s.passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

// begin begins an operation on one side that may suspend.
func (f *FD) begin(ctx context.Context, s *side, op string) (*engine.Wait, error) {
	w, err := engine.BeginUnchecked(ctx, op) // and what Begin does, with less stack
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	if err := w.Spend(); err != nil {
		return nil, err
	}
	if err := w.Checkpoint(); err != nil {
		return nil, err
	}
	return w, f.check(s)
}

// await suspends the task until the side can be tried again.
func (f *FD) await(w *engine.Wait, s *side, why engine.Reason) error {
	for s.blocked {
		if err := w.Park(&s.Waiters, why); err != nil {
			return err
		}
		if err := f.check(s); err != nil {
			return err
		}
	}
	return nil
}

// Moved counts the bytes of a ReadCall or WriteCall; see engine.Loop.Moved.
func (f *FD) Moved(n int) { f.loop.Moved(n) }

// ReadCall makes a system call that reads, accept for example, and waits whenever
// it would block.
func (f *FD) ReadCall(ctx context.Context, op string, call func(sys int) error) error {
	return f.call(ctx, &f.in, op, (*readWait)(f), call)
}

// WriteCall is ReadCall for a system call that writes, sendto for example.
func (f *FD) WriteCall(ctx context.Context, op string, call func(sys int) error) error {
	return f.call(ctx, &f.out, op, (*writeWait)(f), call)
}

func (f *FD) call(ctx context.Context, s *side, op string, why engine.Reason, call func(sys int) error) error {
	w, err := f.begin(ctx, s, op)
	if err != nil {
		return err
	}
	return f.retry(w, s, why, call)
}

// retry makes a system call until it does not block.
func (f *FD) retry(w *engine.Wait, s *side, why engine.Reason, call func(sys int) error) error {
	for {
		if err := f.await(w, s, why); err != nil {
			return err
		}
		switch err := call(f.sys); err {
		case unix.EAGAIN:
			s.blocked = true
		case unix.EINTR:
			if err := f.goOn(w, s); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// AwaitWritable suspends the task until the poller reports that the socket can be
// written: one that is connecting can be when it has connected or failed.
func (f *FD) AwaitWritable(ctx context.Context, op string) error {
	f.out.blocked = true
	return f.WriteCall(ctx, op, func(int) error { return nil })
}

// Read reads what there is, and waits while there is nothing. At the end it
// returns io.EOF. An empty p returns at once.
func (f *FD) Read(ctx context.Context, p []byte) (int, error) {
	w, err := f.begin(ctx, &f.in, "Conn.Read")
	if err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !f.in.Empty() {
		return 0, ErrBusy
	}
	for {
		if err := f.await(w, &f.in, (*readWait)(f)); err != nil {
			return 0, err
		}
		if n, err := f.readNow(p); err != ErrWouldBlock {
			return n, err
		}
	}
}

func (f *FD) read(p []byte) (int, error) {
	if f.kind == TCP {
		return receive(f.sys, p)
	}
	return read(f.sys, p)
}

func (f *FD) write(p []byte) (int, error) {
	if f.kind == TCP {
		return send(f.sys, p)
	}
	return write(f.sys, p)
}

// Write writes all of p, and waits while the other side is slow. The bytes of two tasks
// are not mixed: they write one after the other, first come, first served.
func (f *FD) Write(ctx context.Context, p []byte) (n int, err error) {
	w, err := f.beginWrite(ctx, "Conn.Write")
	if err != nil {
		return 0, err
	}
	defer f.turn.end()
	for {
		if err := f.await(w, &f.out, (*writeWait)(f)); err != nil {
			return n, err
		}
		m, err := f.write(p[n:])
		n += m
		if err := f.wrote("write", m, len(p)-n, err); err != nil || n == len(p) {
			return n, err
		}
		if err := f.goOn(w, &f.out); err != nil {
			return n, err
		}
	}
}

// WriteBuffers writes several parts as Write does, and removes from v what it has
// written.
func (f *FD) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	w, err := f.beginWrite(ctx, "Conn.WriteBuffers")
	if err != nil {
		return 0, err
	}
	defer f.turn.end()
	for {
		skipEmpty(v)
		if len(*v) == 0 {
			return n, nil
		}
		if err := f.await(w, &f.out, (*writeWait)(f)); err != nil {
			return n, err
		}
		parts := (*v)[:min(len(*v), maxParts)]
		m, err := writev(f.sys, parts)
		n += int64(m)
		if err := f.wrote("writev", m, size(parts)-m, err); err != nil {
			return n, err
		}
		consume(v, m)
		if err := f.goOn(w, &f.out); err != nil {
			return n, err
		}
	}
}

// beginWrite begins a write when those that began before it have ended.
func (f *FD) beginWrite(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := f.begin(ctx, &f.out, op)
	if err != nil {
		return nil, err
	}
	if err := f.turn.take(w, (*writeWait)(f)); err != nil {
		return nil, err
	}
	if err := f.check(&f.out); err != nil {
		f.turn.end()
		return nil, err
	}
	return w, nil
}

// goOn is called in the middle of an operation that has not waited: its peer may be so
// fast that it never has to.
func (f *FD) goOn(w *engine.Wait, s *side) error {
	if s.blocked {
		return nil // it will wait
	}
	if err := w.Spend(); err != nil {
		return err
	}
	return f.check(s)
}

// wrote records the outcome of a call that wrote n bytes and left some unwritten.
func (f *FD) wrote(call string, n, left int, err error) error {
	f.loop.Moved(n)
	switch err {
	case nil:
		f.out.blocked = left > 0 && f.kind == TCP
		return nil
	case unix.EAGAIN:
		f.out.blocked = true
		return nil
	case unix.EINTR:
		return nil
	default:
		return os.NewSyscallError(call, err)
	}
}
