//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Kqueue waits with kqueue, on a thread of its own while it sleeps: not all
// of these systems let the runtime's poller wait for a kqueue. A pipe wakes it.
//
// It is compiled on Linux as well, where its tests replace the system's queue with
// another one.
type Kqueue struct {
	queue kernelQueue
	pipe  [2]int
	woken atomic.Bool // something is in the pipe, or about to be
	table table
}

// A kernelQueue is what a Kqueue needs of the system. Each descriptor has a filter for
// each of the two directions. When a descriptor is closed, its filters are gone.
type kernelQueue interface {
	// add sets a filter, or sets it anew. EPIPE says that no one is left at
	// the other end of a pipe.
	add(fd int, direction engine.Readiness, edge bool) error
	// remove ends a filter; ENOENT says that there is none.
	remove(fd int, direction engine.Readiness) error
	// wait waits for events, and returns their number. It may return early.
	wait(timeout time.Duration) (int, error)
	// event returns one of those.
	event(i int) (fd int, r engine.Readiness)
	close() error
}

func newKqueue(queue kernelQueue) (*Kqueue, error) {
	p := &Kqueue{queue: queue, pipe: [2]int{-1, -1}}
	if err := p.openPipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("asyncio: kqueue: %w", err), p.Close())
	}
	return p, nil
}

func (p *Kqueue) openPipe() error {
	syscall.ForkLock.RLock() // a child that is started now must not inherit it
	err := unix.Pipe(p.pipe[:])
	if err == nil {
		unix.CloseOnExec(p.pipe[0])
		unix.CloseOnExec(p.pipe[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return err
	}
	for _, fd := range p.pipe {
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return p.queue.add(p.pipe[0], engine.Readable, false)
}

// Wait tells the watchers of what is ready; if nothing is, it waits for that,
// for Wake or for the timeout.
func (p *Kqueue) Wait(timeout time.Duration) error {
	if len(p.table.always) > 0 {
		timeout = 0
	}
	n, err := p.queue.wait(timeout)
	last := p.table.last // what is watched from now on has not been reported
	p.table.tellAlways(engine.Readable | engine.Writable | engine.Hangup)
	for i := range n {
		fd, r := p.queue.event(i)
		if fd == p.pipe[0] {
			p.emptyPipe()
			continue
		}
		if g := p.table.generation(fd); g-last <= 0 {
			p.table.tell(fd, g, r)
		}
	}
	if err != nil {
		return fmt.Errorf("asyncio: kevent: %w", err)
	}
	return nil
}

// emptyPipe reads what Wake has put into the pipe, and resets woken only after that: a
// Wake in between need not do anything, because this Wait returns anyway.
func (p *Kqueue) emptyPipe() {
	var buf [1]byte
	_, _ = unix.Read(p.pipe[0], buf[:])
	p.woken.Store(false)
}

// Wake ends the current or the next Wait.
func (p *Kqueue) Wake() error {
	if p.woken.Swap(true) {
		return nil
	}
	for {
		switch _, err := unix.Write(p.pipe[1], []byte{0}); err {
		case nil, unix.EAGAIN: // a full pipe wakes as well
			return nil
		case unix.EINTR:
		default:
			p.woken.Store(false)
			return fmt.Errorf("asyncio: waking the loop: %w", err)
		}
	}
}

// Watch makes a Kqueue an engine.Descriptors. It keeps no list of the filters: after a
// descriptor was closed and opened anew, the list would be wrong.
func (p *Kqueue) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	before, err := p.table.mayWatch(fd, w)
	if err != nil {
		return err
	}
	always := !edge && isFile(fd)
	for _, direction := range []engine.Readiness{engine.Readable, engine.Writable} {
		switch {
		case about&direction != 0 && !always:
			err = p.queue.add(fd, direction, edge)
		case before:
			err = p.removeFilter(fd, direction)
		}
		if err == unix.EPIPE {
			always, err = true, nil
		}
		if err != nil {
			return p.refuse(fd, before, err)
		}
	}
	if !before {
		p.table.add(fd, edge, w)
	}
	p.table.setAlways(fd, always)
	return nil
}

// refuse takes back what Watch has begun.
func (p *Kqueue) refuse(fd int, before bool, err error) error {
	if !before {
		_ = p.removeFilters(fd)
	}
	return fmt.Errorf("asyncio: kevent: %w", err)
}

// Unwatch makes a Kqueue an engine.Descriptors.
func (p *Kqueue) Unwatch(fd int) error {
	p.table.remove(fd)
	if err := p.removeFilters(fd); err != nil {
		return fmt.Errorf("asyncio: kevent: %w", err)
	}
	return nil
}

func (p *Kqueue) removeFilters(fd int) error {
	return errors.Join(p.removeFilter(fd, engine.Readable), p.removeFilter(fd, engine.Writable))
}

func (p *Kqueue) removeFilter(fd int, direction engine.Readiness) error {
	if err := p.queue.remove(fd, direction); err != unix.ENOENT {
		return err
	}
	return nil
}

// isFile reports whether fd is a file or directory. At the end of a file kqueue no
// longer says that it can be read, although a read there does not wait either.
func isFile(fd int) bool {
	var s unix.Stat_t
	if unix.Fstat(fd, &s) != nil {
		return false
	}
	kind := s.Mode & unix.S_IFMT
	return kind == unix.S_IFREG || kind == unix.S_IFDIR
}

// Close tells the remaining watchers, and closes the descriptors.
func (p *Kqueue) Close() error {
	p.table.close()
	err := p.queue.close()
	for _, fd := range p.pipe {
		if fd >= 0 {
			err = errors.Join(err, unix.Close(fd))
		}
	}
	return err
}
