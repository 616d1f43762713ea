package console

import (
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// missedRows are the newest records of the rows beside a loop among those that its stream
// has dropped: no snapshot tells of these rows.
type missedRows struct {
	mu   sync.Mutex
	rows map[rowKey]engine.Happening
}

// mostRows bounds them.
const mostRows = 10_000

// miss notes what is in a chunk that is dropped.
func (m *missedRows) miss(c *engine.Chunk) {
	if c.End() != 0 {
		return // it is of the loop itself
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for h := range c.All {
		if h.Kind == engine.Began || h.Kind == engine.Finished {
			m.note(h)
		}
	}
}

func (m *missedRows) note(h engine.Happening) {
	name, _, _ := strings.Cut(h.Text, "\n")
	if m.rows == nil || len(m.rows) >= mostRows {
		m.rows = map[rowKey]engine.Happening{}
	}
	h.Text = name
	m.rows[rowKey{h.Label, name}] = h
}

// take returns them, and forgets them.
func (m *missedRows) take(at func(time.Duration) int64) *batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := &batch{}
	for _, h := range m.rows {
		b.add(record{kind: h.Kind, label: h.Label, at: at(h.At), task: h.Task, arg: h.Arg, n: h.N}, h.Text, nil)
	}
	m.rows = nil
	return b
}
