package virtual

import (
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
)

// descriptors are the descriptors that the loop waits for. They belong to the real
// world and take real time, so the clock stands still for them, as it does for work on
// other goroutines.
type descriptors struct {
	real  atomic.Pointer[realPoller] // made when it is first needed
	heard bool                       // a watcher was told something
}

type realPoller struct{ engine.Descriptors }

// minDescriptorPatience is the least time for which the clock stands still for
// descriptors, even in a world without patience. It is short, because what one socket of
// a program sends to another arrives almost at once.
const minDescriptorPatience = 5 * time.Millisecond

// Watch makes a World an engine.Descriptors.
func (w *World) Watch(fd int, about engine.Readiness, edge bool, who engine.Watcher) error {
	if w.Socket != nil && poller.IsSocket(fd) {
		w.Socket()
	}
	if w.descriptors.real.Load() == nil {
		p, err := poller.New()
		if err != nil {
			return err
		}
		d, ok := any(p).(engine.Descriptors)
		if !ok {
			return engine.ErrNoDescriptors
		}
		w.descriptors.real.Store(&realPoller{d})
	}
	return w.descriptors.real.Load().Watch(fd, about, edge, notedWatcher{&w.descriptors, who})
}

// Unwatch makes a World an engine.Descriptors.
func (w *World) Unwatch(fd int) error { return w.descriptors.real.Load().Unwatch(fd) }

// A notedWatcher is a Watcher that notes when it is told something.
type notedWatcher struct {
	of *descriptors
	engine.Watcher
}

func (w notedWatcher) Ready(r engine.Readiness) {
	w.of.heard = true
	w.Watcher.Ready(r)
}

// used reports whether the loop has ever waited for a descriptor.
func (d *descriptors) used() bool { return d.real.Load() != nil }

// wait waits for a descriptor or a wake-up, and reports whether a watcher was told
// something.
func (d *descriptors) wait(timeout time.Duration) (heard bool, err error) {
	d.heard = false
	err = d.real.Load().Wait(timeout)
	return d.heard, err
}

func (d *descriptors) wake() error {
	if p := d.real.Load(); p != nil {
		return p.Wake()
	}
	return nil
}

func (d *descriptors) close() error {
	if p := d.real.Swap(nil); p != nil {
		return p.Close()
	}
	return nil
}
