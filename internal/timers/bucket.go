package timers

import "time"

// A bucket is a list of entries, first in, first out. They lie in blocks, so
// that neighbors are together in memory, and a bucket that is emptied leaves
// its blocks to those that its entries go to.
type bucket[P any] struct {
	head, tail *block[P]
	taken      int           // how many entries of head have been taken out
	earliest   time.Duration // the earliest deadline that came since the bucket was empty
}

// A block holds so many entries that its fields len and next cost little for each.
type block[P any] struct {
	entries [32]entry[P]
	len     int
	next    *block[P]
}

// enqueue puts an entry at the end of a bucket.
func (h *Heap[P]) enqueue(i uint8, e entry[P]) {
	b := &h.buckets[i]
	switch {
	case b.head == nil:
		h.filled[i/64] |= 1 << (i % 64)
		b.head = h.free.get()
		b.tail, b.earliest = b.head, e.when
	case b.tail.len == len(b.tail.entries):
		b.tail.next = h.free.get()
		b.tail = b.tail.next
	}
	b.earliest = min(b.earliest, e.when)
	b.tail.entries[b.tail.len] = e
	b.tail.len++
}

// dequeue takes the first entry out of a bucket that is not empty.
func (h *Heap[P]) dequeue(i uint8) entry[P] {
	b := &h.buckets[i]
	k := b.head
	e := k.entries[b.taken]
	if b.taken++; b.taken == k.len {
		b.head, b.taken = k.next, 0
		h.free.put(k)
	}
	if b.head == nil {
		h.filled[i/64] &^= 1 << (i % 64)
	}
	return e
}

// refile moves the entries of a bucket to where they belong now, and drops
// those that are stale.
func (h *Heap[P]) refile(i uint8) {
	b := h.buckets[i]
	h.buckets[i] = bucket[P]{}
	h.filled[i/64] &^= 1 << (i % 64)
	for k, from := b.head, b.taken; k != nil; from = 0 {
		for _, e := range k.entries[from:k.len] {
			if e.isStale() {
				h.stale--
			} else {
				h.enqueue(h.bucketOf(e.when), e)
			}
		}
		next := k.next
		h.free.put(k)
		k = next
	}
}

// freeBlocks are blocks that no bucket has at the moment.
type freeBlocks[P any] struct {
	first *block[P]
	len   int
}

// maxFreeBlocks bounds the memory that a heap keeps when it shrinks: blocks for
// 32,768 entries.
const maxFreeBlocks = 1 << 10

func (f *freeBlocks[P]) get() *block[P] {
	k := f.first
	if k == nil {
		return new(block[P])
	}
	f.first = k.next
	f.len--
	k.next = nil
	return k
}

func (f *freeBlocks[P]) put(k *block[P]) {
	clear(k.entries[:k.len])
	if f.len == maxFreeBlocks {
		return
	}
	k.len, k.next = 0, f.first
	f.first = k
	f.len++
}
