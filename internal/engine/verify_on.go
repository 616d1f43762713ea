//go:build invariants

package engine

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// verify walks the loop between two passes and panics where an invariant
// does not hold. It is built with -tags invariants.
func (l *Loop) verify() {
	queued := map[*Task]bool{}
	for i := range l.ready.Len() {
		if t, ok := (*l.ready.At(i)).(*Task); ok {
			must(!queued[t], "task %s is queued twice", t.Name())
			queued[t] = true
		}
	}
	must(l.left == 0, "%d events of the pass are left", l.left)
	l.timers.verify()
	live := 0
	for t := range l.Tasks {
		live++
		t.verify(queued[t])
	}
	must(live == l.live, "%d live tasks are in the tree, %d were counted", live, l.live)
	l.root.verify()
}

func (t *Task) verify(queued bool) {
	must(!t.Done(), "task %s is done and in the tree", t.Name())
	w := t.worker
	switch {
	case w != nil && w.deaths > livesOfATask: // it is left where it is
	case w == nil:
		g := t.scope.groupAbove()
		must(queued || g != nil && slices.Contains(g.held, t), "task %s has not begun and is not queued", t.Name())
	case w.wait.state == waiting:
		must(!queued, "task %s waits and is queued", t.Name())
	default:
		must(queued || t.loop.current == t, "task %s was woken and is not queued", t.Name())
	}
	if w != nil {
		must(w.wait.task == t, "task %s and its worker disagree", t.Name())
		must(w.wait.state == waiting || w.wait.waiter.list == nil, "task %s is in a list and does not wait", t.Name())
		must(w.wait.state == waiting || w.wait.far == nil || !w.wait.far.Listed(), "task %s hangs on a scope and does not wait", t.Name())
		must(w.wait.state != waiting || w.wait.passedOn || !w.wait.IsCut() || w.wait.mayBeLate(), "task %s waits on a canceled context", t.Name())
	}
}

// mayBeLate reports whether the end of the wait's context comes to the loop as an
// event, which may be on its way.
func (w *Wait) mayBeLate() bool {
	return w.foreign() != nil || w.scope != nil && w.scope.kind&scopeOfThread != 0
}

func (s *Scope) verify() {
	for kid := range s.each {
		must(kid.up == s, "a scope hangs below one that is not above it")
		must(kid.next.prev == kid && kid.prev.next == kid, "a ring of scopes is broken")
		apart := s.kind&scopeOfThread != 0 || kid.extra != nil && kid.extra.apart // the end of its context may be on its way
		must(!s.Canceled() || kid.Canceled() || apart || !kid.isCutOff(), "a scope outlives the one above it")
		kid.verify()
	}
	for w := s.far.first; w != nil; w = w.next {
		if f, ok := w.who.(*far); ok { // not one of WhenEnded
			must(f.wait.state == waiting && f.wait.far == f && f.wait.scope == s, "a wait hangs on a scope and does not wait on it")
		}
		must(w.next.prev == w, "a ring of waits is broken")
		if w.next == s.far.first {
			return
		}
	}
}

func (h *timers) verify() {
	count, stale := 0, 0
	see := func(e timerEntry) {
		count++
		if !e.live() {
			stale++
		}
	}
	before := time.Duration(math.MinInt64)
	for e := range h.past.each {
		see(e)
		must(e.when <= h.last && e.when >= before, "a timer of the past is out of order")
		before = e.when
	}
	for i := range h.buckets {
		b := &h.buckets[i]
		must(h.filled[i/64]>>(i%64)&1 == 1 == (b.head != nil), "bucket %d of the timers is not what it is said to be", i)
		for e := range b.each {
			see(e)
			must(e.when >= b.earliest && e.when <= b.latest && h.bucketOf(e.when) == i, "a timer is in the wrong bucket, %d", i)
		}
	}
	must(count == h.count && stale == h.stale, "%d timers, %d stale, %d and %d were counted", count, stale, h.count, h.stale)
}

// each ranges over the entries.
func (b *bucket) each(yield func(timerEntry) bool) {
	from := b.taken
	for k := b.head; k != nil; k = k.next {
		for _, e := range k.entries[from:k.len] {
			if !yield(e) {
				return
			}
		}
		from = 0
	}
}

func must(holds bool, format string, args ...any) {
	if !holds {
		panic("asyncio: invariant: " + fmt.Sprintf(format, args...))
	}
}
