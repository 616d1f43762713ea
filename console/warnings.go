package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// limits are the thresholds of the warnings.
var limits = struct {
	blockedStep   time.Duration // a step, or a callback, that lasted longer
	neverYields   time.Duration // a step that lasts longer so far
	longHeld      time.Duration // something that others wait for is held for longer
	queueGrows    time.Duration // a queue without a limit has only grown for so long ...
	queueItems    int           // ... and has more items than that
	cancelIgnored time.Duration // a task that was asked to end so long ago
	errorUnseen   time.Duration // an error that no one has looked at for so long
	stranded      time.Duration // no task can go on, for so long
	spinSteps     uint32        // steps a second of a task at least ...
	spinShare     float64       // ... of which so many only yield ...
	spinSeconds   int           // ... in so many seconds in a row
	timerLate     time.Duration // one in a hundred waits for a turn is longer
	timerSamples  uint64        // of so many at least
	poolFull      time.Duration // a function waits for a worker for longer
	floodTimes    int           // there are so many times more tasks ...
	floodWithin   time.Duration // ... than so long ago
	floodTasks    int           // and so many at least
}{
	blockedStep: 100 * time.Millisecond,
	neverYields: time.Second,
	longHeld:    5 * time.Second,
	queueGrows:  10 * time.Second, queueItems: 1000,
	cancelIgnored: 5 * time.Second,
	errorUnseen:   5 * time.Second,
	stranded:      5 * time.Second,
	spinSteps:     1000, spinShare: 0.9, spinSeconds: 3,
	timerLate: 50 * time.Millisecond, timerSamples: 20,
	poolFull:   time.Second,
	floodTimes: 8, floodWithin: 30 * time.Second, floodTasks: 1000,
}

const (
	keepWarnings = 5 * time.Minute // how long one is told of that is over
	mostWarnings = 200
	mostTasks    = 20 // that one warning names
	// calm is how long something has to be in order before its warning is over, so that
	// one that comes and goes is one warning.
	calm = 3 * time.Second
)

// A condition is what a rule has found wrong.
type condition struct {
	kind, key         string // key tells it from others of its kind
	tasks             []uint64
	obj               uint64
	since, until      int64 // until is 0 if it lasts
	lasts             int64 // how long, if not since then
	title, text, cure string
	frame             *wire.Frame
	cycle             []wire.Edge
}

// A book has the warnings of a loop, those that are over as well.
type book struct {
	entries map[string]*entry
	notes   []note // what is to be logged
}

type entry struct {
	wire.Warning
	seen  int64 // when its condition was met the last time
	noted int64 // when it was noted that it has happened
}

// happened notes something that is over already.
func (b *book) happened(c condition) {
	e, known := b.open(c)
	if e == nil {
		return
	}
	if known {
		e.Count++
	}
	at := e.At
	longest := max(e.For, c.until-c.since)
	e.take(c)
	e.At, e.Ended, e.For, e.seen = at, c.until, longest, c.until
	if !known {
		e.At = c.since
	}
	b.noteEvent(e)
}

// update notes the conditions of some kinds that are met now, and that all others of
// these kinds are not.
func (b *book) update(now int64, kinds []string, met []condition) {
	for _, c := range met {
		e, known := b.open(c)
		if e == nil {
			continue
		}
		begun := !known || e.Ended != 0
		if known && begun {
			e.Count++
			e.At = c.since
		}
		if !known || e.At == 0 {
			e.At = c.since
		}
		e.take(c)
		e.Ended, e.seen = 0, now
		if e.For = c.lasts; e.For == 0 {
			e.For = max(now-e.At, 0)
		}
		if begun {
			b.note(e, begins)
		}
	}
	for _, e := range b.entries {
		if e.Ended == 0 && e.seen != now && slices.Contains(kinds, e.ID) && now-e.seen >= e.calm() {
			e.Ended = e.seen
			e.For = max(e.Ended-e.At, e.For)
			b.note(e, ends)
		}
	}
	b.forget(now)
}

// calm is how long the condition has to be unmet. A deadlock that can no longer be
// proven is none.
func (e *entry) calm() int64 {
	if e.ID == wire.Deadlock {
		return 0
	}
	return int64(calm)
}

// open returns the entry for a condition, and whether there was one; nil if there are
// too many.
func (b *book) open(c condition) (e *entry, known bool) {
	key := c.kind + " " + c.key
	if e := b.entries[key]; e != nil {
		return e, true
	}
	if len(b.entries) >= mostWarnings && !b.makeRoom() {
		return nil, false
	}
	if b.entries == nil {
		b.entries = map[string]*entry{}
	}
	e = &entry{Warning: wire.Warning{ID: c.kind, Key: key, Count: 1}}
	b.entries[key] = e
	return e, false
}

// take notes what the condition says.
func (e *entry) take(c condition) {
	e.Title, e.Text, e.Cure, e.Obj, e.Frame, e.Cycle = c.title, c.text, c.cure, c.obj, c.frame, c.cycle
	for _, t := range c.tasks {
		if i := slices.Index(e.Tasks, t); i >= 0 {
			e.Tasks = slices.Delete(slices.Clone(e.Tasks), i, i+1)
		}
	}
	tasks := append(slices.Clone(c.tasks), e.Tasks...)
	if c.kind == wire.Deadlock {
		tasks = slices.Clone(c.tasks)
	}
	e.Tasks = tasks[:min(len(tasks), mostTasks)]
	if e.Task = 0; len(e.Tasks) > 0 {
		e.Task = e.Tasks[0]
	}
}

// makeRoom forgets the warning that has been over for longest.
func (b *book) makeRoom() bool {
	oldest := ""
	for key, e := range b.entries {
		if e.Ended != 0 && (oldest == "" || e.Ended < b.entries[oldest].Ended) {
			oldest = key
		}
	}
	delete(b.entries, oldest)
	return oldest != ""
}

func (b *book) forget(now int64) {
	for key, e := range b.entries {
		if e.Ended != 0 && now-e.Ended > int64(keepWarnings) {
			delete(b.entries, key)
		}
	}
}

// list returns the warnings: those that last first, then the newest.
func (b *book) list() []wire.Warning {
	list := make([]wire.Warning, 0, len(b.entries))
	for _, e := range b.entries {
		w := e.Warning
		empty(&w.Tasks)
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b wire.Warning) int {
		over := func(w wire.Warning) int { return int(min(max(w.Ended, 0), 1)) }
		return cmp.Or(cmp.Compare(over(a), over(b)), cmp.Compare(b.At, a.At), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// active returns the warnings of a kind that last.
func (b *book) active(kind string) []wire.Warning {
	return slices.DeleteFunc(b.list(), func(w wire.Warning) bool { return w.ID != kind || w.Ended != 0 })
}
