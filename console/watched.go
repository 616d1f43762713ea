package console

import (
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A watched is a loop and what is known of it.
type watched struct {
	id   int
	name string
	src  source
	poke func() // lets the collector look at once

	mu      sync.Mutex // guards all that follows
	history *history
	order   ordering
	vocabulary
	lags      lags
	worked    workedShare
	passes    passRate
	frame     frame
	table     table
	clients   []*client
	dropped   uint64                 // events that were lost while someone looked
	attention                        // whether someone does
	threads   map[rowKey]wire.Thread // what runs beside the loop
	rows      uint64                 // how many began beside the loop
	hosts     hosts
	begun     int64 // when the watching began
	warnings  book
	floods    growth
	queues    map[uint64]*growth
	longest   longest
	unseen    map[uint64]int64 // since when errors of tasks are known that no one has looked at

	view      *view
	tasks     []wire.Task // the lines of view, and of the tasks that have ended
	quiet     uint64      // the number of the event after which it was complete; 0: others came in between
	request   *request    // the snapshot that is on its way
	check     *check      // the cycles that are being confirmed
	deadlocks []condition // those that are proven
	checked   uint64      // the number of the event that has proven them, if nothing came after it

	stale     bool          // the loop does not answer
	staleTold time.Time     // when clients were told that
	stuck     *wire.Stuck   // in this step, if it stands in one
	recapture time.Time     // before that the stack is not taken again
	running   engine.Step   // the step that was seen last
	since     time.Time     // since when it was seen
	looked    time.Time     // when it was seen last
	lasted    time.Duration // how long it has lasted for sure

	nextView time.Time // when the loop is asked by itself again
	owed     bool      // what it answers is to be judged and told
	news     bool      // it has answered since
	over     bool
}

// A request is a question to the loop.
type request struct {
	at     time.Time     // when it was asked
	before uint64        // the number of the event that had run last then
	done   chan struct{} // closed when the answer is there
	after  uint64        // the number of the event that answers
	read   func() *view
}

func newWatched(id int, name string, src source, historyBytes int, poke func()) *watched {
	w := &watched{
		id: id, name: name, src: src, poke: poke,
		history: newHistory(historyBytes), vocabulary: vocabulary{newNames(), newTallies()},
		threads: map[rowKey]wire.Thread{}, queues: map[uint64]*growth{},
	}
	w.order = ordering{tell: w.addOne, ended: func(task uint64) bool { return w.tallies.of(task).ended != 0 }}
	w.begun = src.now()
	w.frame.restart(w.begun)
	return w
}

// take takes in what has happened on the loop.
func (w *watched) take() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.takeIn()
}

// takeIn is take for one who holds mu.
func (w *watched) takeIn() {
	if w.lazy {
		return
	}
	before := w.history.added
	dropped, more := w.src.take(time.Now().Add(foldAtOnce), w.add)
	w.backlog = more
	w.count(dropped, before)
	if more {
		w.poke()
		return
	}
	w.order.flush()
	if w.ahead {
		w.ahead = false
		w.refine()
	}
}

// add takes in a batch.
func (w *watched) add(b *batch) {
	if b.missed {
		w.learn(b)
		return
	}
	for i := range b.recs {
		r := &b.recs[i]
		if r.kind > engine.Lost {
			continue
		}
		text := b.textOf(r)
		switch {
		case r.kind == engine.Spawned && r.from != 0:
			r.from = w.tallies.places.number(b.sites[r.from-1])
		case isOfRow(r):
			w.beside(r, text)
		}
		w.history.addOne(r, b)
		w.order.add(r, text)
	}
}

func (w *watched) addOne(r *record, text string) {
	ready := int64(0)
	still := w.tallies.present != 0 && w.tallies.stillWaits(r)
	switch r.kind {
	case engine.Spawned, engine.Present:
		w.tallies.spawned(r, text)
		if r.arg != 0 {
			w.tallies.acts(r.arg)
		}
	case engine.Yields, engine.Waits, engine.Ends, engine.Pauses:
		if !still {
			ready = w.step(r)
		}
	case engine.Woken:
		w.tallies.wake(r)
	case engine.Returned, engine.Failed, engine.Canceled, engine.Panicked:
		w.tallies.end(r, text)
	case engine.Asked:
		if t := w.tallies.of(r.task); t.asked == 0 {
			t.asked = r.at
		}
	case engine.Called:
		w.called(r)
	case engine.Opened:
		w.names.nameGroup(r.arg, text)
	case engine.Left:
		w.names.leaveGroup(r.arg, r.at)
	case engine.Named:
		w.names.nameObject(r.arg, object{r.label, text})
	case engine.Hosted:
		w.hosted(r, text)
	case engine.HostUp, engine.HostDown:
		w.hosts.note(r, text)
	}
	if len(w.clients) > 0 {
		w.frame.add(r, text, ready)
	}
}

