// Random programs, part three: the reference model carries out a program.

package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio"
)

// A refRun is one run of a program on the model.
type refRun struct {
	*refLoop
	slots []*refTask
	futs  []*refFuture
	sets  [sets]refSet

	groups [groups]*refGroup // the last ones that were opened
}

// A refPlace is where an operation is carried out.
type refPlace struct {
	task  *refTask
	scope *refScope
	group *refGroup // the innermost
	start *refStart // the innermost
}

// alone is the place of what is in none of the groups around.
func (at refPlace) alone() refPlace { return refPlace{at.task, at.scope, nil, at.start} }

// runOnModel returns the trace of a program, and the errors that went to the
// exception handler.
func runOnModel(p randomProgram) (trace []traceLine, reports []string) {
	r := &refRun{refLoop: &refLoop{}, slots: make([]*refTask, p.Slots)}
	for range futures {
		r.futs = append(r.futs, &refFuture{l: r.refLoop})
	}
	main := r.newTask(nil, func(t *refTask, s *refScope, then func(refResult)) {
		for _, root := range p.Roots {
			r.op(refPlace{task: t, scope: s}, root, func(string, *refError) {})
		}
		r.sleep(refPlace{task: t, scope: s}, enough, func(err *refError) {
			r.noteSets()
			then(refResult{err: err})
		})
	})
	main.subscribe(func() { r.stopped = true })
	main.start(false)
	r.run()
	main.look()
	r.shutdown()
	return r.trace, r.unseen()
}

// shutdown cancels what is left over until nothing is, and lets the callbacks
// of the last moment run.
func (r *refRun) shutdown() {
	for {
		var left []*refTask
		for _, t := range r.tasks {
			if !t.done {
				left = append(left, t)
			}
		}
		if len(left) == 0 {
			break
		}
		waits := len(left)
		for _, t := range left {
			t.subscribe(func() {
				waits--
				r.stopped = r.stopped || waits == 0
			})
		}
		for _, t := range left {
			t.cancel()
		}
		r.run()
	}
	const passes = 4
	r.settle(passes)
	r.run()
}

func (r *refRun) settle(passes int) {
	if passes == 0 {
		r.stopped = true
		return
	}
	r.soon(func() { r.settle(passes - 1) })
}

// unseen lists the errors that no one has looked at.
func (r *refRun) unseen() []string {
	var errs []string
	for _, t := range r.tasks {
		if !t.seen && t.failed() {
			errs = append(errs, t.result.err.String())
		}
	}
	for _, f := range r.futs {
		if !f.seen && f.failed() {
			errs = append(errs, f.result.err.String())
		}
	}
	slices.Sort(errs)
	return errs
}

// coroutine is a body as a task or an awaiting task runs it; its value is the
// number of its first operation.
func (r *refRun) coroutine(ops []op, at refPlace) refBody {
	return func(t *refTask, s *refScope, then func(refResult)) {
		r.ops(refPlace{t, s, at.group, at.start}, ops, func(err *refError) { then(refResult{firstID(ops), err}) })
	}
}

func (r *refRun) ops(at refPlace, ops []op, then func(*refError)) {
	if len(ops) == 0 {
		then(nil)
		return
	}
	o := ops[0]
	r.op(at, o, func(outcome string, err *refError) {
		if err != nil {
			outcome = err.String()
		}
		r.note("task %d: %s: %s", at.task.id, o.label(), outcome)
		if err != nil {
			then(err)
			return
		}
		r.ops(at, ops[1:], then)
	})
}

