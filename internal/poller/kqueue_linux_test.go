package poller

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

func init() {
	pollers["kqueue, imitated"] = func() (poller, error) { return newImitation() }
}

func newImitation() (*Kqueue, error) {
	q := new(imitation)
	for i := range q.epolls {
		fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			return nil, err
		}
		q.epolls[i] = fd
	}
	return newKqueue(q)
}

// An imitation is a kernelQueue for systems that have none: an epoll for each
// kind of filter. As with kqueue, what is closed is gone, and a filter that is
// set anew tells anew.
type imitation struct {
	epolls [2]int // for reading, for writing
	events []imitatedEvent
}

type imitatedEvent struct {
	fd int
	r  engine.Readiness
}

func (q *imitation) filter(direction engine.Readiness) (epoll int, events uint32) {
	if direction == engine.Readable {
		return q.epolls[0], unix.EPOLLIN | unix.EPOLLRDHUP
	}
	return q.epolls[1], unix.EPOLLOUT
}

func (q *imitation) add(fd int, direction engine.Readiness, edge bool) error {
	if direction == engine.Writable && noOneReads(fd) {
		return unix.EPIPE
	}
	epoll, events := q.filter(direction)
	if edge {
		events |= unix.EPOLLET
	}
	e := &unix.EpollEvent{Events: events, Fd: int32(fd)}
	err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, e)
	if err == unix.EEXIST {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_MOD, fd, e)
	}
	return err
}

// noOneReads reports whether fd is the end of a pipe whose other end is closed.
func noOneReads(fd int) bool {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(p, 0)
	return n == 1 && err == nil && p[0].Revents&unix.POLLERR != 0
}

func (q *imitation) remove(fd int, direction engine.Readiness) error {
	epoll, _ := q.filter(direction)
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_DEL, fd, nil); err != unix.EPERM {
		return err
	}
	return unix.ENOENT // kqueue takes files, and so has never refused one
}

func (q *imitation) wait(timeout time.Duration) (int, error) {
	if err := q.poll(timeout); err != nil {
		return 0, err
	}
	q.events = q.events[:0]
	for i, r := range []engine.Readiness{engine.Readable, engine.Writable} {
		if err := q.take(q.epolls[i], r); err != nil {
			return 0, err
		}
	}
	return len(q.events), nil
}

// poll waits until one of the epolls has events. A signal of the runtime must not end it
// before the timeout: tests look how long a wait lasts.
func (q *imitation) poll(timeout time.Duration) error {
	both := []unix.PollFd{{Fd: int32(q.epolls[0]), Events: unix.POLLIN}, {Fd: int32(q.epolls[1]), Events: unix.POLLIN}}
	end := time.Now().Add(timeout)
	for left := timeout; ; left = max(time.Until(end), 0) {
		millis := -1
		if timeout >= 0 {
			millis = int(roundUp(left) / time.Millisecond)
		}
		if _, err := unix.Poll(both, millis); err != unix.EINTR {
			return err
		}
	}
}

func (q *imitation) take(epoll int, r engine.Readiness) error {
	var events [64]unix.EpollEvent
	n, err := unix.EpollWait(epoll, events[:], 0)
	if err != nil && err != unix.EINTR {
		return err
	}
	for _, e := range events[:max(n, 0)] {
		is := imitatedEvent{int(e.Fd), r}
		if e.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			is.r |= engine.Hangup
		}
		q.events = append(q.events, is)
	}
	return nil
}

func (q *imitation) event(i int) (int, engine.Readiness) { return q.events[i].fd, q.events[i].r }

func (q *imitation) close() error {
	for _, fd := range q.epolls {
		_ = unix.Close(fd)
	}
	return nil
}

func TestKqueueIsWokenAgainWhileItHearsThatItWas(t *testing.T) {
	p, err := newImitation()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var stop atomic.Bool
	var waker sync.WaitGroup
	waker.Go(func() { // at every moment of a Wait
		for !stop.Load() {
			mustWake(t, p)
		}
	})
	for range 20_000 {
		mustWait(t, p, 0)
	}
	stop.Store(true)
	waker.Wait()
	mustWait(t, p, 0)
	mustWake(t, p)
	begin := time.Now()
	mustWait(t, p, time.Minute)
	if time.Since(begin) >= time.Minute {
		t.Error("a Wake was lost")
	}
}
