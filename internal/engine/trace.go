package engine

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// A Trace is how others watch a loop; there is no other way. The engine tells it what
// happens. The Trace writes that down, in chunks that it hands to Streams, and calls
// Listeners at once. A loop has a Trace as long as someone watches. Loop only, except
// where it says otherwise.
type Trace struct {
	loop      *Loop
	streams   []*Stream
	listeners []Listener
	streamed  Kinds // what the streams want, all of them together
	heard     Kinds // what the listeners want
	clocked   bool  // times are read from the loop's clock; see Loop.OwnClock

	now    int64 // the clock as it was read last: the end of what ran, and the beginning of what runs
	began  pair  // when it began
	asleep int64 // how long the loop has waited for the world since
	page   *page // nil: there is no stream
	due    int64 // when the page is handed over at the latest

	// Yields of one task in a row, with nothing in between, are merged: see yieldsAgain.
	runner uint64  // the number of the task; 0: the last record is not of a yield
	alone  *worker // its worker, once yields of it are merged
	skip   uint8   // how many more of them need no look at the clock
	merged uint64  // how many there were since the last
	merges bool    // no one wants to hear of each of them
	exact  bool    // see Stream.Exact

	selects map[string]uint64 // the numbers of what selections wait for, in words: see Selection.Ref

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
// called on the loop, on any stack, and must neither suspend nor call back.
type Listener interface {
	Kinds() Kinds
	// Hear gets the task that it is about, or nil, and what Happening.Arg says.
	Hear(k Kind, t *Task, arg uint64)
}

// handOverAfter is how old a chunk may become, in nanoseconds, while the loop works.
const handOverAfter = 50e6

// neverDue is a tick that does not come.
const neverDue = math.MaxInt64

func (tr *Trace) clock() int64 {
	if tr.clocked {
		return int64(tr.loop.clock.Now())
	}
	return tick.Now()
}

// open empties the page for new records.
func (tr *Trace) open(p pair) {
	tr.page.open(p, tr.now, tr.outcome)
	tr.due = p.tick + handOverAfter // a nanosecond for a tick, until the first chunk has shown how long they are
}

// handOver gives the streams a copy of the page, and empties it. A switch of goroutines
// waits until everything that was written before is in the cache. So all records are
// written to the same page, which always is in the cache. To copy it costs less than
// going to memory at each switch.
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
		} else if Of(Opened, Left, Named, HostUp, HostDown).Has(r.kind) {
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

// restTrace and wakeTrace are called before and after the time in which the loop does not
// work: another goroutine may use the page then.
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
