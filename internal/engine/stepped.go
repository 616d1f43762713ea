package engine

import (
	"math"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// yieldsAgain tells that a step ends with a yield, as the step before it did, which was
// of the same task.
func (tr *Trace) yieldsAgain(t *Task) {
	if tr.skip > 0 {
		tr.skip--
		tr.merged++
		return
	}
	from := tr.now
	tr.step(t, t.worker, tr.clock(), Yields, Ref{})
	if tr.merges && tr.now-from < shortStep {
		tr.skip, tr.alone = mergedAtOnce, t.worker
	}
}

// step tells that a step, or a part of one, is over. It is called for each step, so it is
// optimized. It writes out the fields, because copying a struct waits for the stores into
// it. Each switch of goroutines waits for all earlier stores, so step stores as little as
// possible. Arguments are stored if a call comes before their use: that is why the caller
// passes now, and why there is lateStep.
func (tr *Trace) step(t *Task, w *worker, now int64, k Kind, ref Ref) {
	c := tr.page
	if tr.merged != 0 || c != nil && c.length == chunkLength || now >= tr.due {
		tr.lateStep(t, w, now, k, ref)
		return
	}
	s, from := &w.seen, tr.now
	runner := uint64(0)
	if k == Yields {
		runner = t.id
	}
	tr.now, tr.runner = now, runner
	if s.task != t.id {
		*s = seen{task: t.id, first: from, since: from}
	}
	took := now - from
	s.steps++
	s.busy += took
	if took > s.longest {
		s.longest = took
	}
	if long := took > longStep; long != s.long {
		s.long = long
	}
	late := max(from-s.since, 0) // the clock may have been read since, for the wake-up
	s.ready += late
	s.since = now
	if c != nil {
		r := c.next()
		r.at, r.task, r.arg = now, t.id, ref.Number
		r.numbers = numbers(uint32(tr.loop.passes), uint32(s.by.Number))
		r.tags = tags(k, ref.Label, s.by.Label, ago(late))
		if s.by.Label != 0 {
			c.more++
		}
	}
	if s.by.Label != 0 {
		s.by.Label = 0
	}
	if tr.particular {
		tr.tellStep(t, k, ref.Number)
	}
}

// lateStep is step for the case that something has to be done first.
//
//go:noinline
func (tr *Trace) lateStep(t *Task, w *worker, now int64, k Kind, ref Ref) {
	if tr.merged != 0 {
		tr.endRun()
		now = max(now, tr.now)
	}
	if p := tr.page; p != nil && (p.length == chunkLength || now >= tr.due) {
		tr.handOver()
	}
	now = min(now, math.MaxInt64-1) // a virtual clock may have come to its end
	tr.due = max(tr.due, now+1)     // or it would be late again
	tr.step(t, w, now, k, ref)
}

func (tr *Trace) tellStep(t *Task, k Kind, arg uint64) {
	if tr.heard.Has(k) {
		tr.tell(k, t, arg)
	}
	tr.tellPushes()
}

// A task that yields, and is the only one to run, yields again after 20 ns, and reading
// the clock takes half of that. So after a short step of such a task, the next steps, up
// to mergedAtOnce of them, are only counted, and told as one record.
const (
	shortStep    = 1000 // ticks, that is less than a microsecond, or on slow counters up to 40
	mergedAtOnce = 15
)

// endRun tells of yields that were merged: arg is how many there were.
func (tr *Trace) endRun() {
	now, n, s := tr.clock(), tr.merged, &tr.alone.seen
	tr.merged, tr.skip = 0, 0
	s.busy += now - tr.now
	s.steps += n
	s.since = now
	tr.room(now).add(record{kind: Yields, at: now, task: tr.runner, arg: n, n: uint32(tr.loop.passes)})
	tr.now = now
}

func (tr *Trace) settleRun() {
	if tr.merged != 0 {
		tr.endRun()
	}
}

// woken notes that a task is ready; the stream is told with its next step. If a short
// step wakes a task, the time of the wake-up is taken to be the beginning of that step:
// the clock is not read again, except if the previous step of the woken task was long.
func (tr *Trace) woken(t *Task, by origin, cut bool) {
	if tr.merged != 0 {
		tr.endRun()
	}
	now, s, c := tr.now, &t.worker.seen, tr.loop.current
	if tr.exact || c == nil || c.worker == nil || c.worker.seen.long {
		now = tr.clock()
	}
	if s.task != t.id || s.since < tr.lost.Load() {
		tr.remember(t)
		if s.task != t.id {
			*s = seen{task: t.id, first: now}
		}
	}
	s.since = now
	if c != nil && !cut {
		s.by.Label, s.by.Number = LabelTask, c.id
	} else {
		s.by = tr.loop.refOf(by)
	}
	tr.runner = 0
	if tr.heard.Has(Woken) {
		tr.by = by
		tr.tell(Woken, t, s.by.Number)
	}
}

// longStep is from when on a step is long, in ticks: some 10 microseconds, or where
// ticks are few, up to a millisecond.
const longStep = 30_000

// lastStep tells that the last step of a task is over; w was its worker. From now on, no
// one can ask for what was counted of the task.
func (tr *Trace) lastStep(t *Task, w *worker) {
	now := int64(0)
	if tr.clocked { // as in clock, which would be a call
		now = tr.clock()
	} else {
		now = tick.Now()
	}
	p := tr.page
	if p == nil || tr.particular || tr.merged != 0 || p.length == chunkLength || now >= tr.due || w.seen.task == t.id {
		tr.step(t, w, now, Ends, Ref{})
		p = tr.page
	} else {
		tr.now, tr.runner = now, 0
		r := p.next()
		r.at, r.task, r.arg = now, t.id, 0
		r.numbers, r.tags = numbers(uint32(tr.loop.passes), 0), tags(Ends, 0, 0, 0)
	}
	if p == nil {
		return
	}
	if tr.outcome != t.id {
		p.more++ // that it has returned
	}
	if tr.isNotable(t) {
		p.noticeEnd()
	}
}
