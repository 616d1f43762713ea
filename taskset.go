package asyncio

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/orderedset"
	"github.com/asyncio-go/asyncio/internal/ring"
)

// A TaskSet hands out tasks in the order in which they end, while others are added. It
// owns none of them: it cancels nothing and does not look at errors, and others may await
// the same tasks. To make the tasks end together, start them in a TaskGroup. The zero
// TaskSet is empty. Python has no counterpart, but a loop over asyncio.wait with
// FIRST_COMPLETED, or anyio's as_completed; in tokio: JoinSet, which owns its tasks. For
// the loop only.
type TaskSet[T any] struct {
	binding
	tasks   orderedset.Set[*Task[T]] // those that were not handed out
	ended   ring.Ring[*Task[T]]      // those of them that have ended, in that order
	waiters engine.Waiters           // the tasks that wait in Next
}

// Add adds tasks. A task that is in the set already is not added twice. A task that has
// ended, or was handed out before, is handed out in its turn, in the next pass at the
// earliest. It does not suspend.
func (s *TaskSet[T]) Add(tasks ...*Task[T]) {
	s.check("TaskSet.Add")
	for _, t := range tasks { // before the first is added
		t.check("TaskSet.Add")
	}
	for _, t := range tasks {
		s.add(t)
	}
}

func (s *TaskSet[T]) add(t *Task[T]) {
	before := s.tasks.Len()
	if s.tasks.Add(t); s.tasks.Len() == before {
		return
	}
	m := &setMember[T]{set: s, task: t}
	if t.core.Done() && !t.core.Loop().OnLoop() { // its loop has ended, and fires no events
		m.Fire()
		return
	}
	t.core.Subscribe(&m.Subscription, m)
}

// Next takes the next task that has ended out of the set, and suspends the calling task
// until there is one. ok is false if the set is empty, or becomes empty meanwhile. If
// several tasks call Next, each gets a different task; a call that comes before a woken
// task runs may overtake it, as with Queue.Get. If ctx is canceled, Next returns an error
// that is ErrCanceled, and no task is lost. In tokio: JoinSet::join_next.
func (s *TaskSet[T]) Next(ctx context.Context) (t *Task[T], ok bool, err error) {
	w, err := engine.Begin(ctx, "TaskSet.Next")
	if err != nil {
		return nil, false, err
	}
	s.bind(w, "TaskSet.Next")
	for s.ended.Len() == 0 && s.tasks.Len() > 0 {
		if err := w.Park(&s.waiters, (*taskSetWait[T])(s)); err != nil {
			return nil, false, err
		}
	}
	t, ok = s.take()
	return t, ok, nil
}

// TryNext takes the next task that has ended out of the set, if there is one. It does not
// suspend. In tokio: JoinSet::try_join_next.
func (s *TaskSet[T]) TryNext() (t *Task[T], ok bool) {
	s.check("TaskSet.TryNext")
	return s.take()
}

func (s *TaskSet[T]) take() (t *Task[T], ok bool) {
	if s.ended.Len() == 0 {
		return nil, false
	}
	t = s.ended.Pop()
	if s.tasks.Remove(t); s.tasks.Len() == 0 {
		s.waiters.WakeAll() // nothing comes any more
	}
	return t, true
}

// OnNext is a case of [Select] that takes the next task that has ended out of the set, as
// Next does, and puts it in *task. If another case is chosen, or none, *task and the set are
// as they were. Unlike Next, it also waits while the set is empty, until a task is added
// and ends. Any goroutine may make it. It panics if task is nil.
func (s *TaskSet[T]) OnNext(task **Task[T]) Case {
	if task == nil {
		panic("asyncio: OnNext(nil): pass a pointer to where the task goes")
	}
	return Case{op: (*nextCase[T])(s), with: task}
}

type nextCase[T any] TaskSet[T]

func (c *nextCase[T]) bind(w *engine.Wait) { c.binding.bind(w, "Select") }

func (c *nextCase[T]) try(with Case) (over bool, err error) {
	t, ok := (*TaskSet[T])(c).take()
	if ok {
		*with.with.(**Task[T]) = t
	}
	return ok, nil
}

func (c *nextCase[T]) resume(with Case) (over bool, err error) { return c.try(with) }

func (c *nextCase[T]) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*taskSetWait[T])(c)) }

// All takes tasks out for a range loop, one before each turn, and suspends the calling
// task until there is one. The range ends when the set is empty; tasks that are added
// meanwhile count. If ctx is canceled, the last pair is nil and an error that is
// ErrCanceled, and no task is lost:
//
//	for task, err := range set.All(ctx) {
//		if err != nil {
//			return err
//		}
//		value, err := task.Result()
//		...
//	}
//
// Breaking out of the loop leaves the other tasks in the set.
func (s *TaskSet[T]) All(ctx context.Context) iter.Seq2[*Task[T], error] {
	return func(yield func(*Task[T], error) bool) {
		for {
			t, ok, err := s.Next(ctx)
			if !ok && err == nil || !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// Len returns the number of tasks in the set, those included that have ended and were not
// handed out.
func (s *TaskSet[T]) Len() int {
	s.check("TaskSet.Len")
	return s.tasks.Len()
}

// SetName gives the set a name, which all reports about it show. It does not suspend. For
// the loop only; before the set is used there, the goroutine that makes it may call
// SetName.
func (s *TaskSet[T]) SetName(name string) {
	s.check("TaskSet.SetName")
	setName(&s.object, (*taskSetWait[T])(s), s.loop, name)
}

// A setMember is the place of a TaskSet among the waiters of one of its tasks.
type setMember[T any] struct {
	engine.Subscription
	set  *TaskSet[T]
	task *Task[T]
}

// Fire is the event that the task has ended.
func (m *setMember[T]) Fire() {
	m.set.ended.Push(m.task)
	m.set.waiters.Wake()
}

func (m *setMember[T]) Origin() engine.Ref { return engine.Ref{Label: labelTaskSet} }

// About returns the future whose end the event is.
func (m *setMember[T]) About() *engine.Future { return &m.task.core.Future }

var labelTaskSet = engine.NewLabel("task set")

// taskSetWait is a set as what a task waits for.
type taskSetWait[T any] TaskSet[T]

func (w *taskSetWait[T]) Describe() string { return described(labelTaskSet, w.object) }

func (w *taskSetWait[T]) Ref(l *engine.Loop) engine.Ref {
	return refTo(&w.object, w, l, labelTaskSet)
}

func (w *taskSetWait[T]) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelTaskSet, Len: w.tasks.Len(), Waiters: w.waiters.Len()}
}

// Awaited makes a set an engine.Awaited.
func (w *taskSetWait[T]) Awaited(yield func(*engine.Future) bool) {
	for t := range w.tasks.All() {
		if !yield(&t.core.Future) {
			return
		}
	}
}
