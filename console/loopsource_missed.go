package console

import (
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A missed is what one has to know of what the stream of a loop has dropped, to understand
// what comes after that: names of tasks, groups and objects, and which rows beside the
// loop are busy. A snapshot tells of what is still there, and of no row.
type missed struct {
	mu      sync.Mutex
	rows    map[rowKey]engine.Happening
	tasks   map[uint64]engine.Happening
	groups  map[uint64]engine.Happening
	objects map[uint64]engine.Happening
}

// mostMissed bounds each of them.
const mostMissed = 10_000

// note notes what is in a chunk that is dropped. The loop waits meanwhile, and it costs
// nothing if nothing of the kind is in the chunk.
func (m *missed) note(c *engine.Chunk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.End() == 0 { // it is of rows alone, and their times are wanted
		for h := range c.All {
			m.row(h)
		}
		return
	}
	for h := range c.Notable {
		m.named(h)
	}
}

func (m *missed) row(h engine.Happening) {
	h.Text, _, _ = strings.Cut(h.Text, "\n")
	keep(&m.rows, rowKey{h.Label, h.Text}, h)
}

// named notes the names of what may be there when the next record comes. What has two
// records of its end has them soon one after the other, so the second may be missing.
func (m *missed) named(h engine.Happening) {
	switch h.Kind {
	case engine.Spawned, engine.Present:
		if h.Text != "" {
			keep(&m.tasks, h.Task, h)
		}
	case engine.Ends, engine.Returned, engine.Failed, engine.Canceled, engine.Panicked:
		delete(m.tasks, h.Task)
	case engine.Opened:
		if h.Text != "" {
			keep(&m.groups, h.Arg, h)
		}
	case engine.Left:
		delete(m.groups, h.Arg)
	case engine.Named:
		keep(&m.objects, h.Arg, h)
	}
}

// keep puts something into a map that does not grow beyond a bound: the newest matter.
func keep[K comparable](into *map[K]engine.Happening, key K, h engine.Happening) {
	if *into == nil || len(*into) >= mostMissed {
		*into = map[K]engine.Happening{}
	}
	(*into)[key] = h
}

// take adds it to a batch, and forgets it.
func (m *missed) take(b *batch, at func(time.Duration) int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	add := func(h engine.Happening) {
		b.add(record{kind: h.Kind, label: h.Label, at: at(h.At), task: h.Task, arg: h.Arg, n: h.N}, h.Text, nil)
	}
	for _, h := range m.groups {
		add(h)
	}
	for _, h := range m.objects {
		add(h)
	}
	for _, h := range m.tasks {
		add(h)
	}
	for _, h := range m.rows {
		add(h)
	}
	m.rows, m.tasks, m.groups, m.objects = nil, nil, nil, nil
}
