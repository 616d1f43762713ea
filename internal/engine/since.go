package engine

import (
	"sort"
	"sync"
	"time"
)

// moments tell roughly since when a task waits, although no clock is read when the wait
// begins: a wait notes how many events there were before it, and from time to time
// someone notes at what time the loop has got to which event.
type moments struct {
	mu   sync.Mutex
	list []moment // oldest first
}

type moment struct {
	point point
	at    time.Duration
	gap   bool // there was one before that was dropped
}

// A point is how far a loop has got: the number of events, and whether the last of them
// is surely over, because the loop sleeps. That matters because a wait may begin at the
// end of a long step.
type point uint64

func pointOf(events uint64, resting bool) point {
	if resting {
		return point(2*events + 1)
	}
	return point(2 * events)
}

// momentsKept bounds the moments: the older they are, the fewer are kept.
const momentsKept = 128

// NoteMoment notes how far the loop has got now. It returns the number of events, and
// whether the last of them is surely over. Any goroutine may call it; as with Look, what
// it reads may be up to a microsecond old.
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

// after returns a time by which a wait that began at the end of the given event had
// surely begun. exact is false if the wait may have begun earlier, even if every moment
// was noted. known is false if there is no such time.
func (m *moments) after(events uint64) (at time.Duration, exact, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := sort.Search(len(m.list), func(i int) bool { return m.list[i].point >= pointOf(events, true) })
	if i == len(m.list) {
		return 0, false, false
	}
	return m.list[i].at, !m.list[i].gap, true
}
