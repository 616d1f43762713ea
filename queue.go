package asyncio

import (
	"context"
	"errors"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
)

var (
	// ErrQueueEmpty is returned by TryGet of a queue without an item. In
	// Python: asyncio.QueueEmpty.
	ErrQueueEmpty = errors.New("asyncio: the queue is empty")

	// ErrQueueFull is returned by TryPut to a queue that is full. In Python:
	// asyncio.QueueFull.
	ErrQueueFull = errors.New("asyncio: the queue is full")

	// ErrQueueShutDown is returned by Put to a queue that is shut down, and
	// by Get once it has no item left. In Python: asyncio.QueueShutDown.
	ErrQueueShutDown = errors.New("asyncio: the queue is shut down")
)

// A Queue hands items from task to task, first in, first out. The zero Queue
// has no limit. In Python: asyncio.Queue. For the loop only.
type Queue[T any] struct{ queue[T, fifo[T]] }

// NewQueue returns a queue for at most maxsize items. There is no limit if maxsize is not
// positive.
func NewQueue[T any](maxsize int) *Queue[T] {
	return &Queue[T]{queue[T, fifo[T]]{queueCore: queueCore{maxsize: maxsize}}}
}

// A LifoQueue is a Queue that hands out the newest item first. The zero
// LifoQueue has no limit. In Python: asyncio.LifoQueue. For the loop only.
type LifoQueue[T any] struct{ queue[T, lifo[T]] }

// NewLifoQueue returns a queue for at most maxsize items. There is no limit if maxsize is
// not positive.
func NewLifoQueue[T any](maxsize int) *LifoQueue[T] {
	return &LifoQueue[T]{queue[T, lifo[T]]{queueCore: queueCore{maxsize: maxsize}}}
}

// A PriorityQueue is a Queue that hands out the least item first, and of equal items the
// oldest. It has to be made with NewPriorityQueue. In Python: asyncio.PriorityQueue,
// which does not define the order of equal items. For the loop only.
type PriorityQueue[T any] struct{ queue[T, ranked[T]] }

// NewPriorityQueue returns a queue for at most maxsize items, ordered by less. There is
// no limit if maxsize is not positive. If less panics, so does the operation that called
// it, and the queue is as it was before. less must not suspend and must not use the
// queue.
func NewPriorityQueue[T any](maxsize int, less func(a, b T) bool) *PriorityQueue[T] {
	if less == nil {
		panic(nilFunction)
	}
	items := &priority[T]{less: less}
	q := &PriorityQueue[T]{queue[T, ranked[T]]{items: items, queueCore: queueCore{maxsize: maxsize}}}
	items.panicked = q.passOn
	return q
}

// queue is what the three have in common.
type queue[T any, K kind[T]] struct {
	queueCore
	items items[T] // nil: no item was put in yet
	woken role     // what the task, whose Put or Get goes on, was woken for
}

// queueCore is what does not depend on the items.
type queueCore struct {
	binding
	count      int // how many items there are
	maxsize    int
	unfinished int // how many items were put in and are not done; see TaskDone
	shut       bool
	getters    engine.Waiters
	putters    engine.Waiters
	finished   engine.Waiters // the tasks that wait in Join
}

// A role says what a task waits for.
type role uint8

const (
	nobody role = iota // the task has not waited
	putter
	getter
)

// Put puts an item in, and suspends the calling task until there is room. Another Put or
// TryPut that comes before the woken task runs may take the room; the woken task then
// waits again, behind those that have come meanwhile, as in asyncio. If ctx is canceled,
// Put returns an error that is ErrCanceled, and the item is not in the queue; after
// Shutdown, ErrQueueShutDown.
func (q *queue[T, K]) Put(ctx context.Context, item T) error {
	w, err := engine.Begin(ctx, "Queue.Put")
	if err != nil {
		return err
	}
	q.bind(w, "Queue.Put")
	q.woken = nobody
	for q.full() && !q.shut {
		if err := w.Park(&q.putters, (*putWait)(&q.queueCore)); err != nil {
			return err
		}
		q.woken = putter
	}
	if q.shut {
		return ErrQueueShutDown
	}
	q.push(item)
	return nil
}

// passOn is called when an operation panics. If its task was woken to use room or an
// item, and now does not use it, the next task has to be woken.
func (q *queue[T, K]) passOn() {
	switch q.woken {
	case putter:
		q.putters.Wake()
	case getter:
		q.getters.Wake()
	}
}

// TryPut puts an item in if there is room; otherwise it returns ErrQueueFull, or
// ErrQueueShutDown. It does not suspend. In Python: put_nowait.
func (q *queue[T, K]) TryPut(item T) error {
	q.check("Queue.TryPut")
	return q.put(item, nobody)
}

// put is TryPut; woken says what the task was woken for.
func (q *queue[T, K]) put(item T, woken role) error {
	switch {
	case q.shut:
		return ErrQueueShutDown
	case q.full():
		return ErrQueueFull
	}
	q.woken = woken
	q.push(item)
	return nil
}

