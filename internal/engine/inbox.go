package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/ring"
)

// An inbox is the one door through which other goroutines reach a loop. A
// loop that works sees a flag; only one that sleeps has to be woken.
type inbox struct {
	pending  atomic.Bool // events is not empty; looked at in every pass
	sleeping atomic.Bool // the loop waits in its poller, or is about to
	mu       sync.Mutex
	events   []Event
	closed   bool
}

// post puts an event in. Waking happens under the lock: once the inbox is
// closed, nobody touches the poller.
func (b *inbox) post(e Event, p Poller) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrLoopClosed
	}
	b.events = append(b.events, e)
	b.pending.Store(true)
	if b.sleeping.Swap(false) {
		return p.Wake()
	}
	return nil
}

// drain moves what has come into the ready queue.
func (b *inbox) drain(q *ring.Ring[Event]) {
	b.mu.Lock()
	b.pending.Store(false)
	events := b.events
	b.events = nil
	b.mu.Unlock()
	for _, e := range events {
		q.Push(e)
	}
}

// sleep waits until something comes or the timeout has passed. An event that
// is posted after the look at the flag finds sleeping set, and wakes. It reports
// whether the poller was asked.
func (b *inbox) sleep(p Poller, timeout time.Duration) (asked bool, err error) {
	b.sleeping.Store(true)
	defer b.sleeping.Store(false)
	if b.pending.Load() {
		return false, nil
	}
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
