package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Task is a coroutine that the loop runs beside the others. In Python: asyncio.Task.
//
// A task has a context of its own. Cancel cancels this context, and with it every wait,
// timeout and group in the task; when the task has ended, the context is done in any
// case. The methods are for the loop, and once the loop has ended for any goroutine;
// otherwise they panic. Any goroutine may call Name.
type Task[T any] struct {
	core  engine.Task
	coro  Coro[T]
	value T
}

// A TaskOption is an option of CreateTask, Go, Spawn and TaskGroup.Go. It is a plain
// value, so that a name costs no allocation; see docs/design/options.md.
type TaskOption struct {
	name  string
	eager bool
}

// Name gives a task a name, in place of "Task-" and its number.
func Name(name string) TaskOption { return TaskOption{name: name} }

// Eager runs the task inside the call that creates it, up to its first
// suspension. A task that does not suspend is then done when the call
// returns. In Python: eager_start=True.
func Eager() TaskOption { return TaskOption{eager: true} }

func mergeTaskOptions(opts []TaskOption) (o TaskOption) {
	for _, opt := range opts {
		o.eager = o.eager || opt.eager
		if opt.name != "" {
			o.name = opt.name
		}
	}
	return o
}

// CreateTask makes a task that runs c, and returns at once; the task begins in the next
// pass of the loop. The task takes only the values of ctx: it is canceled by its method
// Cancel, by the cancellation of a task that awaits it, or when Run ends, but not with
// ctx. In a TaskGroup, use Spawn. In Python: asyncio.create_task.
//
// It panics outside a loop, and on a nil coroutine.
func CreateTask[T any](ctx context.Context, c Coro[T], opts ...TaskOption) *Task[T] {
	l := mustHaveLoop(ctx, "CreateTask")
	if c == nil {
		panic(nilCoroutine)
	}
	t := &Task[T]{coro: c}
	o := mergeTaskOptions(opts)
	t.core.Create(l, ctx, (*taskBody[T])(t), o.name)
	o.start(&t.core)
	return t
}

// Go is CreateTask for a function without a result.
func Go(ctx context.Context, fn func(ctx context.Context) error, opts ...TaskOption) *Task[struct{}] {
	l := mustHaveLoop(ctx, "Go")
	if fn == nil {
		panic(nilCoroutine)
	}
	t := &funcTask{fn: fn}
	o := mergeTaskOptions(opts)
	t.task.core.Create(l, ctx, (*funcBody)(t), o.name)
	o.start(&t.task.core)
	return &t.task
}

func (o TaskOption) start(t *engine.Task) {
	if o.eager {
		t.StartNow()
	} else {
		t.Start()
	}
}

// taskBody is a Task as the engine runs it.
type taskBody[T any] Task[T]

func (b *taskBody[T]) Run(ctx context.Context) (err error) {
	c := b.coro
	b.coro = nil
	b.value, err = c(ctx)
	return err
}

// funcTask is a task that runs a function without a result. A task that runs a Coro
// around the function would need another allocation, and another frame on its stack.
type funcTask struct {
	task Task[struct{}]
	fn   func(ctx context.Context) error
}

// funcBody is a funcTask as the engine runs it.
type funcBody funcTask

func (b *funcBody) Run(ctx context.Context) error {
	fn := b.fn
	b.fn = nil
	return fn(ctx)
}

// Await suspends the calling task until t has ended, and returns its result.
// If ctx is canceled, t is canceled, and Await returns when it has ended;
// other tasks that await it see the same (see Shield). If t is done, Await
// does not suspend.
func (t *Task[T]) Await(ctx context.Context) (T, error) {
	t.mustBeMade()
	err := t.core.Await(ctx, "Task.Await", &t.core)
	return t.value, err
}

