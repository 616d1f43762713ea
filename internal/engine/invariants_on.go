//go:build invariants

package engine

import (
	"fmt"
	"slices"
)

// invariants is what the check of the invariants notes.
type invariants struct {
	owners map[Slot]*Slot // for each event in the ready queue that has an owner: where that keeps the slot
}

// own notes where the owner of an event that has come into the ready queue keeps its
// slot.
func (v *invariants) own(s *Slot) {
	if v.owners == nil {
		v.owners = map[Slot]*Slot{}
	}
	v.owners[*s] = s
}

// verify walks the loop between two passes and panics if an invariant does not hold.
func (l *Loop) verify() {
	must(l.left == 0, "%d events of the pass are left", l.left)
	l.verifySlots()
	err := l.timers.Verify()
	must(err == nil, "%v", err)
	queued := map[*Task]bool{}
	for i := range l.ready.Len() {
		if t, ok := (*l.ready.At(i)).(*Task); ok {
			must(!queued[t], "task %s is queued twice", t.Name())
			queued[t] = true
		}
	}
	for _, w := range l.idle {
		must(w.inner == nil && w.wait.task == nil, "an idle worker keeps a task alive")
	}
	live := 0
	for t := range l.Tasks {
		live++
		t.verify(queued[t])
	}
	must(live == l.live, "%d live tasks are in the tree, %d were counted", live, l.live)
	l.root.verify()
}

// verifySlots checks that what was taken back is not in the queue: an event whose
// owner has left its slot would fire without being wanted.
func (l *Loop) verifySlots() {
	for slot, owner := range l.owners {
		switch e := l.ready.in(slot); {
		case e == nil: // it has had its turn
			delete(l.owners, slot)
		case *e == nil:
			must(*owner != slot, "an event was taken back, and its owner waits for it")
		default:
			must(*owner == slot, "a %T is queued, and its owner has forgotten it", *e)
		}
	}
}

func (t *Task) verify(queued bool) {
	w := t.worker
	if w != nil && w.deaths > maxDeaths {
		return // it is left where it is
	}
	must(!t.Done(), "task %s is done and in the tree", t.Name())
	must(queued == (t.state == TaskReady), "task %s is in state %d; queued: %v", t.Name(), t.state, queued)
	switch t.state {
	case TaskHeld:
		g := t.scope.groupAbove()
		must(w == nil && g != nil && slices.Contains(g.held, t), "task %s has not begun and is not held back", t.Name())
	case TaskReady:
		must(w != nil || t.loop.current != t, "task %s runs and is queued", t.Name())
	case TaskRunning:
		must(t.loop.current == t, "task %s runs and is not the current one", t.Name())
	case TaskWaiting:
		must(w != nil, "task %s waits without a worker", t.Name())
		must(w.wait.passedOn || !w.wait.IsCut() || w.wait.mayBeLate(), "task %s waits on a canceled context", t.Name())
	case TaskDone:
		must(false, "task %s is in a state of the dead", t.Name())
	}
	if w != nil {
		must(w.wait.task == t, "task %s and its worker disagree", t.Name())
		w.wait.verify(t.state == TaskWaiting)
	}
}

// mayBeLate reports whether the loop learns of the end of the wait's context from an
// event, which may be on its way.
func (w *Wait) mayBeLate() bool {
	return w.foreignContext() != nil || w.scope != nil && w.scope.kind&scopeOfThread != 0
}

func (w *Wait) verify(waiting bool) {
	must(waiting || !w.waiter.Listed(), "task %s is in a list and does not wait", w.task.Name())
	must(waiting || !w.timer.timer.IsSet(), "task %s has a deadline and does not wait", w.task.Name())
	if s := w.task.worker.selects; s != nil {
		s.verify(waiting && w.why == s)
	}
	if f := w.foreign; f != nil {
		must(waiting || !f.waiter.Listed() && f.end.stop == nil, "task %s hangs on a scope and does not wait", w.task.Name())
	}
}

func (s *Selection) verify(waiting bool) {
	for i := range s.places {
		p := &s.places[i]
		must(p.Listed() == (waiting && p.on != nil), "task %s is in a list: %v; it waits in a selection: %v", s.wait.task.Name(), p.Listed(), waiting)
	}
}

func (s *Scope) disowned() bool {
	return s.extra != nil && s.extra.group != nil && s.extra.group.state == groupDisowned
}

func (s *Scope) verify() {
	for kid := range s.below.All {
		must(kid.up == s || kid.disowned(), "a scope hangs below one that is not above it")
		p := kid.foreignParent()
		late := s.kind&scopeOfThread != 0 || p != nil && p.cutOff // the end of its context may be on its way
		must(!s.Canceled() || kid.Canceled() || late || !kid.outerCanceled(), "a scope outlives the one above it")
		kid.verify()
	}
	if std := s.std.Load(); std != nil {
		for w := range std.waiters.list.All {
			if f, ok := w.(*foreignWait); ok { // the others are subscriptions of WhenEnded
				must(f.wait.task.state == TaskWaiting && f.wait.foreign == f && f.wait.scope == s, "a wait hangs on a scope and does not wait on it")
			}
		}
	}
}

func must(holds bool, format string, args ...any) {
	if !holds {
		panic("asyncio: invariant: " + fmt.Sprintf(format, args...))
	}
}
