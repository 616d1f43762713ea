package engine

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A Group is the children of one body. Its owner leaves it when all of them have
// ended. Its scope is below the scope of its owner in the tree, and the scopes of the
// children are below it, so that every cancellation goes down the same tree. Loop only.
type Group struct {
	Scope
	extra extra

	children int     // how many children have not ended, as far as the group has heard
	unheard  int     // how many of them have ended all the same
	daemons  int     // how many of them do not keep the group from being left
	body     Waiters // the task of the body, when it waits for the children
	state    groupState
	joining  bool   // the body has returned
	canceled bool   // Cancel was called, or the deadline was reached
	number   uint32 // among the groups of the loop, from 1

	limit   int // how many children may run at once; 0: any number
	running int
	held    []*Task // the children that the limit keeps back, first in, first out
	gone    int     // how many of them were canceled meanwhile, and are not held any more

	deadline *Timer // for CancelAfter; nil: that was not called
	Expired  bool   // the deadline was reached before everything had ended

	Supervised bool    // children go on when one fails
	Failed     []*Task // the children that failed, in the order in which they ended
}

type groupState uint8

const (
	groupOpen groupState = iota
	groupAborting
	groupLeft
	groupDisowned
)

var (
	errAborted  = errors.New("asyncio: task group aborted: one of its tasks, or its body, has failed")
	errCanceled = errors.New("asyncio: task group canceled by TaskGroup.Cancel")
	errLeft     = errors.New("asyncio: task group left: its body and all other tasks have ended")
)

// Open opens the group in the running task.
func (g *Group) Open(ctx context.Context, op string, limit int) error {
	g.limit = limit
	g.extra.group = g
	if err := g.openHere(ctx, op, &g.extra); err != nil {
		return err
	}
	l := g.Loop()
	l.groups++
	g.number = l.groups
	if l.trace != nil {
		l.trace.opened(g)
	}
	return nil
}

// SetName gives the group a name, unless that is "". To be called before Open.
func (g *Group) SetName(name string) {
	if name != "" {
		g.extra.name = name
	}
}

// Left reports whether the group has been left.
func (g *Group) Left() bool { return g.state == groupLeft }

// WasCanceled reports whether Cancel was called, or the deadline was reached.
func (g *Group) WasCanceled() bool { return g.canceled }

// Spawn makes t a child of the group. In a group that is being aborted it is
// canceled before its first step.
func (g *Group) Spawn(t *Task, body Body, name string) {
	l := g.Loop()
	t.prepare(l, body, name)
	t.scope.open(&g.Scope, &g.Scope, t, t.scope.extra, nil)
	g.children++
	l.created(t)
}

// SpawnDaemon makes t a child that does not keep the group from being left: when the
// body and all other children have ended, t is canceled and waited for. No limit
// applies to it, so it is started without Group.Start.
func (g *Group) SpawnDaemon(t *Task, body Body, name string) {
	g.Spawn(t, body, name)
	t.scope.kind |= scopeOfDaemon
	g.daemons++
}

// SpawnStarting makes t a child whose failure, until it has called Started, does not
// count for the group, but for the task that waits for its start.
func (g *Group) SpawnStarting(t *Task, body Body, name string) {
	g.Spawn(t, body, name)
	t.scope.kind |= scopeOfStarting
}

// Started makes a task of SpawnStarting a child like any other.
func (t *Task) Started() { t.scope.kind &^= scopeOfStarting }

// Start reports whether a child may start now; if the limit forbids it, the child is
// held back until others have ended.
func (g *Group) Start(t *Task) bool {
	if g.limit > 0 && g.running >= g.limit && !t.scope.Canceled() {
		t.scope.kind |= scopeOfHeld
		g.held = append(g.held, t)
		g.tellHeld(t)
		return false
	}
	g.running++
	return true
}

// childEnd is the event that a child of a group has ended.
type childEnd Task

func (e *childEnd) Fire() {
	t := (*Task)(e)
	t.scope.groupAbove().childEnded(t)
}

func (e *childEnd) Origin() Ref      { return (*Task)(e).Origin() }
func (e *childEnd) Describe() string { return (*Task)(e).Describe() }

func (g *Group) childEnded(t *Task) {
	g.children--
	g.unheard--
	if t.scope.kind&scopeOfDaemon != 0 {
		g.daemons--
	} else {
		g.running--
		g.startHeld()
	}
	if t.Failed() && t.scope.kind&scopeOfStarting == 0 {
		g.Failed = append(g.Failed, t)
		if !g.Supervised {
			g.Abort()
		}
	}
	switch {
	case g.state == groupDisowned && g.children == 0:
		g.leaveGroup()
		g.Loop().root.below.Remove(&g.node)
	case g.children == g.daemons:
		g.body.WakeAll()
	}
}

func (g *Group) startHeld() {
	for len(g.held) > 0 && g.running < g.limit {
		t := g.held[0]
		g.held[0] = nil
		g.held = g.held[1:]
		if t.state == TaskHeld {
			g.letGo(t)
		} else {
			g.gone--
		}
	}
}

// letGo starts a child that was held back.
func (g *Group) letGo(t *Task) {
	g.running++
	t.scope.kind &^= scopeOfHeld
	t.Start()
}

// release makes a child that is held back end in the next pass, without a step, because
// it is canceled. It does not remove the child from held: to search for it would take
// longer the more children are held.
func (g *Group) release(t *Task) {
	g.letGo(t)
	if g.gone++; g.gone > len(g.held)/2 {
		g.held = slices.DeleteFunc(g.held, func(t *Task) bool { return t.state != TaskHeld })
		g.gone = 0
	}
}

