package main

// CallSoon: a callback of the loop, against runtime.Gosched, the cheapest way
// in which a goroutine lets others run. One operation is one callback that
// has run. In a chain each callback schedules the next, so that every pass of
// the loop runs one; in a burst a thousand run in one pass.
//
// Not measured: what callbacks do, and a Gosched that has other goroutines to
// run: it is alone here, which favors it.

import (
	"context"
	"errors"
	"runtime"

	"github.com/asyncio-go/asyncio"
)

func callSoonSubjects() []subject {
	gosched := contender{name: "Gosched", body: goschedAlone}
	return []subject{
		{
			name: "call_soon, chain", op: "callback", python: "call_soon_chain",
			ours:  contender{name: "asyncio", body: callSoonChain},
			bases: []base{{gosched, []target{{wall, 0.42}}}},
		},
		{
			name: "call_soon, burst of 1,000", op: "callback", python: "call_soon_burst",
			ours:  contender{name: "asyncio", unit: batch, body: callSoonBurst},
			bases: []base{{gosched, []target{{wall, 0.35}}}},
		},
	}
}

func callSoonChain(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		end := asyncio.NewFuture[int](ctx)
		var failed error
		ran := 0
		var step func()
		step = func() {
			if ran++; ran < n {
				loop.CallSoon(step)
				return
			}
			failed = end.SetResult(ran)
		}
		loop.CallSoon(step)
		got, err := end.Await(ctx)
		if err != nil || failed != nil {
			return errors.Join(err, failed)
		}
		return expect("callbacks", got, n)
	})
}

func callSoonBurst(_ timer, n int) error {
	ran := 0
	count := func() { ran++ }
	err := run(func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		for size := range batches(n, batch) {
			for range size {
				loop.CallSoon(count)
			}
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return expect("callbacks", ran, n)
}

func goschedAlone(_ timer, n int) error {
	for range n {
		runtime.Gosched()
	}
	return nil
}
