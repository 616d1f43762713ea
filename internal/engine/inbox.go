package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// An inbox takes the events that other goroutines post; there is no other way to reach a
// loop. A loop that works looks at the inbox in every pass, so only a loop that sleeps
// has to be woken.
type inbox struct {
	state  atomic.Uint32 // an inboxState
	mu     sync.Mutex
	events []Event
	spare  []Event // an empty slice with room for the next events; for the loop only
	closed bool

	yielder yielder // for the loop only
}

type inboxState = uint32

const (
	inboxEmpty    inboxState = iota
	inboxFilled              // the loop looks at this in every pass
	inboxSleeping            // it is empty, and the loop waits in its poller or is about to
)

// keptRoom bounds the slice that is kept from one drain to the next, in events; it is
// 64 KiB.
const keptRoom = 1 << 12

// filled reports whether something has come.
func (b *inbox) filled() bool { return b.state.Load() == inboxFilled }

// post puts an event in. Only the event that comes first after a drain has to wake the
// loop. post wakes it under the lock, so that no goroutine uses the poller once the inbox
// is closed.
func (b *inbox) post(e Event, p Poller) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrLoopClosed
	}
	b.events = append(b.events, e)
	if len(b.events) == 1 && b.state.Swap(inboxFilled) == inboxSleeping {
		return p.Wake()
	}
	return nil
}

// drain makes the events that have come ready.
func (b *inbox) drain(l *Loop) {
	b.mu.Lock()
	b.state.Store(inboxEmpty)
	events := b.events
	b.events, b.spare = b.spare, nil
	b.mu.Unlock()
	for _, e := range events {
		if fn, ok := e.(postedCall); ok {
			l.CallUser(fn)
		} else {
			l.ready.Push(e)
		}
	}
	if cap(events) <= keptRoom {
		clear(events)
		b.spare = events[:0]
	}
}

// yield lets other goroutines run once, if that is worth the time, and reports whether
// something has come.
func (b *inbox) yield(c Clock) bool {
	return b.filled() || b.yielder.worth() && b.yielder.yield(c, b.filled)
}

// sleep waits until something comes or the timeout has passed. It reports
// whether the poller was asked.
func (b *inbox) sleep(p Poller, timeout time.Duration) (asked bool, err error) {
	if !b.state.CompareAndSwap(inboxEmpty, inboxSleeping) {
		return false, nil
	}
	defer b.state.CompareAndSwap(inboxSleeping, inboxEmpty)
	return true, p.Wait(timeout)
}

func (b *inbox) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
}
