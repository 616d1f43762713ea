package engine

import (
	"sync"
	"unsafe"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// A Trace is the one seam through which everything sees a loop that watches it. The
// engine tells it what happens; it writes Records, hands them to Streams in chunks, and
// calls Listeners with each of them. A loop has one as long as someone looks. Loop
// only, except where it says otherwise.
type Trace struct {
	loop      *Loop
	streams   []*Stream
	listeners []Listener
	streamed  Kinds // what the streams want, all of them together
	heard     Kinds // what the listeners want
	clocked   bool  // times are read from the loop's clock; see Loop.OwnClock

	now   int64  // the clock as it was read last: the end of what ran, and the beginning of what runs
	began pair   // when it began
	chunk *Chunk // nil: there is no stream
	due   int64  // when the chunk is handed over at the latest

	// Yields of one task in a row, with nothing in between, are merged: see yielded.
	runner *Task
	skip   uint8  // how many more of them need no look at the clock
	merged uint64 // how many there were since the last

	pushed   Slot // the last one whose push was told
	panicked bool // the task that ends now has panicked
	by       origin

	awake sync.Mutex // held by the loop while it works; who has it may hand the chunk over
	held  bool       // the loop holds it
	side  side
}

// A Listener is told of every Record as it is written, of the kinds that it wants.
// It is called on the loop, on whichever stack is at hand, and must neither suspend nor
// call back.
type Listener interface {
	Kinds() Kinds
	// Hear gets the record and the task that it is about, or nil.
	Hear(r Record, t *Task)
}

// handOverAfter is how old a chunk may become, in nanoseconds, while the loop works.
const handOverAfter = 50e6

// Attach lets a stream have what the loop does from now on. Loop only, or while
// the loop does not run.
func (l *Loop) Attach(s *Stream) {
	tr := l.traced()
	if len(tr.streams) == 0 {
		tr.open(l.bothClocks())
	}
	tr.streams = append(tr.streams, s)
	tr.want()
	s.join(tr)
	for t := range l.Tasks {
		tr.write(Record{Kind: Present, At: tr.now, Task: t.id, Arg: t.parent, N: t.groupNumber()}, t, t.givenName())
	}
}

// Detach takes back what Attach has done. The stream still has what has come. Loop
// only, or while the loop does not run.
func (l *Loop) Detach(s *Stream) {
	tr := l.trace
	if tr == nil {
		return
	}
	for i, one := range tr.streams {
		if one != s {
			continue
		}
		tr.handOver()
		tr.streams = append(tr.streams[:i:i], tr.streams[i+1:]...)
		s.leave(tr)
		if len(tr.streams) == 0 {
			tr.chunk.Release()
			tr.chunk = nil
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
		tr := &Trace{loop: l, clocked: l.OwnClock, began: l.bothClocks()}
		tr.now = tr.began.tick
		tr.pushed = l.ready.next() - 1
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

// hold takes what keeps others from the chunk; letGo gives it back.
func (tr *Trace) hold() {
	if !tr.held {
		tr.awake.Lock()
		tr.held = true
	}
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
	tr.streamed, tr.heard = 0, 0
	for _, s := range tr.streams {
		tr.streamed |= s.kinds
	}
	for _, x := range tr.listeners {
		tr.heard |= x.Kinds()
	}
	tr.skip = 0
	tr.side.set(tr.streams)
}

func (tr *Trace) wants(k Kind) bool { return (tr.streamed | tr.heard).Has(k) }

func (tr *Trace) clock() int64 {
	if tr.clocked {
		return int64(tr.loop.clock.Now())
	}
	return tick.Now()
}

// open begins a chunk.
func (tr *Trace) open(p pair) {
	c := newChunk(tr.loop, tr.clocked)
	c.begin = p
	tr.chunk = c
	tr.due = p.tick + handOverAfter // a nanosecond for a tick, until the first chunk has shown how long they are
}

// handOver gives the chunk to the streams, and begins the next one.
func (tr *Trace) handOver() {
	tr.side.flush()
	c := tr.chunk
	if c == nil || len(c.Records) == 0 {
		return
	}
	c.end = tr.loop.bothClocks()
	for _, s := range tr.streams {
		s.give(c)
	}
	tr.open(c.end)
	if span := c.end.time - c.begin.time; span > 0 {
		tr.due = c.end.tick + int64(handOverAfter*float64(c.end.tick-c.begin.tick)/float64(span))
	}
	c.Release()
}

// Flush hands over what was written until now.
func (l *Loop) Flush() {
	if tr := l.trace; tr != nil {
		tr.settleRun()
		tr.handOver()
	}
}

// collect hands the chunk over if the loop sleeps or does not run. Any goroutine may
// call it.
func (tr *Trace) collect() {
	if tr.awake.TryLock() {
		tr.settleRun()
		tr.handOver()
		tr.awake.Unlock()
		return
	}
	tr.side.flush()
}

// write writes a record.
func (tr *Trace) write(r Record, t *Task, text string) {
	if tr.merged != 0 {
		tr.endRun()
	}
	tr.runner = nil
	if tr.streamed.Has(r.Kind) {
		c := tr.room(r.At)
		if text != "" {
			r.Text = c.note(text)
		}
		c.Records = append(c.Records, r)
	}
	if tr.heard.Has(r.Kind) {
		tr.tell(r, t)
	}
}

// room returns a chunk that has room for a record.
func (tr *Trace) room(now int64) *Chunk {
	if len(tr.chunk.Records) == chunkLength || now >= tr.due {
		tr.handOver()
	}
	return tr.chunk
}

func (tr *Trace) tell(r Record, t *Task) {
	for _, x := range tr.listeners {
		if x.Kinds().Has(r.Kind) {
			x.Hear(r, t)
		}
	}
}

// spawned tells of a new task.
func (tr *Trace) spawned(t *Task) {
	tr.write(Record{Kind: Spawned, At: tr.now, Task: t.id, Arg: t.parent, N: t.groupNumber()}, t, t.givenName())
	if tr.streams == nil {
		return
	}
	var pcs [tick.Depth]uintptr
	n := tick.Callers(skipOfSites, &pcs)
	for i := 0; i < n; i += 4 {
		c := tr.room(0)
		c.Records = append(c.Records, Record{
			Kind: Site, At: int64(pcs[i]), From: int64(pcs[i+1]), Task: uint64(pcs[i+2]), Arg: uint64(pcs[i+3]),
		})
	}
}

// skipOfSites is how many callers of spawned are of the engine.
const skipOfSites = 2

// stepped tells that a step, or a part of one, of the task is over.
func (tr *Trace) stepped(t *Task, k Kind, ref Ref) {
	if k == Yields && tr.skip > 0 && tr.runner == t {
		tr.skip--
		tr.merged++
		t.worker.seen.steps++
		return
	}
	if tr.merged != 0 {
		tr.endRun()
	}
	now, from := tr.clock(), tr.now
	tr.now = now
	if tr.streams != nil {
		c := tr.room(now)
		c.Records = append(c.Records, Record{
			Kind: k, At: now, From: from, Task: t.id, Arg: ref.Number, Label: ref.Label, N: uint32(tr.loop.passes),
		})
	}
	if w := t.worker; w != nil {
		w.seen.step(t, k, from, now)
	}
	if tr.listeners == nil && !tr.clocked && k == Yields && tr.runner == t && now-from < shortStep {
		tr.skip = mergedAtOnce
	}
	tr.runner = nil
	if k == Yields {
		tr.runner = t
	}
	if tr.heard.Has(k) {
		tr.tell(Record{Kind: k, At: now, From: from, Task: t.id, Arg: ref.Number, Label: ref.Label, N: uint32(tr.loop.passes)}, t)
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

// endRun tells of yields that were merged: Arg is how many there were.
func (tr *Trace) endRun() {
	now, from, t, n := tr.clock(), tr.now, tr.runner, tr.merged
	tr.now, tr.merged, tr.skip = now, 0, 0
	c := tr.room(now)
	c.Records = append(c.Records, Record{Kind: Yields, At: now, From: from, Task: t.id, Arg: n, N: uint32(tr.loop.passes)})
	if w := t.worker; w != nil {
		w.seen.busy += now - from
	}
}

func (tr *Trace) settleRun() {
	if tr.merged != 0 {
		tr.endRun()
	}
}

// woken tells that a task is ready.
func (tr *Trace) woken(t *Task, by origin) {
	now, ref := tr.clock(), tr.loop.refOf(by)
	t.worker.seen.wake(t, ref, now)
	tr.by = by
	tr.write(Record{Kind: Woken, At: now, Task: t.id, Arg: ref.Number, Label: ref.Label}, t, "")
}

// done tells that a task has ended.
func (tr *Trace) done(t *Task) {
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
	tr.write(Record{Kind: k, At: tr.now, Task: t.id}, t, text)
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
		text = text[:longestText] + "..."
	}
	return text
}

// called tells that a callback is over.
func (tr *Trace) called(fn func()) {
	now, from := tr.clock(), tr.now
	tr.now = now
	tr.write(Record{Kind: Called, At: now, From: from, Arg: pcOf(fn), N: uint32(tr.loop.passes)}, nil, "")
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
		w.seen.of(t)
		w.seen.asked = tr.now
	}
	by := uint64(0)
	if c := tr.loop.current; c != nil {
		by = c.id
	}
	tr.moment(Record{Kind: Asked, Task: t.id, Arg: by}, t, "")
}

// slept tells that the loop has waited for the world.
func (tr *Trace) slept() {
	now, from := tr.clock(), tr.now
	tr.now = now
	tr.write(Record{Kind: Slept, At: now, From: from}, nil, "")
}

// moment tells of something that has taken no time.
func (tr *Trace) moment(r Record, t *Task, text string) {
	r.At = tr.now
	tr.write(r, t, text)
}

func (tr *Trace) passBegins() {
	tr.tellPushes()
	if l := tr.loop; tr.wants(PassBegun) {
		tr.moment(Record{Kind: PassBegun, Arg: uint64(l.left), N: uint32(l.passes)}, nil, "")
	}
}

func (tr *Trace) passEnds() {
	if tr.wants(PassOver) {
		tr.moment(Record{Kind: PassOver, N: uint32(tr.loop.passes)}, nil, "")
	}
}

func (tr *Trace) opened(g *Group) {
	tr.moment(Record{Kind: Opened, Task: g.task.id, Arg: uint64(g.number), N: g.up.groupNumber()}, g.task, g.name)
}

// tellPushes tells what has come into the ready queue since the last time.
func (tr *Trace) tellPushes() {
	if !tr.wants(Pushed) {
		return
	}
	l := tr.loop
	for s := max(tr.pushed, Slot(l.ready.taken)) + 1; s < l.ready.next(); s++ {
		r := Record{Kind: Pushed, At: tr.now, N: uint32(s)}
		switch e := (*l.ready.in(s)).(type) {
		case nil: // it was taken back meanwhile
			r.Label = LabelCancel
		case *Task:
			r.Task, r.Label = e.id, LabelTask
		default:
			ref := refOfEvent(e)
			r.Label, r.Arg = ref.Label, ref.Number
		}
		tr.write(r, nil, "")
	}
	tr.pushed = l.ready.next() - 1
}

// rest and wake bracket the time in which the loop does not work: someone else may
// have the chunk then.
func (l *Loop) restTrace() {
	if tr := l.trace; tr != nil {
		tr.settleRun()
		tr.now = tr.clock()
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
	} else {
		tr.now = tr.clock()
	}
}
