// The reference model of what CPython's asyncio does not have. See own_test.go.

package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio"
)

// own carries out an operation that asyncio does not have.
func (r *refRun) own(at refPlace, o op, then func(outcome string, err *refError)) {
	ok := func(err *refError) { then("ok", err) }
	switch o.Kind {
	case opNext:
		r.next(at, &r.sets[o.Set], func(t *refTask, err *refError) { then(t.handed(), err) })
	case opAll:
		r.all(at, o, nil, then)
	case opSelectNext:
		r.selectNext(at, o, then)
	case opStart, opEagerStart, opStartThere:
		r.starts(at, o, then)
	case opSleepUntil:
		r.sleepUntil(at, o.Time, ok)
	case opEvery:
		r.checkpoint(at.scope, func() { ok(refCanceled) }, func() { r.beat(at, o, r.now+o.Time, o.Limit, ok) })
	default:
		then(r.actOwn(at, o), nil)
	}
}

// actOwn carries out one that does not wait.
func (r *refRun) actOwn(at refPlace, o op) string {
	set := &r.sets[o.Set]
	switch o.Kind {
	case opSetAdd:
		for _, p := range o.Parts {
			if t := r.slot(p.Slot); t != nil {
				set.add(t)
			}
		}
		return fmt.Sprint(len(set.tasks))
	case opTryNext:
		return set.take().handed()
	case opReady:
		if at.start == nil {
			return "skipped"
		}
		return at.start.ready(o.ID)
	default:
		if at.group == nil {
			return "skipped"
		}
		at.group.cancelAfter(o.Time)
		return fmt.Sprint(at.group.expired)
	}
}

// A refSet is a TaskSet.
type refSet struct {
	tasks []*refTask   // not handed out
	ended []*refTask   // of these, in the order in which the set has heard of it
	line  []*refWaiter // who waits for the next
}

func (s *refSet) add(t *refTask) {
	if slices.Contains(s.tasks, t) {
		return
	}
	s.tasks = append(s.tasks, t)
	t.subscribe(func() {
		s.ended = append(s.ended, t)
		s.wake()
	})
}

// wake lets the first in line go on, and take what is there then.
func (s *refSet) wake() {
	if len(s.line) > 0 {
		first := s.line[0]
		s.line = s.line[1:]
		first.wake()
	}
}

// take takes out the task that has ended first; nil: none has.
func (s *refSet) take() *refTask {
	if len(s.ended) == 0 {
		return nil
	}
	t := s.ended[0]
	s.ended = s.ended[1:]
	s.tasks = slices.DeleteFunc(s.tasks, func(other *refTask) bool { return other == t })
	for len(s.tasks) == 0 && len(s.line) > 0 { // nothing comes any more
		s.wake()
	}
	return t
}

func (t *refTask) handed() string {
	if t == nil {
		return "none"
	}
	return fmt.Sprintf("task %d", t.id)
}

// next takes out the next task; there is none if the set is empty.
func (r *refRun) next(at refPlace, s *refSet, then func(*refTask, *refError)) {
	var look func()
	look = func() {
		if len(s.ended) > 0 || len(s.tasks) == 0 {
			then(s.take(), nil)
			return
		}
		r.waitForAny(at, []*[]*refWaiter{&s.line}, forEver, func(_ int, err *refError) {
			if err != nil {
				then(nil, err)
				return
			}
			look()
		})
	}
	r.checkpoint(at.scope, func() { then(nil, refCanceled) }, look)
}

// all takes tasks out in up to o.Limit+1 turns.
func (r *refRun) all(at refPlace, o op, seen []string, then func(string, *refError)) {
	end := func(err *refError) { then(strings.Join(seen, " "), err) }
	r.next(at, &r.sets[o.Set], func(t *refTask, err *refError) {
		if t == nil {
			end(err)
			return
		}
		seen = append(seen, t.handed())
		r.ops(at, o.Body, func(err *refError) {
			if err != nil || len(seen) > o.Limit {
				end(err)
			} else {
				r.all(at, o, seen, then)
			}
		})
	})
}

// A refSelect waits for a set, a future and tasks. What can go on is done in the order of the
// cases.
type refSelect struct {
	at    refPlace
	set   *refSet
	next  *refTask      // taken out of the set
	cases []func() bool // do what a case is for, if that can go on
	lines []*[]*refWaiter
	ofSet int // the case of the set
	time  int // how long it waits; 0: for ever, negative: not at all
	until int // when it is over; forEver: it has not waited yet, or there is no end
	then  func(outcome string, err *refError)
}

func (r *refRun) selectNext(at refPlace, o op, then func(string, *refError)) {
	fs := []*refFuture{r.futs[o.Future]}
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil {
			fs = append(fs, &t.refFuture)
		}
	}
	s := &refSelect{at: at, set: &r.sets[o.Set], time: o.Time, then: then, ofSet: 1, until: forEver}
	if o.setFirst() {
		s.ofSet = 0
	}
	done := each(fs, func(f *refFuture) func() bool { return func() bool { return f.done } })
	s.cases = slices.Insert(done, s.ofSet, s.take)
	s.lines = slices.Insert(linesOf(fs), s.ofSet, &s.set.line)
	r.checkpoint(at.scope, func() { s.end(-1, refCanceled) }, func() { s.look(r) })
}

