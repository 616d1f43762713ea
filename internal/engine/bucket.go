package engine

import "time"

// A bucket is a list of timer entries, first in, first out, in blocks: so
// entries lie together, and what is moved from one bucket to another leaves
// its memory for the next.
type bucket struct {
	head, tail       *block
	taken            int           // from head
	earliest, latest time.Duration // bounds of the deadlines; they may be those of entries that are gone
}

// A block is as large as makes its links not count.
type block struct {
	entries [32]timerEntry
	len     int
	next    *block
}

func (b *bucket) push(e timerEntry, free *blocks) {
	switch {
	case b.head == nil:
		b.head = free.take()
		b.tail, b.earliest, b.latest = b.head, e.when, e.when
	case b.tail.len == len(b.tail.entries):
		b.tail.next = free.take()
		b.tail = b.tail.next
	}
	b.earliest, b.latest = min(b.earliest, e.when), max(b.latest, e.when)
	b.tail.entries[b.tail.len] = e
	b.tail.len++
}

func (b *bucket) pop(free *blocks) (e timerEntry, ok bool) {
	k := b.head
	if k == nil {
		return e, false
	}
	e = k.entries[b.taken]
	k.entries[b.taken].timer = nil
	if b.taken++; b.taken == k.len {
		if b.head, b.taken = k.next, 0; b.head == nil {
			*b = bucket{}
		}
		free.put(k)
	}
	return e, true
}

// blocks are blocks that no bucket needs, for the next that does.
type blocks struct {
	first *block
	count int
}

// So many blocks are kept; the rest is for the garbage collector.
const blocksKept = 1 << 10

func (f *blocks) take() *block {
	k := f.first
	if k == nil {
		return new(block)
	}
	f.first = k.next
	f.count--
	k.next = nil
	return k
}

func (f *blocks) put(k *block) {
	if f.count == blocksKept {
		return
	}
	k.len, k.next = 0, f.first
	f.first = k
	f.count++
}
