package asyncio

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ReturnWhen says when Wait returns.
type ReturnWhen int

const (
	AllCompleted   ReturnWhen = iota // when all are done
	FirstCompleted                   // when one is done
	FirstException                   // when one has failed, or all are done; a cancellation is no failure
)

// Waitable is what Wait takes: a *Task or a *Future of any type.
type Waitable interface {
	Done() bool
	future() *engine.Future
	mustBeMade()
}

func init() {
	engine.FutureOf = func(waitable any) *engine.Future { return waitable.(Waitable).future() }
}

// Wait suspends the calling task until the condition that when names holds, or the
// timeout is over. It returns which of ws are done and which are not, both in the order
// of ws. With a timeout of 0 there is no limit; with a negative one Wait does not wait.
// Wait cancels nothing, not even when ctx is canceled: it then returns an error that is
// ErrCanceled, besides what is done. With an empty ws it returns at once. In Python:
// asyncio.wait.
func Wait[W Waitable](ctx context.Context, ws []W, when ReturnWhen, timeout time.Duration) (done, pending []W, err error) {
	if when < AllCompleted || when > FirstException {
		panic(fmt.Sprintf("asyncio: Wait until %v: pass AllCompleted, FirstCompleted or FirstException", when))
	}
	w, err := engine.Begin(ctx, "Wait")
	for _, x := range ws {
		if any(x) == nil {
			panic(nilWaitable)
		}
		x.mustBeMade()
		if w != nil {
			w.Loop().CheckTarget(x.future(), "Wait")
		}
	}
	if err == nil && len(ws) > 0 && timeout >= 0 {
		err = waitUntil(w, ws, when, timeout)
	}
	for _, x := range ws {
		if x.future().Done() {
			done = append(done, x)
		} else {
			pending = append(pending, x)
		}
	}
	return done, pending, err
}

// waitUntil is Wait without its checks and its results.
func waitUntil[W Waitable](w *engine.Wait, ws []W, when ReturnWhen, timeout time.Duration) error {
	s := newWaitSet(labelWait, len(ws))
	for i, x := range ws {
		s.add(x.future(), i, false)
	}
	s.ended = func(m *member) {
		if s.remaining == 0 || when == FirstCompleted || when == FirstException && m.future.Failed() {
			s.task.WakeAll()
		}
	}
	if timeout > 0 {
		w.Until(w.Loop().After(timeout))
	}
	err := s.wait(w)
	if when == FirstException { // errors were waited for; otherwise the caller has to look at them
		s.look()
	}
	return err
}

var (
	labelWait   = engine.NewLabel("wait")
	labelShield = engine.NewLabel("shield")
)

// waitForEnd is a set of one future, whose end wakes the task.
func waitForEnd(label engine.Label, f *engine.Future) *waitSet {
	s := newWaitSet(label, 1)
	s.add(f, 0, true)
	s.ended = func(*member) { s.task.WakeAll() }
	return s
}

// WaitFor awaits aw for at most d, and returns ErrTimeout after that. A coroutine runs in
// the calling task; a task or future is canceled when the time is over, and WaitFor
// returns when it has ended. If d is not positive, WaitFor returns only a result that is
// there already: a coroutine is not started, a task that is not done is canceled. In
// Python: asyncio.wait_for.
func WaitFor[T any](ctx context.Context, aw Awaitable[T], d time.Duration) (value T, err error) {
	if aw == nil {
		panic(nilAwaitable)
	}
	if d <= 0 {
		return waitNoTime(ctx, aw)
	}
	err = WithTimeout(ctx, d, func(ctx context.Context) error {
		var err error
		value, err = aw.Await(ctx)
		return err
	})
	return value, err
}

// waitNoTime is WaitFor with a d that is not positive.
func waitNoTime[T any](ctx context.Context, aw Awaitable[T]) (value T, err error) {
	w, err := engine.Begin(ctx, "WaitFor")
	if err != nil {
		return value, err
	}
	h, _ := ensure(ctx, aw)
	if h.future().Done() {
		return h.Result()
	}
	h.canceler().Cancel(engine.ErrExpired)
	s := waitForEnd(labelWait, h.future())
	s.subscribe()
	err = w.Park(&s.task, h.canceler()) // returns when it has ended, even if ctx is canceled meanwhile
	switch {
	case err != nil:
		return value, err
	case w.PassedOn():
		return value, w.Interruption()
	case h.future().Canceled():
		return value, ErrTimeout
	}
	return h.Result()
}
