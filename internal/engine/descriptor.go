package engine

import (
	"errors"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Readiness says what a descriptor is ready for, or asked about.
type Readiness uint8

const (
	// Readable: a read would not wait.
	Readable Readiness = 1 << iota
	// Writable: a write would not wait.
	Writable
	// Hangup is never asked about. It says that the other side has closed, or
	// that there is an error or something out of order. From then on, a read
	// that gets less than it asked for does not mean that there is no more.
	Hangup
)

// A Watcher is told what its descriptor is ready for.
type Watcher interface {
	// Ready is called on the loop, on any stack, so it must not run code of
	// the user.
	Ready(Readiness)
	// LoopClosed is called once if the loop ends before the watch does.
	LoopClosed()
}

// Descriptors is a Poller that can also wait for descriptors. Its methods are
// for the loop only. Wait calls the watchers of what is ready.
type Descriptors interface {
	Poller
	// Watch asks about a descriptor, in place of what its watcher asked
	// before. With edge, Ready is called when the descriptor becomes ready;
	// without, in every Wait while it is.
	Watch(fd int, about Readiness, edge bool, w Watcher) error
	// Unwatch ends that, before the descriptor is closed.
	Unwatch(fd int) error
}

// ErrNoDescriptors is returned where the poller is not a Descriptors.
var ErrNoDescriptors = errors.New("asyncio: this loop cannot wait for descriptors on this system: wait for them in ToThread")

// WatchesDescriptors reports whether the loop can wait for descriptors.
func (l *Loop) WatchesDescriptors() bool {
	_, ok := l.poller.(Descriptors)
	return ok
}

// WatchDescriptor lets the poller tell w about a descriptor; see Descriptors.
func (l *Loop) WatchDescriptor(fd int, about Readiness, edge bool, w Watcher) error {
	d, ok := l.poller.(Descriptors)
	switch {
	case l.Closed():
		return ErrLoopClosed
	case !ok:
		return ErrNoDescriptors
	}
	if err := d.Watch(fd, about, edge, w); err != nil {
		return err
	}
	l.pacer.watched++
	return nil
}

// RewatchDescriptor changes what is asked about a descriptor that is watched.
func (l *Loop) RewatchDescriptor(fd int, about Readiness, edge bool, w Watcher) error {
	return l.poller.(Descriptors).Watch(fd, about, edge, w)
}

// UnwatchDescriptor ends what WatchDescriptor began.
func (l *Loop) UnwatchDescriptor(fd int) error {
	l.pacer.watched--
	return l.poller.(Descriptors).Unwatch(fd)
}

// A pollPacer decides in which passes a loop that does not sleep polls its
// descriptors, and lets other goroutines run where they have no thread of their
// own. A poll is a system call, and most passes are shorter than that; to ask the
// clock in every pass would be dear as well. So the pacer asks it only when it
// polls, and doubles or halves the number of passes between two polls such that
// they are about pollInterval apart.
type pollPacer struct {
	watched int           // how many descriptors are watched
	left    int           // how many passes there are until the next poll
	between int           // how many passes there are between two polls
	last    time.Duration // when the last poll was
}

const (
	// pollInterval is the time between two polls that the pacer aims at.
	pollInterval = 20 * time.Microsecond
	// maxPollPasses bounds how many passes go by between two polls, however short
	// they are.
	maxPollPasses = 63
)

// wanted reports whether the loop has to poll at all.
func (p *pollPacer) wanted() bool { return coro.OneThread || p.watched > 0 }

// imminent reports whether the next pass polls.
func (p *pollPacer) imminent() bool { return p.wanted() && p.left == 0 }

// due reports whether the pass that begins is one that polls.
func (p *pollPacer) due(c Clock) bool {
	if p.left > 0 {
		p.left--
		return false
	}
	now := c.Now()
	switch since := now - p.last; {
	case since > pollInterval:
		p.between /= 2
	case since < pollInterval/2:
		p.between = min(2*p.between+1, maxPollPasses)
	}
	p.last, p.left = now, p.between
	return true
}

// slept notes that the loop has just polled, by sleeping.
func (p *pollPacer) slept() { p.left = max(p.between, 1) }
