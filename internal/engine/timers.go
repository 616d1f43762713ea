package engine

import (
	"math/bits"
	"time"
)

// A Timer makes an event ready when its deadline is reached. The zero Timer
// is not set. Loop only; always the same.
type Timer struct {
	event Event
	seq   uint64 // names its entry in the heap; 0: it is in none
	slot  Slot   // of the event, once it is ready
}

// Set sets the timer, in place of what it was set to before.
func (t *Timer) Set(l *Loop, when time.Duration, event Event) {
	t.Stop(l)
	l.timers.seq++
	t.event, t.seq = event, l.timers.seq
	l.timers.push(timerEntry{when, t.seq, t})
}

// SetNow makes the event ready at once, as if its deadline were reached.
func (t *Timer) SetNow(l *Loop, event Event) {
	t.Stop(l)
	l.pushInto(&t.slot, event)
}

// Stop takes the event back, if the timer is set and the event has not fired.
func (t *Timer) Stop(l *Loop) {
	if t.seq|uint64(t.slot) != 0 {
		t.stop(l)
	}
}

func (t *Timer) stop(l *Loop) {
	if t.seq != 0 {
		t.seq, t.event = 0, nil
		l.timers.abandon()
		return
	}
	l.takeBack(&t.slot)
}

// reached makes the event ready.
func (t *Timer) reached(l *Loop) {
	e := t.event
	t.event = nil
	l.pushInto(&t.slot, e)
}

// timers is a radix heap: it uses that time does not go back. A deadline lies
// in the bucket of the highest hexadecimal digit in which it differs from
// last, a time that has passed. When the first bucket that is not empty begins
// to be due, last moves to its earliest deadline, and its entries move to
// lower buckets, in their order; so equal deadlines keep it. An entry moves at
// most once for each digit, always to the end of a list: with a million timers
// that is many times as fast as a heap, whose every step is to another place
// in memory.
//
// An entry stays when its timer is stopped or set anew. It is known by its
// number, and dropped when its bucket is opened or when half of all entries
// are such.
type timers struct {
	last    time.Duration
	past    bucket // deadlines up to last, in their order
	buckets [digits * 16]bucket
	filled  [digits * 16 / 64]uint64 // a bit for each bucket that is not empty
	seq     uint64                   // of the last entry made
	count   int                      // of entries
	stale   int                      // of them, those whose timer is no longer set to them
	blocks  blocks
}

const digits = 16 // of a time

type timerEntry struct {
	when  time.Duration
	seq   uint64
	timer *Timer
}

func (e *timerEntry) live() bool { return e.timer.seq == e.seq }

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

func (h *timers) push(e timerEntry) {
	h.count++
	if e.when <= h.last {
		h.pushPast(e)
		return
	}
	i := h.bucketOf(e.when)
	h.buckets[i].push(e, &h.blocks)
	h.filled[i/64] |= 1 << (i % 64)
}

// pushPast puts in a deadline that has passed, behind those before it and
// equal to it. One that is before others is rare: it was late already when it
// was set.
func (h *timers) pushPast(e timerEntry) {
	later := bucket{}
	if h.past.latest > e.when {
		all := h.past
		h.past = bucket{}
		for x, ok := all.pop(&h.blocks); ok; x, ok = all.pop(&h.blocks) {
			if x.when > e.when {
				later.push(x, &h.blocks)
			} else {
				h.past.push(x, &h.blocks)
			}
		}
	}
	h.past.push(e, &h.blocks)
	for x, ok := later.pop(&h.blocks); ok; x, ok = later.pop(&h.blocks) {
		h.past.push(x, &h.blocks)
	}
}

// next returns the earliest deadline, or a time before it.
func (h *timers) next() (when time.Duration, ok bool) {
	if h.past.head != nil {
		return h.past.earliest, true
	}
	i, ok := h.first()
	return h.buckets[i].earliest, ok
}

// due takes one timer out whose deadline is not after now; nil: there is none.
func (h *timers) due(now time.Duration) (t *Timer, when time.Duration) {
	for {
		for x, ok := h.past.pop(&h.blocks); ok; x, ok = h.past.pop(&h.blocks) {
			h.count--
			if x.live() {
				x.timer.seq = 0
				return x.timer, x.when
			}
			h.stale--
		}
		i, ok := h.first()
		if !ok || h.buckets[i].earliest > now {
			return nil, 0
		}
		h.open(i, now)
	}
}

// open moves the entries of the first bucket to lower ones, if one of them is
// due. If none is, for it was due to a stale entry, they stay.
func (h *timers) open(i int, now time.Duration) {
	h.sweep(&h.buckets[i])
	b := h.buckets[i]
	if b.head != nil && b.earliest > now {
		return
	}
	h.buckets[i] = bucket{}
	h.filled[i/64] &^= 1 << (i % 64)
	if b.head == nil {
		return
	}
	h.last = b.earliest
	for e, ok := b.pop(&h.blocks); ok; e, ok = b.pop(&h.blocks) {
		h.count--
		h.push(e)
	}
}

// So few stale entries are not worth a sweep.
const sweepFrom = 64

// abandon counts an entry that is no longer wanted.
func (h *timers) abandon() {
	h.stale++
	if h.stale < sweepFrom || h.stale <= h.count/2 {
		return
	}
	h.sweep(&h.past)
	for word, filled := range h.filled {
		for ; filled != 0; filled &= filled - 1 {
			i := word*64 + bits.TrailingZeros64(filled)
			if h.sweep(&h.buckets[i]); h.buckets[i].head == nil {
				h.filled[word] &^= filled & -filled
			}
		}
	}
}

// sweep drops the stale entries of a bucket.
func (h *timers) sweep(b *bucket) {
	if h.stale == 0 {
		return
	}
	all := *b
	*b = bucket{}
	for e, ok := all.pop(&h.blocks); ok; e, ok = all.pop(&h.blocks) {
		if e.live() {
			b.push(e, &h.blocks)
		} else {
			h.count--
			h.stale--
		}
	}
}
