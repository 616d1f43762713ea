package main

// Future ping-pong: two tasks that hand a number to and fro through futures,
// a new one each time, against two goroutines over two unbuffered channels.
// One operation is a round trip: there and back.
//
// Not measured: goroutines on two cores that have something to do while the
// other one works.

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func pingPongSubjects() []subject {
	return []subject{{
		name: "future ping-pong", op: "round trip", python: "ping_pong",
		ours:  contender{name: "asyncio", body: futurePingPong},
		bases: []base{{contender{name: "channels", body: channelPingPong}, []target{{wall, 0.9}}}},
	}}
}

// table is what the two tasks play on.
type table struct {
	ping, pong *asyncio.Future[int]
}

func (t *table) serve(ctx context.Context, n int) error {
	for i := range n {
		t.pong = asyncio.NewFuture[int](ctx)
		if err := t.ping.SetResult(i); err != nil {
			return err
		}
		back, err := t.pong.Await(ctx)
		if err != nil {
			return err
		}
		if back != i+1 {
			return expect("pong", back, i+1)
		}
	}
	return nil
}

func (t *table) answer(ctx context.Context, n int) error {
	for range n {
		i, err := t.ping.Await(ctx)
		if err != nil {
			return err
		}
		t.ping = asyncio.NewFuture[int](ctx)
		if err := t.pong.SetResult(i + 1); err != nil {
			return err
		}
	}
	return nil
}

func futurePingPong(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		t := &table{ping: asyncio.NewFuture[int](ctx)}
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return t.answer(ctx, n) })
			tg.Go(func(ctx context.Context) error { return t.serve(ctx, n) })
			return nil
		})
	})
}

func channelPingPong(_ timer, n int) error {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for i := range ping {
			pong <- i + 1
		}
	}()
	defer close(ping)
	for i := range n {
		ping <- i
		if back := <-pong; back != i+1 {
			return expect("pong", back, i+1)
		}
	}
	return nil
}
