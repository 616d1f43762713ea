package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"unicode/utf8"
	"unsafe"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// A Trace is the one seam through which everything sees a loop that watches it. The
// engine tells it what happens; it writes that down, in chunks which it hands to Streams,
// and calls Listeners at once. A loop has one as long as someone looks. Loop
// only, except where it says otherwise.
type Trace struct {
	loop      *Loop
	streams   []*Stream
	listeners []Listener
	streamed  Kinds // what the streams want, all of them together
	heard     Kinds // what the listeners want
	clocked   bool  // times are read from the loop's clock; see Loop.OwnClock

	now   int64 // the clock as it was read last: the end of what ran, and the beginning of what runs
	began pair  // when it began
	page  *page // nil: there is no stream
	due   int64 // when the page is handed over at the latest

	// Yields of one task in a row, with nothing in between, are merged: see yieldsAgain.
	runner uint64  // the number of the task; 0: the last record is not of a yield
	alone  *worker // its worker, once yields of it are merged
	skip   uint8   // how many more of them need no look at the clock
	merged uint64  // how many there were since the last
	merges bool    // no one wants to hear of each of them
	exact  bool    // see Stream.Exact

	particular bool // someone wants more than streams usually do

	outcome  uint64 // the last task of which a record says how it has ended
	pushed   Slot   // the last one whose push was told
	panicked bool   // the task that ends now has panicked
	by       origin
	lost     atomic.Int64 // the end of the newest chunk that a ring has dropped

	awake sync.Mutex // held by the loop while it works; who has it may hand the page over
	held  bool       // the loop holds it
	side  side
}

// A Listener is told at once of what happens, if it is of a kind that it wants. It is
// called on the loop, on whichever stack is at hand, and must neither suspend nor call
// back.
type Listener interface {
	Kinds() Kinds
	// Hear gets the task that it is about, or nil, and what Happening.Arg says.
	Hear(k Kind, t *Task, arg uint64)
}

// handOverAfter is how old a chunk may become, in nanoseconds, while the loop works.
const handOverAfter = 50e6

// neverDue is a tick that does not come.
const neverDue = math.MaxInt64

// Attach lets a stream have what the loop does from now on. Loop only, or while
// the loop does not run.
func (l *Loop) Attach(s *Stream) {
	tr := l.traced()
	if tr.own() {
		defer tr.letGo()
	}
	if len(tr.streams) == 0 {
		tr.page = new(page)
		tr.open(l.bothClocks())
	} else { // what was written before is for the others
		l.Flush()
		tr.page.last = tr.now
	}
	tr.streams = append(tr.streams, s)
	tr.want()
	s.join(tr)
	for t := range l.Tasks {
		tr.present(t, t.WaitsFor())
	}
}

// present tells the streams of a task that was there before them; if it waits, a step
// without a length says what for. why is nil if it does not.
func (tr *Trace) present(t *Task, why Reason) {
	if tr.page.length > chunkLength-3 { // what belongs together is to be in one chunk
		tr.handOver()
	}
	c := tr.room(tr.now)
	c.add(record{kind: Present, at: tr.now, task: t.id, arg: t.parent, n: t.groupNumber(), ref: c.note(t.givenName())})
	c.notice()
	if why != nil {
		ref := why.Ref(tr.loop) // may write the name of an object
		c.add(record{kind: Waits, at: tr.now, task: t.id, arg: ref.Number, what: ref.Label})
		c.more-- // it is a part of the other
	}
}

// remember tells once more of a task that is woken: what was told of its wait, and maybe of
// the task, some ring no longer has.
func (tr *Trace) remember(t *Task) {
	if tr.page == nil || tr.lost.Load() == 0 {
		return
	}
	tr.present(t, t.worker.wait.why)
	tr.page.more-- // it is told already
}

// forgets notes that a ring has dropped a chunk of the loop. Any goroutine may call it.
func (l *Loop) forgets(c *Chunk) {
	if tr := l.tracing.Load(); tr != nil && tr.lost.Load() < c.end.tick {
		tr.lost.Store(c.end.tick)
	}
}

// Detach takes back what Attach has done. The stream still has what has come. Loop
// only, or while the loop does not run.
func (l *Loop) Detach(s *Stream) {
	tr := l.trace
	if tr == nil {
		return
	}
	if tr.own() {
		defer tr.letGo()
	}
	for i, one := range tr.streams {
		if one != s {
			continue
		}
		tr.settleRun()
		tr.handOver()
		tr.streams = append(tr.streams[:i:i], tr.streams[i+1:]...)
		s.leave(tr)
		if len(tr.streams) == 0 {
			tr.page, tr.streams, tr.due = nil, nil, neverDue
		}
		break
	}
	tr.want()
	l.untrace()
}

// Listen lets a listener hear what the loop does from now on. Loop only, or while the
// loop does not run.
func (l *Loop) Listen(x Listener) {
	tr := l.traced()
	tr.listeners = append(tr.listeners, x)
	tr.want()
}

