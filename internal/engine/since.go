package engine

import (
	"sort"
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
	point point
	at    time.Duration
	gap   bool // there was one before that was dropped
}

// A point is how far a loop has come: so many events, and whether the last of them is over
// for sure, because the loop sleeps. A wait may begin at the end of a long step.
type point uint64

func pointOf(events uint64, resting bool) point {
	if resting {
		return point(2*events + 1)
	}
	return point(2 * events)
}

// momentsKept bounds the moments: the longer they are ago, the fewer are kept.
const momentsKept = 128

// NoteMoment notes how far the loop is now. It returns after how many events that is, and
// whether the last of them is over for sure. Any goroutine may call it; as with Look, what
// it reads may be old by less than a microsecond.
//
//go:norace
func (l *Loop) NoteMoment() (events uint64, resting bool) {
	events, resting = l.ready.taken, l.Resting()
	p, now, m := pointOf(events, resting), l.clock.Now(), &l.moments
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.list); n > 0 && m.list[n-1].point >= p {
		return events, resting // what began since then began now at the latest, and that is not later
	}
	if len(m.list) == momentsKept {
		m.thin()
	}
	m.list = append(m.list, moment{point: p, at: now})
	return events, resting
}

// thin drops every second of the older half.
func (m *moments) thin() {
	kept := m.list[:0]
	for i, one := range m.list {
		if i < momentsKept/2 && i%2 == 1 {
			continue
		}
		one.gap = one.gap || i > 0 && i <= momentsKept/2 && i%2 == 0
		kept = append(kept, one)
	}
	m.list = kept
}

// after returns a time at which a wait had begun for sure that began at the end of the
// event with this number; exact is false if it may have been earlier though whoever notes
// them notes each moment. known is false if there is no such time.
func (m *moments) after(events uint64) (at time.Duration, exact, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := sort.Search(len(m.list), func(i int) bool { return m.list[i].point >= pointOf(events, true) })
	if i == len(m.list) {
		return 0, false, false
	}
	return m.list[i].at, !m.list[i].gap, true
}