// op carries out one operation. then gets what is to be noted of it, and its
// error.
func (r *refRun) op(at refPlace, o op, then func(outcome string, err *refError)) {
	ok := func(err *refError) { then("ok", err) }
	result := func(x refResult) { then(x.String(), x.err) }
	switch o.Kind {
	case opYield:
		r.yield(at, ok)
	case opSleep:
		r.sleep(at, o.Time, ok)
	case opFail:
		ok(&refError{text: failure(o)})
	case opGiveUp:
		ok(refCanceled)
	case opCancel, opSetFuture, opFailFuture, opCancelFuture:
		then(r.act(at, o), nil)
	case opSoon:
		r.soon(func() { r.note("callback: %s: %s", o.Body[0].label(), r.act(at, o.Body[0])) })
		ok(nil)
	case opLater:
		r.at(r.now+o.Time, func() { r.note("callback: %s: %s", o.Body[0].label(), r.act(at, o.Body[0])) })
		ok(nil)
	case opCallback:
		r.callback(o, ok)
	case opAwaitFuture:
		f := r.futs[o.Future]
		r.await(at, f, func() { f.finish(refResult{err: refCanceled}, true) }, result)
	case opCall:
		r.ops(at, o.Body, func(err *refError) { result(refResult{firstID(o.Body), err}) })
	case opTry:
		r.ops(at, o.Body, func(err *refError) {
			if err != nil && !err.hasCanceled() {
				then("caught "+err.String(), nil)
			} else {
				ok(err)
			}
		})
	case opSwallow:
		r.ops(at, o.Body, func(err *refError) { then("swallowed "+err.String(), nil) })
	case opClean:
		r.ops(at, o.Body, func(err *refError) {
			r.ops(refPlace{task: at.task, start: at.start}, o.Cleanup, func(err2 *refError) {
				if err2 != nil {
					err = err2
				}
				ok(err)
			})
		})
	case opTimeout:
		t := r.openTimeout(at.scope, o.Time)
		r.ops(refPlace{at.task, t.scope, at.group, at.start}, o.Body, func(err *refError) { ok(t.leave(r.refLoop, err)) })
	case opGroup:
		g := &refGroup{l: r.refLoop, scope: openScope(at.scope), limit: o.Limit, supervised: o.Supervised}
		g.scope.group = g
		r.groups[o.Group] = g
		r.ops(refPlace{at.task, g.scope, g, at.start}, o.Body, func(err *refError) {
			g.leave(err, func(err *refError) {
				if g.expired {
					r.note("group %d has expired", o.ID)
				}
				ok(err)
			})
		})
	default:
		r.taskOp(at, o, then)
	}
}

// taskOp is op for what has to do with other tasks.
func (r *refRun) taskOp(at refPlace, o op, then func(outcome string, err *refError)) {
	ok := func(err *refError) { then("ok", err) }
	result := func(x refResult) { then(x.String(), x.err) }
	switch o.Kind {
	case opSpawn, opEager:
		t := r.newTask(nil, r.coroutine(o.Body, at.alone()))
		t.start(o.Kind == opEager)
		r.slots[o.Slot] = t
		ok(nil)
	case opChild, opEagerChild:
		if at.group == nil {
			then("skipped", nil)
			return
		}
		r.slots[o.Slot] = at.group.spawn(r.coroutine(o.Body, at), o.Kind == opEagerChild)
		ok(nil)
	case opCancelGroup:
		if at.group != nil {
			at.group.canceled = true
			at.group.abort()
		}
		ok(nil)
	case opWaitForCoro:
		r.waitForCoro(at, o, result)
	case opAwait, opShield, opWaitFor:
		t := r.slot(o.Slot)
		if t == nil {
			then("skipped", nil)
			return
		}
		switch o.Kind {
		case opAwait:
			r.await(at, &t.refFuture, func() { t.cancel() }, result)
		case opShield:
			r.shield(at, t, result)
		case opWaitFor:
			r.waitFor(at, t, o.Time, result)
		}
	case opWait:
		r.wait(at, o, then)
	case opSelect:
		r.selects(at, o, then)
	case opAsCompleted:
		r.asCompleted(at, o, then)
	case opGather, opSettle, opRace, opAny:
		r.combine(at, o, then)
	default:
		r.own(at, o, then)
	}
}

