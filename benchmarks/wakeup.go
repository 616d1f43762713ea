package main

// Waking the loop from outside: CallSoonThreadsafe from another goroutine,
// against a goroutine that takes functions from a channel and runs them. One
// operation is one function that has run. In the round trip the caller waits
// for each one, so the loop is asleep, or about to be, when the next comes;
// in bursts a thousand are handed over before the caller waits.
//
// Not measured: several goroutines that call at once.

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func wakeUpSubjects() []subject {
	return []subject{
		{
			name: "thread-safe wake-up, round trip", op: "callback",
			ours:  contender{name: "asyncio", body: wakeLoop(1)},
			bases: []base{{contender{name: "channel", body: wakeGoroutine(1)}, []target{{wall, 1.4}}}},
		},
		{
			name: "thread-safe wake-up, burst of 1,000", op: "callback",
			ours:  contender{name: "asyncio", unit: batch, body: wakeLoop(batch)},
			bases: []base{{contender{name: "channel", unit: batch, body: wakeGoroutine(batch)}, []target{{wall, 1.5}}}},
		},
	}
}

// wakeLoop hands functions to a loop, burst by burst, from another goroutine.
func wakeLoop(burst int) body {
	return func(_ timer, n int) error {
		return run(func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			end := asyncio.NewFuture[error](ctx)
			go func() {
				err := handOver(n, burst, loop.CallSoonThreadsafe)
				// The loop runs until end is set, so this one cannot be refused.
				_ = loop.CallSoonThreadsafe(func() { _ = end.SetResult(err) })
			}()
			failed, err := end.Await(ctx)
			if err != nil {
				return err
			}
			return failed
		})
	}
}

// wakeGoroutine hands functions to a goroutine, burst by burst.
func wakeGoroutine(burst int) body {
	return func(_ timer, n int) error {
		calls := make(chan func(), burst)
		defer close(calls)
		go func() {
			for f := range calls {
				f()
			}
		}()
		return handOver(n, burst, func(f func()) error {
			calls <- f
			return nil
		})
	}
}

// handOver passes n functions to call and waits at the end of each burst for
// the last one. It checks that all have run by then.
func handOver(n, burst int, call func(func()) error) error {
	ran := 0
	caughtUp := make(chan int, 1)
	count := func() { ran++ }
	last := func() { ran++; caughtUp <- ran }
	sent := 0
	for size := range batches(n, burst) {
		for range size - 1 {
			if err := call(count); err != nil {
				return err
			}
		}
		if err := call(last); err != nil {
			return err
		}
		sent += size
		if got := <-caughtUp; got != sent {
			return expect("callbacks", got, sent)
		}
	}
	return nil
}
