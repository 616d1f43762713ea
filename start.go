package asyncio

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ErrNotStarted is returned by Start and StartFunc when the function has returned nil
// without calling started. In trio: RuntimeError, child exited without calling
// task_status.started().
var ErrNotStarted = errors.New("asyncio: the function has returned without calling started")

// Start starts fn as a task of the group and suspends the calling task until fn has
// called started. It returns the value that fn has passed to started, for example the
// address on which a server listens. fn then goes on as a task of the group like any
// other.
//
// Until it has called started, fn belongs to the caller as well. If it fails before that,
// or panics, Start returns the error, and the group does not fail; if it returns nil, Start
// returns ErrNotStarted. If ctx is canceled, so is fn, and Start returns when fn has
// ended: with an error that is ErrCanceled, or with the error of fn if fn has failed for
// another reason. What comes first counts: after such a cancellation, a call of started
// has no effect; after started, a cancellation of ctx does not reach fn, and Start
// returns the value. From then on, only the group cancels fn.
//
// If ctx is canceled already, fn is not started. In a group that is being aborted (its
// tasks are being canceled), fn is canceled before its first step, and Start returns an
// error that is ErrCanceled. It returns such an error, too, if the group is canceled
// before fn has called started, when fn has ended; then, too, a call of started has no
// effect. In a group with a Limit, Start also waits until fn may begin.
//
// The context of fn is derived from the group's, not from ctx. started is for the loop
// only, does not suspend, and panics if it is called twice or after fn has returned.
// Start panics where TaskGroup.Go does. Python has no counterpart; in trio: await
// nursery.start(fn).
func Start[T any](ctx context.Context, tg *TaskGroup, fn func(ctx context.Context, started func(T)) error, opts ...TaskOption) (T, error) {
	if fn == nil {
		panic(nilFunction)
	}
	return start(ctx, "Start", tg, fn, opts)
}

// StartFunc is Start for a function that has no value to hand over.
func StartFunc(ctx context.Context, tg *TaskGroup, fn func(ctx context.Context, started func()) error, opts ...TaskOption) error {
	if fn == nil {
		panic(nilFunction)
	}
	_, err := start(ctx, "StartFunc", tg, func(ctx context.Context, started func(struct{})) error {
		return fn(ctx, func() { started(struct{}{}) })
	}, opts)
	return err
}

func start[T any](ctx context.Context, op string, tg *TaskGroup, fn func(context.Context, func(T)) error, opts []TaskOption) (value T, err error) {
	tg.check(op)
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return value, err
	}
	s := &starting[T]{fn: fn, waitSet: *newWaitSet(labelStart, 1)}
	s.add(&s.core.Future, 0, true)
	s.ended = func(*member) { s.task.WakeAll() }
	o := mergeTaskOptions(opts)
	tg.core.SpawnStarting(&s.core, (*startBody[T])(s), o.name)
	if tg.core.Start(&s.core) {
		o.start(&s.core)
	}
	return s.wait(w)
}

// A starting is one Start. It is canceled in place of the task that waits for it.
type starting[T any] struct {
	waitSet  // of the task that is started alone
	core     engine.Task
	fn       func(ctx context.Context, started func(T)) error
	value    T
	called   bool // started was called
	begun    bool // and the task is one of the group since
	canceled bool // ctx was canceled before that, and before the end of the task
	stopped  bool // the task was canceled, by whatever, before it returned
}

var labelStart = engine.NewLabel("start")

// startBody is the task of a Start as the engine runs it.
type startBody[T any] starting[T]

func (b *startBody[T]) Run(ctx context.Context) error {
	fn := b.fn
	b.fn = nil
	err := fn(ctx, (*starting[T])(b).started)
	b.stopped = b.core.Canceling()
	return err
}

func (s *starting[T]) started(value T) {
	s.core.Loop().Check("started")
	switch {
	case s.called:
		panic("asyncio: started was called twice: call it once, when what others need is there")
	case s.core.Done():
		panic("asyncio: started was called after the function of Start had returned: call it before")
	}
	s.called = true
	if s.core.Canceling() { // Start waits for the end of the task
		return
	}
	s.value, s.begun = value, true
	s.core.Started()
	s.task.WakeAll()
}

// wait waits until the task has called started, or has ended without calling it.
func (s *starting[T]) wait(w *engine.Wait) (T, error) {
	if !s.begun { // a task that starts eagerly may have
		s.subscribe()
		err := w.Park(&s.task, s)
		s.unsubscribe()
		if err != nil {
			return s.value, err
		}
	}
	if s.begun {
		return s.value, nil
	}
	return s.value, s.failure(w)
}

// failure is the error of a Start whose task has not started.
func (s *starting[T]) failure(w *engine.Wait) error {
	err := s.core.Err()
	switch {
	case s.canceled && (err == nil || s.core.Canceled()):
		return w.Interruption()
	case err == nil && s.stopped:
		return ErrCanceled
	case err == nil:
		return ErrNotStarted
	default:
		return err
	}
}

// Cancel makes a starting an engine.Canceler.
func (s *starting[T]) Cancel(cause error) bool {
	s.canceled = s.core.Cancel(cause)
	return s.canceled
}
