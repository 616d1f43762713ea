package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A queueTest is a test of any of the three.
type queueTest = func(t *testing.T, ctx context.Context, make func(maxsize int) asynctest.Queue)

// eachQueue runs a test with each of the three.
func eachQueue(t *testing.T, test queueTest) {
	t.Helper()
	eachQueueIn(t, asynctest.OnLoop, test)
}

func eachQueueIn(t *testing.T, on func(*testing.T, func(context.Context)), test queueTest) {
	t.Helper()
	for name, make := range map[string]func(maxsize int) asynctest.Queue{
		"Queue":     func(n int) asynctest.Queue { return asyncio.NewQueue[int](n) },
		"LifoQueue": func(n int) asynctest.Queue { return asyncio.NewLifoQueue[int](n) },
		"PriorityQueue": func(n int) asynctest.Queue {
			return asyncio.NewPriorityQueue(n, func(a, b int) bool { return a < b })
		},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(ctx context.Context) { test(t, ctx, make) })
		})
	}
}

// getter is a task that notes what it gets.
func getter(d *asynctest.Logbook, name string, q asynctest.Queue) func(context.Context) error {
	return func(ctx context.Context) error {
		item, err := q.Get(ctx)
		if err != nil {
			d.Add("%s: %v", name, err)
		} else {
			d.Add("%s %d", name, item)
		}
		return err
	}
}

// putter is a task that notes when it has put an item in.
func putter(d *asynctest.Logbook, name string, q asynctest.Queue, item int) func(context.Context) error {
	return func(ctx context.Context) error {
		err := q.Put(ctx, item)
		d.Add("%s: %v", name, err)
		return nil
	}
}

// lastError returns the error of a sequence, which is to come with no item, as
// its only pair.
func lastError[T comparable](pairs iter.Seq2[T, error]) (last error) {
	var none T
	for item, err := range pairs {
		if item != none || err == nil || last != nil {
			return fmt.Errorf("more came than an error: %v, %v", item, err)
		}
		last = err // and goes on, so that a second pair would be seen
	}
	return last
}

func onlyCanceled[T comparable](t *testing.T, pairs iter.Seq2[T, error]) {
	t.Helper()
	asynctest.ExpectCanceled(t, lastError(pairs))
}

func TestQueueOrder(t *testing.T) {
	type job struct {
		name     string
		priority int
	}
	jobs := []job{{"c", 3}, {"a1", 1}, {"b", 2}, {"a2", 1}, {"d", 4}, {"a3", 1}}
	for _, c := range []struct {
		name string
		q    interface {
			TryPut(job) error
			TryGet() (job, error)
		}
		want string
	}{
		{"a Queue is first in, first out", asyncio.NewQueue[job](0), "[c a1 b a2 d a3]"},
		{"a LifoQueue is last in, first out", asyncio.NewLifoQueue[job](0), "[a3 d a2 b a1 c]"},
		{"so is the zero Queue", new(asyncio.Queue[job]), "[c a1 b a2 d a3]"},
		{"the zero LifoQueue is last in, first out", new(asyncio.LifoQueue[job]), "[a3 d a2 b a1 c]"},
		{"a PriorityQueue is least first, and of equal ones the oldest",
			asyncio.NewPriorityQueue(0, func(a, b job) bool { return a.priority < b.priority }), "[a1 a2 a3 b c d]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := []string{}
			for _, j := range jobs {
				asynctest.ExpectNil(t, c.q.TryPut(j))
			}
			for j, err := c.q.TryGet(); err == nil; j, err = c.q.TryGet() {
				got = append(got, j.name)
			}
			asynctest.ExpectEqual(t, "order", fmt.Sprint(got), c.want)
		})
	}

	t.Run("it holds for many items, put and taken in turns", func(t *testing.T) {
		q := asyncio.NewQueue[int](0)
		next := 0
		for i := range 10_000 {
			asynctest.ExpectNil(t, q.TryPut(i))
			if i%3 > 0 {
				n, err := q.TryGet()
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "item", n, next)
				next++
			}
		}
		asynctest.ExpectEqual(t, "left", q.Len(), 10_000-next)
	})

	t.Run("a PriorityQueue without an order panics", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.NewPriorityQueue[int](0, nil) })
	})
}

