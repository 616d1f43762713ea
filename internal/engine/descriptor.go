package engine

import "errors"

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

// WatchDescriptor makes the poller tell w when a descriptor is ready; see Descriptors.
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
	l.pacer.watch(1)
	return nil
}

// RewatchDescriptor changes what is asked about a descriptor that is watched.
func (l *Loop) RewatchDescriptor(fd int, about Readiness, edge bool, w Watcher) error {
	return l.poller.(Descriptors).Watch(fd, about, edge, w)
}

// UnwatchDescriptor ends what WatchDescriptor began.
func (l *Loop) UnwatchDescriptor(fd int) error {
	l.pacer.watch(-1)
	return l.poller.(Descriptors).Unwatch(fd)
}
