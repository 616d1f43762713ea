// Package timers is a heap of deadlines, for a clock that does not go back.
package timers

import (
	"container/heap"
	"math/bits"
	"slices"
	"time"
)

// A Timer holds a deadline in a Heap, always the same one. Its owner embeds it
// and does not copy it. The zero Timer is not set.
type Timer[P any] struct {
	Payload P             // the owner's: the heap does not look at it
	seq     uint64        // the number of its entry in the heap; 0: not set
	when    time.Duration // what it was set to last
}

// IsSet reports whether the timer is set: it was neither stopped nor due.
func (t *Timer[P]) IsSet() bool { return t.seq != 0 }

// Number returns the number of what was done when the timer was set, among all that its
// heap was asked for, from 1; 0 if it is not set.
func (t *Timer[P]) Number() uint64 { return t.seq }

// When returns the deadline that the timer was set to last.
func (t *Timer[P]) When() time.Duration { return t.when }

// A Heap gives out timers in the order of their deadlines, equal ones in the
// order in which they were set. The zero Heap is empty.
//
// It is a radix heap. The bucket of a deadline is chosen by the highest
// hexadecimal digit in which the deadline differs from last, a time that has
// passed, and by the value of that digit. So the earliest deadlines are in the
// first bucket that is not empty, and those in a bucket of the lowest digit
// are all equal. When the first bucket is one of a higher digit and is due,
// last becomes its earliest deadline, and its entries move to buckets of lower
// digits. They keep their order, which matters where deadlines are equal. An
// entry moves at most once for each digit, always to the end of a list: with a
// million timers that is many times as fast as a binary heap, each step of
// which is to another place in memory.
//
// When a timer is stopped or set anew, its entry stays behind and is stale.
// Such entries are dropped when they come first, when their bucket moves, or
// when they are more than the timers that are set.
type Heap[P any] struct {
	last    time.Duration
	late    late[P]                  // the entries whose deadlines are before last
	buckets [digits * 16]bucket[P]   // the other entries
	filled  [digits * 16 / 64]uint64 // a bit for each bucket that is not empty
	seq     uint64                   // the number of the newest entry
	set     int                      // how many timers are set
	stale   int                      // how many entries are stale
	free    freeBlocks[P]
}

const (
	digits = 16 // how many hexadecimal digits a time has

	// minSweep is how many stale entries there have to be before the heap looks for
	// them in all buckets: for fewer, that is not worth it.
	minSweep = 64
)

// An entry is what the heap holds for a timer that was set.
type entry[P any] struct {
	when  time.Duration
	seq   uint64
	timer *Timer[P]
}

func (e *entry[P]) isStale() bool { return e.timer.seq != e.seq }

// Len returns how many timers are set.
func (h *Heap[P]) Len() int { return h.set }

// Set sets the timer, in place of what it was set to before.
func (h *Heap[P]) Set(t *Timer[P], when time.Duration) {
	h.Stop(t)
	h.set++
	h.seq++
	t.seq, t.when = h.seq, when
	h.push(entry[P]{when, t.seq, t})
}

// Stop makes the timer one that is not set, and reports whether it was.
func (h *Heap[P]) Stop(t *Timer[P]) bool {
	if t.seq == 0 {
		return false
	}
	h.abandon(t)
	return true
}

// Next returns the earliest deadline, or that of a stale entry before it;
// false if no timer is set.
func (h *Heap[P]) Next() (when time.Duration, ok bool) {
	if h.set == 0 {
		return 0, false
	}
	if len(h.late) > 0 {
		return h.late[0].when, true
	}
	i, ok := h.first()
	return h.buckets[i].earliest, ok
}

// Due takes out the first timer, if its deadline is not after now. The timer
// is then no longer set. Due returns nil if none is due.
func (h *Heap[P]) Due(now time.Duration) (t *Timer[P], when time.Duration) {
	for h.set > 0 {
		e, ok := h.pop(now)
		if !ok {
			break
		}
		if e.isStale() {
			h.stale--
			continue
		}
		h.set--
		e.timer.seq = 0
		return e.timer, e.when
	}
	return nil, 0
}

// push puts a new entry where its deadline belongs.
func (h *Heap[P]) push(e entry[P]) {
	if e.when < h.last {
		heap.Push(&h.late, e)
	} else {
		h.enqueue(h.bucketOf(e.when), e)
	}
}

// bucketOf returns the bucket of a deadline that is not before last.
func (h *Heap[P]) bucketOf(when time.Duration) uint8 {
	digit := uint(bits.Len64(uint64(when^h.last)|1)-1) / 4
	return uint8(digit*16 + uint(when>>(4*digit))&15)
}

// first returns the first bucket that is not empty; false if all are.
func (h *Heap[P]) first() (i uint8, ok bool) {
	for word, filled := range h.filled {
		if filled != 0 {
			return uint8(word*64 + bits.TrailingZeros64(filled)), true
		}
	}
	return 0, false
}

// pop takes out the first entry, stale or not, if it is due.
func (h *Heap[P]) pop(now time.Duration) (e entry[P], ok bool) {
	if len(h.late) > 0 && h.late[0].when <= now {
		return heap.Pop(&h.late).(entry[P]), true
	}
	for {
		i, ok := h.first()
		b := &h.buckets[i]
		if !ok || b.earliest > now {
			return e, false
		}
		if i < 16 { // it is a bucket of the lowest digit
			return h.dequeue(i), true
		}
		h.last = b.earliest
		h.refile(i)
	}
}

// abandon makes the entry of a timer stale.
func (h *Heap[P]) abandon(t *Timer[P]) {
	t.seq = 0
	h.set--
	h.stale++
	if h.stale >= minSweep && h.stale > h.set {
		h.sweep()
	}
}

// sweep drops all stale entries.
func (h *Heap[P]) sweep() {
	for word, filled := range h.filled {
		for ; filled != 0; filled &= filled - 1 {
			h.refile(uint8(word*64 + bits.TrailingZeros64(filled)))
		}
	}
	h.late = slices.DeleteFunc(h.late, func(e entry[P]) bool { return e.isStale() })
	heap.Init(&h.late)
	h.stale = 0
}