func TestQueue(t *testing.T) {
	t.Run("does not suspend when it need not", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(1)
			asynctest.ExpectEqual(t, "cap", q.Cap(), 1)
			asynctest.ExpectEqual(t, "empty", q.Empty(), true)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, q.Put(ctx, 7))
				asynctest.ExpectEqual(t, "full", q.Full(), true)
				asynctest.ExpectEqual(t, "len", q.Len(), 1)
				asynctest.ExpectIs(t, q.TryPut(8), asyncio.ErrQueueFull)
				n, err := q.Get(ctx)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "item", n, 7)
				_, err = q.TryGet()
				asynctest.ExpectIs(t, err, asyncio.ErrQueueEmpty)
			}), 0)
		})
	})

	t.Run("without a limit is never full", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			for _, n := range []int{0, -1} {
				q := make(n)
				for i := range 1000 {
					asynctest.ExpectNil(t, q.TryPut(i))
				}
				asynctest.ExpectEqual(t, "full", q.Full(), false)
			}
		})
	})

	t.Run("hands items to getters in the order in which they came, in the next pass", func(t *testing.T) {
		eachQueueIn(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			var d asynctest.Logbook
			q := make(0)
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, getter(&d, name, q))
			}
			asynctest.Settle(ctx)
			for i := range 3 {
				_ = q.TryPut(i)
				_ = asyncio.Yield(ctx)
			}
			d.Expect(t, "a 0", "b 1", "c 2")
		})
	})

	t.Run("lets putters in as room is made, in the order in which they came", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			q := asyncio.NewQueue[int](1)
			_ = q.TryPut(0)
			for i, name := range []string{"a", "b"} {
				asyncio.Go(ctx, putter(&d, name, q, i+1))
			}
			asynctest.Settle(ctx)
			for want := range 3 {
				n, err := q.TryGet()
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "item", n, want)
				_ = asyncio.Yield(ctx)
			}
			d.Expect(t, "a: <nil>", "b: <nil>")
		})
	})

	t.Run("TryGet may overtake a getter that has been woken, which waits on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			q := asyncio.NewQueue[int](0)
			asyncio.Go(ctx, getter(&d, "a", q))
			asynctest.Settle(ctx)
			_ = q.TryPut(1)
			n, err := q.TryGet()
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "item", n, 1)
			asynctest.Settle(ctx)
			d.Expect(t)
			_ = q.TryPut(2)
			asynctest.Settle(ctx)
			d.Expect(t, "a 2")
		})
	})

	t.Run("All yields until it is shut down and empty", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](0)
			asyncio.Go(ctx, func(ctx context.Context) error {
				for i := range 3 {
					_ = asyncio.Sleep(ctx, time.Second)
					_ = q.Put(ctx, i)
				}
				q.Shutdown(false)
				return nil
			})
			var d asynctest.Logbook
			for item, err := range q.All(ctx) {
				d.Add("%d, %v", item, err)
			}
			d.Expect(t, "0, <nil>", "1, <nil>", "2, <nil>")
		})
	})

	t.Run("All gives a cancellation as its last pair, with no item, and loses none", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			for i := range 3 {
				_ = q.TryPut(i + 1)
			}
			onCanceledContext(ctx, func(ctx context.Context) { onlyCanceled(t, q.All(ctx)) })
			for range q.All(ctx) {
				break
			}
			asynctest.ExpectEqual(t, "left", q.Len(), 2)
		})
	})

	t.Run("All that is cut while it waits says so, whoever cut it", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			waiting := asyncio.Go(ctx, func(ctx context.Context) error {
				onlyCanceled(t, make(0).All(ctx))
				return nil
			})
			letPass(ctx, 2)
			waiting.Cancel()
			_, _ = waiting.Await(ctx)

			derived, cancel := context.WithCancel(ctx)
			asyncio.RunningLoop(ctx).CallSoon(cancel)
			err := lastError(make(0).All(derived))
			asynctest.ExpectIs(t, err, context.Canceled)
			asynctest.ExpectEqual(t, "is ErrCanceled", errors.Is(err, asyncio.ErrCanceled), false)
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop where it could suspend", func(t *testing.T) {
		q := asyncio.NewQueue[int](0)
		asynctest.ExpectIs(t, q.Put(t.Context(), 1), asyncio.ErrNoRunningLoop)
		_, err := q.Get(t.Context())
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		asynctest.ExpectIs(t, q.Join(t.Context()), asyncio.ErrNoRunningLoop)
		asynctest.ExpectIs(t, lastError(q.All(t.Context())), asyncio.ErrNoRunningLoop)
	})
}