func (r *refRun) slot(n int) *refTask {
	if n == noSlot {
		return nil
	}
	return r.slots[n]
}

// act carries out an operation that does not wait.
func (r *refRun) act(at refPlace, o op) string {
	f := r.futs[o.Future]
	switch o.Kind {
	case opSetFuture:
		return fmt.Sprint(f.finish(refResult{value: o.ID}, false))
	case opFailFuture:
		return fmt.Sprint(f.finish(refResult{err: &refError{text: failure(o)}}, false))
	case opCancelFuture:
		return fmt.Sprint(f.finish(refResult{err: refCanceled}, true))
	case opSetAdd, opTryNext, opReady, opCancelAfter:
		return r.actOwn(at, o)
	default:
		t := r.slot(o.Slot)
		return fmt.Sprint(t != nil && t.cancel())
	}
}

func (r *refRun) callback(o op, then func(*refError)) {
	if t := r.slot(o.Slot); t != nil {
		t.subscribe(func() {
			t.look()
			r.note("callback %d of task %d", o.ID, t.id)
		})
	}
	then(nil)
}

func (r *refRun) yield(at refPlace, then func(*refError)) {
	r.soon(func() {
		if at.scope.isCanceled() {
			then(refCanceled)
		} else {
			then(nil)
		}
	})
}

// canceledOrOK is the end of a wait that brings nothing.
func canceledOrOK(then func(*refError)) func(canceled bool) {
	return func(canceled bool) {
		if canceled {
			then(refCanceled)
		} else {
			then(nil)
		}
	}
}

// sleep: the timer completes the wait, which then resumes the sleeper.
func (r *refRun) sleep(at refPlace, d int, then func(*refError)) {
	r.checkpoint(at.scope, func() { then(refCanceled) }, func() {
		w := &refWait{l: r.refLoop, scope: at.scope, then: canceledOrOK(then)}
		timer := r.at(r.now+d, w.wake)
		w.cleanup = func() { r.stop(timer) }
		w.begin()
	})
}

// await waits for a future, or a task; a cancellation goes to the canceler.
func (r *refRun) await(at refPlace, f *refFuture, canceler func(), then func(refResult)) {
	if f.done {
		r.checkpoint(at.scope, func() { then(refResult{err: refCanceled}) }, func() { then(f.look()) })
		return
	}
	w := &refWait{l: r.refLoop, scope: at.scope, canceler: canceler}
	w.then = func(bool) {
		if f.look(); f.canceled && w.passedOn {
			then(refResult{err: refCanceled})
		} else {
			then(f.result)
		}
	}
	f.line = append(f.line, &refWaiter{w.wake})
	w.begin()
}

// lookout waits until one of several tasks is done, or all, or the time is
// over.
func (r *refRun) lookout(at refPlace, ts []*refTask, enough func(left int, ended *refTask) bool, d int, then func(*refError)) {
	places, left := make([]*refWaiter, len(ts)), len(ts)
	w := &refWait{l: r.refLoop, scope: at.scope}
	w.then = func(canceled bool) {
		for i, t := range ts {
			t.forget(places[i])
		}
		canceledOrOK(then)(canceled)
	}
	for i, t := range ts {
		places[i] = t.subscribe(func() {
			if left--; enough(left, t) {
				w.wake()
			}
		})
	}
	if d > 0 {
		timer := r.at(r.now+d, w.wake)
		w.cleanup = func() { r.stop(timer) }
	}
	w.begin()
}

func (r *refRun) shield(at refPlace, t *refTask, then func(refResult)) {
	end := func(err *refError) {
		if err != nil {
			then(refResult{err: err})
		} else {
			then(t.look())
		}
	}
	r.checkpoint(at.scope, func() { end(refCanceled) }, func() {
		if t.done {
			end(nil)
			return
		}
		r.lookout(at, []*refTask{t}, func(int, *refTask) bool { return true }, 0, end)
	})
}

