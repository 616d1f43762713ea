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

// Deadlocks are found in two steps. A snapshot of many tasks is taken in several passes
// of the loop, between which locks change hands: what looks like a cycle in it may
// never have been one. So it is only suspected, and the tasks of the cycle are looked at
// again, in a single pass. If they then wait for the same, since the same time, they have
// waited all along, and it is a deadlock.

// waitsOld is how long a task has to wait before it is suspected.
const waitsOld = time.Second

// anyOf are the waits for several things that end when one of these is done, and not only
// when all are.
var anyOf = map[string]bool{"wait": true, "select": true, "as_completed": true, "race": true, "any": true}

// A graph says which tasks wait for which.
type graph struct {
	tasks map[uint64]*wire.Task
	next  map[uint64][]uint64 // in the order of By, without those that cannot be part of a deadlock
	ids   []uint64            // sorted
}

// findCycles returns the cycles of tasks that wait for one another, for some time
// already, and for which no deadline ends the wait. Each begins with its smallest ID,
// and is the shortest one through that; of cycles that share tasks it returns one.
func findCycles(tasks []wire.Task, objects []wire.Object, now int64) [][]uint64 {
	g := newGraph(tasks, objects, now)
	var cycles [][]uint64
	for _, component := range g.components() {
		if c := g.cycleIn(component); c != nil {
			cycles = append(cycles, c)
		}
	}
	slices.SortFunc(cycles, func(a, b []uint64) int { return cmp.Compare(a[0], b[0]) })
	return cycles
}

func newGraph(tasks []wire.Task, objects []wire.Object, now int64) *graph {
	single := map[uint64]bool{}
	for _, o := range objects {
		single[o.ID] = o.Cap == 1 && o.Len <= 1 // more are in use where the limit was lowered
	}
	g := &graph{tasks: map[uint64]*wire.Task{}, next: map[uint64][]uint64{}}
	for i := range tasks {
		t := &tasks[i]
		w := t.Wait
		if t.State != wire.Waiting || w == nil || len(w.By) == 0 || w.Until != 0 || now-w.Since < int64(waitsOld) {
			continue
		}
		// For a semaphore only the task is known that has acquired it last, but another
		// holder may release it first.
		if w.Kind != "semaphore" || single[w.Obj] {
			g.tasks[t.ID] = t
			g.ids = append(g.ids, t.ID)
		}
	}
	slices.Sort(g.ids)
	g.prune()
	return g
}

// prune drops the tasks that may go on, until none is left that may: a task that waits
// for all of several is stuck if one of these is, and one that waits for any only if
// all are.
func (g *graph) prune() {
	waiters := map[uint64][]uint64{}
	stuck := map[uint64]int{} // how many of those that it waits for are stuck
	needed := func(t *wire.Task) int {
		if anyOf[t.Wait.Kind] {
			return len(t.Wait.By)
		}
		return 1
	}
	for _, id := range g.ids {
		for _, by := range g.tasks[id].Wait.By {
			if g.tasks[by] != nil {
				waiters[by] = append(waiters[by], id)
				stuck[id]++
			}
		}
	}
	var free []uint64
	for _, id := range g.ids {
		if stuck[id] < needed(g.tasks[id]) {
			free = append(free, id)
		}
	}
	for len(free) > 0 {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		if g.tasks[id] == nil {
			continue
		}
		delete(g.tasks, id)
		for _, w := range waiters[id] {
			if stuck[w]--; g.tasks[w] != nil && stuck[w] < needed(g.tasks[w]) {
				free = append(free, w)
			}
		}
	}
	g.ids = slices.DeleteFunc(g.ids, func(id uint64) bool { return g.tasks[id] == nil })
	for _, id := range g.ids {
		for _, by := range g.tasks[id].Wait.By {
			if g.tasks[by] != nil {
				g.next[id] = append(g.next[id], by)
			}
		}
	}
}

