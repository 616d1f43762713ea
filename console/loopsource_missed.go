package console

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A missed has what is needed of the events that the stream of a loop has dropped, to
// understand later events: names of tasks, groups and objects, and which rows beside the
// loop are busy. A snapshot has only names of what still exists, and no rows.
type missed struct {
	mu      sync.Mutex
	rows    map[rowKey]engine.Happening
	tasks   map[uint64]engine.Happening
	groups  map[uint64]engine.Happening
	objects map[uint64]engine.Happening
	hosted  map[uint64]engine.Happening
	hosts   map[string]engine.Happening
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
	keep(&m.rows, rowOf(h.Label, h.Text), h)
}

// named notes the names of what may still exist when the next record comes. If two
// records tell the end of something, they come soon one after the other, so the second
// may be missing.
func (m *missed) named(h engine.Happening) {
	switch h.Kind {
	case engine.Spawned, engine.Present:
		if h.Text != "" {
			keep(&m.tasks, h.Task, h)
		}
	case engine.Ends, engine.Returned, engine.Failed, engine.Canceled, engine.Panicked:
		delete(m.tasks, h.Task)
		delete(m.hosted, h.Task)
	case engine.Opened:
		if h.Text != "" {
			keep(&m.groups, h.Arg, h)
		}
	case engine.Left:
		delete(m.groups, h.Arg)
	case engine.Named:
		keep(&m.objects, h.Arg, h)
	case engine.Hosted:
		keep(&m.hosted, h.Task, h)
	case engine.HostUp, engine.HostDown:
		keep(&m.hosts, h.Text, h)
	}
}

// keep puts something into a map of limited size, which keeps the newest.
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
	for _, h := range m.hosted {
		add(h)
	}
	for _, name := range slices.Sorted(maps.Keys(m.hosts)) {
		add(m.hosts[name])
	}
	m.rows, m.tasks, m.groups, m.objects, m.hosted, m.hosts = nil, nil, nil, nil, nil, nil
}
