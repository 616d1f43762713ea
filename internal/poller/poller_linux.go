package poller

import (
	"errors"
	"fmt"
	"os"
	"runtime"
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
	asleep atomic.Bool // Wake has to set a deadline; otherwise it only sets woken
	timed  bool        // the file has a deadline, be it one that Wake has set
	table  table
	spins  spinner
	ready  int                                                         // how many of the events poll has set
	failed error                                                       // the error of poll, when look has called it
	look   func(fd uintptr) bool                                       // what conn.Read calls; it is made once, to save memory
	ask    func(fd int, events []unix.EpollEvent) (int, syscall.Errno) // epollWait, but in tests
	events [512]unix.EpollEvent
}

type system = Epoll

func newSystem() (*Epoll, error) {
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
	p := &Epoll{fd: fd, file: file, conn: conn, ask: epollWait}
	p.look = func(uintptr) bool {
		p.ready, p.failed = p.poll()
		return p.ready > 0 || p.failed != nil
	}
	return p, nil
}

// Wait tells the watchers of what is ready; if nothing is, it waits for that,
// for Wake or for the timeout.
func (p *Epoll) Wait(timeout time.Duration) (err error) {
	n := 0
	if timeout != 0 && len(p.table.always) == 0 {
		n, err = p.sleep(timeout)
	}
	// If Wake or the timeout ended the sleep, it may not have polled at all: a goroutine
	// that wakes the loop all the time must not keep it from its descriptors.
	if n == 0 && err == nil && p.table.count > 0 {
		n, err = p.poll()
	}
	p.table.tellAlways(engine.Readable | engine.Writable)
	for i := range p.events[:n] {
		e := &p.events[i]
		p.table.tell(int(e.Fd), e.Pad, readiness(e.Events))
	}
	return err
}

// poll asks for what is ready, and asks again if a signal interrupts it: the runtime's
// poller has reported it and will not do so a second time.
func (p *Epoll) poll() (int, error) {
	for {
		switch n, errno := p.ask(p.fd, p.events[:]); errno {
		case 0:
			return n, nil
		case unix.EINTR:
		default:
			return 0, fmt.Errorf("asyncio: epoll_wait: %w", errno)
		}
	}
}

// epollWait does not wait, so it need not tell Go's scheduler of the system call, which
// takes a tenth of a microsecond.
func epollWait(fd int, events []unix.EpollEvent) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd),
		uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return int(n), errno
}

// sleep waits until something is ready, for Wake or for the timeout.
func (p *Epoll) sleep(timeout time.Duration) (int, error) {
	if p.spins.worth() {
		n, err := p.spin()
		if n > 0 || err != nil || p.isWoken() {
			return n, err
		}
	}
	if timeout >= 0 || p.timed {
		if err := p.setDeadline(timeout); err != nil {
			return 0, err
		}
	}
	p.asleep.Store(true)
	defer p.asleep.Store(false)
	// A Wake before this point has set woken; a later one moves the deadline into the
	// past.
	if p.isWoken() {
		return 0, nil
	}
	err := p.conn.Read(p.look)
	p.isWoken()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.timed = true
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("asyncio: epoll: %w", err)
	}
	return p.ready, p.failed
}

// spin polls again and again for a moment, until something is ready or Wake is called.
// The moment is counted in polls, because asking the clock takes a third of a poll.
func (p *Epoll) spin() (n int, err error) {
	runtime.Gosched() // a goroutine that can run now may be what the loop waits for
	for i := 0; i < pollsPerSpin && n == 0 && err == nil && !p.woken.Load(); i++ {
		n, err = p.poll()
	}
	p.spins.learn(n > 0 || p.woken.Load())
	return n, err
}

// isWoken reports whether Wake was called since isWoken was called last.
func (p *Epoll) isWoken() bool {
	woken := p.woken.Swap(false)
	p.timed = p.timed || woken // Wake may have set a deadline
	return woken
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
	if !p.asleep.Load() {
		return nil
	}
	return p.file.SetReadDeadline(longAgo)
}

// Watch makes an Epoll an engine.Descriptors.
func (p *Epoll) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	before, err := p.table.mayWatch(fd, w)
	if err != nil {
		return err
	}
	e := unix.EpollEvent{Events: interest(about, edge), Fd: int32(fd), Pad: p.table.next()}
	if before {
		e.Pad = p.table.generation(fd)
		err = unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, fd, &e)
	}
	if !before || err == unix.ENOENT { // ENOENT: it was closed, and another descriptor has its number now
		err = unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &e)
	}
	always := err == unix.EPERM // a regular file
	if err != nil && !always {
		return fmt.Errorf("asyncio: epoll_ctl: %w", err)
	}
	if !before {
		p.table.add(fd, edge, w)
	}
	p.table.setAlways(fd, always)
	return nil
}

// Unwatch makes an Epoll an engine.Descriptors.
func (p *Epoll) Unwatch(fd int) error {
	p.table.remove(fd)
	err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, fd, nil)
	if err != nil && err != unix.EPERM { // EPERM: epoll never had it
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

// Close tells the remaining watchers, and closes the descriptor.
func (p *Epoll) Close() error {
	p.table.close()
	return p.file.Close()
}
