//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

type system = Kqueue

func newSystem() (*Kqueue, error) {
	fd, err := unix.Kqueue() // child processes do not inherit it
	if err != nil {
		return nil, fmt.Errorf("asyncio: kqueue: %w", err)
	}
	return newKqueue(&kevents{fd: fd})
}

// kevents is the kernelQueue of the system.
type kevents struct {
	fd     int
	events [512]unix.Kevent_t
}

func (q *kevents) add(fd int, direction engine.Readiness, edge bool) error {
	flags := unix.EV_ADD
	if edge {
		flags |= unix.EV_CLEAR
	}
	return q.change(fd, direction, flags)
}

func (q *kevents) remove(fd int, direction engine.Readiness) error {
	return q.change(fd, direction, unix.EV_DELETE)
}

// change makes one change and takes no events, so that an error is about the change.
// If the error is EINTR, the change was made.
func (q *kevents) change(fd int, direction engine.Readiness, flags int) error {
	filter := unix.EVFILT_READ
	if direction == engine.Writable {
		filter = unix.EVFILT_WRITE
	}
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], fd, filter, flags)
	if _, err := unix.Kevent(q.fd, change[:], nil, nil); err != unix.EINTR {
		return err
	}
	return nil
}

func (q *kevents) wait(timeout time.Duration) (int, error) {
	var limit *unix.Timespec
	if timeout >= 0 {
		t := unix.NsecToTimespec(int64(roundUp(timeout)))
		limit = &t
	}
	n, err := unix.Kevent(q.fd, nil, q.events[:], limit)
	switch err {
	case nil:
		return n, nil
	case unix.EINTR: // the loop asks again
		return 0, nil
	default:
		return 0, err
	}
}

func (q *kevents) event(i int) (fd int, r engine.Readiness) {
	e := &q.events[i]
	switch int(e.Filter) {
	case unix.EVFILT_READ:
		r = engine.Readable
	case unix.EVFILT_WRITE:
		r = engine.Writable
	}
	if int(e.Flags)&unix.EV_EOF != 0 {
		r |= engine.Hangup
	}
	return int(e.Ident), r
}

func (q *kevents) close() error { return unix.Close(q.fd) }