// Abort cancels the children in the order in which they were spawned, and
// then the body.
func (g *Group) Abort() { g.abort(errAborted) }

// Cancel is Abort for a group in which nothing has failed.
func (g *Group) Cancel() {
	if g.state != groupLeft {
		g.canceled = true
		g.abort(errCanceled)
	}
}

// CancelAfter cancels the group after d, in place of what was set before, if some of it
// still runs then. If d is not positive, it cancels the group now.
func (g *Group) CancelAfter(d time.Duration) {
	switch {
	case d <= 0:
		g.expire()
		return
	case g.state != groupOpen:
		return
	case g.deadline == nil:
		g.deadline = new(Timer)
	}
	g.deadline.Set(g.Loop(), g.Loop().After(d), (*groupExpiry)(g))
}

// expire cancels the group because its time is over, unless all of it is canceled, or has
// ended, even if the group has not heard of that yet.
func (g *Group) expire() {
	if g.state != groupOpen || g.Canceled() || g.joining && g.children == g.unheard {
		return
	}
	g.Expired, g.canceled = true, true
	g.abort(ErrExpired)
}

// groupExpiry is the event that a group's deadline is reached.
type groupExpiry Group

func (e *groupExpiry) Fire() { (*Group)(e).expire() }

func (e *groupExpiry) Origin() Ref { return Ref{Label: LabelTimer} }

// stopDeadline takes the deadline back.
func (g *Group) stopDeadline() {
	if g.deadline != nil {
		g.deadline.Stop(g.Loop())
	}
}

func (g *Group) abort(cause error) {
	if g.state != groupOpen {
		return
	}
	g.stopDeadline()
	g.state = groupAborting
	if g.Canceled() {
		return
	}
	g.setCanceled(cause)
	for kid := range g.below.All {
		if kid.kind&scopeOfTask != 0 {
			kid.sweep()
		}
	}
	g.deliver()
}

// Join waits until all children have ended. Nothing cuts it: a cancellation
// reaches the children by itself. If there are any and the body must not suspend, see
// NoSuspend, they are disowned, and Join returns false.
func (g *Group) Join() (joined bool) {
	g.joining = true
	for g.children > 0 {
		if g.task.worker.steady {
			g.disown()
			return false
		}
		if g.children == g.daemons {
			g.cancelDaemons()
		}
		w := &g.task.worker.wait
		w.Shield()
		w.Park(&g.body, g)
	}
	g.leaveGroup()
	g.close()
	return true
}

// disown lets the body go on without its children. They are canceled, and are below the
// root of the loop's tree from now on, where the end of Run finds them: the task of the
// body may end before they do. The up pointer of the group's scope does not change,
// because other goroutines read it.
func (g *Group) disown() {
	g.Abort()
	g.state = groupDisowned
	g.detach()
	g.Loop().root.below.Add(&g.node)
}

// joinIfEnded wakes the body if it waits for children that have all ended, even if the
// group has not heard of the last ones yet: it will have heard of them when the body has
// its turn. So a canceled group is left a pass earlier, as in asyncio, where the
// cancellation wakes the body in any case, and the body looks which children are left.
func (g *Group) joinIfEnded() {
	if g.children == g.unheard {
		g.body.WakeAll()
	}
}

// Describe makes a group the reason of its task's wait.
func (g *Group) Describe() string { return LabelGroup.String() }

// Ref makes a group the reason of its task's wait.
func (g *Group) Ref(*Loop) Ref { return Ref{LabelGroup, uint64(g.number)} }

// Awaited makes a group an Awaited.
func (g *Group) Awaited(yield func(*Future) bool) {
	for kid := range g.below.All {
		if kid.kind&scopeOfTask != 0 && !yield(&kid.task.Future) {
			return
		}
	}
}

func (g *Group) cancelDaemons() {
	for kid := range g.below.All {
		if kid.kind&scopeOfDaemon != 0 {
			kid.task.Cancel(errLeft)
		}
	}
}

// GroupOf returns the innermost group whose cancellation cancels ctx, or nil.
func GroupOf(ctx context.Context) *Group {
	return inspect(ctx).scope.innermostGroup()
}

// innermostGroup returns the innermost group that s is, or is in; nil: none. s may be nil.
func (s *Scope) innermostGroup() *Group {
	for ; s != nil; s = s.up {
		if x := s.extra; x != nil && x.group != nil {
			return x.group
		}
	}
	return nil
}

// groupAbove returns the group that s is a child of, or nil.
func (s *Scope) groupAbove() *Group {
	if up := s.up; up != nil && up.extra != nil {
		return up.extra.group
	}
	return nil
}

// leaveGroup notes that the group is over.
func (g *Group) leaveGroup() {
	g.stopDeadline()
	g.state = groupLeft
	if tr := g.Loop().trace; tr != nil {
		tr.moment(record{kind: Left, arg: uint64(g.number)}, nil, "")
	}
}

func (g *Group) tellHeld(t *Task) {
	if tr := g.Loop().trace; tr != nil {
		tr.moment(record{kind: Holding, task: t.id}, t, "")
	}
}

// groupNumber returns the number of the innermost group that the scope is in; 0: it is
// in none.
func (s *Scope) groupNumber() uint32 {
	if g := s.innermostGroup(); g != nil {
		return g.number
	}
	return 0
}

// groupNumber returns the number of the group that the task is a child of; 0: of none.
func (t *Task) groupNumber() uint32 {
	if g := t.scope.groupAbove(); g != nil {
		return g.number
	}
	return 0
}
