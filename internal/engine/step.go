package engine

import (
	"context"
	"strconv"
	"sync"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/list"
)

// A Step is what another goroutine sees of a loop: which of its steps runs. If two calls
// of Look return the same Step, the loop has done nothing but this step in between.
type Step struct {
	Number    uint64 // of the event that runs, or has run last
	Goroutine int64  // the goroutine that runs the loop; 0: the loop does not run
	rests     uint64 // how often a sleep of the loop has begun or ended
	task      *Task
}

// Idle reports whether the loop sleeps or does not run.
func (s Step) Idle() bool { return s.Goroutine == 0 || s.rests%2 == 1 }

// Look returns the loop's step. Any goroutine may call it. The loop counts in plain words
// of memory: what another goroutine reads may be up to a microsecond old, but a step that
// is worth a report lasts much longer. An atomic store at each step would cost as much as
// a switch. The race detector is told to ignore these reads.
//
//go:norace
func (l *Loop) Look() Step {
	return Step{
		Number: l.ready.taken, Goroutine: l.goroutine.Get(),
		rests: l.rests.Load(), task: l.current,
	}
}

// Resting reports whether the loop sleeps. Any goroutine may call it.
func (l *Loop) Resting() bool { return l.rests.Load()%2 == 1 }

// Task returns the number of the task that runs in the step (0: a callback does),
// that of the task that has created it, its name, and in debug mode the stack of its
// creation. Any goroutine may call it: these never change.
//
//go:norace
func (s Step) Task() (id, parent uint64, name string, created []byte) {
	t := s.task
	if t == nil {
		return 0, 0, "", nil
	}
	if x := t.scope.extra; x != nil {
		name, created = x.name, x.created
	}
	if name == "" {
		name = "Task-" + strconv.FormatUint(t.id, 10)
	}
	return t.id, t.parent, name, created
}

// A Dependent is a goroutine that waits for something which the loop has to do. A task
// of another loop is one as well.
type Dependent struct {
	goroutine int64
	node      list.Node[*Dependent]
	over      bool
}

// dependents are those that wait.
type dependents struct {
	mu   sync.Mutex
	list list.List[*Dependent]
}

// Dependence returns d, for a type that embeds it.
func (d *Dependent) Dependence() *Dependent { return d }

// Goroutine returns the identity of the goroutine.
func (d *Dependent) Goroutine() int64 { return d.goroutine }

// AddDependent notes that the calling goroutine begins to wait. Any goroutine may call
// it.
func (l *Loop) AddDependent(d *Dependent) {
	d.goroutine = coro.GoroutineID()
	d.node.Value = d
	l.dependents.mu.Lock()
	defer l.dependents.mu.Unlock()
	if !d.over {
		l.dependents.list.Add(&d.node)
	}
}

// RemoveDependent notes that the wait is over, or will be as soon as the goroutine has its
// turn. It may be called again, and before AddDependent. Any goroutine may call it.
func (l *Loop) RemoveDependent(d *Dependent) {
	l.dependents.mu.Lock()
	defer l.dependents.mu.Unlock()
	d.over = true
	if d.node.Listed() {
		l.dependents.list.Remove(&d.node)
	}
}

// Dependents returns those that wait, in the order in which they came. Any goroutine may
// call it.
func (l *Loop) Dependents() (all []*Dependent) {
	l.dependents.mu.Lock()
	defer l.dependents.mu.Unlock()
	for d := range l.dependents.list.All {
		all = append(all, d)
	}
	return all
}

// Stranded reports whether nothing but another goroutine can wake the loop: there are
// tasks, and all of them wait, but not for a deadline, a descriptor, or anything that
// goes on outside and is counted. Loop only.
func (l *Loop) Stranded() bool {
	if !l.nothingComes() {
		return false
	}
	for t := range l.Tasks {
		if w := t.waiting(); w != nil && w.hasDeadline() {
			return false
		}
	}
	return true
}

// nothingComes reports whether there are tasks, and nothing of the loop's own that could
// make one go on.
func (l *Loop) nothingComes() bool {
	return l.live > 0 && l.ready.Len() == 0 && l.timers.Len() == 0 && l.pacer.watched == 0 &&
		(l.Outside == nil || l.Outside.Load() == 0)
}

// hasDeadline reports whether the wait ends with a context that ends by itself.
func (w *Wait) hasDeadline() bool {
	has := func(ctx context.Context) bool { _, ok := ctx.Deadline(); return ok }
	ctx := w.foreignContext()
	return ctx != nil && has(ctx) || w.scope != nil && has(w.scope)
}
