package recording

import (
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// catchUp writes down what has come into the ready queue and left it since the last time,
// and which timers were set and taken back. The loop reports each event that has its
// turn, so no event can come and go in between.
func (r *recorder) catchUp() {
	r.takes()
	r.pushes()
	r.timerChanges()
}

// takes writes down what has left the ready queue.
func (r *recorder) takes() {
	taken := r.loop.Taken()
	r.present = slices.DeleteFunc(r.present, func(s engine.Slot) bool {
		back := s > taken
		if back && r.loop.InSlot(s) != nil {
			return false
		}
		r.put(Event{Kind: Take, Slot: uint64(s) + r.base.slot, Back: back})
		if back {
			delete(r.items, s)
		}
		return true
	})
}

// pushes writes down what has come into it.
func (r *recorder) pushes() {
	for s := max(r.newest, r.loop.Taken()) + 1; s <= r.loop.Newest(); s++ {
		r.newest = s
		e := r.loop.InSlot(s)
		if e == nil { // it was taken back at once
			continue
		}
		item := r.item(r.loop.Item(e))
		r.present = append(r.present, s)
		r.items[s] = item
		r.put(Event{Kind: Push, Slot: uint64(s) + r.base.slot, Item: item})
	}
}

// taken returns what has its turn now.
func (r *recorder) taken() *Item {
	s := r.loop.Taken()
	item := r.items[s]
	for other := range r.items {
		if other <= s {
			delete(r.items, other)
		}
	}
	if item == nil {
		return &Item{}
	}
	return item
}

// due writes down that a deadline was reached: that of the timer whose event has come into
// the ready queue last.
func (r *recorder) due() {
	e := r.loop.InSlot(r.loop.Newest())
	for i, t := range r.timers {
		if t.Event == e {
			r.put(Event{Kind: Due, ID: t.id})
			r.timers = slices.Delete(r.timers, i, i+1)
			return
		}
	}
}

// timerChanges writes down which timers were taken back, and which were set.
func (r *recorder) timerChanges() {
	set := r.loop.Timers()
	known := map[uint64]bool{} // by number: whether the timer is still set
	for _, t := range r.timers {
		known[t.Number] = false
	}
	fresh := slices.DeleteFunc(set, func(s engine.SetTimer) bool {
		_, old := known[s.Number]
		known[s.Number] = true
		return old
	})
	r.timers = slices.DeleteFunc(r.timers, func(t timer) bool {
		gone := !known[t.Number]
		if gone {
			r.put(Event{Kind: Stop, ID: t.id})
		}
		return gone
	})
	for _, s := range fresh {
		r.made++
		r.timers = append(r.timers, timer{s, r.made})
		r.put(Event{Kind: Timer, ID: r.made, Task: r.task(s.Task), At: s.At, For: For{What: timerFor(s.For.Label)}})
	}
}

func timerFor(l engine.Label) string {
	if l == engine.LabelCallback {
		return "call_later"
	}
	return l.String()
}