func (s *refSelect) take() bool {
	s.next = s.set.take()
	return s.next != nil
}

func (s *refSelect) end(chosen int, err *refError) {
	s.then(fmt.Sprintf("%d %s", chosen, s.next.handed()), err)
}

func (s *refSelect) look(r *refRun) {
	for i, goesOn := range s.cases {
		if goesOn() {
			s.end(i, nil)
			return
		}
	}
	switch {
	case s.time < 0:
		s.end(len(s.cases), nil)
		return
	case s.until == forEver:
		s.until = r.after(s.time)
	}
	r.waitForAny(s.at, s.lines, s.until, func(chosen int, err *refError) {
		if err == nil && chosen == s.ofSet && !s.take() { // someone was faster
			s.look(r)
		} else {
			s.end(chosen, err)
		}
	})
}

// A refStart is a Start on its way.
type refStart struct {
	task   *refTask
	wait   *refWait // of the caller; nil: it does not wait yet
	value  int
	called bool // started was called
	begun  bool // before the task was canceled
}

func (s *refStart) ready(value int) string {
	if s.called || s.task.done {
		return "misuse"
	}
	s.called = true
	if s.task.scope.canceled {
		return "ok"
	}
	s.begun, s.value, s.task.starting = true, value, false
	if s.wait != nil {
		s.wait.wake()
	}
	return "ok"
}

func (r *refRun) starts(at refPlace, o op, then func(string, *refError)) {
	group := at.group
	if o.Kind == opStartThere {
		group = r.groups[o.Group]
	}
	switch {
	case group == nil:
		then("skipped", nil)
		return
	case group.left:
		then("misuse", nil)
		return
	}
	r.checkpoint(at.scope, func() { then("", refCanceled) }, func() {
		s := &refStart{}
		s.task = group.spawnAs(func(t *refTask, scope *refScope, end func(refResult)) {
			s.task = t // an eager one runs before it is spawned
			r.ops(refPlace{t, scope, group, s}, o.Body, func(err *refError) { end(refResult{err: err}) })
		}, o.Kind == opEagerStart, true)
		if s.begun {
			then(fmt.Sprint(s.value), nil)
			return
		}
		s.await(at, func(err *refError) { then(fmt.Sprint(s.value), err) })
	})
}

// await waits until the task is ready, or has ended. A cancellation goes to the task.
func (s *refStart) await(at refPlace, then func(*refError)) {
	s.wait = &refWait{l: s.task.l, scope: at.scope, canceler: func() { s.task.cancel() }}
	place := s.task.subscribe(s.wait.wake)
	s.wait.then = func(bool) {
		s.task.forget(place)
		if s.begun {
			then(nil)
		} else {
			then(s.failure())
		}
	}
	s.wait.begin()
}

// failure is what the caller gets if the task has ended and was never ready.
func (s *refStart) failure() *refError {
	switch err := s.task.look().err; {
	case s.task.scope.canceled && !s.task.failed():
		return refCanceled
	case err == nil:
		return &refError{text: asyncio.ErrNotStarted.Error()}
	default:
		return err
	}
}

// cancelAfter sets the deadline of a group, in place of the one before.
func (g *refGroup) cancelAfter(d int) {
	switch {
	case g.aborting, g.left:
		return
	case d <= 0:
		g.expire()
		return
	}
	g.l.stop(g.deadline)
	var deadline *refTimer
	deadline = g.l.at(g.l.now+d, func() {
		if g.deadline == deadline { // not set again in the pass in which it is due
			g.expire()
		}
	})
	g.deadline = deadline
}

// expire cancels what there is of the group, if something of it is neither canceled nor over.
func (g *refGroup) expire() {
	over := g.left || g.bodyOver && g.children == g.unheard
	if !g.aborting && !g.scope.canceled && !over {
		g.expired, g.canceled = true, true
		g.abort()
	}
}

func (r *refRun) sleepUntil(at refPlace, when int, then func(*refError)) {
	r.checkpoint(at.scope, func() { then(refCanceled) }, func() {
		if when > r.now {
			r.sleep(at, when-r.now, then)
		} else {
			r.yield(at, then)
		}
	})
}

// beat waits for a beat, has its turn, and goes on to the first beat that has not passed.
func (r *refRun) beat(at refPlace, o op, when, turns int, then func(*refError)) {
	r.sleepUntil(at, when, func(err *refError) {
		if err != nil {
			then(err)
			return
		}
		r.note("task %d: %s: beat %d", at.task.id, o.label(), when)
		r.ops(at, o.Body, func(err *refError) {
			if err != nil || turns == 0 {
				then(err)
				return
			}
			next := when + o.Time
			for next < r.now {
				next += o.Time
			}
			r.beat(at, o, next, turns-1, then)
		})
	})
}

// noteSets notes what is left in the sets when main ends.
func (r *refRun) noteSets() {
	for i := range r.sets {
		set := &r.sets[i]
		for t := set.take(); t != nil; t = set.take() {
			r.note("set %d has %s", i, t.handed())
		}
		if len(set.tasks) > 0 {
			r.note("set %d waits for %d", i, len(set.tasks))
		}
	}
}
