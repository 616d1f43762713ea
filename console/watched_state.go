package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// patience is how long the loop has to answer.
const patience = 250 * time.Millisecond

// ask asks the loop for its state, unless it was asked already. The caller holds mu.
func (w *watched) ask() *request {
	if w.request != nil || w.over {
		return w.request
	}
	now := time.Now()
	w.watchStep(now)
	q := &request{at: now, before: w.running.Number, done: make(chan struct{})}
	err := w.src.snapshot(func(read func() *view) {
		q.read, q.after = read, w.src.look().Number
		close(q.done)
		w.poke()
	})
	if err != nil {
		return nil // it has ended
	}
	w.request = q
	return q
}

// answered takes in the answer, if it is there, and reports whether it was. The caller
// holds mu.
func (w *watched) answered() bool {
	q := w.request
	if q == nil {
		return false
	}
	select {
	case <-q.done:
	default:
		return false
	}
	w.request, w.stale, w.stuck = nil, false, nil
	w.takeIn() // what came before the answer
	v := q.read()
	w.quiet = q.after
	if events := q.after - q.before; v.Pass[0] != v.Pass[1] && events != v.Pass[1]-v.Pass[0]+1 {
		w.quiet = 0
	}
	w.see(v)
	w.ahead = w.backlog
	return true
}

// see takes a new state of the loop. The caller holds mu.
func (w *watched) see(v *view) {
	w.view, w.news = v, true
	w.passes.note(v.At, v.Stats.Passes)
	w.worked.note(v.rest)
	w.tallies.reconcile(v.Tasks)
	if !w.lazy {
		w.tallies.adopt(v.Tasks)
	}
	for i := range v.Groups {
		w.names.nameGroup(v.Groups[i].ID, v.Groups[i].Name)
	}
	for i := range v.Objects {
		if o := &v.Objects[i]; o.Name != "" {
			w.names.nameObject(o.ID, object{engine.NewLabel(o.Kind), o.Name})
		}
	}
	w.compose()
}

// findTask returns the place of a task in lines that are sorted.
func findTask(tasks []wire.Task, id uint64) (int, bool) {
	return slices.BinarySearchFunc(tasks, id, func(t wire.Task, id uint64) int { return cmp.Compare(t.ID, id) })
}

// compose makes the lines of the tasks: the tasks of the snapshot without those that have
// ended since, and the tasks that have ended lately.
func (w *watched) compose() {
	w.tallies.forget(w.view.At)
	if len(w.tallies.ended) == 0 {
		w.tasks = w.view.Tasks[:len(w.view.Tasks):len(w.view.Tasks)] // the usual case: no copy
		return
	}
	tasks := make([]wire.Task, 0, len(w.view.Tasks)+len(w.tallies.ended))
	for i := range w.view.Tasks {
		if t := &w.view.Tasks[i]; w.tallies.byID[t.ID] == nil {
			tasks = append(tasks, *t)
		}
	}
	live := len(tasks)
	for _, t := range w.tallies.ended {
		tasks = append(tasks, t.row())
	}
	slices.SortFunc(tasks[live:], func(a, b wire.Task) int { return cmp.Compare(a.ID, b.ID) })
	w.tasks = tasks
}

// goOn brings the newest snapshot up to date if the loop has done nothing since: what is
// beside the loop goes on all the same.
func (w *watched) goOn() {
	if w.view.pools != nil {
		w.view.Pools = w.view.pools()
	}
	w.compose()
}

// isQuiet reports whether the loop has done nothing since the newest snapshot, so that
// this is as good as a new one. An idle loop is not asked: waking it each second would
// cost time, and would disturb code that waits until the loop rests.
func (w *watched) isQuiet() bool {
	return w.view != nil && w.quiet != 0 && w.src.resting() && w.src.look().Number == w.quiet
}

// now returns the time of the newest state: the loop's own, if that has rested since.
func (w *watched) now() int64 {
	switch {
	case w.view == nil:
		return w.src.now()
	case w.isQuiet():
		return max(w.view.At, w.src.now())
	}
	return w.view.At
}

// snapshot returns what is known now. The caller holds mu.
func (w *watched) snapshot(limit int) *wire.Snapshot {
	s := &wire.Snapshot{Loop: w.id, Dropped: w.dropped}
	if w.view != nil {
		*s = w.view.Snapshot
		s.Loop, s.Dropped, s.At = w.id, w.dropped, w.now()
	}
	s.Tasks = w.tasks
	if w.view == nil {
		w.tellRunning(s)
	}
	if limit > 0 && len(s.Tasks) > limit {
		s.Truncated = len(s.Tasks) - limit
		s.Tasks = s.Tasks[:limit:limit]
	}
	if s.Stale = w.stale; w.stale && w.stuck != nil {
		stuck := *w.stuck
		stuck.For = int64(time.Since(w.since))
		s.Stuck = &stuck
	}
	s.Threads, s.Beside = w.threadRows(), w.src.beside()
	s.Hosts = w.hosts.list()
	now := w.src.now()
	s.Stats.Rate = w.passes.rate
	s.Stats.Busy = w.busy(now)
	s.Stats.Lag = w.lags.counts(now)
	s.Stats.P50, s.Stats.P99 = quantile(s.Stats.Lag, 0.5), quantile(s.Stats.Lag, 0.99)
	s.Warnings = w.warnings.list()
	notNull(s)
	return s
}

// tellRunning tells of the task that runs, if that is all that is known: the loop has never
// answered.
func (w *watched) tellRunning(s *wire.Snapshot) {
	id, parent, name, _ := w.running.Task()
	if id == 0 {
		return
	}
	line := wire.Task{
		ID: id, Name: name, Parent: parent, State: wire.Running,
		Since: max(w.src.now()-int64(time.Since(w.since)), 0), Created: []wire.Frame{},
	}
	if t := w.tallies.find(id); t != nil {
		t.addOrigin(&line)
	}
	s.Tasks, s.Stats.Live = []wire.Task{line}, 1
}

// busy returns in which share of the last second, or of the time since the last look, the
// loop worked. If it has done nothing since, it has slept.
func (w *watched) busy(now int64) float64 {
	if w.lasted >= time.Second { // one step has
		return 1
	}
	if w.isQuiet() {
		r := w.view.rest
		if d := now - r.at; d > 0 {
			r.at, r.slept = now, r.slept+d
			w.worked.note(r)
		}
	}
	return w.worked.share
}

// threadRows returns what runs beside the loop, oldest first.
func (w *watched) threadRows() []wire.Thread {
	rows := make([]wire.Thread, 0, len(w.threads))
	for _, t := range w.threads {
		rows = append(rows, t)
	}
	slices.SortFunc(rows, func(a, b wire.Thread) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Name, b.Name))
	})
	return rows
}

// notNull makes empty lists of those that are missing, for readers who take no null.
func notNull(s *wire.Snapshot) {
	empty(&s.Tasks)
	empty(&s.Groups)
	empty(&s.Objects)
	empty(&s.Timers)
	empty(&s.Pools)
	empty(&s.Threads)
	empty(&s.Warnings)
	empty(&s.Stats.Lag)
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