func (r *refRun) wait(at refPlace, o op, then func(string, *refError)) {
	var ts []*refTask
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil && !slices.Contains(ts, t) {
			ts = append(ts, t)
		}
	}
	end := func(err *refError) {
		then(strings.Join(each(ts, func(t *refTask) string { return fmt.Sprint(t.done) }), " "), err)
	}
	enough := func(left int, t *refTask) bool {
		failed := o.When == asyncio.FirstException && t.failed()
		if failed {
			t.look()
		}
		return left == 0 || o.When == asyncio.FirstCompleted || failed
	}
	r.checkpoint(at.scope, func() { end(refCanceled) }, func() {
		if len(ts) == 0 || o.Time < 0 {
			end(nil)
			return
		}
		r.lookout(at, ts, enough, o.Time, end)
	})
}

// selects waits in the lines of several futures at once: the first that is done takes it out
// of the others.
func (r *refRun) selects(at refPlace, o op, then func(string, *refError)) {
	fs := []*refFuture{r.futs[o.Future]}
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil {
			fs = append(fs, &t.refFuture)
		}
	}
	first := 0 // the index of the first future
	if o.Limit == 1 {
		first = 1
	}
	r.checkpoint(at.scope, func() { then("", refCanceled) }, func() {
		for i, f := range fs {
			if f.done {
				then(fmt.Sprint(first+i), nil)
				return
			}
		}
		switch {
		case o.Time < 0:
			then(fmt.Sprint(first+len(fs)), nil)
		case o.Limit == 1:
			then("0", nil)
		default:
			r.waitForAny(at, linesOf(fs), r.after(o.Time), func(chosen int, err *refError) { then(fmt.Sprint(chosen), err) })
		}
	})
}

func linesOf(fs []*refFuture) []*[]*refWaiter {
	return each(fs, func(f *refFuture) *[]*refWaiter { return &f.line })
}

// forEver is the end of a wait without end.
const forEver = -1

// after is the end of a wait that ends after d, or never if d is 0.
func (l *refLoop) after(d int) int {
	if d == 0 {
		return forEver
	}
	return l.now + d
}

// waitForAny waits in several lines at once, and until a time: the first that wakes it takes
// it out of the others. then gets which that was.
func (r *refRun) waitForAny(at refPlace, lines []*[]*refWaiter, until int, then func(chosen int, err *refError)) {
	chosen := -1
	w := &refWait{l: r.refLoop, scope: at.scope}
	wakeFor := func(i int) func() {
		return func() {
			if !w.over {
				chosen = i
				w.wake()
			}
		}
	}
	w.then = canceledOrOK(func(err *refError) { then(chosen, err) })
	var places []*refWaiter
	for i, line := range lines {
		places = append(places, &refWaiter{wakeFor(i)})
		*line = append(*line, places[i])
	}
	var timer *refTimer
	if until != forEver {
		timer = r.at(until, wakeFor(len(lines)))
	}
	w.cleanup = func() {
		for i, line := range lines {
			leaveLine(line, places[i])
		}
		r.stop(timer)
	}
	w.begin()
}

func (r *refRun) waitFor(at refPlace, t *refTask, d int, then func(refResult)) {
	if d > 0 {
		timeout := r.openTimeout(at.scope, d)
		in := refPlace{at.task, timeout.scope, at.group, at.start}
		r.await(in, &t.refFuture, func() { t.cancel() }, func(x refResult) {
			x.err = timeout.leave(r.refLoop, x.err)
			then(x)
		})
		return
	}
	r.checkpoint(at.scope, func() { then(refResult{err: refCanceled}) }, func() {
		if t.done {
			then(t.look())
			return
		}
		r.cancelAndWait(at, t, then)
	})
}

// cancelAndWait cancels a task that may not take any more time.
func (r *refRun) cancelAndWait(at refPlace, t *refTask, then func(refResult)) {
	t.cancel()
	w := &refWait{l: r.refLoop, scope: at.scope, canceler: func() { t.cancel() }}
	w.then = func(bool) {
		switch {
		case w.passedOn:
			then(refResult{err: refCanceled})
		case t.canceled:
			then(refResult{err: refTimedOut})
		default:
			then(t.look())
		}
	}
	t.subscribe(w.wake)
	w.begin()
}

