package engine

import "time"

// A Timer makes an event ready when its deadline is reached. The zero Timer
// is not set. Loop only; always the same.
type Timer struct {
	event Event
	seq   uint64 // names its entry in the heap; 0: not set
}

// Set sets the timer, in place of what it was set to before.
func (t *Timer) Set(l *Loop, when time.Duration, event Event) {
	t.Stop(l)
	l.timers.seq++
	t.event, t.seq = event, l.timers.seq
	l.timers.push(timerEntry{when, t.seq, t})
}

// Stop makes the timer forget its event, if it is set.
func (t *Timer) Stop(l *Loop) {
	if t.seq != 0 {
		t.seq, t.event = 0, nil
		l.timers.abandon()
	}
}

// timers is a heap with four children a node, ordered by deadline, and by
// the order of setting where deadlines are equal. An entry stays in it when
// its timer is stopped or set anew; it is known by its number and dropped
// when it comes to the top or when half of the heap is such. So stopping
// costs nothing but its share of a sweep, and no timer has to know its place.
type timers struct {
	heap  []timerEntry
	seq   uint64 // of the last entry made
	stale int    // entries whose timer is no longer set to them
}

type timerEntry struct {
	when  time.Duration
	seq   uint64
	timer *Timer
}

func (e *timerEntry) live() bool { return e.timer.seq == e.seq }

func (e *timerEntry) before(o *timerEntry) bool {
	return e.when < o.when || e.when == o.when && e.seq < o.seq
}

// next returns the earliest deadline.
func (h *timers) next() (when time.Duration, ok bool) {
	for len(h.heap) > 0 && !h.heap[0].live() {
		h.pop()
		h.stale--
	}
	if len(h.heap) == 0 {
		return 0, false
	}
	return h.heap[0].when, true
}

// due takes one event out whose deadline is not after now; nil: there is none.
func (h *timers) due(now time.Duration) (e Event, when time.Duration) {
	when, ok := h.next()
	if !ok || when > now {
		return nil, 0
	}
	t := h.pop().timer
	e = t.event
	t.event, t.seq = nil, 0
	return e, when
}

// A heap of so few entries is not worth a sweep.
const sweepFrom = 64

func (h *timers) abandon() {
	h.stale++
	if h.stale < sweepFrom || h.stale <= len(h.heap)/2 {
		return
	}
	kept := h.heap[:0]
	for _, e := range h.heap {
		if e.live() {
			kept = append(kept, e)
		}
	}
	clear(h.heap[len(kept):])
	h.heap, h.stale = kept, 0
	for i := (len(kept) - 2) / 4; i >= 0 && len(kept) > 1; i-- {
		h.down(i, kept[i])
	}
}

func (h *timers) push(e timerEntry) {
	h.heap = append(h.heap, e)
	i := len(h.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h.heap[parent]) {
			break
		}
		h.heap[i] = h.heap[parent]
		i = parent
	}
	h.heap[i] = e
}

func (h *timers) pop() timerEntry {
	top := h.heap[0]
	last := len(h.heap) - 1
	e := h.heap[last]
	h.heap[last] = timerEntry{}
	h.heap = h.heap[:last]
	if last > 0 {
		h.down(0, e)
	}
	return top
}

// down puts e into the hole at i, or below it.
func (h *timers) down(i int, e timerEntry) {
	for {
		child := 4*i + 1
		if child >= len(h.heap) {
			break
		}
		for c := child + 1; c < min(child+4, len(h.heap)); c++ {
			if h.heap[c].before(&h.heap[child]) {
				child = c
			}
		}
		if !h.heap[child].before(&e) {
			break
		}
		h.heap[i] = h.heap[child]
		i = child
	}
	h.heap[i] = e
}
