package asyncio

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// ToThread runs fn on a goroutine of its own, in parallel with the loop, and
// suspends the calling task until it returns. It is for what blocks: files,
// libraries that wait, long computations. In Python: asyncio.to_thread.
//
// If ctx is canceled, ToThread returns an error that is ErrCanceled and does not wait for
// fn; the context of fn is canceled as well, and fn should return. Run waits for fn in
// the end. A value that fn returns after the cancellation is lost: a file that it has
// opened stays open. Where the value needs care, wait for it with
// context.WithoutCancel(ctx), and look at ctx afterwards. (This is so for RunInExecutor
// as well.)
//
// A panic in fn is reported, and becomes a *PanicError. If fn returned an error before
// its context was canceled, ToThread returns that error; if the cancellation reached the
// task first, the error is reported. An error that fn returns after the cancellation is
// nearly always a consequence of it, in the words of some library, and is reported in
// debug mode only.
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
	w.Loop().MustMaySuspend("ToThread")
	j := newJob(ctx, loopOf(w.Loop()), fn)
	j.loop.threads.add(&j.thread)
	go j.runInThread()
	defer j.leave() // also when the task is ended by force
	if err := w.Park(&j.task, engine.LabelThread); err != nil {
		return value, err
	}
	j.taken = true
	return j.value, j.err
}

// ToThreadFunc is ToThread for a function without a result: it suspends the calling task
// until fn has returned. Cancellation, errors and panics are as in [ToThread]. In Python:
// asyncio.to_thread.
func ToThreadFunc(ctx context.Context, fn func(ctx context.Context) error) error {
	_, err := ToThread(ctx, noResult(fn))
	return err
}

// A job is one function that runs in a thread, from the call to its result.
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
	if j.loop.core.Heard() {
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

// Done makes a job an engine.Work. It decides here, on the goroutine of the function,
// whether the function returned before the cancellation: the moment at which the loop
// hears of it does not count.
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

func (j *job[T]) Origin() engine.Ref { return engine.Ref{Label: engine.LabelThread} }

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

// mustBeSeen reports whether the error has to be reported if no one takes it. A panic was
// reported before. An error after a cancellation is nearly always a consequence of it, in
// the words of some library: a closed connection, a timeout.
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
	// Submit hands fn over to be run, and does not wait for it. Any goroutine may call
	// it.
	Submit(fn func()) error
	// Shutdown takes no more functions and waits for those it has taken.
	Shutdown(ctx context.Context) error
}

// RunInExecutor hands fn to an executor and returns a future for its result.
// Canceling the future cancels the context of fn, and does not wait. If ctx is canceled,
// so is the context of fn. The context of a task is canceled when the task has ended: for
// a function that may outlive its task, use context.WithoutCancel. It panics outside a
// loop. In Python: loop.run_in_executor.
//
// A value that fn returns after its future was canceled is lost; see ToThread. An error
// is reported. But if the context of fn was canceled before fn returned the error, it is
// reported in debug mode only, because it is nearly always a consequence of that.
//
// The executor decides when, and on which goroutine, it calls the function that it was
// given. A second call does nothing. If the executor never calls it, the future stays
// pending until it is canceled, and Run does not wait for it. If Submit returns an error,
// the future fails with that error and a later call does nothing; but if Submit had
// called the function before, the result of the function counts, and the error is
// reported. A panic of Submit goes on in the caller.
func RunInExecutor[T any](ctx context.Context, ex Executor, fn func(ctx context.Context) (T, error)) *Future[T] {
	switch {
	case fn == nil:
		panic(nilFunction)
	case ex == nil:
		panic("asyncio: nil executor: pass a WorkerPool, or use ToThread")
	}
	l := loopOf(mustHaveLoop(ctx, "RunInExecutor"))
	s := &submission[T]{job: newJob(ctx, l, fn)}
	s.job.future = NewFuture[T](ctx)
	s.submit(ex)
	return s.job.future
}

// A submission is a job in the hands of an executor, which may do with it what it
// likes: run it now, later, twice or never. What happens first counts.
type submission[T any] struct {
	job   *job[T]
	begun atomic.Bool // the job was run, or never will be
	end   engine.Subscription
}

// submit hands the job to an executor. A WorkerPool tells it on which of its workers it
// runs.
func (s *submission[T]) submit(ex Executor) {
	j := s.job
	err := errPanicked // this stays if Submit does not return
	defer func() {
		f := &j.future.core
		if err != nil && s.withdraw() {
			if err != errPanicked { // the caller gets no future then
				f.Complete(err)
			}
			return
		}
		f.Subscribe(&s.end, s)
		if err != nil && err != errPanicked {
			j.loop.report(ExceptionContext{Message: "an executor ran a function and returned an error all the same", Err: err, Task: infoOfRunning(j.Asked())})
		}
	}()
	if p, ok := ex.(*WorkerPool); ok {
		j.loop.core.Meet((*poolState)(p))
		j.Within((*poolState)(p))
		err = p.submit(s.runInPool)
	} else {
		err = ex.Submit(func() { s.run("executor") })
	}
}

var errPanicked = errors.New("asyncio: Submit has not returned")

// withdraw prevents a job that has not begun from ever beginning.
func (s *submission[T]) withdraw() bool {
	if s.begun.Swap(true) {
		return false
	}
	s.job.scope.Close()
	s.job.Withdraw()
	return true
}

// runInPool is run on a worker of a WorkerPool, which has no labels of its own.
func (s *submission[T]) runInPool(worker string) {
	if coro.LabelsUsed() {
		coro.TakeLabels(s.job.ctx)
		defer coro.DropLabels()
	}
	s.run(worker)
}

// run is what the executor calls, on any goroutine.
func (s *submission[T]) run(thread string) {
	if s.begun.Swap(true) {
		return
	}
	j := s.job
	j.name = thread
	if err := j.ctx.Err(); err != nil {
		j.err, j.late, j.obeyed = err, true, true
		j.Finish(j)
		return
	}
	j.Run(j)
}

// Fire is the event that the future is done. If it was canceled, the context of the
// function is canceled, too, and a function that has not begun does not begin.
func (s *submission[T]) Fire() {
	if !s.withdraw() {
		s.job.scope.Close()
	}
}