// Result returns what the coroutine returned. It returns ErrInvalidState while the task
// runs, and an error that is ErrCanceled if the task was canceled.
func (t *Task[T]) Result() (T, error) {
	t.check("Task.Result")
	if !t.core.Done() {
		var zero T
		return zero, ErrInvalidState
	}
	return t.value, t.core.Err()
}

// Err is Result without the value. In Python: Task.exception.
func (t *Task[T]) Err() error {
	_, err := t.Result()
	return err
}

// Done reports whether the task has ended.
func (t *Task[T]) Done() bool {
	t.check("Task.Done")
	return t.core.Done()
}

// Canceled reports whether the task has ended because it was canceled: its
// coroutine has returned an error all of whose leaves are ErrCanceled, or it
// was canceled before its first step. In Python: Task.cancelled.
func (t *Task[T]) Canceled() bool {
	t.check("Task.Canceled")
	return t.core.Canceled()
}

// Cancel asks the task to end: its context is canceled, and what it waits for
// returns ErrCanceled in the next pass. A task that has not begun never runs. Cancel
// returns false if the task is done. In Python: Task.cancel.
func (t *Task[T]) Cancel() bool { return t.CancelCause(nil) }

// CancelCause is Cancel with a reason, which context.Cause returns in the
// task. In Python: cancel(msg).
func (t *Task[T]) CancelCause(cause error) bool {
	t.check("Task.Cancel")
	return t.core.Cancel(cause)
}

// Name returns the task's name. In Python: Task.get_name.
func (t *Task[T]) Name() string {
	t.mustBeMade()
	return t.core.Name()
}

// Info returns a snapshot of the task.
func (t *Task[T]) Info() TaskInfo {
	t.check("Task.Info")
	return infoOf(&t.core)
}

// AddDoneCallback makes the loop call fn once the task is done: in the pass after its
// end, or in the next pass if it is done already. Callbacks and tasks that await the task
// have their turns in the order in which they came. To call AddDoneCallback counts as
// looking at the task's error. The function that it returns removes the callback, and
// reports whether it was still there. In Python: add_done_callback, remove_done_callback.
func (t *Task[T]) AddDoneCallback(fn func(*Task[T])) (remove func() bool) {
	t.check("Task.AddDoneCallback")
	if fn == nil {
		panic(nilFunction)
	}
	return addDoneCallback(&t.core.Future, func() { fn(t) })
}

func (t *Task[T]) future() *engine.Future { return &t.core.Future }

func (t *Task[T]) canceler() engine.Canceler { return &t.core }

func (t *Task[T]) check(op string) {
	t.mustBeMade()
	t.core.Loop().Check(op)
}

// mustBeMade panics on a task that was declared and never created.
func (t *Task[T]) mustBeMade() {
	if t == nil || t.core.Loop() == nil {
		panic("asyncio: a Task that is nil or zero: use one that CreateTask, Go or Spawn has returned")
	}
}

const nilFunction = "asyncio: nil function: pass what is to be called"

// doneCallback is a function of the user's among the waiters of a future.
type doneCallback struct {
	waiter engine.Subscription
	call   engine.Callback
}

func addDoneCallback(f *engine.Future, fn func()) (remove func() bool) {
	c := new(doneCallback)
	c.call.Init(f.Loop(), func() {
		f.Look()
		fn()
	})
	f.Subscribe(&c.waiter, &c.call)
	return func() bool {
		f.Loop().Check("removing a done callback")
		waits := c.waiter.Listed()
		if waits { // a callback whose turn has come is called all the same, as in asyncio
			c.waiter.Remove()
		}
		return waits
	}
}

// mustHaveLoop returns the loop of ctx, which must run on this goroutine.
func mustHaveLoop(ctx context.Context, op string) *engine.Loop {
	if l := engine.Here(ctx); l != nil { // the usual case
		return l
	}
	l := engine.RunningLoopOf(ctx)
	if l == nil {
		panic("asyncio: " + op + " without a running event loop: call it in a coroutine that Run runs, with the context it was given")
	}
	l.Check(op)
	return l
}
