//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Kqueue waits with kqueue, on a thread of its own while it sleeps: not all
// of these systems let the runtime's poller wait for a kqueue. A pipe wakes it.
type Kqueue struct {
	fd     int
	pipe   [2]int
	woken  atomic.Bool // something is in the pipe
	table  table
	about  map[int]engine.Readiness // of the descriptors watched
	events [512]unix.Kevent_t
}

// New returns the poller of this system.
func New() (*Kqueue, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("asyncio: kqueue: %w", err)
	}
	unix.CloseOnExec(fd)
	p := &Kqueue{fd: fd, pipe: [2]int{-1, -1}, about: map[int]engine.Readiness{}}
	if err := p.openPipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("asyncio: kqueue: %w", err), p.Close())
	}
	return p, nil
}

func (p *Kqueue) openPipe() error {
	if err := unix.Pipe(p.pipe[:]); err != nil {
		return err
	}
	for _, fd := range p.pipe {
		unix.CloseOnExec(fd)
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return p.change(p.pipe[0], unix.EVFILT_READ, unix.EV_ADD)
}

// Wait tells the watchers of what is ready; if nothing is, it waits for that,
// for Wake or for the timeout.
func (p *Kqueue) Wait(timeout time.Duration) error {
	n, err := p.kevent(timeout)
	last := p.table.last // what is watched from now on has not been reported
	for i := range p.events[:n] {
		e := &p.events[i]
		fd := int(e.Ident)
		if fd == p.pipe[0] {
			p.emptyPipe()
			continue
		}
		if g := p.table.generation(fd); g-last <= 0 {
			p.table.tell(fd, g, readiness(e))
		}
	}
	return err
}

func (p *Kqueue) kevent(timeout time.Duration) (int, error) {
	var limit *unix.Timespec
	if timeout >= 0 {
		t := unix.NsecToTimespec(int64(roundUp(timeout)))
		limit = &t
	}
	n, err := unix.Kevent(p.fd, nil, p.events[:], limit)
	switch err {
	case nil:
		return n, nil
	case unix.EINTR: // the loop asks again
		return 0, nil
	default:
		return 0, fmt.Errorf("asyncio: kevent: %w", err)
	}
}

// emptyPipe takes the mark of Wake back before it looks for more of them: one
// that comes in between writes again.
func (p *Kqueue) emptyPipe() {
	p.woken.Store(false)
	var buf [16]byte
	for n := len(buf); n == len(buf); {
		n, _ = unix.Read(p.pipe[0], buf[:])
	}
}

// Wake ends the current or the next Wait.
func (p *Kqueue) Wake() error {
	if p.woken.Swap(true) {
		return nil
	}
	if _, err := unix.Write(p.pipe[1], []byte{0}); err != nil && err != unix.EAGAIN {
		return fmt.Errorf("asyncio: waking the loop: %w", err)
	}
	return nil
}

// Watch makes a Kqueue an engine.Descriptors.
func (p *Kqueue) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	before, err := p.table.mayWatch(fd, w)
	if err != nil {
		return err
	}
	if !before {
		p.table.add(fd, w)
	}
	flags := unix.EV_ADD
	if edge {
		flags |= unix.EV_CLEAR
	}
	err = errors.Join(
		p.ask(fd, engine.Readable, about, unix.EVFILT_READ, flags),
		p.ask(fd, engine.Writable, about, unix.EVFILT_WRITE, flags),
	)
	if err != nil && !before {
		return errors.Join(err, p.Unwatch(fd))
	}
	return err
}

// ask adds or deletes the filter for one direction, if that changes something.
func (p *Kqueue) ask(fd int, direction, about engine.Readiness, filter, flags int) error {
	switch was := p.about[fd] & direction; about & direction {
	case was:
		return nil
	case 0:
		flags = unix.EV_DELETE
	}
	if err := p.change(fd, filter, flags); err != nil {
		return fmt.Errorf("asyncio: kevent: %w", err)
	}
	p.about[fd] ^= direction
	return nil
}

func (p *Kqueue) change(fd, filter, flags int) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], fd, filter, flags)
	_, err := unix.Kevent(p.fd, change[:], nil, nil)
	return err
}

// Unwatch makes a Kqueue an engine.Descriptors.
func (p *Kqueue) Unwatch(fd int) error {
	err := errors.Join(
		p.ask(fd, engine.Readable, 0, unix.EVFILT_READ, 0),
		p.ask(fd, engine.Writable, 0, unix.EVFILT_WRITE, 0),
	)
	delete(p.about, fd)
	p.table.remove(fd)
	return err
}

func readiness(e *unix.Kevent_t) (r engine.Readiness) {
	switch int(e.Filter) {
	case unix.EVFILT_READ:
		r = engine.Readable
	case unix.EVFILT_WRITE:
		r = engine.Writable
	}
	if int(e.Flags)&(unix.EV_EOF|unix.EV_ERROR) != 0 {
		r |= engine.Hangup
	}
	return r
}

// Close tells the watchers that are left, and closes the descriptors.
func (p *Kqueue) Close() (err error) {
	p.table.close()
	for _, fd := range []int{p.fd, p.pipe[0], p.pipe[1]} {
		if fd >= 0 {
			err = errors.Join(err, unix.Close(fd))
		}
	}
	return err
}
