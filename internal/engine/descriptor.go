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
	// Hangup is never asked about: the other side has closed, or there is
	// an error or something out of order. From here on, that a read got less
	// than it asked for does not mean that there is no more.
	Hangup
)

// A Watcher hears what its descriptor is ready for.
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

// WatchDescriptor lets w hear of a descriptor; see Descriptors.
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
	l.looks.watched++
	return nil
}

// RewatchDescriptor changes what is asked about a descriptor that is watched.
func (l *Loop) RewatchDescriptor(fd int, about Readiness, edge bool, w Watcher) error {
	return l.poller.(Descriptors).Watch(fd, about, edge, w)
}

// UnwatchDescriptor ends what WatchDescriptor began.
func (l *Loop) UnwatchDescriptor(fd int) error {
	l.looks.watched--
	return l.poller.(Descriptors).Unwatch(fd)
}

// looks decides in which passes a loop that does not sleep looks at its
// descriptors, and lets other goroutines run where they have no thread of their
// own. A look is a system call, and most passes are shorter; so is asking the
// clock in every pass. So only the looks ask it, and the number of passes
// between two of them is doubled or halved such that they are about lookEvery
// apart.
type looks struct {
	watched int           // descriptors
	left    int           // passes until the next
	between int           // passes between two
	last    time.Duration // when the last was
}

const (
	lookEvery   = 20 * time.Microsecond
	mostBetween = 63 // passes
)

// wanted reports whether the loop has to look at all.
func (k *looks) wanted() bool { return coro.OneThread || k.watched > 0 }

// imminent reports whether the next pass looks.
func (k *looks) imminent() bool { return k.wanted() && k.left == 0 }

// due reports whether the pass that begins is one that looks.
func (k *looks) due(c Clock) bool {
	if k.left > 0 {
		k.left--
		return false
	}
	now := c.Now()
	switch since := now - k.last; {
	case since > lookEvery:
		k.between /= 2
	case since < lookEvery/2:
		k.between = min(2*k.between+1, mostBetween)
	}
	k.last, k.left = now, k.between
	return true
}

// slept notes that the loop has just looked, by sleeping.
func (k *looks) slept() { k.left = max(k.between, 1) }