// components returns the strongly connected components, by Tarjan's algorithm. It keeps
// its own stack, for chains of tasks can be long.
func (g *graph) components() (all [][]uint64) {
	type visit struct {
		id   uint64
		edge int // of next[id], which is to be followed next
	}
	index, low := map[uint64]int{}, map[uint64]int{} // index from 1
	onStack := map[uint64]bool{}
	var stack []uint64
	var calls []visit
	enter := func(id uint64) {
		index[id] = len(index) + 1
		low[id] = index[id]
		stack, onStack[id] = append(stack, id), true
		calls = append(calls, visit{id: id})
	}
	leave := func(id uint64) {
		if low[id] == index[id] {
			from := len(stack) - 1
			for stack[from] != id {
				from--
			}
			component := slices.Clone(stack[from:])
			stack = stack[:from]
			for _, member := range component {
				onStack[member] = false
			}
			all = append(all, component)
		}
	}
	for _, root := range g.ids {
		if index[root] != 0 {
			continue
		}
		enter(root)
		for len(calls) > 0 {
			c := &calls[len(calls)-1]
			if c.edge < len(g.next[c.id]) {
				to := g.next[c.id][c.edge]
				c.edge++
				if index[to] == 0 {
					enter(to)
				} else if onStack[to] {
					low[c.id] = min(low[c.id], index[to])
				}
				continue
			}
			done := c.id
			calls = calls[:len(calls)-1]
			leave(done)
			if len(calls) > 0 {
				caller := calls[len(calls)-1].id
				low[caller] = min(low[caller], low[done])
			}
		}
	}
	return all
}

// cycleIn returns the shortest cycle through the smallest ID of a component that is on
// a cycle; nil if there is none, for the component is a single task.
func (g *graph) cycleIn(component []uint64) []uint64 {
	start := slices.Min(component)
	member := map[uint64]bool{}
	for _, id := range component {
		member[id] = true
	}
	from := map[uint64]uint64{}
	for queue := []uint64{start}; len(queue) > 0; queue = queue[1:] {
		for _, to := range g.next[queue[0]] {
			if to == start {
				return path(from, start, queue[0])
			}
			if _, seen := from[to]; !seen && member[to] {
				from[to] = queue[0]
				queue = append(queue, to)
			}
		}
	}
	return nil
}

// path returns the way from start to end.
func path(from map[uint64]uint64, start, end uint64) []uint64 {
	way := []uint64{end}
	for end != start {
		end = from[end]
		way = append(way, end)
	}
	slices.Reverse(way)
	return way
}

// A check is the confirmation of cycles that is on its way.
type check struct {
	cycles [][]uint64
	before map[uint64]wire.Wait // the waits of their tasks
	done   chan struct{}
	after  uint64 // the number of the event that answers
	read   func() []wire.Task
}

// suspect looks for cycles in the newest snapshot, and asks the loop to look at their
// tasks again. The caller holds mu.
func (w *watched) suspect() {
	if w.check != nil || w.checked != 0 && w.checked == w.quiet && w.isQuiet() {
		return
	}
	cycles := findCycles(w.tasks, w.view.Objects, w.now())
	if len(cycles) == 0 {
		w.deadlocks = nil
		return
	}
	c := &check{cycles: cycles, before: waitsOf(w.tasks, cycles), done: make(chan struct{})}
	err := w.src.confirm(slices.Concat(cycles...), func(read func() []wire.Task) {
		c.read, c.after = read, w.src.look().Number
		close(c.done)
		w.poke()
	})
	if err == nil {
		w.check = c
	}
}

// inCycle reports whether a task is a part of a deadlock, proven or just suspected.
func (w *watched) inCycle(task uint64) bool {
	for _, d := range w.deadlocks {
		if slices.Contains(d.tasks, task) {
			return true
		}
	}
	if w.check == nil {
		return false
	}
	_, suspected := w.check.before[task]
	return suspected
}

// waitsOf returns for what the tasks of cycles wait.
func waitsOf(tasks []wire.Task, cycles [][]uint64) map[uint64]wire.Wait {
	known := byID(tasks)
	waits := map[uint64]wire.Wait{}
	for _, id := range slices.Concat(cycles...) {
		if t := known[id]; t != nil && t.Wait != nil {
			waits[id] = *t.Wait
		}
	}
	return waits
}

func byID(tasks []wire.Task) map[uint64]*wire.Task {
	known := make(map[uint64]*wire.Task, len(tasks))
	for i := range tasks {
		known[tasks[i].ID] = &tasks[i]
	}
	return known
}

// confirmed takes in the answer to a check, if it is there. The caller holds mu.
func (w *watched) confirmed() {
	c := w.check
	if c == nil {
		return
	}
	select {
	case <-c.done:
	default:
		return
	}
	w.check = nil
	if w.quiet != 0 && c.after == w.quiet+1 { // the check is all that the loop has done
		w.quiet, w.checked = c.after, c.after
	}
	after := byID(c.read())
	w.deadlocks = nil
	for _, cycle := range c.cycles {
		if c.proves(cycle, after) {
			w.deadlocks = append(w.deadlocks, w.deadlock(cycle, after))
		}
	}
	w.warnings.update(w.now(), []string{wire.Deadlock}, w.deadlocks)
}

