package remote

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// waitable hides the field, and not the methods.
type waitable = asyncio.Waitable

// A Job is a call of a function that workers run. It is awaited, gathered, and canceled as
// a task is: a *Job is an asyncio.Awaitable and an asyncio.Waitable, so Gather, Race,
// WaitFor, AsCompleted, Wait and Select take it. Func.Submit and Func.Attach make one. An
// error of a job at which nobody looks is reported, as that of a future is. For the loop
// only. In Python: concurrent.futures.Future, Future of Dask.
type Job[Out any] struct {
	waitable
	future *asyncio.Future[Out]
	job    *jobState
}

var (
	_ asyncio.Awaitable[int] = (*Job[int])(nil)
	_ asyncio.Waitable       = (*Job[int])(nil)
)

// A jobState is a Job without its type. For the loop only, except where it says otherwise.
type jobState struct {
	x   *Executor
	def *definition // any goroutine
	key jobKey      // any goroutine

	task      uint64 // that has submitted it; 0: none
	worker    string // that has made its result; "": none, or there is no result
	target    target
	ready     *asyncio.Future[struct{}] // done when Submit knows whether the job is stored
	stored    bool
	windowed  bool // it holds a permit of the window
	settled   bool
	dropped   bool // Submit, or Attach, has failed: there is no such job
	unwanted  bool // Submit has not returned it
	attempts  int
	canceling *cancellation        // nil: nobody has canceled it
	expiry    *asyncio.TimerHandle // nil: it has no deadline
	listeners listeners
	awaiters  engine.Waiters
	object    *engine.Object // nil: nobody who watches has asked for it
}

// A target is the Job of a jobState.
type target interface {
	decode(data []byte) (value any, err error) // any goroutine
	resolve(value any, err error)
	look()
	waits() asyncio.Waitable
}

func newJob[In, Out any](ctx context.Context, x *Executor, f *Func[In, Out], id string) *Job[Out] {
	future := asyncio.NewFuture[Out](ctx)
	h := &Job[Out]{waitable: future, future: future}
	h.job = &jobState{
		x: x, def: f.definition(), key: jobKey{x.config.client, id}, target: h, ready: asyncio.NewFuture[struct{}](ctx),
	}
	if t := engine.TaskOf(ctx); t != nil {
		h.job.task = t.ID()
	}
	return h
}

// inLane is what a row says about the job.
func (j *jobState) inLane() laneJob {
	return laneJob{j.key.id, j.def.title(), j.task}
}

// register makes results reach the job.
func (j *jobState) register() {
	j.x.mu.Lock()
	j.x.pending[j.key.id] = j
	j.x.mu.Unlock()
	j.x.core.CountOutside(1) // something outside of the loop will end it
}

// unregister undoes register, and gives the permit of the window back.
func (j *jobState) unregister() {
	j.x.mu.Lock()
	if j.x.pending[j.key.id] == j {
		delete(j.x.pending, j.key.id)
	}
	j.x.mu.Unlock()
	j.x.core.CountOutside(-1)
	if j.windowed {
		j.windowed = false
		j.x.window.Release()
	}
}

// settle ends the job, unless it has ended. An err that is canceled itself, and not an
// error on a worker, makes it canceled.
func (j *jobState) settle(value any, err error) {
	if j.settled {
		return
	}
	j.settled = true
	j.unregister()
	if j.expiry != nil {
		j.expiry.Cancel()
	}
	switch {
	case err == nil:
		j.x.done.Add(1)
	case isCanceled(err):
		j.x.canceled.Add(1)
	default:
		j.x.failed.Add(1)
	}
	if j.canceling != nil {
		j.canceling.stop()
	}
	j.target.resolve(value, err)
	j.awaiters.WakeAll()
	if j.unwanted {
		j.target.look()
	}
	j.listeners.end()
	j.x.lanes.ended(j.inLane(), j.worker, j.attempts, err)
	j.markReady()
}

// markReady lets go on who waits for the end of Submit with the same id.
func (j *jobState) markReady() {
	if !j.ready.Done() {
		_ = j.ready.SetResult(struct{}{}) // it is not done
	}
}

// isCanceled reports whether a job is canceled, and has not failed with an error that a
// worker knows as a cancellation.
func isCanceled(err error) bool {
	remote := new(RemoteError)
	return errors.Is(err, asyncio.ErrCanceled) && !errors.As(err, &remote)
}