// Unlisten takes back what Listen has done. Loop only, or while the loop does not run.
func (l *Loop) Unlisten(x Listener) {
	tr := l.trace
	if tr == nil {
		return
	}
	for i, one := range tr.listeners {
		if one == x {
			tr.listeners = append(tr.listeners[:i:i], tr.listeners[i+1:]...)
			break
		}
	}
	tr.want()
	l.untrace()
}

// Traced reports whether someone watches the loop. Loop only.
func (l *Loop) Traced() bool { return l.trace != nil }

func (l *Loop) traced() *Trace {
	if l.trace == nil {
		tr := &Trace{loop: l, clocked: l.OwnClock, began: l.bothClocks(), due: neverDue}
		tr.now = tr.began.tick
		tr.pushed = l.ready.next() - 1
		l.forgetSeen()
		if l.running {
			tr.hold()
		}
		l.trace, l.watched = tr, true
		l.tracing.Store(tr)
	}
	return l.trace
}

// untrace ends the trace if no one looks any more.
func (l *Loop) untrace() {
	tr := l.trace
	if len(tr.streams)+len(tr.listeners) > 0 {
		return
	}
	l.trace, l.watched = nil, l.Debug
	l.tracing.Store(nil)
	tr.letGo()
}

// hold takes what keeps others from the page; letGo gives it back.
func (tr *Trace) hold() {
	if !tr.held {
		tr.awake.Lock()
		tr.held = true
	}
}

// own takes it while the loop does not run, as when it is made or closed, and reports
// whether it has: who has called it lets go then.
func (tr *Trace) own() bool {
	if tr.held {
		return false
	}
	tr.hold()
	return true
}

func (tr *Trace) letGo() {
	if tr.held {
		tr.held = false
		tr.awake.Unlock()
	}
}

// endTrace is called when the loop is closed: the streams have all that they will get.
func (l *Loop) endTrace() {
	if l.trace == nil {
		return
	}
	for _, s := range l.trace.streams {
		l.Detach(s)
	}
}

func (tr *Trace) want() {
	tr.streamed, tr.heard, tr.exact = 0, 0, tr.clocked
	for _, s := range tr.streams {
		tr.streamed |= s.kinds
		tr.exact = tr.exact || s.exact
	}
	for _, x := range tr.listeners {
		tr.heard |= x.Kinds()
	}
	tr.skip, tr.merges = 0, len(tr.listeners) == 0 && !tr.clocked
	tr.loop.begins = tr.heard.Has(Begins)
	tr.loop.paced = (tr.heard|tr.streamed)&Of(PassBegun, PassOver, Pushed) != 0
	tr.particular = tr.heard|tr.streamed != Usual
	tr.side.set(tr.loop, tr.streams)
}

func (tr *Trace) wants(k Kind) bool { return (tr.streamed | tr.heard).Has(k) }

func (tr *Trace) clock() int64 {
	if tr.clocked {
		return int64(tr.loop.clock.Now())
	}
	return tick.Now()
}

// open begins the page anew.
func (tr *Trace) open(p pair) {
	tr.page.open(p, tr.now, tr.outcome)
	tr.due = p.tick + handOverAfter // a nanosecond for a tick, until the first chunk has shown how long they are
}

// handOver gives the streams a copy of the page, and begins it anew. A switch of
// goroutines waits until all that was written before is in the cache. So there is one
// page that is written to, which always is, and to copy it costs less than to have a
// trip to memory with each switch.
func (tr *Trace) handOver() {
	tr.side.flush(tr.loop)
	p := tr.page
	if p == nil || p.length == 0 {
		return
	}
	p.end, p.tasks = tr.loop.bothClocks(), tr.loop.ids
	filled := p.chunk(tr.loop, tr.clocked)
	for _, s := range tr.streams {
		s.give(filled)
	}
	filled.Release()
	end, ticks, span := p.end, p.end.tick-p.begin.tick, p.end.time-p.begin.time
	tr.open(end)
	if span > 0 {
		tr.due = end.tick + int64(handOverAfter*float64(ticks)/float64(span))
	}
}

// Flush hands over what was written until now.
func (l *Loop) Flush() {
	tr := l.trace
	if tr == nil {
		return
	}
	if tr.own() {
		defer tr.letGo()
	}
	tr.settleRun()
	tr.handOver()
}

// collect hands the page over if the loop sleeps or does not run. Any goroutine may
// call it.
func (tr *Trace) collect() {
	if tr.awake.TryLock() {
		tr.settleRun()
		tr.handOver()
		tr.awake.Unlock()
		return
	}
	tr.side.flush(tr.loop)
}

