package asyncio

import (
	"cmp"
	"context"
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// TaskInfo is a snapshot of a task.
type TaskInfo struct {
	ID        uint64 // number of the task in its loop, from 1; 0: no task
	Name      string
	Parent    uint64 // ID of the task that created it; 0: none did
	State     TaskState
	WaitingOn string // TaskWaiting: for what, such as "sleep", "task \"A\"", "lock"
	Created   []byte // stack of its creation, in debug mode

	core *engine.Task
}

// String returns the task in words: its number, its name, and what it does, as in
// `task 3 "worker" (waiting for lock "db")`.
func (i TaskInfo) String() string {
	if i.ID == 0 {
		return "no task"
	}
	does := i.State.String()
	if i.WaitingOn != "" {
		does += " for " + i.WaitingOn
	}
	return nameOfTask(i.ID, i.Name) + " (" + does + ")"
}

// Stack returns the task's stack, as runtime.Stack prints it, if the task has not moved
// on since the snapshot was taken. It is nil for a task that has not begun or has ended.
// It takes microseconds, however many tasks there are, with two exceptions: if the loop
// runs other tasks on this task's stack at the moment, as Yield may do and Eager does, or
// if the loop's goroutine is locked to its thread, the stacks of all goroutines are
// printed, and the whole program stands still meanwhile. For the loop only. In Python:
// Task.get_stack.
func (i TaskInfo) Stack() []byte {
	if i.core == nil {
		return nil
	}
	i.core.Loop().Check("TaskInfo.Stack")
	return i.core.Stack()
}

// Awaits returns the tasks that the task waits for now, oldest first: a task that it
// awaits, the coroutines of its Gather, the tasks of its group. It is for the loop only,
// and does not suspend. In Python: a part of asyncio.capture_call_graph.
func (i TaskInfo) Awaits() []TaskInfo {
	if i.core == nil {
		return nil
	}
	l := i.core.Loop()
	l.Check("TaskInfo.Awaits")
	awaited := map[*engine.Future]bool{}
	for f := range i.core.Awaits {
		awaited[f] = true
	}
	return infosOf(l, func(t *engine.Task) bool { return awaited[&t.Future] })
}

// AwaitedBy returns the tasks that wait for a task or a future now, oldest first; see
// TaskInfo.Awaits. It is for the loop only, and does not suspend. In Python: awaited_by
// of asyncio.capture_call_graph.
func AwaitedBy(w Waitable) []TaskInfo {
	if w == nil {
		panic(nilWaitable)
	}
	w.mustBeMade()
	f := w.future()
	f.Loop().Check("AwaitedBy")
	return infosOf(f.Loop(), func(t *engine.Task) bool { return awaits(t, f) })
}

// awaits reports whether a task waits for a future.
func awaits(t *engine.Task, f *engine.Future) bool {
	for one := range t.Awaits {
		if one == f {
			return true
		}
	}
	return false
}

// infoOfRunning is infoOf for a task as it was when it ran, even if it no longer runs.
// Any goroutine may call it.
func infoOfRunning(t *engine.Task) TaskInfo {
	if t == nil {
		return TaskInfo{}
	}
	return TaskInfo{ID: t.ID(), Name: t.Name(), Parent: t.Parent(), State: TaskRunning, Created: t.Created(), core: t}
}

// infoOf is called on the loop.
func infoOf(t *engine.Task) TaskInfo {
	i := infoOfRunning(t)
	if t == nil {
		return i
	}
	i.State = TaskReady
	switch why := t.WaitsFor(); {
	case t.Done():
		i.State = TaskDone
	case t.Loop().Current() == t:
		i.State = TaskRunning
	case why != nil:
		i.State, i.WaitingOn = TaskWaiting, why.Describe()
	}
	return i
}

// CurrentTask returns the task that runs, and the zero TaskInfo in a callback. On another
// goroutine (ToThread), it returns the task that ctx belongs to. In Python:
// asyncio.current_task.
func CurrentTask(ctx context.Context) TaskInfo {
	l := engine.LoopOf(ctx)
	switch {
	case l == nil:
		return TaskInfo{}
	case l.OnLoop():
		return infoOf(l.Current())
	default:
		t := engine.TaskOf(ctx)
		return TaskInfo{ID: t.ID(), Name: t.Name(), Parent: t.Parent(), State: TaskWaiting}
	}
}

// AllTasks returns all tasks of the loop that have not ended, in the order of
// their creation. In Python: asyncio.all_tasks.
func AllTasks(ctx context.Context) []TaskInfo {
	return infosOf(mustHaveLoop(ctx, "AllTasks"), func(*engine.Task) bool { return true })
}

// infosOf returns snapshots of the loop's tasks that are wanted, oldest first.
func infosOf(l *engine.Loop, wanted func(*engine.Task) bool) (infos []TaskInfo) {
	for t := range l.Tasks {
		if wanted(t) {
			infos = append(infos, infoOf(t))
		}
	}
	slices.SortFunc(infos, func(a, b TaskInfo) int { return cmp.Compare(a.ID, b.ID) })
	return infos
}