// proves reports whether every task of a cycle still waits for the same, since the same
// time, for the next one.
func (c *check) proves(cycle []uint64, tasks map[uint64]*wire.Task) bool {
	for i, id := range cycle {
		t, next := tasks[id], cycle[(i+1)%len(cycle)]
		before, known := c.before[id]
		if t == nil || !known || t.State != wire.Waiting || t.Wait == nil || !sameSince(t.Wait.Since, before.Since) ||
			t.Wait.Kind != before.Kind || t.Wait.Obj != before.Obj || t.Wait.Until != 0 || !slices.Contains(t.Wait.By, next) {
			return false
		}
	}
	return true
}

// sameSince reports whether two times at which a wait was seen to begin are those of one
// wait. They are converted anew for each snapshot, and differ a little then. Another wait
// would have begun after the first snapshot, at which this one was waitsOld already.
func sameSince(a, b int64) bool { return max(a, b)-min(a, b) < int64(waitsOld)/10 }

// deadlock tells of a cycle that is proven.
func (w *watched) deadlock(cycle []uint64, tasks map[uint64]*wire.Task) condition {
	c := condition{
		kind: wire.Deadlock, key: "cycle " + fmt.Sprint(cycle), tasks: cycle,
		title: fmt.Sprintf("Deadlock of %d tasks", len(cycle)),
		cure:  "acquire locks in the same order everywhere, or wait with a timeout; until then, cancel one of the tasks",
	}
	objects := map[uint64]*wire.Object{}
	for i := range w.view.Objects {
		objects[w.view.Objects[i].ID] = &w.view.Objects[i]
	}
	var parts []string
	for i, id := range cycle {
		t := tasks[id]
		next := cycle[(i+1)%len(cycle)]
		e := wire.Edge{Task: id, Name: t.Name, Wait: t.Wait.Text, Since: t.Wait.Since, Holder: next, Obj: t.Wait.Obj}
		if o := objects[t.Wait.Obj]; o != nil && o.Holder == next {
			e.Object, e.Held = objectName(o), o.Since
		}
		if site := w.frameOf(id); site != nil {
			e.Frame = site
		}
		c.cycle = append(c.cycle, e)
		c.since = max(c.since, t.Wait.Since) // the last wait closes the circle
		parts = append(parts, fmt.Sprintf("%s waits for %s", t.Name, t.Wait.Text))
	}
	switch {
	case len(cycle) == 1 && c.cycle[0].Object != "":
		c.title = "Task " + strconv.Quote(c.cycle[0].Name) + " waits for what it holds itself"
		c.cure = "a Lock is not reentrant: acquire it once, and call what expects it held"
	case len(cycle) == 1:
		c.title = "Task " + strconv.Quote(c.cycle[0].Name) + " waits for itself"
		c.cure = "no task can wait for its own end: let another one do so"
	}
	for i := range c.cycle {
		if e := &c.cycle[i]; e.Object != "" {
			parts[i] += ", which " + c.cycle[(i+1)%len(cycle)].Name + " holds"
		}
	}
	c.text = strings.Join(parts, "; ")
	c.obj = c.cycle[0].Obj
	c.frame = c.cycle[0].Frame
	if behind := w.behind(cycle); behind > 0 {
		c.text += fmt.Sprintf("; %s behind them", manyTasks(behind, "waits", "wait"))
	}
	return c
}

// behind counts the tasks that wait for one of a cycle, directly or through others.
func (w *watched) behind(cycle []uint64) int {
	waiters := map[uint64][]uint64{}
	for i := range w.tasks {
		if t := &w.tasks[i]; t.Wait != nil && !anyOf[t.Wait.Kind] {
			for _, by := range t.Wait.By {
				waiters[by] = append(waiters[by], t.ID)
			}
		}
	}
	seen := map[uint64]bool{}
	for _, id := range cycle {
		seen[id] = true
	}
	for todo := slices.Clone(cycle); len(todo) > 0; {
		id := todo[0]
		todo = todo[1:]
		for _, waiter := range waiters[id] {
			if !seen[waiter] {
				seen[waiter] = true
				todo = append(todo, waiter)
			}
		}
	}
	return len(seen) - len(cycle)
}
