package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var queueKinds = map[string]func(maxsize int) asynctest.Queue{
	"Queue":     func(n int) asynctest.Queue { return asyncio.NewQueue[int](n) },
	"LifoQueue": func(n int) asynctest.Queue { return asyncio.NewLifoQueue[int](n) },
	"PriorityQueue": func(n int) asynctest.Queue {
		return asyncio.NewPriorityQueue(n, func(a, b int) bool { return a < b })
	},
}

// runQueueCases runs each case with each kind of queue.
func runQueueCases(t *testing.T, cases map[string]func(t *testing.T, ctx context.Context, q func(maxsize int) asynctest.Queue)) {
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			for kind, q := range queueKinds {
				t.Run(kind, func(t *testing.T) {
					onLoop(t, func(ctx context.Context) error {
						test(t, ctx, q)
						return nil
					})
				})
			}
		})
	}
}

func fill(t *testing.T, q asynctest.Queue, items ...int) {
	t.Helper()
	for _, item := range items {
		is(t, "TryPut", q.TryPut(item), nil)
	}
}

// take takes items without waiting, and expects these.
func take(t *testing.T, q asynctest.Queue, want ...int) {
	t.Helper()
	for _, w := range want {
		got, err := q.TryGet()
		is(t, "TryGet", err, nil)
		asynctest.ExpectEqual(t, "item", got, w)
	}
}

func getter(ctx context.Context, q asynctest.Queue) *asyncio.Task[int] {
	task := asyncio.CreateTask(ctx, q.Get)
	passes(ctx, 1)
	return task
}

func putter(ctx context.Context, q asynctest.Queue, item int) *asyncio.Task[none] {
	task := asyncio.Go(ctx, func(ctx context.Context) error { return q.Put(ctx, item) })
	passes(ctx, 1)
	return task
}

func TestCPythonQueueOrder(t *testing.T) {
	for kind, want := range map[string][]int{"Queue": {1, 3, 2}, "LifoQueue": {2, 3, 1}, "PriorityQueue": {1, 2, 3}} {
		t.Run(kind, func(t *testing.T) {
			q := queueKinds[kind](0)
			fill(t, q, 1, 3, 2)
			take(t, q, want...)
		})
	}
}

func TestCPythonQueue(t *testing.T) {
	runQueueCases(t, map[string]func(t *testing.T, ctx context.Context, q func(maxsize int) asynctest.Queue){
		"says when it is empty, when it is full, and how much is in it": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(2)
			asynctest.ExpectEqual(t, "empty", q.Empty(), true)
			fill(t, q, 1)
			asynctest.ExpectEqual(t, "empty or full", q.Empty() || q.Full(), false)
			fill(t, q, 2)
			asynctest.ExpectEqual(t, "full", q.Full(), true)
			asynctest.ExpectEqual(t, "items", q.Len(), 2)
			asynctest.ExpectEqual(t, "limit", q.Cap(), 2)
			is(t, "TryPut", q.TryPut(3), asyncio.ErrQueueFull)
		},
		"without a limit is never full": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			for _, n := range []int{0, -1} {
				q := newQueue(n)
				for i := range 100 {
					is(t, "TryPut", q.TryPut(i), nil)
				}
				asynctest.ExpectEqual(t, "full", q.Full(), false)
			}
		},
		"lets putters in as there is room, up to its limit": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(2)
			is(t, "Put", q.Put(ctx, 1), nil)
			is(t, "Put", q.Put(ctx, 1), nil)
			task := putter(ctx, q, 1)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			asynctest.ExpectEqual(t, "items", q.Len(), 2)
			take(t, q, 1)
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "items", q.Len(), 2)
		},
		"gives what is in it without waiting, or nothing": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			_, err := q.TryGet()
			is(t, "TryGet", err, asyncio.ErrQueueEmpty)
			fill(t, q, 1, 2)
			for range 2 {
				took := stopwatch(ctx)
				_, err := q.Get(ctx)
				is(t, "Get", err, nil)
				asynctest.ExpectEqual(t, "it took", took(), 0)
			}
		},
		"lets a getter wait for an item that comes": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { fill(t, q, 1) })
			took := stopwatch(ctx)
			got, err := q.Get(ctx)
			is(t, "Get", err, nil)
			asynctest.ExpectEqual(t, "item", got, 1)
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
		},
		"lets a putter wait for room that comes": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 1)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { take(t, q, 1) })
			took := stopwatch(ctx)
			is(t, "Put", q.Put(ctx, 2), nil)
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
			take(t, q, 2)
		},
		"serves many getters with as many items": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			var tasks []*asyncio.Task[int]
			for range 10 {
				tasks = append(tasks, getter(ctx, q))
			}
			for range 10 {
				fill(t, q, 1)
			}
			got, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
			is(t, "Gather", err, nil)
			asynctest.ExpectEqual(t, "items", len(got), 10)
			asynctest.ExpectEqual(t, "left", q.Len(), 0)
		},
		"serves many putters with one place": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			var tasks []*asyncio.Task[none]
			for i := range 10 {
				tasks = append(tasks, putter(ctx, q, i))
			}
			for want := range 10 {
				got, err := q.Get(ctx)
				is(t, "Get", err, nil)
				asynctest.ExpectEqual(t, "item", got, want)
			}
			_, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
			is(t, "Gather", err, nil)
		},
		"gives what waiting putters bring": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			putter(ctx, q, 1)
			second := putter(ctx, q, 2)
			asynctest.ExpectEqual(t, "the second has put its item in", second.Done(), false)
			for want := range 2 {
				got, err := q.Get(ctx)
				is(t, "Get", err, nil)
				asynctest.ExpectEqual(t, "item", got, want+1)
			}
		},
	})
}