func TestQueueAndCancellation(t *testing.T) {
	t.Run("a getter that is canceled leaves its item to the next", func(t *testing.T) {
		eachQueueIn(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			var d asynctest.Logbook
			q := make(0)
			a := asyncio.Go(ctx, getter(&d, "a", q))
			asyncio.Go(ctx, getter(&d, "b", q))
			asynctest.Settle(ctx)
			a.Cancel()
			_ = q.TryPut(1)
			asynctest.Settle(ctx)
			d.Expect(t, "a: asyncio: canceled", "b 1")
		})
	})

	t.Run("a getter that has been woken takes its item", func(t *testing.T) {
		eachQueueIn(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			var d asynctest.Logbook
			q := make(0)
			a := asyncio.Go(ctx, getter(&d, "a", q))
			asyncio.Go(ctx, getter(&d, "b", q))
			asynctest.Settle(ctx)
			_ = q.TryPut(1)
			a.Cancel()
			asynctest.Settle(ctx)
			d.Expect(t, "a 1")
		})
	})

	t.Run("one that has been woken, overtaken and canceled loses nothing", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			q := asyncio.NewQueue[int](0)
			a := asyncio.Go(ctx, getter(&d, "a", q))
			asyncio.Go(ctx, getter(&d, "b", q))
			asynctest.Settle(ctx)
			_ = q.TryPut(1)
			_, _ = q.TryGet()
			a.Cancel()
			_ = q.TryPut(2)
			asynctest.Settle(ctx)
			_ = q.TryPut(3)
			asynctest.Settle(ctx)
			d.Expect(t, "a 2", "b 3")
		})
	})

	t.Run("a putter that is canceled puts nothing in, and leaves its room to the next", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			q := asyncio.NewQueue[int](1)
			_ = q.TryPut(0)
			a := asyncio.Go(ctx, putter(&d, "a", q, 1))
			asyncio.Go(ctx, putter(&d, "b", q, 2))
			asynctest.Settle(ctx)
			a.Cancel()
			_, _ = q.TryGet()
			asynctest.Settle(ctx)
			d.Expect(t, "a: asyncio: canceled", "b: <nil>")
			n, err := q.TryGet()
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "item", n, 2)
		})
	})

	t.Run("on a canceled context nothing is taken or put in", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			_ = q.TryPut(1)
			onCanceledContext(ctx, func(ctx context.Context) {
				_, err := q.Get(ctx)
				asynctest.ExpectCanceled(t, err)
				asynctest.ExpectCanceled(t, q.Put(ctx, 2))
				asynctest.ExpectCanceled(t, q.Join(ctx))
			})
			asynctest.ExpectEqual(t, "len", q.Len(), 1)
		})
	})
}

func TestQueueJoin(t *testing.T) {
	t.Run("waits until all items are done", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			for i := range 3 {
				_ = q.TryPut(i)
			}
			join := asyncio.Go(ctx, q.Join)
			for range 3 {
				asynctest.Settle(ctx)
				asynctest.ExpectEqual(t, "joined", join.Done(), false)
				_, _ = q.TryGet()
				q.TaskDone()
			}
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), true)
		})
	})

	t.Run("ends when all were done, even if an item comes before it has its turn", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			_ = q.TryPut(1)
			join := asyncio.Go(ctx, q.Join)
			asynctest.Settle(ctx)
			q.TaskDone()
			_ = q.TryPut(2)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), true)
		})
	})

	t.Run("of a queue that never had an item does not suspend", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() { asynctest.ExpectNil(t, q.Join(ctx)) }), 0)
		})
	})

	t.Run("counts no item as done twice", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			_ = q.TryPut(1)
			q.TaskDone() // before it was taken
			q.Shutdown(true)
			asynctest.ExpectPanic(t, q.TaskDone)
			asynctest.ExpectNil(t, q.Join(ctx))
		})
	})

	t.Run("TaskDone too often panics", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, _ context.Context, make func(int) asynctest.Queue) {
			asynctest.ExpectPanic(t, make(0).TaskDone)
		})
	})
}

func TestQueueShutdown(t *testing.T) {
	t.Run("takes no more, and gives what is left", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			_ = q.TryPut(1)
			q.Shutdown(false)
			asynctest.ExpectIs(t, q.Put(ctx, 2), asyncio.ErrQueueShutDown)
			asynctest.ExpectIs(t, q.TryPut(2), asyncio.ErrQueueShutDown)
			n, err := q.Get(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "item", n, 1)
			_, err = q.Get(ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
			_, err = q.TryGet()
			asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
		})
	})

	t.Run("sends away who waits", func(t *testing.T) {
		for _, immediate := range []bool{false, true} {
			eachQueueIn(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
				var d asynctest.Logbook
				empty, full := make(0), make(1)
				_ = full.TryPut(0)
				asyncio.Go(ctx, func(ctx context.Context) error {
					_ = getter(&d, "get", empty)(ctx)
					return nil
				})
				asyncio.Go(ctx, putter(&d, "put", full, 1))
				asynctest.Settle(ctx)
				empty.Shutdown(immediate)
				full.Shutdown(immediate)
				asynctest.Settle(ctx)
				d.Expect(t, "get: "+asyncio.ErrQueueShutDown.Error(), "put: "+asyncio.ErrQueueShutDown.Error())
			})
		}
	})

	t.Run("at once drops what is left; Join waits for what was taken before", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			for i := range 3 {
				_ = q.TryPut(i)
			}
			_, _ = q.TryGet()
			join := asyncio.Go(ctx, q.Join)
			asynctest.Settle(ctx)
			q.Shutdown(true)
			asynctest.ExpectEqual(t, "empty", q.Empty(), true)
			_, err := q.TryGet()
			asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), false)
			q.TaskDone()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), true)
		})
	})

	t.Run("at once ends Join if nothing was taken", func(t *testing.T) {
		eachQueue(t, func(t *testing.T, ctx context.Context, make func(int) asynctest.Queue) {
			q := make(0)
			_ = q.TryPut(1)
			join := asyncio.Go(ctx, q.Join)
			asynctest.Settle(ctx)
			q.Shutdown(true)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), true)
		})
	})

	t.Run("without hurry leaves Join to what is left", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](0)
			_ = q.TryPut(1)
			join := asyncio.Go(ctx, q.Join)
			q.Shutdown(false)
			q.Shutdown(false)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "joined", join.Done(), false)
		})
	})
}
