package asyncio

import (
	"cmp"
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A TaskGroup is a number of tasks that end together: WithTaskGroup returns when all have
// ended. In Python: asyncio.TaskGroup. For the loop only.
type TaskGroup struct{ core engine.Group }

// A GroupOption is an option of WithTaskGroup. It is a plain value, as TaskOption
// is.
type GroupOption struct {
	limit      int
	supervised bool
	name       string
}

// Limit allows at most n tasks of a group to run at once. Go and Spawn never wait for
// that; the tasks wait, first in, first out. If n is not positive, there is no limit,
// which is the default.
//
// A task that awaits another task of its group counts as running meanwhile: in a full
// group the other task may never begin, and both wait for ever. Tasks that need each
// other belong in a group without a limit.
func Limit(n int) GroupOption {
	if n <= 0 {
		n = noLimit
	}
	return GroupOption{limit: n}
}

const noLimit = -1

// Supervised makes the tasks of a group go on when one of them fails. When all have
// ended, WithTaskGroup returns the errors as usual.
func Supervised() GroupOption { return GroupOption{supervised: true} }

// GroupName gives a group a name, which every report of it then has: those of
// DumpTasks, of package trace and of the console.
func GroupName(name string) GroupOption { return GroupOption{name: name} }

// WithTaskGroup runs body in the calling task, and returns when it and all
// tasks that were started in the group have ended.
//
// When a task or the body fails, the others are canceled, in the order in
// which they were started, the body last. All errors are returned in an *ExceptionGroup,
// even if there is only one: those of the tasks in the order in which they ended, and
// last that of the body. A task that ends canceled is no failure. Without failures,
// WithTaskGroup returns an error that is ErrCanceled if ctx is canceled, even if the
// tasks ignored the cancellation; and if the body returned a cancellation, it returns
// that.
//
// A panic of the body goes on when the tasks have ended; one of a task is an
// error of the group (see PanicError).
//
// Entering does not suspend, and an empty group does not suspend at all. In
// Python: async with asyncio.TaskGroup().
func WithTaskGroup(ctx context.Context, body func(ctx context.Context, tg *TaskGroup) error, opts ...GroupOption) error {
	if body == nil {
		panic(nilFunction)
	}
	tg, limit := new(TaskGroup), 0
	for _, o := range opts {
		limit = cmp.Or(o.limit, limit)
		tg.core.SetName(o.name)
		tg.core.Supervised = tg.core.Supervised || o.supervised
	}
	if err := tg.core.Open(ctx, "WithTaskGroup", max(limit, 0)); err != nil {
		return err
	}
	return tg.run(body)
}

func (tg *TaskGroup) run(body func(context.Context, *TaskGroup) error) error {
	returned := false
	defer func() {
		if !returned { // a panic or a Goexit is on its way out
			tg.core.Abort()
			if tg.core.Join() {
				tg.reportErrors()
			}
		}
	}()
	err := body(tg.core.Context(), tg)
	returned = true
	canceled := err != nil && tg.core.MeansCanceled(err)
	if err != nil {
		tg.core.Abort()
	}
	if !tg.core.Join() {
		panic("asyncio: WithTaskGroup has to wait for its tasks, which may suspend, in a function that NoSuspend has called: they are canceled")
	}
	return tg.outcome(err, canceled)
}

// outcome is what the group ends with; err is what the body returned, and
// canceled says whether that is a cancellation.
func (tg *TaskGroup) outcome(err error, canceled bool) error {
	failure := err
	if canceled {
		failure = nil
	}
	switch outer := tg.core.OuterError(); {
	case failure != nil || len(tg.core.Failed) > 0:
		return groupOf("unhandled errors in a TaskGroup", tg.core.Failed, failure)
	case outer == ErrCanceled && err != nil:
		return engine.AsCanceled(err) // it may say more than ErrCanceled does
	case outer != nil:
		return outer
	case tg.core.WasCanceled():
		return nil
	default:
		return err
	}
}

func (tg *TaskGroup) reportErrors() {
	l := loopOf(tg.core.Loop())
	for _, t := range tg.core.Failed {
		if err := t.Err(); !engine.MeansKilled(err) {
			l.report(ExceptionContext{Message: "a task failed in a TaskGroup whose body panicked", Err: err, Task: infoOf(t)})
		}
	}
}

// Go starts a task in the group, with a context derived from the group's. It
// may be called by the body and, until the last task has ended, by the tasks.
// In a group that is being aborted (a failure or Cancel has canceled its tasks), the new
// task is canceled before its first step; after WithTaskGroup has returned, Go panics. In
// Python: tg.create_task.
func (tg *TaskGroup) Go(fn func(ctx context.Context) error, opts ...TaskOption) *Task[struct{}] {
	tg.check("TaskGroup.Go")
	if fn == nil {
		panic(nilCoroutine)
	}
	t := &funcTask{fn: fn}
	tg.spawn(&t.task.core, (*funcBody)(t), opts)
	return &t.task
}

// Spawn is TaskGroup.Go for a coroutine with a result. (It is a function
// because Go has no generic methods.)
func Spawn[T any](tg *TaskGroup, c Coro[T], opts ...TaskOption) *Task[T] {
	tg.check("Spawn")
	if c == nil {
		panic(nilCoroutine)
	}
	t := &Task[T]{coro: c}
	tg.spawn(&t.core, (*taskBody[T])(t), opts)
	return t
}

func (tg *TaskGroup) spawn(t *engine.Task, body engine.Body, opts []TaskOption) {
	o := mergeTaskOptions(opts)
	tg.core.Spawn(t, body, o.name)
	if tg.core.Start(t) {
		o.start(t)
	}
}

// Cancel ends the group early: its tasks and its body are canceled, and
// WithTaskGroup returns nil unless something fails or ctx is canceled. After
// WithTaskGroup has returned, it does nothing. In Python: TaskGroup.cancel, 3.15.
func (tg *TaskGroup) Cancel() {
	tg.mustBeEntered("TaskGroup.Cancel")
	tg.core.Cancel()
}

// CancelAfter cancels the group, as Cancel does, if it has not ended after d: its tasks,
// also those that are started meanwhile, and its body, if that still runs. WithTaskGroup
// then returns nil unless something fails or ctx is canceled; Expired reports that this
// has happened. In the canceled tasks, context.Cause returns an error that is ErrTimeout,
// in the sense of errors.Is. Use it for a graceful end: a body that takes no more work
// calls it and returns, and the tasks under way have d to finish.
//
// If d is not positive, the group is canceled at once. A second call replaces the first:
// d counts from that call. In a group that is being aborted, and after WithTaskGroup has
// returned, it does nothing. It does not suspend. The body, the tasks of the group, and
// callbacks may call it. ctx.Deadline does not show it, because it may be called long
// after the context was made. Python has no counterpart; in trio: a move_on_after around
// the nursery, whose deadline is set later.
func (tg *TaskGroup) CancelAfter(d time.Duration) {
	tg.mustBeEntered("TaskGroup.CancelAfter")
	tg.core.CancelAfter(d)
}

// Expired reports whether the time that CancelAfter has set was over before the group had
// ended, so that some of it was canceled. It may also be called after WithTaskGroup has
// returned. It does not suspend. In trio: cancelled_caught.
func (tg *TaskGroup) Expired() bool {
	tg.mustBeEntered("TaskGroup.Expired")
	return tg.core.Expired
}

func (tg *TaskGroup) mustBeEntered(op string) {
	if tg == nil || !tg.core.Opened() {
		panic("asyncio: " + op + " on a TaskGroup that is not open: use the one that WithTaskGroup hands to its body")
	}
	tg.core.Loop().Check(op)
}

func (tg *TaskGroup) check(op string) {
	tg.mustBeEntered(op)
	if tg.core.Left() {
		panic("asyncio: " + op + " on a TaskGroup that has been left: start tasks in its body or in its tasks, or use CreateTask for one that may outlive it")
	}
}
