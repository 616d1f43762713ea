package aio

import (
	"context"
	"net"
	"os"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/door"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A File is what no poller can wait for: a regular file, or anything on a
// system without a poller for it. Its reads and writes are made by a helper
// goroutine, one each at a time, while the task is suspended. Loop only.
type File struct {
	loop   *engine.Loop
	file   *os.File
	closed bool
	in     fileReads
	out    fileWrites
}

// fileSide is one direction of a File.
type fileSide struct {
	waiters  engine.Waiters
	deadline Deadline
}

// fileReads is the reading of a File. What a read brings whose task no longer
// waits is kept for the next.
type fileReads struct {
	fileSide
	running bool   // a helper reads
	unread  []byte // what it has read
	err     error  // which it got after that
}

// fileWrites is the writing.
type fileWrites struct {
	fileSide
	turn engine.Waiters // tasks that wait for the helper to be free
	busy bool           // a helper writes, or the turn is on its way to a task
}

// Most that a helper reads at once.
const mostAtOnce = 64 << 10

// NewFile makes f, which it takes over, a File of the loop.
func NewFile(l *engine.Loop, f *os.File) *File {
	x := &File{loop: l, file: f}
	x.in.deadline.Init(l, &x.in.waiters)
	x.out.deadline.Init(l, &x.out.waiters)
	return x
}

// OS returns the file.
func (f *File) OS() *os.File { return f.file }

// Read reads what there is. If its wait is cut, the helper goes on.
func (f *File) Read(ctx context.Context, p []byte) (int, error) {
	w, err := engine.Begin(ctx, "File.Read")
	if err != nil {
		return 0, err
	}
	if err := f.check(&f.in.fileSide); err != nil || len(p) == 0 {
		return 0, err
	}
	if !f.in.waiters.Empty() {
		return 0, ErrBusy
	}
	for !f.in.have() {
		f.startRead(len(p))
		if err := w.Park(&f.in.waiters, labelRead); err != nil {
			return 0, err
		}
		if err := f.check(&f.in.fileSide); err != nil {
			return 0, err
		}
	}
	return f.in.take(p)
}

// check returns why the side cannot be used.
func (f *File) check(s *fileSide) error {
	switch {
	case f.closed:
		return net.ErrClosed
	case s.deadline.passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

func (r *fileReads) have() bool { return len(r.unread) > 0 || r.err != nil }

// take hands out what a helper has read, or the error that it got.
func (r *fileReads) take(p []byte) (n int, err error) {
	if len(r.unread) == 0 {
		err, r.err = r.err, nil
		return 0, err
	}
	n = copy(p, r.unread)
	r.unread = r.unread[n:]
	return n, nil
}

func (f *File) startRead(size int) {
	if f.in.running {
		return
	}
	f.in.running = true
	f.help(func() engine.Event {
		buf := make([]byte, min(size, mostAtOnce))
		n, err := f.file.Read(buf)
		return &fileRead{f, buf[:n], err}
	})
}

// help calls fn on a goroutine and makes the event that it returns ready.
func (f *File) help(fn func() engine.Event) {
	door.CountOutside(f.loop, 1)
	go func() {
		defer door.CountOutside(f.loop, -1)
		_ = f.loop.Post(fn()) // a loop that has ended has no use for it
	}()
}

// fileRead is the event that a helper has read.
type fileRead struct {
	file *File
	got  []byte
	err  error
}

func (e *fileRead) Fire() {
	r := &e.file.in
	r.running, r.unread, r.err = false, e.got, e.err
	r.waiters.WakeAll()
}

// Write writes all of p. If its wait is cut, the helper goes on, and what
// becomes of it no one learns; the next Write waits for that.
func (f *File) Write(ctx context.Context, p []byte) (int, error) {
	w, err := engine.Begin(ctx, "File.Write")
	if err != nil {
		return 0, err
	}
	if f.out.busy {
		if err := w.Park(&f.out.turn, labelWrite); err != nil {
			return 0, err
		}
	}
	f.out.busy = true
	if err := f.check(&f.out.fileSide); err != nil {
		f.out.endTurn()
		return 0, err
	}
	written := f.startWrite(slices.Clone(p)) // the caller may use p once its wait is cut
	if err := w.Park(&f.out.waiters, labelWrite); err != nil {
		return 0, err
	}
	if !written.fired {
		return 0, f.check(&f.out.fileSide)
	}
	return written.n, written.err
}

// endTurn hands the turn on.
func (w *fileWrites) endTurn() {
	if !w.turn.Wake() {
		w.busy = false
	}
}

func (f *File) startWrite(p []byte) *fileWritten {
	e := &fileWritten{file: f}
	f.help(func() engine.Event {
		e.n, e.err = f.file.Write(p)
		return e
	})
	return e
}

// fileWritten is the event that a helper has written. Before it fires, the
// rest belongs to the helper.
type fileWritten struct {
	file  *File
	fired bool
	n     int
	err   error
}

func (e *fileWritten) Fire() {
	e.fired = true
	e.file.out.waiters.WakeAll()
	e.file.out.endTurn()
}

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (f *File) SetReadDeadline(t time.Time) error { return f.setDeadline(&f.in.fileSide, t) }

// SetWriteDeadline sets when writes do.
func (f *File) SetWriteDeadline(t time.Time) error { return f.setDeadline(&f.out.fileSide, t) }

func (f *File) setDeadline(s *fileSide, t time.Time) error {
	if f.closed {
		return net.ErrClosed
	}
	s.deadline.Set(t)
	return nil
}

// Close closes the file; whoever waits for it goes on with net.ErrClosed. A
// helper may stay in its call, where the system cannot interrupt that.
func (f *File) Close() error {
	if f.closed {
		return net.ErrClosed
	}
	f.closed = true
	for _, s := range []*fileSide{&f.in.fileSide, &f.out.fileSide} {
		s.deadline.Stop()
		s.waiters.WakeAll()
	}
	f.out.turn.WakeAll()
	return f.file.Close()
}