// errorf says which job it was.
func (j *jobState) errorf(err error) error {
	return fmt.Errorf("remote: job %s of %s: %w", j.key.id, j.def.name, err)
}

func (h *Job[Out]) decode(data []byte) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			value, err = nil, fmt.Errorf("the encoding panicked: %v", r)
		}
	}()
	out := new(Out)
	if err := h.job.def.encoding.Unmarshal(data, out); err != nil {
		return nil, fmt.Errorf("the output is no %v: %w", reflect.TypeFor[Out](), err)
	}
	return out, nil
}

// resolve sets the future. It is not done before.
func (h *Job[Out]) resolve(value any, err error) {
	switch {
	case err == nil:
		_ = h.future.SetResult(*value.(*Out)) // it is not done
	case isCanceled(err):
		h.future.Cancel()
	default:
		_ = h.future.SetError(err) // it is not done
	}
}

func (h *Job[Out]) waits() asyncio.Waitable { return h.future }

func (h *Job[Out]) look() { _ = h.future.Err() } // looking is all

// explain adds to the error of a job that was canceled which job it was. All other errors
// say so themselves.
func (h *Job[Out]) explain(err error) error {
	if err != nil && h.future.Canceled() {
		return h.job.errorf(err)
	}
	return err
}

// Await suspends the calling task until the job has ended, and returns its result, or the
// error that it has ended with: a *RemoteError, ErrWorkerDied, ErrExpired, ErrLost,
// ErrClosed, or one that is asyncio.ErrCanceled if someone has canceled it. If ctx is
// canceled, the job is canceled, for all who await it (see asyncio.Shield), and Await
// returns when it has ended, as Cancel says: at once if no worker has begun it, and after
// five seconds at the latest, or ten without a connection. In Python: Future.result.
func (h *Job[Out]) Await(ctx context.Context) (zero Out, err error) {
	j := h.state()
	err = j.wait(ctx)
	if errors.Is(err, asyncio.ErrNoRunningLoop) {
		return zero, err
	}
	if err != nil && !h.future.Done() {
		j.cancel()
		_ = j.wait(context.WithoutCancel(ctx)) // if it is cut, the task is ended by force
		if !h.future.Done() || h.future.Canceled() {
			return zero, err
		}
		err = nil // it has ended before the cancellation has reached it
	}
	if err != nil {
		return zero, err
	}
	return h.Result()
}

// Done reports whether the job has ended. It does not suspend. For the loop only. In
// Python: Future.done.
func (h *Job[Out]) Done() bool {
	h.state()
	return h.future.Done()
}

// Result returns the result of the job. It returns asyncio.ErrInvalidState while the job
// has not ended; otherwise its errors are those of Await. It does not suspend. In Python:
// Future.result(timeout=0).
func (h *Job[Out]) Result() (Out, error) {
	v, err := h.future.Result()
	return v, h.explain(err)
}

// Canceled reports whether the job has ended because it was canceled. It does not suspend.
// In Python: Future.cancelled.
func (h *Job[Out]) Canceled() bool { return h.future.Canceled() }

// Cancel asks the job to end, and returns at once. It returns false if the job has ended.
// A job that no worker has begun ends within half a second. One that runs has its context
// canceled, and ends when its function returns: with what that returns, or canceled. A
// function that does not return within five seconds goes on unheard. In Python:
// Future.cancel, which cannot cancel what runs.
func (h *Job[Out]) Cancel() bool {
	if h.Done() { // also panics on another goroutine
		return false
	}
	h.state().cancel()
	return true
}

// OnDone is a case of asyncio.Select that can go on once the job has ended. It cancels
// nothing, and looks at no error; see asyncio.Future.OnDone.
func (h *Job[Out]) OnDone() asyncio.Case { return h.future.OnDone() }

// ID returns the job's id, with which Func.Attach finds it again. Any goroutine may call
// it.
func (h *Job[Out]) ID() string { return h.state().key.id }

// Attempts returns how often workers have begun the job, as far as it is known here: it is
// exact when the job has ended by a result, and 0 while nothing has been heard. It does
// not suspend. For the loop only.
func (h *Job[Out]) Attempts() int {
	h.Done() // panics on another goroutine
	return h.state().attempts
}