// write writes a record.
func (tr *Trace) write(r record, t *Task, text string) {
	owned := tr.own()
	if tr.merged != 0 {
		tr.endRun()
	}
	tr.runner = 0
	if tr.streamed.Has(r.kind) {
		c := tr.room(tr.now)
		r.ref = c.note(text)
		c.add(r)
		if !Usual.Has(r.kind) {
			c.more--
		} else if Of(Opened, Left, Named).Has(r.kind) {
			c.notice()
		}
	}
	if tr.heard.Has(r.kind) {
		tr.tell(r.kind, t, r.arg)
	}
	if owned {
		tr.letGo()
	}
}

// room returns the page, with room for a record.
func (tr *Trace) room(now int64) *page {
	if tr.page.length == chunkLength || now >= tr.due {
		tr.handOver()
	}
	return tr.page
}

func (tr *Trace) tell(k Kind, t *Task, arg uint64) {
	for _, x := range tr.listeners {
		if x.Kinds().Has(k) {
			x.Hear(k, t, arg)
		}
	}
}

// spawned tells of a new task.
func (tr *Trace) spawned(t *Task) {
	owned := !tr.held && tr.own()
	if tr.merged != 0 {
		tr.endRun()
	}
	tr.runner = 0
	if tr.page != nil {
		same := tick.Callers(skipOfSites, (*[tick.Depth]uintptr)(&tr.page.site))
		c := tr.room(tr.now)
		r := c.next()
		r.at, r.task, r.arg = tr.now, t.id, t.parent
		r.numbers, r.tags = numbers(t.groupNumber(), 0), tags(Spawned, 0, 0, c.noteSite(same))
		if tr.exact {
			r.at = tr.clock()
		}
		if name := t.givenName(); name != "" {
			r.numbers = numbers(t.groupNumber(), c.note(name))
			c.notice()
		}
	}
	if tr.heard.Has(Spawned) {
		tr.tell(Spawned, t, t.parent)
	}
	if owned {
		tr.letGo()
	}
}

// skipOfSites is how many callers of spawned are of the engine.
const skipOfSites = 1

// yieldsAgain tells that a step ends with a yield, as the one before did, which was of
// the same task.
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

// step tells that a step, or a part of one, is over. It is written out, for it is
// called for each of them: a struct that is copied waits for what was just stored
// into it. So does each switch of goroutines, for all that was stored before: what need
// not be stored is not. Arguments are stored where there is a call before they are used:
// that is why now comes from the caller, and why there is lateStep.
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
	late := from - s.since
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

// lateStep is step where something has to be done before.
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
	tr.due = max(tr.due, now+1) // or it would be late again
	tr.step(t, w, now, k, ref)
}

func (tr *Trace) tellStep(t *Task, k Kind, arg uint64) {
	if tr.heard.Has(k) {
		tr.tell(k, t, arg)
	}
	tr.tellPushes()
}

// A task that yields, and is the only one to run, yields again after 20 ns, and to
// look at the clock takes half of that. So after a short step of such a task the next
// ones, up to mergedAtOnce of them, are counted, and told as one record.
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

// woken notes that a task is ready; the stream is told with its next step. Who wakes
// another in a short step does so when that begins, as far as anyone can see: the clock
// is not read again, except for a task whose step before was long.
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
		text = textOf(t.failure.err)
	}
	tr.write(record{kind: k, at: tr.now, task: t.id}, t, text)
	tr.outcome = t.id
	if tr.page != nil && tr.loop.current != t && t.givenName() != "" {
		tr.page.notice() // there is no Ends
	}
}

// lastStep tells that the step is over in which a task has ended, of which w was the
// worker. No one can ask any more for what was counted of the task.
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
	if t.givenName() != "" {
		p.noticeEnd()
	}
}

// longestText bounds the texts of errors.
const longestText = 200

// textOf returns what an error says. An error is code of the user's, and it is not
// the trace that is to fail because of that.
func textOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = "an error that panics when it is asked what it is"
		}
	}()
	if text = err.Error(); len(text) > longestText {
		end := longestText
		for end > longestText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end-- // not in the middle of a character
		}
		text = text[:end] + "..."
	}
	return text
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
	return uint64(**(**uintptr)(unsafe.Pointer(&fn)))
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
	tr.write(record{kind: Slept, at: now}, nil, "")
	tr.now = now
}

// moment tells of something that has taken no time. It is now, and not when the step
// began that did it: that may have worked for long.
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

// rest and wake bracket the time in which the loop does not work: someone else may
// have the page then.
func (l *Loop) restTrace() {
	if tr := l.trace; tr != nil {
		tr.settleRun()
		tr.letGo()
	}
}

func (l *Loop) wakeTrace(slept bool) {
	tr := l.trace
	if tr == nil {
		return
	}
	tr.hold()
	if slept {
		tr.slept()
		return
	}
	if tr.page != nil {
		tr.handOver() // what comes now does not begin where the last one has ended
	}
	if tr.now = tr.clock(); tr.page != nil {
		tr.page.last = tr.now
	}
}
