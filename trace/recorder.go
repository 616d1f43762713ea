package trace

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Recorder records what loops do. Its memory is bounded: see [Size]. Any goroutine may
// call its methods, except Attach; none of them suspends. The zero Recorder cannot be
// used; New makes one.
type Recorder struct {
	ring   *engine.Stream
	places *ofProcess
	pasts  map[*engine.Loop]*past // of loops of which something was dropped; the ring guards it

	mu     sync.Mutex
	loops  map[*engine.Loop]*recorded // those in the ring, and those that may come to be
	made   int                        // how many loops there were
	begun  bool
	start  time.Time
	newest time.Duration // when the newest event was, of those loops that are no longer in the ring
	gone   uint64        // events of these
}

// A recorded is a loop that is recorded, or was.
type recorded struct {
	loopInfo
	offset  time.Duration    // from its time to that of the recording
	users   int              // how often it is attached
	outcome uint64           // the last task of which it was said how it has ended, before what is read now
	left    *engine.Snapshot // how it was when the recorder was detached; nil: it was not, or nothing was dropped
}

// New returns a recorder. It records nothing until Observe or Attach connects it with a
// loop.
func New(opts ...Option) *Recorder {
	s := newSettings(opts)
	r := &Recorder{
		places: &ofProcess{},
		pasts:  map[*engine.Loop]*past{},
		loops:  map[*engine.Loop]*recorded{},
		start:  time.Unix(0, 0),
	}
	r.ring = engine.NewRing(s.size, r.forget)
	if s.exact {
		r.ring.Exact()
	}
	return r
}

// Observe returns an option of [asyncio.Run] and similar functions, with which the loop
// is recorded from its first event until it ends. Any number of recorders and
// [asyncio.Hooks] may be used together, and one recorder may record several loops, as
// with RunGroup.
func (r *Recorder) Observe() asyncio.Option {
	r.mustBe("Observe")
	return config.Func(func(c *config.Config) { c.Prepare = append(c.Prepare, r.attach) })
}

// Attach records the loop that ctx belongs to from now on, until detach is called or the
// loop ends. The recording also has the tasks that exist already, with what they wait
// for. Attach may be called on the loop only: it returns an error outside of a loop, and
// in a thread. Any goroutine may call detach, more than once; if the goroutine is not the
// loop's, events are recorded until the loop hears of it.
func (r *Recorder) Attach(ctx context.Context) (detach func(), err error) {
	r.mustBe("Attach")
	loop := asyncio.RunningLoop(ctx)
	l := engine.LoopOf(ctx)
	switch {
	case loop != nil && l.Closed():
		return nil, errors.New("asyncio: trace: Attach to a loop that has ended: call it in a coroutine, while the loop runs; to record a loop from its beginning, give Recorder.Observe to Run")
	case loop == nil:
		return nil, errors.New("asyncio: trace: Attach outside of a loop: call it in a coroutine, with the context that it was given; to record a loop from its beginning, give Recorder.Observe to Run")
	case !l.OnLoop():
		return nil, errors.New("asyncio: trace: Attach on another goroutine than the loop's: let the loop do it, with RunOn or Loop.CallSoonThreadsafe")
	}
	r.attach(l)
	var once sync.Once
	return func() {
		once.Do(func() {
			if l.OnLoop() {
				r.detach(l)
				return
			}
			_ = loop.CallSoonThreadsafe(func() { r.detach(l) }) // a loop that has ended is detached
		})
	}, nil
}

func (r *Recorder) mustBe(op string) {
	if r == nil || r.ring == nil {
		panic("asyncio: trace: Recorder." + op + " of a nil or zero Recorder: make one with trace.New")
	}
}

// attach is called on the loop, or before it runs.
func (r *Recorder) attach(l *engine.Loop) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.loops[l]
	if one == nil {
		r.look(func([]*engine.Chunk) {}) // so that the loops that have ended are known
		r.made++
		one = &recorded{loopInfo: loopInfo{number: r.made}, offset: r.offset(l)}
		r.loops[l] = one
	}
	if one.users++; one.users > 1 {
		return
	}
	one.left, one.ended = nil, false
	l.Attach(r.ring)
}

// detach is called on the loop.
func (r *Recorder) detach(l *engine.Loop) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.loops[l]
	if one == nil {
		return
	}
	if one.users--; one.users > 0 {
		return
	}
	l.Detach(r.ring)
	if r.hasDropped(l) {
		one.left = l.SnapshotNow(nil)
		one.left.Complete()
	}
}

// longestOffset is how far the clocks of two loops of one recording may be apart. A
// world with a clock of its own counts from a year of its own.
const longestOffset = 366 * 24 * time.Hour

