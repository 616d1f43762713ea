package console

import "sync"

// maxQueued is how many bytes may wait for a client that reads slowly.
const maxQueued = 1 << 20

// An outbox holds what a client has not been sent yet. One goroutine puts events into
// it, another takes them out.
type outbox struct {
	changed chan struct{} // gets a value when there is something to see

	mu     sync.Mutex
	queued [][]byte // in parts: a long one is not copied
	bytes  int      // of all that
	long   int      // how many bytes of it are an event that is longer than may wait
	closed bool
	tooBig bool
}

func newOutbox() *outbox { return &outbox{changed: make(chan struct{}, 1)} }

// put adds an event. If too much waits already, it returns false, and nothing comes out
// any more. An event that is too long by itself, such as the state of many tasks, does
// not count: other events may wait before and after it as if it were not there. A second
// event of this kind may not wait.
func (o *outbox) put(event ...[]byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := 0
	for _, part := range event {
		size += len(part)
	}
	switch {
	case size > maxQueued && o.long == 0:
		o.long = size
		o.add(event, size)
	case o.bytes-o.long+size > maxQueued:
		o.tooBig, o.queued = true, nil
	default:
		o.add(event, size)
	}
	o.tell()
	return !o.tooBig
}

func (o *outbox) add(event [][]byte, size int) {
	o.queued = append(o.queued, event...)
	o.bytes += size
}

// take returns all that waits, in parts, and whether more may come.
func (o *outbox) take() (parts [][]byte, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	parts, o.queued, o.bytes, o.long = o.queued, nil, 0, 0
	return parts, len(parts) > 0 || !o.closed && !o.tooBig
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
