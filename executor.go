package asyncio

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ToThread runs fn on a goroutine of its own, in parallel with the loop, and
// suspends the calling task until it returns. It is for what blocks: files,
// libraries that wait, long computations. In Python: asyncio.to_thread.
//
// If ctx is canceled, ToThread returns an error that is ErrCanceled and does
// not wait; the context of fn is canceled as well, and fn should return. Run
// waits for it in the end. A panic in fn becomes a *PanicError; an error that
// comes too late for anyone to see is reported.
//
// fn must not touch what belongs to the loop: it may use its context, and
// Loop.CallSoonThreadsafe or RunCoroutineThreadsafe. Every call starts a
// goroutine; there is no pool to exhaust.
func ToThread[T any](ctx context.Context, fn func(ctx context.Context) (T, error)) (value T, err error) {
	if fn == nil {
		panic(nilFunction)
	}
	w, err := engine.Begin(ctx, "ToThread")
	if err != nil {
		return value, err
	}
	j := newJob(ctx, loopOf(w.Loop()), fn)
	j.loop.threads.add(&j.thread)
	go j.runInThread()
	defer j.leave() // also when the task is ended by force
	if err := w.Park(&j.task, labelThread); err != nil {
		return value, err
	}
	j.taken = true
	return j.value, j.err
}

// ToThreadFunc is ToThread for a function without a result.
func ToThreadFunc(ctx context.Context, fn func(ctx context.Context) error) error {
	_, err := ToThread(ctx, noResult(fn))
	return err
}

const labelThread = engine.Label("thread")

// A job is one function on its way through a thread.
type job[T any] struct {
	engine.Offload
	loop   *Loop
	fn     func(ctx context.Context) (T, error)
	scope  engine.ThreadScope
	ctx    context.Context // the context of the scope
	name   string          // the name of the thread, for hooks
	value  T
	err    error
	late   bool // the function returned when its context had been canceled
	obeyed bool // it returned because of that

	// Of the loop.
	thread thread         // used by ToThread
	task   engine.Waiters // the task that waits
	ended  bool           // the loop has heard of the end
	taken  bool           // someone has the result, or will hear of the error
	future *Future[T]     // the future that gets the result, if no task waits
}

// newJob is called on the loop.
func newJob[T any](ctx context.Context, l *Loop, fn func(ctx context.Context) (T, error)) *job[T] {
	j := &job[T]{loop: l, fn: fn}
	j.Init(&l.core)
	j.ctx = j.scope.Open(ctx)
	return j
}

func (j *job[T]) runInThread() {
	if j.loop.hooks != nil {
		j.name = j.thread.name()
	}
	j.Run(j)
}

// Do makes a job an engine.Work.
func (j *job[T]) Do() (err error) {
	j.loop.tellThread(true, j.Asked(), j.name, nil)
	j.value, err = j.fn(j.ctx)
	return err
}

// Done makes a job an engine.Work. Here, before the loop hears of the end, it is decided
// whether the function was in time: what counts is not when the loop gets to it.
func (j *job[T]) Done(err error) {
	j.err = err
	j.late = j.ctx.Err() != nil
	j.obeyed = j.late && j.meansCanceled()
	j.scope.End()
	j.loop.tellThread(false, j.Asked(), j.name, err)
}

// leave is called when the task no longer waits.
func (j *job[T]) leave() {
	switch {
	case !j.ended:
		j.scope.Close()
	case !j.taken:
		j.untaken()
	}
}

// untaken deals with a result that no one takes.
func (j *job[T]) untaken() {
	j.taken = true
	j.loop.core.CallUser(j.reportUntaken)
}

// Fire is the event that the function has returned.
func (j *job[T]) Fire() {
	j.ended = true
	j.scope.Close()
	if j.thread.number != 0 {
		j.loop.threads.remove(&j.thread)
	}
	switch {
	case j.future != nil:
		j.settle()
	case j.task.Empty(): // the wait was cut
		j.untaken()
	default:
		j.task.WakeAll()
	}
}