// learn notes names and rows of which the records are lost.
func (w *watched) learn(b *batch) {
	for i := range b.recs {
		r := &b.recs[i]
		text := b.textOf(r)
		switch r.kind {
		case engine.Spawned, engine.Present:
			w.tallies.named(r, text)
		case engine.Opened:
			w.names.nameGroup(r.arg, text)
		case engine.Named:
			w.names.nameObject(r.arg, object{r.label, text})
		case engine.Began, engine.Finished:
			w.beside(r, text)
		case engine.Hosted:
			w.hosted(r, text)
		case engine.HostUp, engine.HostDown:
			w.hosts.note(r, text)
		}
	}
}

// beside notes what begins or ends beside the loop, and gives the record the number by
// which clients know that.
func (w *watched) beside(r *record, text string) {
	key := rowOf(r.label, text)
	if r.kind == engine.Began {
		w.rows++
		w.threads[key] = wire.Thread{ID: w.rows, Kind: r.label.String(), Name: key.name, What: doneBy(text), Task: r.task, Since: r.at}
	}
	r.arg = w.threads[key].ID
	if r.kind == engine.Finished {
		delete(w.threads, key)
	}
}

// A rowKey tells a row beside the loop from others.
type rowKey struct {
	kind engine.Label
	name string
}

// rowOf returns the row that a record is about. What it does, or its error, is in further
// lines.
func rowOf(kind engine.Label, text string) rowKey {
	name, _, _ := strings.Cut(text, "\n")
	return rowKey{kind, name}
}

// doneBy returns what a row does, in words: "resize 4711"; "" if the record of its
// beginning does not say.
func doneBy(text string) string {
	_, what, _ := strings.Cut(text, "\n")
	return strings.ReplaceAll(what, "\n", " ")
}

// step counts a step, and returns since when its task was ready.
func (w *watched) step(r *record) (ready int64) {
	t := w.tallies.of(r.task)
	ready = t.readyAt
	if lag := t.step(r); lag >= 0 {
		w.lags.add(r.from, lag)
	}
	length := r.at - r.from
	w.longest.note(r.at, length, t.id)
	if length > int64(limits.blockedStep) {
		w.warnings.happened(w.blockedTask(t, r.from, r.at))
	}
	return ready
}

func (w *watched) called(r *record) {
	w.longest.note(r.at, r.at-r.from, 0)
	if r.at-r.from > int64(limits.blockedStep) {
		w.warnings.happened(blockedCallback(functionOf(r.arg), r.from, r.at))
	}
}

// passRate counts passes.
type passRate struct {
	at     int64
	passes uint64
	rate   float64
}

// note takes the number of passes at a time. Times that lie closer together than a
// second would make the figure jump.
func (p *passRate) note(at int64, passes uint64) {
	if d := at - p.at; p.at == 0 || passes < p.passes {
		p.at, p.passes = at, passes
	} else if d >= int64(time.Second)*9/10 {
		p.rate = float64(passes-p.passes) * float64(time.Second) / float64(d)
		p.at, p.passes = at, passes
	}
}

// longest is the longest step of the last ten seconds or so: what kept others waiting.
type longest struct {
	began        int64 // of the window
	task         uint64
	length       int64
	beforeTask   uint64 // in the window before
	beforeLength int64
}

func (l *longest) note(at, length int64, task uint64) {
	if at-l.began > lagWindow/2*int64(time.Second) {
		l.began, l.beforeTask, l.beforeLength = at, l.task, l.length
		l.task, l.length = 0, 0
	}
	if length > l.length {
		l.length, l.task = length, task
	}
}

func (l *longest) get() (task uint64, length int64) {
	if l.beforeLength > l.length {
		return l.beforeTask, l.beforeLength
	}
	return l.task, l.length
}
