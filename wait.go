package asyncio

import (
	"context"
	"iter"
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

// Wait suspends the calling task until what when says has come, or the
// timeout is over, and returns what is done and what is not, both in the order
// of ws. A timeout of 0 is none; a negative one does not wait. Wait cancels
// nothing, not even when ctx is canceled: it then returns an error that is
// ErrCanceled, besides what is done. An empty ws returns at once. In Python:
// asyncio.wait.
func Wait[W Waitable](ctx context.Context, ws []W, when ReturnWhen, timeout time.Duration) (done, pending []W, err error) {
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
		l := &lookout{label: labelWait, when: when, parts: make([]lookoutPart, 0, len(ws))}
		known := make(map[*engine.Future]bool, len(ws))
		for _, x := range ws {
			if f := x.future(); !known[f] {
				known[f] = true
				l.add(f)
			}
		}
		err = l.wait(w, timeout)
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

// A lookout is one Wait, or a Shield.
type lookout struct {
	label engine.Label
	when  ReturnWhen
	parts []lookoutPart
	left  int
	task  engine.Waiters
}

type lookoutPart struct {
	waiter engine.Subscription
	of     *lookout
	future *engine.Future
}

func (l *lookout) add(f *engine.Future) {
	l.parts = append(l.parts, lookoutPart{of: l, future: f})
}

func (l *lookout) wait(w *engine.Wait, timeout time.Duration) error {
	l.left = len(l.parts)
	for i := range l.parts {
		p := &l.parts[i]
		p.future.Subscribe(&p.waiter, p)
	}
	if timeout > 0 {
		w.Until(w.Loop().After(timeout))
	}
	err := w.Park(&l.task, l)
	for i := range l.parts {
		l.parts[i].waiter.Remove()
	}
	return err
}

const (
	labelWait   = engine.Label("wait")
	labelShield = engine.Label("shield")
)

// Describe says what the task waits for.
func (l *lookout) Describe() string { return l.label.Describe() }

// Awaited makes a lookout an engine.Awaited.
func (l *lookout) Awaited(yield func(*engine.Future) bool) {
	for i := range l.parts {
		if !yield(l.parts[i].future) {
			return
		}
	}
}

// Fire is the event that the part's future is done.
func (p *lookoutPart) Fire() {
	l := p.of
	l.left--
	failed := l.when == FirstException && p.future.Failed()
	if failed {
		p.future.Look()
	}
	if l.left == 0 || l.when == FirstCompleted || failed {
		l.task.WakeAll()
	}
}

func (p *lookoutPart) Origin() string { return p.of.label.Describe() }

// WaitFor awaits aw for at most d, and returns ErrTimeout after that. A
// coroutine runs in the calling task; a task or future is canceled when the
// time is over, and WaitFor returns when it has ended. If d is not positive,
// the result must be there: a coroutine is not started, a task is canceled.
// In Python: asyncio.wait_for.
func WaitFor[T any](ctx context.Context, aw Awaitable[T], d time.Duration) (value T, err error) {
	if aw == nil {
		panic(nilAwaitable)
	}
	if d <= 0 {
		return waitNoTime(ctx, aw)
	}
	err = WithTimeout(ctx, d, func(ctx context.Context, _ *Timeout) error {
		var err error
		value, err = aw.Await(ctx)
		return err
	})
	return value, err
}

// waitNoTime is WaitFor without time.
func waitNoTime[T any](ctx context.Context, aw Awaitable[T]) (value T, err error) {
	w, err := engine.Begin(ctx, "WaitFor")
	if err != nil {
		return value, err
	}
	h, _ := ensure(ctx, aw)
	if h.future().Done() {
		return h.Result()
	}
	l := &lookout{label: labelWait}
	l.add(h.future())
	h.heir().Cancel(engine.ErrExpired)
	if err := l.waitOwned(w, h.heir()); err != nil {
		return value, err
	}
	if h.future().Canceled() {
		return value, ErrTimeout
	}
	return h.Result()
}

// waitOwned waits for the end of what has been canceled. An outer
// cancellation changes nothing about that, and is returned afterwards.
func (l *lookout) waitOwned(w *engine.Wait, heir engine.Canceler) error {
	l.left = len(l.parts)
	p := &l.parts[0]
	p.future.Subscribe(&p.waiter, p)
	w.Park(&l.task, heir)
	if w.PassedOn() {
		return w.Interruption()
	}
	return nil
}

// AsCompleted runs awaitables beside each other and yields their results in
// the order in which they end:
//
//	for value, err := range asyncio.AsCompleted(ctx, a, b, c) {
//
// Coroutines become tasks at the call. Breaking out leaves the rest running.
// If ctx is canceled, an error that is ErrCanceled is yielded as the last. A
// task or future given twice is yielded once. The sequence can be ranged over
// once. In Python: asyncio.as_completed.
func AsCompleted[T any](ctx context.Context, aws ...Awaitable[T]) iter.Seq2[T, error] {
	seq := AsCompletedIndex(ctx, aws...)
	return func(yield func(T, error) bool) {
		for _, r := range seq {
			if !yield(r.Value, r.Err) {
				return
			}
		}
	}
}

// AsCompletedIndex is AsCompleted that yields which awaitable it was, by its
// place among the arguments. With the error of a canceled ctx, that is -1.
func AsCompletedIndex[T any](ctx context.Context, aws ...Awaitable[T]) iter.Seq2[int, Result[T]] {
	s := &stream[T]{ctx: ctx}
	if engine.RunningLoopOf(ctx) != nil {
		s.open(aws)
	}
	return s.each
}

// A stream is one AsCompleted.
type stream[T any] struct {
	ctx     context.Context
	handles []handle[T]
	parts   []streamPart[T]
	ended   []int // parts that are done and have not been yielded
	left    int   // parts that have not been yielded
	task    engine.Waiters
}

type streamPart[T any] struct {
	waiter engine.Subscription
	of     *stream[T]
	index  int
}

// open creates all tasks before it waits for any, as asyncio does: what is done
// already then comes after their first steps.
func (s *stream[T]) open(aws []Awaitable[T]) {
	s.handles, s.parts = make([]handle[T], len(aws)), make([]streamPart[T], len(aws))
	known := map[*engine.Future]bool{}
	for i, aw := range aws {
		h, _ := ensure(s.ctx, aw)
		if known[h.future()] {
			continue
		}
		known[h.future()] = true
		s.handles[i] = h
		s.left++
	}
	for i, h := range s.handles {
		if h == nil {
			continue // it is another one's twin
		}
		p := &s.parts[i]
		p.of, p.index = s, i
		h.future().Subscribe(&p.waiter, p)
	}
}

// Fire is the event that the part's future is done.
func (p *streamPart[T]) Fire() {
	s := p.of
	s.ended = append(s.ended, p.index)
	s.task.Wake()
}

func (p *streamPart[T]) Origin() string { return p.of.Describe() }

// Describe says what the task waits for.
func (s *stream[T]) Describe() string { return "as_completed" }

// Awaited makes a stream an engine.Awaited.
func (s *stream[T]) Awaited(yield func(*engine.Future) bool) {
	for _, h := range s.handles {
		if h != nil && !yield(h.future()) {
			return
		}
	}
}

func (s *stream[T]) each(yield func(int, Result[T]) bool) {
	defer s.forget()
	if s.handles == nil {
		if err := s.none(); err != nil {
			yield(-1, Result[T]{Err: err})
		}
		return
	}
	for s.left > 0 {
		i, err := s.next()
		if err != nil {
			yield(-1, Result[T]{Err: err})
			return
		}
		var r Result[T]
		r.Value, r.Err = s.handles[i].Result()
		if !yield(i, r) {
			return
		}
	}
}

// none is the error of a stream that was opened outside a loop.
func (s *stream[T]) none() error {
	if engine.RunningLoopOf(s.ctx) == nil {
		return ErrNoRunningLoop
	}
	return nil
}

// next waits for the next part that is done.
func (s *stream[T]) next() (int, error) {
	w, err := engine.Begin(s.ctx, "AsCompleted")
	if err != nil {
		return 0, err
	}
	for len(s.ended) == 0 {
		if err := w.Park(&s.task, s); err != nil {
			return 0, err
		}
	}
	i := s.ended[0]
	s.ended = s.ended[1:]
	s.left--
	return i, nil
}

// forget takes the stream away from what it has not yielded.
func (s *stream[T]) forget() {
	for i := range s.parts {
		s.parts[i].waiter.Remove()
	}
	s.left = 0
}