// offset returns what to add to a loop's time to get the time of the recording. The
// recording begins when it meets its first loop. If the clock of a later loop has nothing
// to do with the first, as in the next test on virtual time, that loop begins at the time
// of the newest event.
func (r *Recorder) offset(l *engine.Loop) time.Duration {
	now := l.Now()
	if !r.begun {
		r.begun, r.start = true, l.Time(now)
	}
	since := l.Time(now).Sub(r.start)
	if since < 0 || since > longestOffset || l.OwnClock && len(r.ring.Loops()) == 0 {
		since = r.newest
		for _, one := range r.loops {
			since = max(since, one.last)
		}
	}
	return since - now
}

// forget is called by the ring, with a chunk that is dropped.
func (r *Recorder) forget(c *engine.Chunk) {
	p := r.pasts[c.Loop]
	if p == nil {
		p = newPast()
		r.pasts[c.Loop] = p
	}
	p.drop(c)
}

func (r *Recorder) hasDropped(l *engine.Loop) (has bool) {
	r.ring.Kept(func([]*engine.Chunk) { has = r.pasts[l] != nil })
	return has
}

// look calls fn with the chunks of the ring, which do not change meanwhile. It also notes
// the time of the last event of each loop, and forgets the loops that have ended and are
// not in the ring any more. The caller holds the lock.
func (r *Recorder) look(fn func(chunks []*engine.Chunk)) {
	attached := r.ring.Loops()
	r.ring.Kept(func(chunks []*engine.Chunk) {
		there := map[*engine.Loop]bool{}
		for _, c := range chunks {
			there[c.Loop] = true
			if one := r.loops[c.Loop]; one != nil {
				one.saw(c.Newest())
			}
		}
		for l, one := range r.loops {
			p := r.pasts[l]
			if p != nil {
				one.saw(p.at)
			}
			if one.ended = !slices.Contains(attached, l); one.ended && p != nil && !there[l] {
				r.newest, r.gone = max(r.newest, one.last), r.gone+p.dropped
				delete(r.loops, l)
				delete(r.pasts, l)
			}
		}
		fn(chunks)
	})
}

// saw notes that there was an event, at a time of the loop.
func (one *recorded) saw(at time.Duration) { one.last = max(one.last, time.Duration(one.time(at))) }