func (r *refRun) waitForCoro(at refPlace, o op, then func(refResult)) {
	if o.Time > 0 {
		timeout := r.openTimeout(at.scope, o.Time)
		r.ops(refPlace{at.task, timeout.scope, nil, at.start}, o.Body, func(err *refError) {
			then(refResult{firstID(o.Body), timeout.leave(r.refLoop, err)})
		})
		return
	}
	r.checkpoint(at.scope, func() { then(refResult{err: refCanceled}) }, func() {
		t := r.newTask(nil, r.coroutine(o.Body, at.alone()))
		t.start(false)
		r.cancelAndWait(at, t, then)
	})
}

// gathered turns the parts of a combination into tasks, each once; nil stands
// for a slot that is empty.
func (r *refRun) gathered(at refPlace, o op) (all, once []*refTask) {
	for _, p := range o.Parts {
		var t *refTask
		if p.Coro {
			t = r.newTask(nil, r.coroutine(p.Body, at.alone()))
			t.start(false)
		} else if t = r.slot(p.Slot); t == nil {
			continue
		}
		all = append(all, t)
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	return all, once
}

func (r *refRun) combine(at refPlace, o op, then func(string, *refError)) {
	all, once := r.gathered(at, o)
	if len(all) == 0 {
		then("skipped", nil)
		return
	}
	c := &refCombination{l: r.refLoop, parts: once, cancels: o.Kind == opRace || o.Kind == opAny, forgets: o.Kind == opAny}
	c.decides = map[opKind]func(*refFuture) bool{
		opGather: func(f *refFuture) bool { return f.canceled || f.failed() },
		opSettle: func(*refFuture) bool { return false },
		opRace:   func(*refFuture) bool { return true },
		opAny:    func(f *refFuture) bool { return !f.canceled && !f.failed() },
	}[o.Kind]
	c.run(at.scope, func(err *refError) {
		results := func() string {
			return strings.Join(each(all, func(t *refTask) string { return t.look().String() }), " ")
		}
		switch {
		case o.Kind == opSettle:
			then(results(), err)
		case err != nil:
			then("", err)
		case c.first != nil:
			x := c.first.look()
			then(x.String(), x.err)
		case o.Kind == opAny:
			then("", &refError{parts: each(once, func(t *refTask) *refError { return t.look().err })})
		default:
			then(results(), nil)
		}
	})
}

// asCompleted reads up to o.Time+1 results.
func (r *refRun) asCompleted(at refPlace, o op, then func(string, *refError)) {
	all, once := r.gathered(at, o)
	if len(all) == 0 {
		then("skipped", nil)
		return
	}
	var ended []*refTask
	var reader *refWait
	places := make([]*refWaiter, len(once))
	for i, t := range once {
		places[i] = t.subscribe(func() {
			ended = append(ended, t)
			if reader != nil {
				reader.wake()
			}
		})
	}
	var seen []string
	end := func(err *refError) {
		for i, t := range once {
			t.forget(places[i])
		}
		then(strings.Join(seen, " "), err)
	}
	var next func()
	take := func() {
		x := ended[0].look()
		seen, ended = append(seen, x.String()), ended[1:]
		if len(seen) == min(o.Time+1, len(once)) {
			end(nil)
		} else {
			next()
		}
	}
	next = func() {
		r.checkpoint(at.scope, func() { end(refCanceled) }, func() {
			if len(ended) > 0 {
				take()
				return
			}
			reader = (&refWait{l: r.refLoop, scope: at.scope, then: func(canceled bool) {
				if reader = nil; canceled {
					end(refCanceled)
				} else {
					take()
				}
			}}).begin()
		})
	}
	next()
}
