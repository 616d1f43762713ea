package engine

import (
	"reflect"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// spawned tells of a new task.
func (tr *Trace) spawned(t *Task) {
	owned := !tr.held && tr.own()
	if tr.merged != 0 {
		tr.endRun()
	}
	tr.runner = 0
	if tr.page != nil {
		same := tick.Callers(skipOfSites(), (*[tick.Depth]uintptr)(&tr.page.site))
		c, group := tr.room(tr.now), t.groupNumber()
		r := c.next()
		r.at, r.task, r.arg = tr.now, t.id, t.parent
		r.numbers, r.tags = numbers(group, 0), tags(Spawned, 0, 0, c.noteSite(same))
		if tr.exact {
			r.at = tr.clock()
		}
		if name := t.givenName(); name != "" {
			r.numbers = numbers(group, c.note(name))
			c.notice()
		}
	}
	tr.hosted(t)
	if tr.heard.Has(Spawned) {
		tr.tell(Spawned, t, t.parent)
	}
	if owned {
		tr.letGo()
	}
}

// skipOfSites returns how many callers of spawned are of the engine.
func skipOfSites() int {
	if tick.InlinedCounted {
		return 2
	}
	return 1
}

// done tells that a task has ended.
func (tr *Trace) done(t *Task) {
	if t.failure == nil && t.outcome != canceled && tr.loop.current == t && !tr.heard.Has(Returned) {
		return // Ends says it all
	}
	tr.tellOutcome(t)
}

func (tr *Trace) tellOutcome(t *Task) {
	k, text := Returned, ""
	switch {
	case t.outcome == canceled:
		k = Canceled
	case t.failure != nil && tr.panicked:
		k = Panicked
	case t.failure != nil:
		k = Failed
	}
	tr.panicked = false
	if (k == Failed || k == Panicked) && tr.streamed.Has(k) {
		text = tr.loop.ErrorText(t.failure.err)
	}
	tr.write(record{kind: k, at: tr.now, task: t.id}, t, text)
	tr.outcome = t.id
	if tr.page != nil && tr.loop.current != t && tr.isNotable(t) {
		tr.page.notice() // there is no Ends
	}
}

// called tells that a callback is over.
func (tr *Trace) called(fn func()) {
	now := tr.clock()
	tr.write(record{kind: Called, at: now, arg: pcOf(fn), n: uint32(tr.loop.passes)}, nil, "")
	tr.now = now
	tr.tellPushes()
}

// pcOf returns the program counter of a function's code.
func pcOf(fn func()) uint64 {
	if fn == nil {
		return 0
	}
	return uint64(reflect.ValueOf(fn).Pointer())
}

// asked tells that a task is asked to end.
func (tr *Trace) asked(t *Task) {
	if t.Done() {
		return
	}
	if w := t.worker; w != nil {
		if w.seen.task != t.id {
			w.seen = seen{task: t.id, first: tr.now, since: tr.now}
		}
		w.seen.asked = tr.now
	}
	by := uint64(0)
	if c := tr.loop.current; c != nil {
		by = c.id
	}
	tr.moment(record{kind: Asked, task: t.id, arg: by}, t, "")
}

// slept tells that the loop has waited for the world.
func (tr *Trace) slept() {
	now := tr.clock()
	tr.asleep += now - tr.now
	tr.write(record{kind: Slept, at: now}, nil, "")
	tr.now = now
}

// moment tells of something that takes no time. Its time is now, and not the beginning of
// the step that did it, because that step may have run for long.
func (tr *Trace) moment(r record, t *Task, text string) {
	r.at = tr.clock()
	tr.write(r, t, text)
}

func (tr *Trace) passBegins() {
	tr.tellPushes()
	if l := tr.loop; tr.wants(PassBegun) {
		tr.moment(record{kind: PassBegun, arg: uint64(l.left), n: uint32(l.passes)}, nil, "")
	}
}

func (tr *Trace) passEnds() {
	if tr.wants(PassOver) {
		tr.moment(record{kind: PassOver, n: uint32(tr.loop.passes)}, nil, "")
	}
}

func (tr *Trace) opened(g *Group) {
	tr.moment(record{kind: Opened, task: g.task.id, arg: uint64(g.number), n: g.up.groupNumber()}, g.task, g.extra.name)
}

// tellPushes tells what has come into the ready queue since the last time.
func (tr *Trace) tellPushes() {
	if !tr.wants(Pushed) {
		return
	}
	l := tr.loop
	for s := max(tr.pushed, Slot(l.ready.taken)) + 1; s < l.ready.next(); s++ {
		r := record{kind: Pushed, at: tr.now, n: uint32(s)}
		switch e := (*l.ready.in(s)).(type) {
		case nil: // it was taken back meanwhile
			r.what = LabelCancel
		case *Task:
			r.task, r.what = e.id, LabelTask
		default:
			ref := refOfEvent(e)
			r.what, r.arg = ref.Label, ref.Number
		}
		tr.write(r, nil, "")
	}
	tr.pushed = l.ready.next() - 1
}
