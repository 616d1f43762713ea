package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// OnGet is a case of [Select] that takes an item out, as Get does, and puts it in *item. If
// another case is chosen, or none, *item and the queue are as they were. After Shutdown, when
// no item is left, the case is chosen, and fails with ErrQueueShutDown. Any goroutine may
// make it. It panics if item is nil.
func (q *queue[T, K]) OnGet(item *T) Case {
	if item == nil {
		panic("asyncio: OnGet(nil): pass a pointer to where the item goes")
	}
	return Case{op: (*getCase[T, K])(q), with: item}
}

// OnPut is a case of [Select] that puts an item in, as Put does. If another case is chosen, or
// none, the item is not in the queue. After Shutdown, the case is chosen, and fails with
// ErrQueueShutDown. Any goroutine may make it.
func (q *queue[T, K]) OnPut(item T) Case { return Case{op: (*putCase[T, K])(q), with: item} }

type (
	getCase[T any, K kind[T]] queue[T, K]
	putCase[T any, K kind[T]] queue[T, K]
)

func (c *getCase[T, K]) bind(w *engine.Wait) { c.queueCore.bind(w, "Select") }

func (c *getCase[T, K]) try(with Case) (over bool, err error) { return c.get(with, nobody) }

func (c *getCase[T, K]) resume(with Case) (over bool, err error) { return c.get(with, getter) }

func (c *getCase[T, K]) line(_ Case, s *engine.Selection) {
	s.Add(&c.getters, (*getWait)(&c.queueCore))
}

func (c *getCase[T, K]) get(with Case, woken role) (over bool, err error) {
	item, err := (*queue[T, K])(c).get(woken)
	return got(with, item, err)
}

// got puts an item that a TryGet has returned where the case wants it.
func got[T any](with Case, item T, err error) (over bool, _ error) {
	switch err {
	case nil:
		*with.with.(*T) = item
	case ErrQueueEmpty:
		return false, nil
	}
	return true, err
}

func (c *putCase[T, K]) bind(w *engine.Wait) { c.queueCore.bind(w, "Select") }

func (c *putCase[T, K]) try(with Case) (over bool, err error) { return c.put(with, nobody) }

func (c *putCase[T, K]) resume(with Case) (over bool, err error) { return c.put(with, putter) }

func (c *putCase[T, K]) line(_ Case, s *engine.Selection) {
	s.Add(&c.putters, (*putWait)(&c.queueCore))
}

func (c *putCase[T, K]) put(with Case, woken role) (over bool, err error) {
	item, _ := with.with.(T) // a nil of an interface type is no T
	if err = (*queue[T, K])(c).put(item, woken); err == ErrQueueFull {
		return false, nil
	}
	return true, err
}

// OnSet is a case of [Select] that waits until the flag is set, as Wait does. Any goroutine
// may make it.
func (e *Event) OnSet() Case { return Case{op: (*setCase)(e)} }

type setCase Event

func (c *setCase) bind(w *engine.Wait)              { c.binding.bind(w, "Select") }
func (c *setCase) try(Case) (bool, error)           { return c.set, nil }
func (c *setCase) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*eventWait)(c)) }
func (c *setCase) resume(Case) (bool, error)        { return true, nil }

// OnAcquire is a case of [Select] that takes the lock, as Acquire does. If it is chosen, the
// calling task has the lock, and has to release it; otherwise it does not have it. Any
// goroutine may make it.
func (l *Lock) OnAcquire() Case { return Case{op: (*lockCase)(l)} }

type lockCase Lock

func (c *lockCase) bind(w *engine.Wait)              { c.holding.bind(w, "Select") }
func (c *lockCase) try(Case) (bool, error)           { return (*Lock)(c).take(), nil }
func (c *lockCase) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*lockWait)(c)) }

func (c *lockCase) resume(Case) (bool, error) {
	(*Lock)(c).keepPromise()
	return true, nil
}

// OnAcquire is a case of [Select] that takes a permit, as Acquire does. If it is chosen, the
// calling task has the permit, and has to release it; otherwise it does not have it. Any
// goroutine may make it.
func (s *Semaphore) OnAcquire() Case { return Case{op: (*semaphoreCase)(s)} }

// OnAcquire is a case of [Select] that takes a permit; see Semaphore.OnAcquire.
func (b *BoundedSemaphore) OnAcquire() Case { return b.s.OnAcquire() }

type semaphoreCase Semaphore

func (c *semaphoreCase) bind(w *engine.Wait)    { c.holding.bind(w, "Select") }
func (c *semaphoreCase) try(Case) (bool, error) { return (*Semaphore)(c).take(), nil }

func (c *semaphoreCase) line(_ Case, s *engine.Selection) {
	s.Add(&c.waiters, (*semaphoreWait)(c))
}

func (c *semaphoreCase) resume(Case) (bool, error) {
	(*Semaphore)(c).keepPromise()
	return true, nil
}

func (c *semaphoreCase) leave() { (*Semaphore)(c).left() }

// OnAcquire is a case of [Select] that takes the lock to write, as Acquire does. If it is
// chosen, the calling task has the lock, and has to release it; otherwise it does not have
// it. Any goroutine may make it.
func (l *RWLock) OnAcquire() Case { return Case{op: (*writeCase)(l)} }

// OnAcquireRead is a case of [Select] that takes the lock to read, as AcquireRead does; see
// OnAcquire.
func (l *RWLock) OnAcquireRead() Case { return Case{op: (*readCase)(l)} }

type (
	writeCase RWLock
	readCase  RWLock
)

func (c *writeCase) bind(w *engine.Wait)              { c.holding.bind(w, "Select") }
func (c *writeCase) try(Case) (bool, error)           { return (*RWLock)(c).take(), nil }
func (c *writeCase) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*writeWait)(c)) }
func (c *writeCase) leave()                           { (*RWLock)(c).serve() }

