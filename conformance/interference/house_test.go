package interference

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// permits is how many permits each semaphore has.
const permits = 2

// A store is a queue of any kind.
type store interface {
	Put(ctx context.Context, item int) error
	TryPut(item int) error
	Get(ctx context.Context) (int, error)
	TryGet() (int, error)
	TaskDone()
	Join(ctx context.Context) error
	OnGet(item *int) asyncio.Case
	OnPut(item int) asyncio.Case
}

// A house is what the tasks of one loop share. It is for that loop only.
type house struct {
	p       *program
	loop    *asyncio.Loop
	rng     *rand.Rand
	locks   [2]asyncio.Lock
	sem     *asyncio.Semaphore
	bounded *asyncio.BoundedSemaphore
	rw      asyncio.RWLock
	event   asyncio.Event
	cond    asyncio.Condition
	barrier *asyncio.Barrier
	stores  []store
	tasks   []*asyncio.Task[int] // those that somebody may cancel or await
}

func newHouse(ctx context.Context, p *program, seed uint64) *house {
	return &house{
		p: p, loop: asyncio.RunningLoop(ctx), rng: rand.New(rand.NewPCG(p.seed, seed)),
		sem: asyncio.NewSemaphore(permits), bounded: asyncio.NewBoundedSemaphore(permits), barrier: asyncio.NewBarrier(2),
		stores: []store{asyncio.NewQueue[int](2), asyncio.NewLifoQueue[int](0), asyncio.NewPriorityQueue(3, func(a, b int) bool { return a < b })},
	}
}

func (h *house) chance(one int) bool { return h.rng.IntN(one) == 0 }

// moment is a time that is so short that whatever happens in it may happen before or
// after what others do.
func (h *house) moment() time.Duration { return time.Duration(h.rng.IntN(200)) * time.Microsecond }

// task returns one of the tasks, or nil.
func (h *house) task() *asyncio.Task[int] {
	if len(h.tasks) == 0 {
		return nil
	}
	return h.tasks[h.rng.IntN(len(h.tasks))]
}

// remember lets others cancel a task.
func (h *house) remember(t *asyncio.Task[int]) {
	const most = 8
	if len(h.tasks) < most {
		h.tasks = append(h.tasks, t)
		return
	}
	h.tasks[h.rng.IntN(most)] = t
}

// check expects, when all tasks have ended, that all is as it was in the beginning.
// It empties the queues.
func (h *house) check(ctx context.Context, t testing.TB) {
	for i := range h.locks {
		if h.locks[i].Locked() || !h.locks[i].TryAcquire() {
			t.Errorf("lock %d is not free", i)
		}
	}
	if h.rw.Locked() || !h.rw.TryAcquire() {
		t.Error("the lock of readers and writers is not free")
	}
	if h.cond.Locked() {
		t.Error("the lock of the condition is not free")
	}
	for range permits {
		if !h.sem.TryAcquire() || !h.bounded.TryAcquire() {
			t.Error("a permit is lost")
		}
	}
	if h.sem.TryAcquire() || h.bounded.TryAcquire() {
		t.Error("there is a permit too many")
	}
	for i, q := range h.stores {
		h.drain(t, q)
		ready, cancel := context.WithCancel(ctx)
		cancelSoon := h.loop.CallLater(time.Minute, cancel)
		if err := q.Join(ready); err != nil {
			t.Errorf("the items of queue %d are not all done: %v", i, err)
		}
		cancelSoon.Cancel()
		cancel()
	}
	if n := h.barrier.Waiting(); n != 0 {
		t.Errorf("%d tasks wait at the barrier", n)
	}
}

func (h *house) drain(t testing.TB, q store) {
	for {
		item, err := q.TryGet()
		if errors.Is(err, asyncio.ErrQueueEmpty) {
			return
		}
		if err != nil {
			t.Errorf("TryGet: %v", err)
			return
		}
		h.p.ledger.taken(t, item)
		q.TaskDone()
	}
}
