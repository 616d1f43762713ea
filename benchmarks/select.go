package main

// Select. In the ping-pong two tasks hand a number to and fro through queues, and each
// waits for three queues at once, of which two stay empty, against two goroutines that
// select from three channels. One operation is a round trip. In the other row an item is
// there already, so no one waits: one operation is a Put and a Select, against a send to a
// channel with a buffer and a select.
//
// Not measured: a Select with a timeout, and more cases than three.

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func selectSubjects() []subject {
	return []subject{
		{
			name: "select ping-pong", op: "round trip",
			ours:  contender{name: "asyncio", body: selectPingPong},
			bases: []base{{contender{name: "select", body: channelSelectPingPong}, []target{{wall, 1}}}},
		},
		{
			name: "select, ready", op: "item",
			ours:   contender{name: "asyncio", body: selectReady},
			bases:  []base{{contender{name: "select", body: channelSelectReady}, []target{{wall, 1}}}},
			limits: []target{{allocs, 0.01}},
		},
	}
}

// A choice gets from the first of its queues. The others stay empty.
type choice struct {
	from, quit, tick *asyncio.Queue[int]
	got, other       int // a variable of get's would be allocated in each call
}

func newChoice(from *asyncio.Queue[int]) *choice {
	return &choice{from: from, quit: asyncio.NewQueue[int](1), tick: asyncio.NewQueue[int](1)}
}

func (c *choice) get(ctx context.Context) (int, error) {
	chosen, err := asyncio.Select(ctx, c.from.OnGet(&c.got), c.quit.OnGet(&c.other), c.tick.OnGet(&c.other))
	if err == nil && chosen != 0 {
		err = expect("chosen case", chosen, 0)
	}
	return c.got, err
}

func selectPingPong(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		ping, pong := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return selectServe(ctx, n, ping, newChoice(pong)) })
			tg.Go(func(ctx context.Context) error { return selectAnswer(ctx, n, newChoice(ping), pong) })
			return nil
		})
	})
}

func selectServe(ctx context.Context, n int, ping *asyncio.Queue[int], pong *choice) error {
	for i := range n {
		if err := ping.Put(ctx, i); err != nil {
			return err
		}
		back, err := pong.get(ctx)
		if err != nil {
			return err
		}
		if back != i+1 {
			return expect("pong", back, i+1)
		}
	}
	return nil
}

func selectAnswer(ctx context.Context, n int, ping *choice, pong *asyncio.Queue[int]) error {
	for range n {
		i, err := ping.get(ctx)
		if err != nil {
			return err
		}
		if err := pong.Put(ctx, i+1); err != nil {
			return err
		}
	}
	return nil
}

func selectReady(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		q, sum := asyncio.NewQueue[int](1), 0
		c := newChoice(q)
		for i := range n {
			if err := q.Put(ctx, i); err != nil {
				return err
			}
			got, err := c.get(ctx)
			if err != nil {
				return err
			}
			sum += got
		}
		return expect("sum of the items", sum, n*(n-1)/2)
	})
}

// channelGet gets from the first of three channels.
func channelGet(from, quit, tick <-chan int) int {
	select {
	case i := <-from:
		return i
	case <-quit:
		return -1
	case <-tick:
		return -1
	}
}

func channelSelectPingPong(_ timer, n int) error {
	ping, pong, quit, tick := make(chan int), make(chan int), make(chan int), make(chan int)
	defer close(quit)
	go func() {
		for {
			i := channelGet(ping, quit, tick)
			if i < 0 {
				return
			}
			pong <- i + 1
		}
	}()
	for i := range n {
		ping <- i
		if back := channelGet(pong, quit, tick); back != i+1 {
			return expect("pong", back, i+1)
		}
	}
	return nil
}

func channelSelectReady(_ timer, n int) error {
	c, quit, tick, sum := make(chan int, 1), make(chan int), make(chan int), 0
	for i := range n {
		c <- i
		sum += channelGet(c, quit, tick)
	}
	return expect("sum of the items", sum, n*(n-1)/2)
}
