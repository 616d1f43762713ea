package poller

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An Epoll waits with epoll, in the runtime's own poller: the epoll descriptor
// is itself one that the runtime waits for. So a loop that sleeps holds no
// thread, and to wake it is to make a goroutine ready: a microsecond, where a
// thread that sleeps in epoll_wait and is woken through an eventfd takes
// thirty. See docs/design/poller.md.
type Epoll struct {
	file   *os.File
	conn   syscall.RawConn
	woken  atomic.Bool
	events [8]unix.EpollEvent
}

// New returns the poller of this system.
func New() (*Epoll, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("asyncio: epoll_create: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // so that os hands it to the runtime's poller
		unix.Close(fd)
		return nil, fmt.Errorf("asyncio: epoll: %w", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	if err := file.SetReadDeadline(time.Time{}); err != nil { // the runtime does not poll it
		return nil, errors.Join(fmt.Errorf("asyncio: epoll: %w", err), file.Close())
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("asyncio: epoll: %w", err), file.Close())
	}
	return &Epoll{file: file, conn: conn}, nil
}

// Wait waits for Wake or the timeout.
func (p *Epoll) Wait(timeout time.Duration) error {
	deadline := time.Time{}
	if timeout >= 0 {
		deadline = time.Now().Add(roundUp(timeout))
	}
	if err := p.file.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("asyncio: epoll: %w", err)
	}
	// A Wake before the deadline was set has left its mark; one after it
	// moves the deadline into the past.
	if p.woken.Swap(false) {
		return nil
	}
	var polled error
	err := p.conn.Read(func(fd uintptr) bool {
		n, err := unix.EpollWait(int(fd), p.events[:], 0) // does not wait, so it is not interrupted
		polled = err
		return n > 0 || err != nil
	})
	p.woken.Store(false)
	switch {
	case polled != nil:
		return fmt.Errorf("asyncio: epoll_wait: %w", polled)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case err != nil:
		return fmt.Errorf("asyncio: epoll: %w", err)
	}
	return nil
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// Wake ends the current or the next Wait.
func (p *Epoll) Wake() error {
	p.woken.Store(true)
	return p.file.SetReadDeadline(longAgo)
}

// Close closes the descriptor.
func (p *Epoll) Close() error { return p.file.Close() }
