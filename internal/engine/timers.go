package engine

import (
	"math/bits"
	"slices"
	"time"
)

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

// timers is a radix heap: it uses that time does not go back. A deadline lies
// in the bucket of the highest hexadecimal digit in which it differs from
// last, a time that has passed. When the first bucket that is not empty begins
// to be due, last moves to its earliest deadline, and its entries move to
// lower buckets, in their order; so equal deadlines keep it. An entry moves at
// most once for each digit, always to the end of a slice: with a million
// timers that is many times as fast as a heap, whose every step is to another
// place in memory.
//
// An entry stays when its timer is stopped or set anew. It is known by its
// number, and dropped when its bucket is opened or when half of all entries
// are such.
type timers struct {
	last    time.Duration
	past    []timerEntry // deadlines up to last, in their order
	buckets [digits * 16]bucket
	filled  [digits * 16 / 64]uint64 // a bit for each bucket that is not empty
	seq     uint64                   // of the last entry made
	count   int                      // of entries
	stale   int                      // of them, those whose timer is no longer set to them
}

const digits = 16 // of a time

// bucketOf returns the bucket of a deadline after last.
func (h *timers) bucketOf(when time.Duration) int {
	digit := (bits.Len64(uint64(when^h.last)) - 1) / 4
	return digit*16 + int(when>>(4*digit)&15)
}

// first returns the first bucket that is not empty; false if all are.
func (h *timers) first() (i int, ok bool) {
	for word, filled := range h.filled {
		if filled != 0 {
			return word*64 + bits.TrailingZeros64(filled), true
		}
	}
	return 0, false
}

func (h *timers) setFilled(i int, on bool) {
	h.filled[i/64] &^= 1 << (i % 64)
	if on {
		h.filled[i/64] |= 1 << (i % 64)
	}
}

type bucket struct {
	entries []timerEntry
	min     time.Duration // no deadline in the bucket is earlier
}

type timerEntry struct {
	when  time.Duration
	seq   uint64
	timer *Timer
}

func (e *timerEntry) live() bool { return e.timer.seq == e.seq }

func (h *timers) push(e timerEntry) {
	h.count++
	if e.when <= h.last {
		h.pushPast(e)
		return
	}
	i := h.bucketOf(e.when)
	b := &h.buckets[i]
	if len(b.entries) == 0 || e.when < b.min {
		b.min = e.when
	}
	b.entries = append(b.entries, e)
	h.setFilled(i, true)
}

// pushPast puts in a deadline that has passed, behind those before it and
// equal to it.
func (h *timers) pushPast(e timerEntry) {
	i := len(h.past)
	for i > 0 && h.past[i-1].when > e.when {
		i--
	}
	h.past = slices.Insert(h.past, i, e)
}

// next returns the earliest deadline, or a time before it.
func (h *timers) next() (when time.Duration, ok bool) {
	if len(h.past) > 0 {
		return h.past[0].when, true
	}
	i, ok := h.first()
	return h.buckets[i].min, ok
}

// due takes one event out whose deadline is not after now; nil: there is none.
func (h *timers) due(now time.Duration) (e Event, when time.Duration) {
	for {
		for len(h.past) > 0 {
			x := h.past[0]
			h.past[0] = timerEntry{}
			h.past = h.past[1:]
			h.count--
			if x.live() {
				e = x.timer.event
				x.timer.event, x.timer.seq = nil, 0
				return e, x.when
			}
			h.stale--
		}
		i, ok := h.first()
		if !ok || h.buckets[i].min > now {
			return nil, 0
		}
		h.open(i, now)
	}
}

// open moves the entries of the first bucket to lower ones, if one of them is
// due. If none is, for it was due to a stale entry, there is none any more.
func (h *timers) open(i int, now time.Duration) {
	b := &h.buckets[i]
	h.dropStale(&b.entries)
	if len(b.entries) == 0 {
		h.setFilled(i, false)
		return
	}
	b.min = slices.MinFunc(b.entries, func(a, b timerEntry) int { return int(a.when - b.when) }).when
	if b.min > now {
		return
	}
	moved := b.entries
	b.entries = nil
	h.setFilled(i, false)
	h.last = b.min
	h.count -= len(moved)
	for _, e := range moved {
		h.push(e)
	}
	if len(moved) <= bucketKeeps {
		clear(moved)
		b.entries = moved[:0]
	}
}

// So many entries a bucket may keep room for when it is empty.
const bucketKeeps = 64

// So few stale entries are not worth a sweep.
const sweepFrom = 64

// abandon counts an entry that is no longer wanted.
func (h *timers) abandon() {
	h.stale++
	if h.stale < sweepFrom || h.stale <= h.count/2 {
		return
	}
	h.dropStale(&h.past)
	for i := range h.buckets {
		h.dropStale(&h.buckets[i].entries)
		h.setFilled(i, len(h.buckets[i].entries) > 0)
	}
}

func (h *timers) dropStale(entries *[]timerEntry) {
	before := len(*entries)
	*entries = slices.DeleteFunc(*entries, func(e timerEntry) bool { return !e.live() })
	dropped := before - len(*entries)
	h.count -= dropped
	h.stale -= dropped
}