// Recording returns what was recorded until now. If a loop is working on another
// goroutine, its last 50 ms may be missing, and a step that has not ended has no event
// yet. If events of such a loop were dropped, Recording asks the loop which tasks it has,
// and waits for the answer, 250 ms at most. If Recording is called on a loop, it does not
// wait for other loops.
func (r *Recorder) Recording() *Recording {
	r.mustBe("Recording")
	here := engine.RunningHere()
	snapshots := r.ask(here)
	if here != nil {
		here.Flush()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring.Collect()
	rec := &Recording{program: programName(), version: runtime.Version(), start: r.start, places: r.places}
	later, pasts := r.read()
	rec.lost, rec.length = r.gone, r.newest
	var running []*block
	for _, l := range slices.SortedFunc(maps.Keys(r.loops), func(a, b *engine.Loop) int { return r.loops[a].number - r.loops[b].number }) {
		one := r.loops[l]
		info, step := one.now(l)
		if step != nil {
			running = append(running, step)
		}
		if p := pasts[l]; p != nil {
			info.dropped = p.dropped
			rec.blocks = append(rec.blocks, p.begin(one, later, cmp.Or(snapshots[l], one.left))...)
		}
		rec.loops = append(rec.loops, info)
		rec.length = max(rec.length, info.last)
	}
	for _, s := range snapshots {
		s.Release()
	}
	rec.blocks = slices.Concat(rec.blocks, later, running)
	rec.labels = labelsOf(rec.blocks)
	return rec
}

// read returns what is in the ring, and what is kept of that which no longer is.
func (r *Recorder) read() (blocks []*block, pasts map[*engine.Loop]*past) {
	var chunks []*engine.Chunk
	pasts = map[*engine.Loop]*past{}
	r.look(func(all []*engine.Chunk) {
		for _, c := range all {
			c.Retain()
		}
		chunks = slices.Clone(all)
		for l, p := range r.pasts {
			pasts[l] = p.clone()
		}
	})
	for _, c := range chunks {
		if one := r.loops[c.Loop]; one != nil {
			b := &block{loop: one.number, records: make([]record, 0, 2*c.Events())}
			one.outcome = c.Outcome()
			b.fill(c.All, one)
			blocks = append(blocks, b)
		}
		c.Release()
	}
	return blocks, pasts
}

func programName() string {
	if len(os.Args) == 0 {
		return "a program"
	}
	return filepath.Base(os.Args[0])
}

// now returns the state of a loop that has not ended, and a block about the task whose
// step has not ended: this may be all that is known of that task.
func (one *recorded) now(l *engine.Loop) (info loopInfo, running *block) {
	info = one.loopInfo
	if info.ended {
		return info, nil
	}
	info.since = info.last
	info.last = max(info.last, l.Now()+one.offset)
	step := l.Look()
	if info.asleep = step.Idle(); info.asleep {
		return info, nil
	}
	task, parent, name, _ := step.Task()
	if info.running = task; task == 0 {
		return info, nil
	}
	running = &block{loop: info.number}
	running.records = []record{{kind: Present, at: int64(info.since), task: task, arg: parent, text: running.note(shorten(name))}}
	return info, running
}

// labelsOf returns the labels that records use, by their numbers.
func labelsOf(blocks []*block) (labels []string) {
	highest := uint8(0)
	for _, b := range blocks {
		for i := range b.records {
			highest = max(highest, b.records[i].label)
		}
	}
	for i := range int(highest) {
		labels = append(labels, engine.Label(i+1).String())
	}
	return labels
}

// fill adds happenings to the block. It puts a wake-up of a task before everything that
// the task did in its step, and the outcome of a task after its last step; the engine
// writes both while the step is not over.
func (b *block) fill(all iter.Seq[engine.Happening], one *recorded) {
	begin := 0         // the first record of what is in the step to come
	var outcome record // kind 0: none
	for h := range all {
		r := record{
			at: one.time(h.At), task: h.Task, arg: h.Arg, n: h.N, kind: Kind(h.Kind), label: uint8(h.Label),
		}
		switch {
		case r.kind.lasts():
			r.from = min(one.time(h.From), r.at)
			if woken := begin - 1; r.kind.isStep() && woken >= 0 && b.records[woken].kind == Woken && b.records[woken].task == r.task {
				b.records[woken].at = min(b.records[woken].at, r.from)
			}
		case r.kind == Expired, r.kind == Sent:
			r.arg = uint64(one.time(time.Duration(h.Arg)))
		}
		if !r.kind.known() || b.waitsAlready(&r) { // an unknown kind is for another stream of the loop
			continue
		}
		if len(b.texts) < maxTexts {
			r.text = b.note(shorten(h.Text))
		}
		if outcome.kind != 0 && r.kind != Woken && (r.kind != Ends || r.task != outcome.task) {
			b.records = append(b.records, outcome) // it had no step
			outcome = record{}
		}
		switch {
		case r.kind == Woken:
			b.records = append(b.records, r)
			if last := len(b.records) - 1; begin < last {
				copy(b.records[begin+1:], b.records[begin:last])
				b.records[begin] = r
			}
			begin++
		case r.kind.isEnd():
			outcome, one.outcome = r, r.task
		default:
			b.records = append(b.records, r)
			b.site(h.Site)
		}
		if r.kind == Ends {
			b.end(&r, outcome, one)
			outcome = record{}
		}
		if r.kind.lasts() || r.kind == Expired || r.kind == Present {
			begin = len(b.records)
		}
	}
	if outcome.kind != 0 {
		b.records = append(b.records, outcome)
	}
}

// time converts from the loop's time to that of the recording.
func (one *recorded) time(t time.Duration) int64 {
	if t > math.MaxInt64/4 {
		return math.MaxInt64 / 4
	}
	return max(0, int64(t+one.offset))
}

// end notes how the task has ended whose last step is in the record last. If no record
// tells the outcome, the task has returned. outcome is the record of it in the same
// chunk, if there is one.
func (b *block) end(last *record, outcome record, one *recorded) {
	switch {
	case outcome.kind != 0:
		b.records = append(b.records, outcome)
	case one.outcome != last.task: // it was not said in the chunk before
		b.records = append(b.records, record{kind: Returned, at: last.at, task: last.task})
	}
}

// site notes where a task was created.
func (b *block) site(pcs []uintptr) {
	for len(pcs) > 0 {
		var four [4]uint64
		n := 0
		for n < len(four) && n < len(pcs) {
			four[n] = uint64(pcs[n])
			n++
		}
		pcs = pcs[n:]
		b.records = append(b.records, record{
			kind: site, at: int64(four[0]), from: int64(four[1]), task: four[2], arg: four[3],
		})
	}
}

// waitsAlready handles a task that was there already and waits. The engine reports its
// wait as a step without length, which was no step; so waitsAlready puts the wait into
// the record of the kind Present.
func (b *block) waitsAlready(r *record) bool {
	if r.kind != Waits || r.from != r.at || len(b.records) == 0 {
		return false
	}
	last := &b.records[len(b.records)-1]
	if last.kind == Named && len(b.records) > 1 { // what it waits for has got its number in between
		last = &b.records[len(b.records)-2]
	}
	if last.kind != Present || last.task != r.task || last.label != 0 {
		return false
	}
	last.label, last.from = r.label, int64(r.arg)
	return true
}

// longestName bounds the texts that are kept.
const longestName = 1000

func shorten(text string) string {
	if len(text) <= longestName {
		return text
	}
	return text[:longestName] + "..."
}
