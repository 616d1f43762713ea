package console

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// judged are the kinds of warnings that depend on the state of the loop, and so are
// judged together. Deadlocks are confirmed first; that a step was blocked is an event.
var judged = []string{
	wire.NeverYields, wire.LongHeld, wire.QueueGrows, wire.CancelIgnored, wire.ErrorUnseen,
	wire.Spin, wire.TimerLate, wire.PoolFull, wire.TaskFlood,
}

// judge looks for what is wrong in the newest state. The caller holds mu.
func (w *watched) judge() {
	if w.stale {
		// The newest state is old, so only this warning can be judged.
		w.warnings.update(w.src.now(), []string{wire.NeverYields}, w.neverYields())
		return
	}
	now := w.now()
	w.suspect()
	met := slices.Concat(
		w.neverYields(), w.longHeld(now), w.queueGrows(now), w.cancelIgnored(now),
		w.errorUnseen(now), w.spins(now), w.timerLate(now), w.poolFull(now), w.taskFlood(now),
	)
	w.warnings.update(now, judged, met)
	w.warnings.update(now, []string{wire.Deadlock}, append(w.stranded(now), w.deadlocks...))
}

// frameOf returns where a task was created, or nil.
func (w *watched) frameOf(id uint64) *wire.Frame {
	if t := w.tallies.find(id); t != nil {
		if stack := t.site.stack(); len(stack) > 0 {
			return &stack[0]
		}
	}
	return nil
}

// task is a task in a sentence: `task "A" (main.go:40)`.
func (w *watched) task(id uint64) string {
	s := "task " + strconv.Quote(w.taskName(id))
	if place := placeOf(w.frameOf(id)); place != "" {
		s += " (" + place + ")"
	}
	return s
}

// taskKey is the same for tasks that were created at the same place; if the place is not
// known, it is the task itself. So there is one warning for a thousand tasks that do the
// same.
func (w *watched) taskKey(id uint64) string {
	if f := w.frameOf(id); f != nil {
		return "at " + f.Path + ":" + strconv.Itoa(f.Line)
	}
	return "of task " + strconv.FormatUint(id, 10)
}

const cureBlocking = "use asyncio.Sleep to sleep, ToThread for what blocks or computes for long, Receive and Send for channels"

// blockedTask is the warning that a step of a task was long.
func (w *watched) blockedTask(t *tally, from, to int64) condition {
	return condition{
		kind: wire.BlockedStep, key: w.taskKey(t.id), tasks: []uint64{t.id}, since: from, until: to,
		title: fmt.Sprintf("A step of %s took %s", strconv.Quote(nameOf(t.id, t.name)), duration(to-from)),
		text:  fmt.Sprintf("%s kept the loop for %s without suspending; nothing else could run meanwhile", w.task(t.id), duration(to-from)),
		cure:  cureBlocking, frame: w.frameOf(t.id),
	}
}

// blockedCallback is the same of a callback.
func blockedCallback(function string, from, to int64) condition {
	name := cmp.Or(function, "a callback")
	return condition{
		kind: wire.BlockedStep, key: "in " + name, since: from, until: to,
		title: fmt.Sprintf("The callback %s took %s", name, duration(to-from)),
		text:  fmt.Sprintf("%s kept the loop for %s; nothing else could run meanwhile", name, duration(to-from)),
		cure:  "a callback should only note what has come: let a task, or ToThread, do the work",
	}
}

// neverYields: a step lasts for long, and is not over.
func (w *watched) neverYields() []condition {
	w.watchStep(time.Now())
	lasts := w.lasted
	if w.running.Idle() || lasts < limits.neverYields {
		return nil
	}
	id, _, name, _ := w.running.Task()
	who := "a callback"
	c := condition{kind: wire.NeverYields, key: "callback", cure: cureBlocking, lasts: int64(lasts)}
	if id != 0 {
		who = "task " + strconv.Quote(name)
		c.key, c.tasks, c.frame = w.taskKey(id), []uint64{id}, w.frameOf(id)
	}
	at := ""
	if s := w.stuck; s != nil {
		if len(s.Stack) > 0 {
			c.frame = &s.Stack[0]
			at = fmt.Sprintf(", in %s (%s)", c.frame.Func, placeOf(c.frame))
		}
		if s.State != "" {
			at += ", " + s.State
		}
		c.cure = cmp.Or(s.Advice, c.cure)
	}
	c.since = w.src.now() - int64(lasts)
	c.title = strings.ToUpper(who[:1]) + who[1:] + " does not give the loop back"
	c.text = fmt.Sprintf("%s has kept the loop for %s so far%s; nothing else can run", who, duration(int64(lasts)), at)
	return []condition{c}
}