func (c *writeCase) resume(Case) (bool, error) {
	(*RWLock)(c).come()
	return true, nil
}

func (c *readCase) bind(w *engine.Wait)              { c.holding.bind(w, "Select") }
func (c *readCase) try(Case) (bool, error)           { return (*RWLock)(c).takeRead(), nil }
func (c *readCase) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*readWait)(c)) }

func (c *readCase) resume(Case) (bool, error) {
	(*RWLock)(c).come()
	return true, nil
}

// OnPut is a case of [Select] that gives an item to all subscribers, as Put does. If another
// case is chosen, or none, no subscriber has it. After Shutdown, the case is chosen, and
// fails with ErrQueueShutDown. Any goroutine may make it.
func (b *Broadcast[T]) OnPut(item T) Case { return Case{op: (*broadcastCase[T])(b), with: item} }

type broadcastCase[T any] Broadcast[T]

func (c *broadcastCase[T]) bind(w *engine.Wait) { c.binding.bind(w, "Select") }

func (c *broadcastCase[T]) try(with Case) (over bool, err error) {
	if (*Broadcast[T])(c).mustWait() {
		return false, nil
	}
	return c.put(with)
}

func (c *broadcastCase[T]) line(_ Case, s *engine.Selection) {
	s.Add(&c.putters, (*broadcastWait[T])(c))
}

func (c *broadcastCase[T]) resume(with Case) (over bool, err error) {
	c.coming = false
	return c.put(with)
}

func (c *broadcastCase[T]) put(with Case) (over bool, err error) {
	item, _ := with.with.(T) // a nil of an interface type is no T
	return true, (*Broadcast[T])(c).put(item)
}

// OnGet is a case of [Select] that takes an item out, as Get does, and puts it in *item. If
// another case is chosen, or none, *item and the subscriber are as they were. When no items
// will come any more, the case is chosen, and fails with ErrQueueShutDown. Any goroutine may
// make it. It panics if item is nil.
func (s *Subscriber[T]) OnGet(item *T) Case {
	if item == nil {
		panic("asyncio: OnGet(nil): pass a pointer to where the item goes")
	}
	s.mustBeMade()
	return Case{op: (*subscriberCase[T])(s), with: item}
}

type subscriberCase[T any] Subscriber[T]

func (c *subscriberCase[T]) bind(w *engine.Wait) { c.of.bind(w, "Select") }

func (c *subscriberCase[T]) try(with Case) (over bool, err error) {
	item, err := (*Subscriber[T])(c).get()
	return got(with, item, err)
}

func (c *subscriberCase[T]) resume(with Case) (over bool, err error) { return c.try(with) }

func (c *subscriberCase[T]) line(_ Case, s *engine.Selection) {
	s.Add(&c.getters, (*subscriberWait[T])(c))
}

// OnWait is a case of [Select] that waits until ok returns true for the value, as Wait
// does, and puts the value in *value. If another case is chosen, or none, *value is as it
// was. ok must not suspend. Any goroutine may make it. It panics if value or ok is nil.
func (x *Watch[T]) OnWait(value *T, ok func(T) bool) Case {
	if value == nil {
		panic("asyncio: OnWait(nil): pass a pointer to where the value goes")
	}
	if ok == nil {
		panic(nilFunction)
	}
	return Case{op: (*watchCase[T])(x), with: wanted[T]{value, ok}}
}

// wanted is what OnWait needs.
type wanted[T any] struct {
	value *T
	ok    func(T) bool
}

type watchCase[T any] Watch[T]

func (c *watchCase[T]) bind(w *engine.Wait)              { c.binding.bind(w, "Select") }
func (c *watchCase[T]) line(_ Case, s *engine.Selection) { s.Add(&c.waiters, (*watchWait[T])(c)) }
func (c *watchCase[T]) resume(with Case) (bool, error)   { return c.try(with) }

func (c *watchCase[T]) try(with Case) (over bool, err error) {
	want := with.with.(wanted[T])
	now := c.value
	if !want.ok(now) {
		return false, nil
	}
	*want.value = now
	return true, nil
}

// OnDone is a case of [Select] that waits until the task has ended, in whatever way.
// Select does not own the task: it never cancels it, and does not look at its error,
// which Result returns. Any goroutine may make it.
func (t *Task[T]) OnDone() Case {
	t.mustBeMade()
	return Case{op: (*taskCase)(&t.core)}
}

// OnDone is a case of [Select] that waits until the future is done, in whatever way.
// Select does not cancel it and does not look at its error, which Result returns. Any
// goroutine may make it.
func (f *Future[T]) OnDone() Case {
	f.mustBeMade()
	return Case{op: (*futureCase)(&f.core)}
}

type (
	taskCase   engine.Task
	futureCase engine.Future
)

func (c *taskCase) bind(w *engine.Wait)              { w.Loop().CheckTarget(&c.Future, "Select") }
func (c *taskCase) try(Case) (bool, error)           { return c.Future.Done(), nil }
func (c *taskCase) line(_ Case, s *engine.Selection) { s.Add(c.Future.Waiters(), (*engine.Task)(c)) }
func (c *taskCase) resume(Case) (bool, error)        { return true, nil }

func (c *futureCase) bind(w *engine.Wait)       { w.Loop().CheckTarget((*engine.Future)(c), "Select") }
func (c *futureCase) try(Case) (bool, error)    { return (*engine.Future)(c).Done(), nil }
func (c *futureCase) resume(Case) (bool, error) { return true, nil }

func (c *futureCase) line(_ Case, s *engine.Selection) {
	f := (*engine.Future)(c)
	s.Add(f.Waiters(), f)
}
