package timers

import (
	"cmp"
	"slices"
)

// Earliest returns the timers that are due next, up to n of them, earliest first. It
// looks at no more than about most entries; where a bucket has more, its timers are left
// out, with those that come after.
func (h *Heap[P]) Earliest(n, most int) (timers []*Timer[P]) {
	first := earliest[P]{n: n}
	first.add(h.late)
	for i := range h.buckets {
		if len(first.found) >= n || !first.addBucket(&h.buckets[i], &most) {
			break
		}
	}
	for _, e := range first.found {
		timers = append(timers, e.timer)
	}
	return timers
}

// earliest are the first n of the entries that it was given, in order.
type earliest[P any] struct {
	n     int
	found []entry[P]
}

// addBucket takes the entries of a bucket, which count against most. It returns false if
// they are too many, and takes none then.
func (f *earliest[P]) addBucket(b *bucket[P], most *int) bool {
	for k, from := b.head, b.taken; k != nil; k, from = k.next, 0 {
		if *most -= k.len - from; *most < 0 {
			return false
		}
	}
	for k, from := b.head, b.taken; k != nil; k, from = k.next, 0 {
		f.add(k.entries[from:k.len])
	}
	return true
}

func (f *earliest[P]) add(entries []entry[P]) {
	for _, e := range entries {
		if n := len(f.found); n > 0 && n == f.n && e.when > f.found[n-1].when {
			continue // the usual case
		}
		i, _ := slices.BinarySearchFunc(f.found, e, byDue[P])
		if i == f.n || e.isStale() {
			continue
		}
		if len(f.found) == f.n {
			f.found = f.found[:f.n-1]
		}
		f.found = slices.Insert(f.found, i, e)
	}
}

// byDue tells which of two entries is due first.
func byDue[P any](a, b entry[P]) int {
	return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.seq, b.seq))
}