// push puts an item in, for which there is room.
func (q *queue[T, K]) push(item T) {
	if q.items == nil {
		var k K
		q.items = k.none()
	}
	q.items.Push(item)
	q.count++
	q.unfinished++
	q.getters.Wake()
}

// Get takes an item out, and suspends the calling task until there is one. It can be
// overtaken like Put. If ctx is canceled, it returns an error that is ErrCanceled, and
// no item is lost; after Shutdown, when no item is left, ErrQueueShutDown.
func (q *queue[T, K]) Get(ctx context.Context) (item T, err error) {
	w, err := engine.Begin(ctx, "Queue.Get")
	if err != nil {
		return item, err
	}
	q.bind(w, "Queue.Get")
	q.woken = nobody
	for q.count == 0 {
		if q.shut {
			return item, ErrQueueShutDown
		}
		if err := w.Park(&q.getters, (*getWait)(&q.queueCore)); err != nil {
			return item, err
		}
		q.woken = getter
	}
	item = q.items.Pop() // as in pop, which would be a call
	q.count--
	q.putters.Wake()
	return item, nil
}

var (
	labelPut  = engine.NewLabel("queue put")
	labelGet  = engine.NewLabel("queue get")
	labelJoin = engine.NewLabel("queue join")

	labelQueue = engine.NewLabel("queue")
)

// TryGet takes an item out if there is one; otherwise it returns ErrQueueEmpty, or
// ErrQueueShutDown. It does not suspend. In Python: get_nowait.
func (q *queue[T, K]) TryGet() (item T, err error) {
	q.check("Queue.TryGet")
	return q.get(nobody)
}

// get is TryGet; woken says what the task was woken for.
func (q *queue[T, K]) get(woken role) (item T, err error) {
	switch {
	case q.count > 0:
		q.woken = woken
		return q.pop(), nil
	case q.shut:
		return item, ErrQueueShutDown
	default:
		return item, ErrQueueEmpty
	}
}

// pop takes an item out. There must be one.
func (q *queue[T, K]) pop() T {
	item := q.items.Pop()
	q.count--
	q.putters.Wake()
	return item
}

// All takes items out for a range loop, one before each turn, and suspends the
// calling task until there is one. The range ends when the queue is shut down and
// empty. If ctx is canceled, the last pair is a zero item and an error that is
// ErrCanceled, and no item is lost. So look at the error: otherwise a canceled range
// looks like one that has come to its end.
//
//	for item, err := range q.All(ctx) {
//		if err != nil {
//			return err
//		}
//		work(item)
//	}
//
// Breaking out leaves nothing behind. Python has no counterpart: it takes a loop over
// await queue.get(), until QueueShutDown.
func (q *queue[T, K]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			item, err := q.Get(ctx)
			if err == ErrQueueShutDown || !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// TaskDone says that work on an item that was taken out is finished; see Join. It panics
// if there are more calls than items.
func (q *queue[T, K]) TaskDone() {
	q.check("Queue.TaskDone")
	if q.unfinished == 0 {
		panic("asyncio: TaskDone was called more often than items were put into the queue: call it once for each item")
	}
	if q.unfinished--; q.unfinished == 0 {
		q.finished.WakeAll()
	}
}

// Join suspends the calling task until TaskDone was called for every item. If
// ctx is canceled, it returns an error that is ErrCanceled.
func (q *queue[T, K]) Join(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Queue.Join")
	if err != nil {
		return err
	}
	q.bind(w, "Queue.Join")
	if q.unfinished == 0 {
		return nil
	}
	return w.Park(&q.finished, (*joinWait)(&q.queueCore))
}

// Shutdown makes the queue refuse further items. Tasks that wait in Put return with
// ErrQueueShutDown, and so does Get once the queue is empty. If immediate is true, the
// queue is emptied at once; these items count as finished (see TaskDone), those taken out
// before do not. In Python: Queue.shutdown.
func (q *queue[T, K]) Shutdown(immediate bool) {
	q.check("Queue.Shutdown")
	q.shut = true
	if immediate {
		q.unfinished = max(q.unfinished-q.count, 0) // TaskDone may have come before Get
		q.items, q.count = nil, 0
		if q.unfinished == 0 {
			q.finished.WakeAll()
		}
	}
	q.getters.WakeAll()
	q.putters.WakeAll()
}

// Len returns the number of items. In Python: qsize.
func (q *queue[T, K]) Len() int {
	q.check("Queue.Len")
	return q.count
}

// Cap returns the limit. It is not positive if there is none. In Python: maxsize.
func (q *queue[T, K]) Cap() int { return q.maxsize }

// Empty reports whether there is no item.
func (q *queue[T, K]) Empty() bool {
	q.check("Queue.Empty")
	return q.count == 0
}

// Full reports whether there is no room.
func (q *queue[T, K]) Full() bool {
	q.check("Queue.Full")
	return q.full()
}

func (q *queue[T, K]) full() bool { return q.maxsize > 0 && q.count >= q.maxsize }
