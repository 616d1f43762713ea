package poller

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// An Epoll waits with epoll and is woken through an eventfd.
type Epoll struct {
	epoll, event int
	ready        [8]unix.EpollEvent
}

// New returns the poller of this system.
func New() (*Epoll, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("asyncio: epoll_create: %w", err)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("asyncio: eventfd: %w", err)
	}
	p := &Epoll{epoll: epoll, event: event}
	wake := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(event)}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, event, &wake); err != nil {
		p.Close()
		return nil, fmt.Errorf("asyncio: epoll_ctl: %w", err)
	}
	return p, nil
}

// Wait waits for Wake or the timeout.
func (p *Epoll) Wait(timeout time.Duration) error {
	ms := -1
	if timeout >= 0 {
		ms = int(roundUp(timeout) / granularity)
	}
	n, err := unix.EpollWait(p.epoll, p.ready[:], ms)
	switch {
	case errors.Is(err, unix.EINTR):
		return nil
	case err != nil:
		return fmt.Errorf("asyncio: epoll_wait: %w", err)
	case n > 0:
		var count [8]byte
		unix.Read(p.event, count[:]) // takes the wake-ups; EAGAIN means that they are taken
	}
	return nil
}

// Wake ends the current or the next Wait.
func (p *Epoll) Wake() error {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, err := unix.Write(p.event, one[:])
	if err != nil && !errors.Is(err, unix.EAGAIN) { // full: it is awake
		return fmt.Errorf("asyncio: waking the loop: %w", err)
	}
	return nil
}

// Close closes the descriptors.
func (p *Epoll) Close() error {
	return errors.Join(unix.Close(p.event), unix.Close(p.epoll))
}
