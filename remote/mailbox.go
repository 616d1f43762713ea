package remote

import (
	"sync"

	"github.com/asyncio-go/asyncio"
)

// A mailbox brings calls from other goroutines to the loop, many at a time: each way
// there costs more than most of the calls.
type mailbox struct {
	loop *asyncio.Loop

	mu    sync.Mutex
	calls []func()
	spare []func()
}

// post makes the loop call fn, after what was posted before. Any goroutine may call it.
// When the loop has ended, it does nothing.
func (m *mailbox) post(fn func()) {
	m.mu.Lock()
	first := len(m.calls) == 0
	m.calls = append(m.calls, fn)
	m.mu.Unlock()
	if first {
		_ = m.loop.CallSoonThreadsafe(m.empty) // of a loop that has ended, no one waits for anything
	}
}

// empty runs on the loop.
func (m *mailbox) empty() {
	m.mu.Lock()
	calls := m.calls
	m.calls, m.spare = m.spare, nil
	m.mu.Unlock()
	for i, fn := range calls {
		calls[i] = nil
		fn()
	}
	m.mu.Lock()
	m.spare = calls[:0]
	m.mu.Unlock()
}