// objectName is an object in a sentence: `lock "db"`.
func objectName(o *wire.Object) string {
	if o.Name == "" {
		return o.Kind + " " + strconv.FormatUint(o.ID, 10)
	}
	return o.Kind + " " + strconv.Quote(o.Name)
}

// longHeld: an object is held for long, and others wait for it. Objects in a deadlock are
// left out: they have a warning of their own, and holding them for a shorter time would
// not help.
func (w *watched) longHeld(now int64) (met []condition) {
	for i := range w.view.Objects {
		o := &w.view.Objects[i]
		if o.Holder == 0 || o.Since == 0 || o.Waiters == 0 || now-o.Since <= int64(limits.longHeld) || w.inCycle(o.Holder) {
			continue
		}
		doing := ""
		if t := w.liveTask(o.Holder); t == nil {
			doing = ", and has ended without a release"
		} else if t.Wait != nil {
			doing = ", and waits for " + t.Wait.Text + " meanwhile"
		}
		met = append(met, condition{
			kind: wire.LongHeld, key: "of object " + strconv.FormatUint(o.ID, 10), tasks: []uint64{o.Holder}, obj: o.ID,
			since: o.Since, frame: w.frameOf(o.Holder),
			title: "The " + objectName(o) + " is held for long",
			text: fmt.Sprintf("%s has held the %s for %s%s; %s for this %s", w.task(o.Holder), objectName(o),
				duration(now-o.Since), doing, manyTasks(o.Waiters, "waits", "wait"), o.Kind),
			cure: "hold it for shorter: do what waits or computes before Acquire or after Release; With releases it in any case",
		})
	}
	return met
}

func (w *watched) liveTask(id uint64) *wire.Task {
	if i, found := findTask(w.view.Tasks, id); found {
		return &w.view.Tasks[i]
	}
	return nil
}

// manyTasks counts tasks in a sentence: "1 task waits", "3 tasks wait".
func manyTasks(n int, one, many string) string {
	if n == 1 {
		return "1 task " + one
	}
	return fmt.Sprintf("%d tasks %s", n, many)
}

// A growth is how a number has grown.
type growth struct {
	since  int64 // since when it has not become smaller
	begun  int   // what it was then
	newest int
	grown  int64 // when it has become larger the last time
	seen   int64
	low    []sample // of the last time, for those who look at a window
}

type sample struct {
	at int64
	n  int
}

// note takes the number at a time.
func (g *growth) note(now int64, n int) {
	if g.seen == 0 || n < g.newest {
		g.since, g.begun, g.grown = now, n, now
	} else if n > g.newest {
		g.grown = now
	}
	g.newest, g.seen = n, now
}

// queueGrows: a queue without a limit gets longer and longer.
func (w *watched) queueGrows(now int64) (met []condition) {
	for i := range w.view.Objects {
		o := &w.view.Objects[i]
		if !strings.Contains(o.Kind, "queue") || o.Cap != 0 {
			continue
		}
		g := w.queues[o.ID]
		if g == nil {
			g = &growth{}
			w.queues[o.ID] = g
		}
		g.note(now, o.Len)
		window := int64(limits.queueGrows)
		if o.Len <= limits.queueItems || g.grown-g.since < window || now-g.grown >= window {
			continue
		}
		putters := w.waiting("queue put", o.ID)
		getters := w.waiting("queue get", o.ID)
		met = append(met, condition{
			kind: wire.QueueGrows, key: "of object " + strconv.FormatUint(o.ID, 10), obj: o.ID, since: g.since,
			tasks: append(putters, getters...), frame: w.frameOf(o.Holder),
			title: "The " + objectName(o) + " grows",
			text: fmt.Sprintf("the %s has no limit, and has grown from %d to %d items in %s: more is put in than is taken out",
				objectName(o), g.begun, o.Len, duration(now-g.since)),
			cure: "give it a limit, as in NewQueue(100), so that who puts in has to wait; or let more tasks take out",
		})
	}
	for id, g := range w.queues {
		if g.seen != now {
			delete(w.queues, id)
		}
	}
	return met
}