func TestCPythonQueueCancellation(t *testing.T) {
	runQueueCases(t, map[string]func(t *testing.T, ctx context.Context, q func(maxsize int) asynctest.Queue){
		"of a getter leaves the item to the next": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			a, b := getter(ctx, q), getter(ctx, q)
			a.Cancel()
			fill(t, q, 1)
			got, err := b.Await(ctx)
			is(t, "next", err, nil)
			asynctest.ExpectEqual(t, "item", got, 1)
			asynctest.ExpectEqual(t, "canceled", a.Canceled(), true)
		},
		"of a getter in the pass of its item loses nothing": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			a, b := getter(ctx, q), getter(ctx, q)
			fill(t, q, 1)
			a.Cancel()
			got, err := a.Await(ctx)
			is(t, "first", err, nil)
			asynctest.ExpectEqual(t, "item", got, 1)
			asynctest.ExpectEqual(t, "the next is done", b.Done(), false)
			fill(t, q, 2)
			got, err = b.Await(ctx)
			is(t, "next", err, nil)
			asynctest.ExpectEqual(t, "item", got, 2)
		},
		"of all getters leaves no one in the way": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			for range 3 {
				err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error { _, err := q.Get(ctx); return err })
				is(t, "Get", err, asyncio.ErrTimeout)
			}
			fill(t, q, 1)
			take(t, q, 1)
		},
		"of many getters leaves the items to the others": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(0)
			var tasks []*asyncio.Task[int]
			for range 10 {
				tasks = append(tasks, getter(ctx, q))
			}
			fill(t, q, 1, 2)
			for _, task := range tasks[2:9] {
				task.Cancel()
			}
			fill(t, q, 3)
			passes(ctx, 3)
			for _, i := range []int{0, 1, 9} {
				expectDone(t, tasks[i])
			}
		},
		"of a putter leaves its item out": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 1)
			task := putter(ctx, q, 2)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			take(t, q, 1)
			asynctest.ExpectEqual(t, "empty", q.Empty(), true)
		},
		"of a putter leaves its room to the next": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 0)
			a, b := putter(ctx, q, 1), putter(ctx, q, 2)
			a.Cancel()
			take(t, q, 0)
			_, err := b.Await(ctx)
			is(t, "next", err, nil)
			take(t, q, 2)
			asynctest.ExpectEqual(t, "canceled", a.Canceled(), true)
		},
		"of a putter in the pass of its room loses nothing": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 0)
			a, b := putter(ctx, q, 1), putter(ctx, q, 2)
			take(t, q, 0)
			a.Cancel()
			_, err := a.Await(ctx)
			is(t, "first", err, nil)
			take(t, q, 1)
			_, err = b.Await(ctx)
			is(t, "next", err, nil)
			take(t, q, 2)
		},
		"of all putters leaves no one in the way": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 1)
			for range 3 {
				err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error { return q.Put(ctx, 2) })
				is(t, "Put", err, asyncio.ErrTimeout)
			}
			take(t, q, 1)
			fill(t, q, 3)
			take(t, q, 3)
		},
	})
}

