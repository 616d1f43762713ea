package engine

import (
	"slices"
	"sync"
	"time"
)

// moments tell since about when a task waits, though no clock is read when it begins to:
// a wait notes how many events there were until then, and now and then someone notes when
// that was.
type moments struct {
	mu   sync.Mutex
	list []moment // oldest first
}

type moment struct {
	events uint64
	at     time.Duration
}

// momentsKept bounds the moments: the longer they are ago, the fewer are kept.
const momentsKept = 128

// NoteMoment notes how far the loop is now. Any goroutine may call it; as with Look, what
// it reads may be old by less than a microsecond.
//
//go:norace
func (l *Loop) NoteMoment() {
	events, now, m := l.ready.taken, l.clock.Now(), &l.moments
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.list); n > 0 && m.list[n-1].events == events {
		return // what began since then began now at the latest, and that is not later
	}
	if len(m.list) == momentsKept {
		m.thin()
	}
	m.list = append(m.list, moment{events, now})
}

// thin drops every second of the older half.
func (m *moments) thin() {
	kept := m.list[:0]
	for i, one := range m.list {
		if i >= momentsKept/2 || i%2 == 0 {
			kept = append(kept, one)
		}
	}
	m.list = kept
}

// after returns a time at which so many events had been for sure; false if none is
// known.
func (m *moments) after(events uint64) (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, _ := slices.BinarySearchFunc(m.list, events, func(one moment, e uint64) int {
		if one.events < e {
			return -1
		}
		return 1
	})
	if i == len(m.list) {
		return 0, false
	}
	return m.list[i].at, true
}