// waiting returns some of the tasks that wait for an object.
func (w *watched) waiting(kind string, obj uint64) (ids []uint64) {
	for i := range w.view.Tasks {
		t := &w.view.Tasks[i]
		if t.Wait != nil && t.Wait.Obj == obj && t.Wait.Kind == kind && len(ids) < mostTasks {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// cancelIgnored: a task goes on though it was asked to end.
func (w *watched) cancelIgnored(now int64) (met []condition) {
	for i := range w.view.Tasks {
		t := &w.view.Tasks[i]
		if t.Canceled == 0 || now-t.Canceled <= int64(limits.cancelIgnored) || w.tallies.byID[t.ID] != nil {
			continue
		}
		doing := "is " + t.State
		if t.Wait != nil {
			doing = "waits for " + t.Wait.Text
		}
		met = append(met, condition{
			kind: wire.CancelIgnored, key: w.taskKey(t.ID), tasks: []uint64{t.ID}, since: t.Canceled, frame: w.frameOf(t.ID),
			title: fmt.Sprintf("Task %s does not end", strconv.Quote(t.Name)),
			text: fmt.Sprintf("%s was asked to end %s ago, and %s", w.task(t.ID),
				duration(now-t.Canceled), doing),
			cure: "return when an operation returns ErrCanceled; wait without cancellation only for what is short",
		})
	}
	return oneOfEach(met)
}

// oneOfEach joins the conditions with one key, of which the first tells.
func oneOfEach(met []condition) []condition {
	at := map[string]int{}
	joined := met[:0]
	for _, c := range met {
		if i, known := at[c.key]; known {
			joined[i].tasks = append(joined[i].tasks, c.tasks...)
			joined[i].since = min(joined[i].since, c.since)
			continue
		}
		at[c.key] = len(joined)
		joined = append(joined, c)
	}
	return joined
}

// errorUnseen: a task has failed, and no one has looked at its error.
func (w *watched) errorUnseen(now int64) (met []condition) {
	since := map[uint64]int64{}
	for _, u := range w.view.unseen {
		c := condition{
			kind: wire.ErrorUnseen, key: w.taskKey(u.task), tasks: []uint64{u.task}, since: u.at, frame: w.frameOf(u.task),
			title: fmt.Sprintf("No one has looked at the error of %s", strconv.Quote(nameOf(u.task, u.name))),
			text:  fmt.Sprintf("%s has failed, and nothing has awaited it: %s", w.task(u.task), u.err),
			cure:  "await the task, or start it in a TaskGroup, which returns its error",
		}
		if u.reported { // no one can look at it any more
			c.until = u.at
			w.warnings.happened(c)
			continue
		}
		if at, known := w.unseen[u.task]; known {
			c.since = at
		}
		since[u.task] = c.since
		if now-c.since > int64(limits.errorUnseen) {
			met = append(met, c)
		}
	}
	w.unseen = since
	w.view.unseen = slices.DeleteFunc(w.view.unseen, func(u unseen) bool { return u.reported }) // it is told once
	return oneOfEach(met)
}

// spins: a task yields over and over, and does nothing else.
func (w *watched) spins(now int64) (met []condition) {
	for id, t := range w.tallies.live {
		steps, idle := t.windowed, t.idle
		t.windowed, t.idle = 0, 0
		if steps < limits.spinSteps || float64(idle) <= limits.spinShare*float64(steps) {
			t.spinning = 0
			continue
		}
		if t.spinning++; t.spinning < limits.spinSeconds {
			continue
		}
		met = append(met, condition{
			kind: wire.Spin, key: w.taskKey(id), tasks: []uint64{id}, since: now - int64(t.spinning)*int64(time.Second), frame: w.frameOf(id),
			title: fmt.Sprintf("Task %s spins", strconv.Quote(nameOf(id, t.name))),
			text: fmt.Sprintf("%s: %d of its last %d steps did nothing but yield, for %d s now",
				w.task(id), idle, steps, t.spinning),
			cure: "wait for what it looks for: with an Event, a Condition or a Queue, or with Sleep between two looks",
		})
	}
	slices.SortFunc(met, func(a, b condition) int { return cmp.Compare(a.tasks[0], b.tasks[0]) })
	return oneOfEach(met)
}

// timerLate: what is ready waits for long until it runs.
func (w *watched) timerLate(now int64) []condition {
	counts := w.lags.counts(now)
	var n uint64
	for _, c := range counts {
		n += c
	}
	p99 := quantile(counts, 0.99)
	limit := int64(limits.timerLate)
	if w.warnings.lasts(wire.TimerLate + " ") {
		limit /= 2
	}
	if n < limits.timerSamples || p99 <= limit {
		return nil
	}
	c := condition{
		kind: wire.TimerLate, since: max(now-lagWindow*int64(time.Second), w.begun),
		title: "Tasks wait long for their turn",
		text: fmt.Sprintf("in the last %d s, one in a hundred whose turn had come had to wait for %s or longer; ",
			lagWindow, duration(p99/2)),
	}
	w.explainLag(&c, p99, w.busy(now))
	return []condition{c}
}

// explainLag says why tasks wait for long: because of a step, because there is much to
// do, or, if neither is so, because the process does not run.
func (w *watched) explainLag(c *condition, p99 int64, busy float64) {
	task, length := w.longest.get()
	blame := "a callback"
	if task != 0 {
		blame = w.task(task)
	}
	switch {
	case length >= p99/4:
		c.text += fmt.Sprintf("the longest step, of %s, took %s", blame, duration(length))
		c.cure = "make steps shorter, with ToThread or a Yield in long computations"
		if task != 0 {
			c.tasks, c.frame = []uint64{task}, w.frameOf(task)
		}
	case busy >= 0.5:
		c.text += fmt.Sprintf("steps were short, %s at most, but many: the loop worked for %.0f%% of the time", duration(length), 100*busy)
		c.cure = "spread the tasks over the loops of RunGroup, or let fewer of them go on at once"
	default:
		c.text += fmt.Sprintf("steps were short, %s at most, and the loop worked for only %.0f%% of the time, so it was the processor that was late", duration(length), 100*busy)
		c.cure = "look what else the machine does, at the limit of CPU that the program has, at GOMAXPROCS, and at what computes on its other goroutines"
	}
}

// lasts reports whether there is a warning with this key that is not over.
func (b *book) lasts(key string) bool {
	e := b.entries[key]
	return e != nil && e.Ended == 0
}

// poolFull: a function waits for long, and all workers are busy. If a worker is not busy,
// the pool is not full; the processor is busy, and that worker has not run yet.
func (w *watched) poolFull(now int64) (met []condition) {
	for _, p := range w.view.Pools {
		if p.Oldest == 0 || p.Queued == 0 || p.Busy < p.Size || now-p.Oldest <= int64(limits.poolFull) {
			continue
		}
		c := condition{
			kind: wire.PoolFull, key: p.Name, since: p.Oldest,
			title: fmt.Sprintf("The pool %s is full", strconv.Quote(p.Name)),
			text: fmt.Sprintf("%s, the first for %s; all %d workers of the pool %s are busy",
				manyFunctions(p.Queued), duration(now-p.Oldest), p.Size, strconv.Quote(p.Name)),
			cure: "give the pool more workers, or give what blocks for long a pool of its own",
		}
		if t := w.oldestThread(); t != nil {
			c.tasks, c.frame = []uint64{t.Task}, w.frameOf(t.Task)
			c.text += fmt.Sprintf("; %s has been so for longest, for %s", w.task(t.Task), duration(now-t.Since))
		}
		met = append(met, c)
	}
	return met
}

func manyFunctions(n int) string {
	if n == 1 {
		return "1 function waits for a worker"
	}
	return fmt.Sprintf("%d functions wait for a worker", n)
}

// oldestThread returns the function that has run in a thread for longest, for a task.
func (w *watched) oldestThread() *wire.Thread {
	for _, t := range w.threadRows() {
		if t.Task != 0 && t.Kind == "thread" {
			return &t
		}
	}
	return nil
}

// taskFlood: there are many times more tasks than a moment ago.
func (w *watched) taskFlood(now int64) []condition {
	live := w.view.Stats.Live
	least := w.floods.least(now, live, int64(limits.floodWithin))
	if live < limits.floodTasks || live < limits.floodTimes*max(least.n, 1) {
		return nil
	}
	by, n := w.mostChildren()
	c := condition{
		kind: wire.TaskFlood, tasks: []uint64{by}, since: least.at, frame: w.frameOfChildren(by),
		title: "Tasks come faster than they end",
		cure:  "bound them: a TaskGroup with a limit, a Semaphore, or a fixed number of tasks that take from a Queue",
	}
	who := "no task"
	if by != 0 {
		who = w.task(by)
	} else {
		c.tasks = nil
	}
	c.text = fmt.Sprintf("%d tasks live, and %s ago it were %d; %s has created %d of them", live, duration(now-least.at), least.n, who, n)
	if f := c.frame; f != nil {
		c.text += ", in " + f.Func + " (" + placeOf(f) + ")"
	}
	return []condition{c}
}

// least returns the smallest number within a time before now.
func (g *growth) least(now int64, n int, within int64) sample {
	g.low = slices.DeleteFunc(g.low, func(s sample) bool { return now-s.at > within || s.n >= n })
	g.low = append(g.low, sample{now, n})
	return g.low[0]
}

// mostChildren returns the task that has created most of those that live.
func (w *watched) mostChildren() (by uint64, n int) {
	counts := map[uint64]int{}
	for i := range w.view.Tasks {
		counts[w.view.Tasks[i].Parent]++
	}
	for id, c := range counts {
		if c > n || c == n && id < by {
			by, n = id, c
		}
	}
	return by, n
}

// frameOfChildren returns where the children of a task are created, or nil.
func (w *watched) frameOfChildren(parent uint64) *wire.Frame {
	for i := range w.view.Tasks {
		if t := &w.view.Tasks[i]; t.Parent == parent {
			if f := w.frameOf(t.ID); f != nil {
				return f
			}
		}
	}
	return nil
}

// withinLoop are the waits that end with what a task of the loop does, unless another
// goroutine calls it through CallSoonThreadsafe.
var withinLoop = map[string]bool{
	"lock": true, "event": true, "condition": true, "semaphore": true, "barrier": true,
	"rwlock read": true, "rwlock write": true, "broadcast put": true, "subscriber get": true, "watch": true,
	"queue get": true, "queue put": true, "queue join": true, "task": true, "task group": true,
	"gather": true, "wait": true, "race": true, "any": true, "as_completed": true, "shield": true,
}

// isWithinLoop reports whether a wait is one of withinLoop, or a select of such alone.
func isWithinLoop(w *wire.Wait) bool {
	if w.Kind != "select" {
		return withinLoop[w.Kind]
	}
	for _, of := range splitSelect(w.Name) {
		if !withinLoop[of] {
			return false
		}
	}
	return true
}

// splitSelect returns the kinds of what a select waits for, which it is given in words:
//
//	queue get "jobs", event
func splitSelect(text string) (kinds []string) {
	for text != "" {
		end := strings.IndexAny(text, ",\"")
		if end < 0 {
			end = len(text)
		}
		kinds = append(kinds, strings.TrimSpace(text[:end]))
		text = text[end:]
		if name, err := strconv.QuotedPrefix(text); err == nil {
			text = text[len(name):]
		}
		text = strings.TrimPrefix(text, ",")
	}
	return kinds
}

// stranded: all tasks wait, and nothing but another goroutine can wake the loop.
func (w *watched) stranded(now int64) []condition {
	if !w.view.stranded || len(w.view.Tasks) == 0 || len(w.threads) > 0 {
		return nil
	}
	var newest int64
	var ids []uint64
	var lines []string
	for i := range w.view.Tasks {
		t := &w.view.Tasks[i]
		if t.State != wire.Waiting || t.Wait == nil || !isWithinLoop(t.Wait) {
			return nil
		}
		newest = max(newest, t.Wait.Since)
		if ids = append(ids, t.ID); len(lines) < mostTasks {
			lines = append(lines, t.Name+" waits for "+t.Wait.Text)
		}
	}
	if now-newest < int64(limits.stranded) {
		return nil
	}
	if more := len(ids) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return []condition{{
		kind: wire.Deadlock, key: "of all", tasks: ids, since: newest, frame: w.frameOf(ids[0]),
		title: "All tasks wait, and only another goroutine can wake the loop",
		text: fmt.Sprintf("%s for what only tasks of the loop do, and all of these wait: %s",
			manyTasks(len(ids), "waits", "wait"), strings.Join(lines, "; ")),
		cure: "look who should set, release or put what they wait for; wait with a timeout where that may fail",
	}}
}