func expectDone[T any](t *testing.T, task *asyncio.Task[T]) {
	t.Helper()
	asynctest.ExpectEqual(t, "done", task.Done(), true)
	is(t, "task", task.Err(), nil)
}

func TestCPythonQueueJoin(t *testing.T) {
	runQueueCases(t, map[string]func(t *testing.T, ctx context.Context, q func(maxsize int) asynctest.Queue){
		"cannot have more done than there was": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			panics(t, "TaskDone was called more often", newQueue(0).TaskDone)
		},
		"waits until all is done, and can do so again": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q, sum := newQueue(0), 0
			for range 2 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					for {
						item, err := q.Get(ctx)
						if err != nil {
							return err
						}
						sum += item
						passes(ctx, 2)
						q.TaskDone()
					}
				})
			}
			for round := range 2 {
				for i := range 100 {
					fill(t, q, i)
				}
				is(t, "Join", q.Join(ctx), nil)
				asynctest.ExpectEqual(t, "sum", sum, (round+1)*99*100/2)
			}
		},
		"of an empty one does not wait": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(4)
			is(t, "Join", q.Join(ctx), nil)
			is(t, "Join", q.Join(ctx), nil)
		},
	})
}

func TestCPythonQueueShutdown(t *testing.T) {
	runQueueCases(t, map[string]func(t *testing.T, ctx context.Context, q func(maxsize int) asynctest.Queue){
		"of an empty one sends away who waits and who comes": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			task := getter(ctx, q)
			q.Shutdown(false)
			_, err := task.Await(ctx)
			is(t, "who waits", err, asyncio.ErrQueueShutDown)
			expectShut(t, ctx, q)
			_, err = q.Get(ctx)
			is(t, "Get", err, asyncio.ErrQueueShutDown)
		},
		"gives what is left, and takes nothing": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 1)
			task := putter(ctx, q, 2)
			joining := asyncio.Go(ctx, q.Join)
			passes(ctx, 1)
			q.Shutdown(false)
			_, err := task.Await(ctx)
			is(t, "who waits", err, asyncio.ErrQueueShutDown)
			expectShut(t, ctx, q)
			asynctest.ExpectEqual(t, "items", q.Len(), 1)
			got, err := q.Get(ctx)
			is(t, "Get", err, nil)
			asynctest.ExpectEqual(t, "item", got, 1)
			asynctest.ExpectEqual(t, "Join has returned", joining.Done(), false)
			q.TaskDone()
			_, err = joining.Await(ctx)
			is(t, "Join", err, nil)
			_, err = q.TryGet()
			is(t, "TryGet", err, asyncio.ErrQueueShutDown)
		},
		"at once drops what is left": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(1)
			fill(t, q, 1)
			task := putter(ctx, q, 2)
			joining := asyncio.Go(ctx, q.Join)
			passes(ctx, 1)
			q.Shutdown(true)
			_, err := task.Await(ctx)
			is(t, "who waits", err, asyncio.ErrQueueShutDown)
			_, err = joining.Await(ctx)
			is(t, "Join", err, nil)
			asynctest.ExpectEqual(t, "items", q.Len(), 0)
			expectShut(t, ctx, q)
			_, err = q.Get(ctx)
			is(t, "Get", err, asyncio.ErrQueueShutDown)
			panics(t, "TaskDone was called more often", q.TaskDone)
		},
		"at once still waits for what was taken": func(t *testing.T, ctx context.Context, newQueue func(int) asynctest.Queue) {
			q := newQueue(2)
			fill(t, q, 1, 1)
			take(t, q, 1)
			joining := asyncio.Go(ctx, q.Join)
			passes(ctx, 1)
			q.Shutdown(true)
			passes(ctx, 3)
			asynctest.ExpectEqual(t, "Join has returned", joining.Done(), false)
			q.TaskDone()
			_, err := joining.Await(ctx)
			is(t, "Join", err, nil)
			panics(t, "TaskDone was called more often", q.TaskDone)
		},
	})
}

// expectShut expects that a queue takes nothing.
func expectShut(t *testing.T, ctx context.Context, q asynctest.Queue) {
	t.Helper()
	is(t, "Put", q.Put(ctx, 9), asyncio.ErrQueueShutDown)
	is(t, "TryPut", q.TryPut(9), asyncio.ErrQueueShutDown)
}
