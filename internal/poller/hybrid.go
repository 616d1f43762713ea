//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Hybrid waits with the system's own poller while there is a descriptor to wait
// for, and as a Portable does while there is none. A Portable needs no system call,
// and a wake-up takes a third of the time.
type Hybrid struct {
	*Portable
	system *system
	inUse  atomic.Pointer[system] // nil: no descriptor is watched
}

// New returns the poller of this system.
func New() (*Hybrid, error) {
	s, err := newSystem()
	if err != nil {
		return nil, err
	}
	return &Hybrid{Portable: NewPortable(), system: s}, nil
}

// Wait tells the watchers of what is ready; if nothing is, it waits for that,
// for Wake or for the timeout.
func (p *Hybrid) Wait(timeout time.Duration) error {
	if s := p.inUse.Load(); s != nil {
		return s.Wait(timeout)
	}
	return p.Portable.Wait(timeout)
}

// Wake ends the current Wait, or the next one, unless a watch begins or ends before
// that. That is enough for a loop, which looks into its inbox before it waits.
func (p *Hybrid) Wake() error {
	if s := p.inUse.Load(); s != nil {
		return s.Wake()
	}
	return p.Portable.Wake()
}

// Watch makes a Hybrid an engine.Descriptors.
func (p *Hybrid) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	defer p.choose()
	return p.system.Watch(fd, about, edge, w)
}

// Unwatch makes a Hybrid an engine.Descriptors.
func (p *Hybrid) Unwatch(fd int) error {
	defer p.choose()
	return p.system.Unwatch(fd)
}

func (p *Hybrid) choose() {
	if p.system.table.count > 0 {
		p.inUse.Store(p.system)
	} else {
		p.inUse.Store(nil)
	}
}

// Close tells the remaining watchers, and closes the system's poller.
func (p *Hybrid) Close() error { return p.system.Close() }