func (j *job[T]) Origin() string { return "thread" }

// Drop is called in place of Fire when the loop has ended before.
func (j *job[T]) Drop() { j.reportUntaken() }

// settle gives the result to the future. A canceled future takes none.
func (j *job[T]) settle() {
	f := &j.future.core
	j.future.value = j.value
	switch {
	case j.obeyed && f.Cancel(nil):
	case !j.obeyed && f.Complete(j.err):
		if !j.mustBeSeen() {
			f.Look()
		}
	default:
		j.untaken()
	}
}

// meansCanceled reports whether the error says that the context was canceled.
func (j *job[T]) meansCanceled() bool {
	return j.err != nil && (errors.Is(j.err, context.Canceled) || errors.Is(j.err, context.Cause(j.ctx)))
}

// mustBeSeen reports whether the error has to be reported if no one takes it. A panic
// has been. An error that comes after a cancellation nearly always comes of it, in the
// words of some library: a closed connection, a timeout.
func (j *job[T]) mustBeSeen() bool {
	switch {
	case j.err == nil, j.obeyed, isPanic(j.err):
		return false
	default:
		return !j.late || j.loop.core.Debug
	}
}

func (j *job[T]) reportUntaken() {
	if !j.mustBeSeen() {
		return
	}
	message := "a function in a thread failed after its task had gone on"
	if j.late {
		message = "a function in a thread failed after its context was canceled"
	}
	j.loop.report(ExceptionContext{Message: message, Err: j.err, Task: infoOfRunning(j.Asked())})
}

func isPanic(err error) bool {
	_, ok := err.(*PanicError)
	return ok
}

// An Executor runs functions in parallel with the loop. In Python:
// concurrent.futures.Executor.
type Executor interface {
	// Submit lets fn run; it does not wait for that. Any goroutine may call
	// it.
	Submit(fn func()) error
	// Shutdown takes no more functions and waits for those it has taken.
	Shutdown(ctx context.Context) error
}

// RunInExecutor hands fn to an executor and returns a future for its result.
// Canceling the future cancels the context of fn, and does not wait. If ctx
// is canceled, so is the context of fn, and that of a task is when the task
// has ended: for a function that may outlive it, use context.WithoutCancel.
// It panics outside a loop. In Python: loop.run_in_executor.
func RunInExecutor[T any](ctx context.Context, ex Executor, fn func(ctx context.Context) (T, error)) *Future[T] {
	switch {
	case fn == nil:
		panic(nilFunction)
	case ex == nil:
		panic("asyncio: nil executor: pass a WorkerPool, or use ToThread")
	}
	l := loopOf(mustHaveLoop(ctx, "RunInExecutor"))
	f := NewFuture[T](ctx)
	j := newJob(ctx, l, fn)
	j.future = f
	if err := submit(ex, j.runUnlessCanceled); err != nil {
		f.core.Complete(err)
		j.scope.Close()
		j.Withdraw()
		return f
	}
	f.core.Subscribe(new(engine.Subscription), (*futureEnd[T])(j))
	return f
}

// submit hands a function to an executor. A WorkerPool tells the function on which of
// its workers it runs.
func submit(ex Executor, fn func(thread string)) error {
	if p, ok := ex.(*WorkerPool); ok {
		return p.submit(fn)
	}
	return ex.Submit(func() { fn("executor") })
}

// runUnlessCanceled runs the function, unless its future was canceled before.
func (j *job[T]) runUnlessCanceled(thread string) {
	j.name = thread
	if err := j.ctx.Err(); err != nil {
		j.err, j.obeyed = err, true
		j.Finish(j)
		return
	}
	j.Run(j)
}

// futureEnd is the event that a job's future is done. If the future was canceled, the
// context of the function is canceled, too.
type futureEnd[T any] job[T]

func (e *futureEnd[T]) Fire() { e.scope.Close() }
