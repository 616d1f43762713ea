package main

// Queues. In the ping-pong two tasks hand a number to and fro through two
// queues, against two goroutines over two unbuffered channels; one operation
// is a round trip. The other two rows are queues in which no one waits: a
// million items put in and then taken out, against a channel with a buffer
// for a million, and random numbers through a PriorityQueue, against
// container/heap; one operation is one item, in and out.
//
// Not measured: goroutines on two cores that have something to do while the
// other one works, and items that are large.

import (
	"container/heap"
	"context"
	"iter"
	"math/rand/v2"

	"github.com/asyncio-go/asyncio"
)

// priorities is how many items are in a PriorityQueue at most.
const priorities = 100_000

func queueSubjects(items int) []subject {
	return []subject{
		{
			name: "queue ping-pong", op: "round trip", python: "queue_ping_pong",
			ours:   contender{name: "asyncio", body: queuePingPong},
			bases:  []base{{contender{name: "channels", body: channelPingPong}, []target{{wall, 0.65}}}},
			limits: []target{{allocs, 0.01}},
		},
		{
			name: "queue of a million", op: "item",
			ours:  contender{name: "asyncio", unit: items, body: fillQueue(items)},
			bases: []base{{contender{name: "channel", unit: items, body: fillChannel(items)}, nil}},
		},
		{
			name: "priority queue", op: "item",
			ours:  contender{name: "asyncio", unit: batch, body: sortInQueue},
			bases: []base{{contender{name: "container/heap", unit: batch, body: sortInHeap}, []target{{wall, 1}}}},
		},
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

func sortInQueue(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		q := asyncio.NewPriorityQueue(0, less)
		for size := range batches(n, priorities) {
			for i := range numbers(size) {
				if err := q.Put(ctx, i); err != nil {
					return err
				}
			}
			last := 0
			for range size {
				i, err := q.Get(ctx)
				if err != nil {
					return err
				}
				if last > i {
					return expect("next", i, last)
				}
				last = i
			}
		}
		return nil
	})
}

func sortInHeap(_ timer, n int) error {
	h := new(intHeap)
	for size := range batches(n, priorities) {
		for i := range numbers(size) {
			heap.Push(h, i)
		}
		last := 0
		for range size {
			i := heap.Pop(h).(int)
			if last > i {
				return expect("next", i, last)
			}
			last = i
		}
	}
	return nil
}

// numbers yields random numbers, the same ones for both sides.
func numbers(size int) iter.Seq[int] {
	r := rand.New(rand.NewPCG(1, 2))
	return func(yield func(int) bool) {
		for range size {
			if !yield(r.Int()) {
				return
			}
		}
	}
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
