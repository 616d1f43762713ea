package timers

import "fmt"

// Verify returns an error if what has to hold between two calls does not.
func (h *Heap[P]) Verify() error {
	entries, stale := len(h.late), 0
	for i, e := range h.late {
		if e.isStale() {
			stale++
		}
		if e.when >= h.last || i > 0 && h.late.Less(i, (i-1)/2) {
			return fmt.Errorf("late timer %d, at %d, is out of place", i, e.when)
		}
	}
	for i := range h.buckets {
		b := &h.buckets[i]
		if h.filled[i/64]>>(i%64)&1 == 1 != (b.head != nil) {
			return fmt.Errorf("the bit of bucket %d is wrong", i)
		}
		for k, from := b.head, b.taken; k != nil; k, from = k.next, 0 {
			for _, e := range k.entries[from:k.len] {
				entries++
				if e.isStale() {
					stale++
				}
				if e.when < max(h.last, b.earliest) || int(h.bucketOf(e.when)) != i {
					return fmt.Errorf("a timer at %d is in bucket %d", e.when, i)
				}
			}
		}
	}
	if entries != h.set+h.stale || stale != h.stale {
		return fmt.Errorf("%d entries, %d of them stale; %d and %d were counted", entries, stale, h.set+h.stale, h.stale)
	}
	return nil
}
