package timers

import (
	"cmp"
	"slices"
)

// Earliest returns the timers that are due next, up to n of them, earliest first. It
// looks at no more than about most entries; where a bucket has more, its timers are left
// out, with those that come after.
func (h *Heap[P]) Earliest(n, most int) (timers []*Timer[P]) {
	found := live(nil, h.late)
	for i := range h.buckets {
		if len(found) >= n {
			break
		}
		inBucket, whole := h.buckets[i].live(most)
		if !whole {
			break
		}
		most -= len(inBucket)
		found = append(found, inBucket...)
	}
	slices.SortFunc(found, func(a, b entry[P]) int {
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.seq, b.seq))
	})
	for _, e := range found[:min(n, len(found))] {
		timers = append(timers, e.timer)
	}
	return timers
}

// live returns the entries that are not stale; false if it has to look at more than
// most for that.
func (b *bucket[P]) live(most int) (found []entry[P], whole bool) {
	for k, from := b.head, b.taken; k != nil; k, from = k.next, 0 {
		if most -= k.len - from; most < 0 {
			return nil, false
		}
		found = live(found, k.entries[from:k.len])
	}
	return found, true
}

// live adds the entries that are not stale.
func live[P any](found, entries []entry[P]) []entry[P] {
	for _, e := range entries {
		if !e.isStale() {
			found = append(found, e)
		}
	}
	return found
}
