package engine

import (
	"context"
	"unsafe"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Future is something that will be done once, with or without an error.
// Loop only, except where it says otherwise.
type Future struct {
	loop    *Loop
	waiters Waiters
	failure *failure // the error it was done with; nil: none, or plain ErrCanceled
	outcome outcome
	state   TaskState // the state of a Task; it stands here because it fits into a gap
	ofTask  bool      // it is a part of a Task, the first one
}

// An outcome says whether, and how, a future is done.
type outcome uint8

const (
	pending outcome = iota
	done
	canceled
)

// Init binds the future to a loop.
func (f *Future) Init(l *Loop) { f.loop = l }

// Loop returns the future's loop. Any goroutine may call it.
func (f *Future) Loop() *Loop { return f.loop }

// task returns the task whose future it is; nil: it belongs to no task.
func (f *Future) task() *Task {
	if !f.ofTask {
		return nil
	}
	return (*Task)(unsafe.Pointer(f)) // a Task begins with its Future
}

var _ [0]byte = [unsafe.Offsetof(Task{}.Future)]byte{} // does not compile if it does not

// Done reports whether the future is done.
func (f *Future) Done() bool { return f.outcome != pending }

// Canceled reports whether the future is done because it was canceled.
func (f *Future) Canceled() bool { return f.outcome == canceled }

// Err returns what the future was done with, and counts as looking at it.
func (f *Future) Err() error {
	f.Look()
	return f.Outcome()
}

// Outcome is Err without looking at it.
func (f *Future) Outcome() error {
	switch {
	case f.failure != nil:
		return f.failure.err
	case f.outcome == canceled:
		return ErrCanceled
	default:
		return nil
	}
}

// Failed reports whether the future is done with an error that is not a
// cancellation. It does not count as looking at it.
func (f *Future) Failed() bool { return f.outcome == done && f.failure != nil }

// Complete makes the future done, and returns false if it was done already.
func (f *Future) Complete(err error) bool {
	if f.Done() {
		return false
	}
	if err != nil {
		f.failure = newFailure(f, err, "")
	}
	f.finish(done)
	return true
}

// Cancel makes the future canceled, and returns false if it was done already. The waiters
// of a future wake in the order in which they came, even if the cancellation of one of
// them has canceled it.
func (f *Future) Cancel(error) bool {
	if f.Done() {
		return false
	}
	f.finish(canceled)
	return true
}

func (f *Future) finish(o outcome) {
	f.outcome = o
	f.waiters.WakeAll()
}

// Subscribe makes an event ready once the future is done. Until then s holds its
// place.
func (f *Future) Subscribe(s *Subscription, e Event) {
	s.Init(f.loop, e)
	if f.Done() {
		s.Notify()
		return
	}
	f.waiters.Add(&s.Waiter)
}

// Await suspends the running task until f is done, and returns its error. If the wait is
// cut, c is canceled, which is f as the package above knows it, and the wait goes on
// until f is done. All other tasks that wait for f get the same error.
func (f *Future) Await(ctx context.Context, op string, c Canceler) error {
	id := coro.CheapGoroutineID()
	s, ok := ctx.(*Scope)
	if ok && s.task.runsHere(id) && f.loop == s.task.loop && f.Done() && !s.Canceled() {
		return f.Err() // no wait is needed; of many tasks, mostly only the first is waited for
	}
	w, err := BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	w.task.loop.CheckTarget(f, op)
	if f.Done() {
		if w.IsCut() {
			return w.Checkpoint()
		}
		return f.Err()
	}
	if err := w.Park(&f.waiters, c); err != nil {
		return err
	}
	err = f.Err()
	if f.Canceled() && w.passedOn {
		return w.Interruption()
	}
	return err
}

// Waiters returns those that wait for the future.
func (f *Future) Waiters() *Waiters { return &f.waiters }

// Describe makes a future the reason of a wait.
func (f *Future) Describe() string { return LabelFuture.String() }

// Ref makes a future the reason of a wait.
func (f *Future) Ref(*Loop) Ref { return Ref{Label: LabelFuture} }

// Awaited makes a future an Awaited.
func (f *Future) Awaited(yield func(*Future) bool) { yield(f) }

// CheckTarget panics if the running task cannot wait for f, because f belongs to
// another loop or is the task itself.
func (l *Loop) CheckTarget(f *Future, op string) {
	if f.loop != l {
		panic("asyncio: " + op + " of something that belongs to another loop: use RunOn or RunCoroutineThreadsafe to wait across loops")
	}
	if t := l.current; t != nil && f == &t.Future {
		panic("asyncio: task " + t.Name() + " awaits itself and would wait for ever: return instead, or await from another task")
	}
}
