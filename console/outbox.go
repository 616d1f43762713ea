package console

import "sync"

// maxQueued is how many bytes may wait for a client that reads slowly.
const maxQueued = 1 << 20

// An outbox holds what a client has not been sent yet. One goroutine puts events into
// it, another takes them out.
type outbox struct {
	changed chan struct{} // gets a value when there is something to see

	mu     sync.Mutex
	queued []byte
	long   int // how many bytes of it are an event that is longer than may wait
	closed bool
	tooBig bool
}

func newOutbox() *outbox { return &outbox{changed: make(chan struct{}, 1)} }

// put adds an event, unless too much waits already: then it says so, and nothing comes
// out any more. One that is too long by itself, the state of many tasks, does not count:
// what comes before and after it may wait as if it were not there. A second one may not.
func (o *outbox) put(event []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case len(event) > maxQueued && o.long == 0:
		o.long = len(event)
		o.queued = append(o.queued, event...)
	case len(o.queued)-o.long+len(event) > maxQueued:
		o.tooBig, o.queued = true, nil
	default:
		o.queued = append(o.queued, event...)
	}
	o.tell()
	return !o.tooBig
}

// take returns all that waits, and whether more may come.
func (o *outbox) take() (text []byte, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text, o.queued, o.long = o.queued, nil, 0
	return text, len(text) > 0 || !o.closed && !o.tooBig
}

// close says that nothing more comes.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.tell()
}

func (o *outbox) overflown() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tooBig
}

func (o *outbox) tell() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}
