package main

// Queues. In the ping-pong two tasks hand a number to and fro through two
// queues, against two goroutines over two unbuffered channels; one operation
// is a round trip. In the other rows no one waits: a million items are put into
// a queue and then taken out, against a channel with a buffer for a million (one
// of either serves the whole turn); and random numbers go through a
// PriorityQueue with TryPut and TryGet, against container/heap, which keeps
// equal ones in no order. One operation is one item, in and out.
//
// Not measured: goroutines on two cores that have something to do while the
// other one works, and items that are large.

import (
	"container/heap"
	"context"
	"math/rand/v2"

	"github.com/asyncio-go/asyncio"
)

func queueSubjects(items int) []subject {
	return []subject{
		{
			name: "queue ping-pong", op: "round trip", python: "queue_ping_pong",
			ours:   contender{name: "asyncio", body: queuePingPong},
			bases:  []base{{contender{name: "channels", body: channelPingPong}, []target{{wall, 0.55}}}},
			limits: []target{{allocs, 0.01}},
		},
		{
			name: "queue of a million", op: "item",
			ours:  contender{name: "asyncio", unit: items, body: fillQueue(items)},
			bases: []base{{contender{name: "channel", unit: items, body: fillChannel(items)}, []target{{wall, 1.1}}}},
		},
		prioritySubject("priority queue, 1,000", batch),
		prioritySubject("priority queue, 100,000", 100*batch),
	}
}

// prioritySubject compares queues in which there are up to most items.
func prioritySubject(name string, most int) subject {
	return subject{
		name: name, op: "item", ops: 100 * batch,
		ours:  contender{name: "asyncio", unit: batch, body: sortInQueue(most)},
		bases: []base{{contender{name: "container/heap", unit: batch, body: sortInHeap(most)}, []target{{wall, 1}}}},
	}
}

func queuePingPong(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		ping, pong := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return serve(ctx, n, ping, pong) })
			tg.Go(func(ctx context.Context) error { return answer(ctx, n, ping, pong) })
			return nil
		})
	})
}

func serve(ctx context.Context, n int, ping, pong *asyncio.Queue[int]) error {
	for i := range n {
		if err := ping.Put(ctx, i); err != nil {
			return err
		}
		back, err := pong.Get(ctx)
		if err != nil {
			return err
		}
		if back != i+1 {
			return expect("pong", back, i+1)
		}
	}
	return nil
}

func answer(ctx context.Context, n int, ping, pong *asyncio.Queue[int]) error {
	for range n {
		i, err := ping.Get(ctx)
		if err != nil {
			return err
		}
		if err := pong.Put(ctx, i+1); err != nil {
			return err
		}
	}
	return nil
}

// fillQueue puts n items into a queue, up to most of them before they are
// taken out.
func fillQueue(most int) body {
	return func(_ timer, n int) error {
		return run(func(ctx context.Context) error {
			q, sum := asyncio.NewQueue[int](0), 0
			for size := range batches(n, most) {
				for i := range size {
					if err := q.Put(ctx, i); err != nil {
						return err
					}
				}
				for range size {
					i, err := q.Get(ctx)
					if err != nil {
						return err
					}
					sum += i
				}
			}
			return expect("sum of the items", sum, sumOfBatches(n, most))
		})
	}
}

func fillChannel(most int) body {
	return func(_ timer, n int) error {
		c, sum := make(chan int, most), 0
		for size := range batches(n, most) {
			for i := range size {
				c <- i
			}
			for range size {
				sum += <-c
			}
		}
		return expect("sum of the items", sum, sumOfBatches(n, most))
	}
}

// sumOfBatches adds up 0 to size-1 for each of the batches that n makes.
func sumOfBatches(n, most int) (sum int) {
	for size := range batches(n, most) {
		sum += size * (size - 1) / 2
	}
	return sum
}

func less(a, b int) bool { return a < b }

func sortInQueue(most int) body {
	return func(_ timer, n int) error {
		return run(func(context.Context) error {
			q := asyncio.NewPriorityQueue(0, less)
			return sortBatches(n, most, q.TryPut, q.TryGet)
		})
	}
}

func sortInHeap(most int) body {
	return func(_ timer, n int) error {
		h := new(intHeap)
		push := func(i int) error { heap.Push(h, i); return nil }
		pop := func() (int, error) { return heap.Pop(h).(int), nil }
		return sortBatches(n, most, push, pop)
	}
}

// sortBatches puts up to most random numbers in before it takes them out.
func sortBatches(n, most int, put func(int) error, get func() (int, error)) error {
	r := rand.New(rand.NewPCG(1, 2))
	for size := range batches(n, most) {
		for range size {
			if err := put(r.Int()); err != nil {
				return err
			}
		}
		last := 0
		for range size {
			i, err := get()
			if err != nil {
				return err
			}
			if i < last {
				return expect("next", i, last)
			}
			last = i
		}
	}
	return nil
}

// intHeap is the heap that the documentation of container/heap shows.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

func (h *intHeap) Push(x any) { *h = append(*h, x.(int)) }

func (h *intHeap) Pop() any {
	old := *h
	last := len(old) - 1
	x := old[last]
	*h = old[:last]
	return x
}
