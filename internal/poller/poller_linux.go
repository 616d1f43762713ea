package poller

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Epoll waits with epoll, in the runtime's own poller: the epoll descriptor
// is itself one that the runtime waits for. So a loop that sleeps holds no
// thread, and to wake it is to make a goroutine ready: a microsecond, where a
// thread that sleeps in epoll_wait and is woken through an eventfd takes
// thirty. See docs/design/poller.md.
type Epoll struct {
	fd     int
	file   *os.File
	conn   syscall.RawConn
	woken  atomic.Bool
	timed  bool // the file has a deadline, be it one that Wake has set
	table  table
	always []int // descriptors that epoll refuses, for they never block
	events [512]unix.EpollEvent
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
	return &Epoll{fd: fd, file: file, conn: conn}, nil
}

// Wait tells the watchers of what is ready; if nothing is, it waits for that,
// for Wake or for the timeout.
func (p *Epoll) Wait(timeout time.Duration) (err error) {
	n := 0
	if timeout == 0 || len(p.always) > 0 {
		n, err = p.poll()
	} else {
		n, err = p.sleep(timeout)
	}
	for _, fd := range slices.Clone(p.always) { // a watcher may end its watch
		p.table.tell(fd, p.table.generation(fd), engine.Readable|engine.Writable)
	}
	for i := range p.events[:n] {
		e := &p.events[i]
		p.table.tell(int(e.Fd), e.Pad, readiness(e.Events))
	}
	return err
}

// poll asks for what is ready, without waiting and so without telling the
// scheduler of Go: it is a matter of a tenth of a microsecond.
func (p *Epoll) poll() (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("asyncio: epoll_wait: %w", errno)
	}
	return int(n), nil
}

// sleep waits until something is ready, for Wake or for the timeout.
func (p *Epoll) sleep(timeout time.Duration) (n int, err error) {
	if timeout >= 0 || p.timed {
		if err := p.setDeadline(timeout); err != nil {
			return 0, err
		}
	}
	// A Wake before the deadline was set has left its mark; one after it
	// moves the deadline into the past.
	if p.woken.Swap(false) {
		p.timed = true
		return 0, nil
	}
	var polled error
	err = p.conn.Read(func(uintptr) bool {
		n, polled = p.poll()
		return n > 0 || polled != nil
	})
	if p.woken.Swap(false) {
		p.timed = true
	}
	switch {
	case polled != nil:
		return 0, polled
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.timed = true
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("asyncio: epoll: %w", err)
	}
	return n, nil
}

func (p *Epoll) setDeadline(timeout time.Duration) error {
	deadline := time.Time{}
	if p.timed = timeout >= 0; p.timed {
		deadline = time.Now().Add(roundUp(timeout))
	}
	if err := p.file.SetReadDeadline(deadline); err != nil {
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

// Watch makes an Epoll an engine.Descriptors.
func (p *Epoll) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	before, err := p.table.mayWatch(fd, w)
	if err != nil {
		return err
	}
	op := unix.EPOLL_CTL_ADD
	if before {
		op = unix.EPOLL_CTL_MOD
	} else {
		p.table.add(fd, w)
	}
	e := unix.EpollEvent{Events: interest(about, edge), Fd: int32(fd), Pad: p.table.generation(fd)}
	err = unix.EpollCtl(p.fd, op, fd, &e)
	switch {
	case err == nil:
		return nil
	case before:
		return fmt.Errorf("asyncio: epoll_ctl: %w", err)
	case err == unix.EPERM: // a regular file, which is always ready
		p.always = append(p.always, fd)
		return nil
	default:
		p.table.remove(fd)
		return fmt.Errorf("asyncio: epoll_ctl: %w", err)
	}
}

// Unwatch makes an Epoll an engine.Descriptors.
func (p *Epoll) Unwatch(fd int) error {
	p.table.remove(fd)
	if i := slices.Index(p.always, fd); i >= 0 {
		p.always = slices.Delete(p.always, i, i+1)
		return nil
	}
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, fd, nil); err != nil {
		return fmt.Errorf("asyncio: epoll_ctl: %w", err)
	}
	return nil
}

func interest(about engine.Readiness, edge bool) (events uint32) {
	if about&engine.Readable != 0 {
		events |= unix.EPOLLIN
	}
	if about&engine.Writable != 0 {
		events |= unix.EPOLLOUT
	}
	if edge {
		events |= unix.EPOLLET | unix.EPOLLRDHUP | unix.EPOLLPRI
	}
	return events
}

func readiness(events uint32) (r engine.Readiness) {
	if events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLPRI|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		r |= engine.Readable
	}
	if events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		r |= engine.Writable
	}
	if events&(unix.EPOLLRDHUP|unix.EPOLLPRI|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		r |= engine.Hangup
	}
	return r
}

// Close tells the watchers that are left, and closes the descriptor.
func (p *Epoll) Close() error {
	p.table.close()
	return p.file.Close()
}
