package main

// ToThread: a function run beside the loop and awaited, against a goroutine
// that sends its result over a channel to someone who also watches a context,
// as a wait of ours does. One operation is the round trip of a function that
// returns at once.
//
// Not measured: the work that one would move to a thread; it is what makes
// the round trip worth its price.

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func threadSubjects() []subject {
	return []subject{{
		name: "ToThread", op: "round trip", python: "to_thread", ops: fewOps,
		ours:  contender{name: "asyncio", body: toThread},
		bases: []base{{contender{name: "goroutine+channel", body: toGoroutine}, []target{{wall, 1.6}}}},
	}}
}

func toThread(_ timer, n int) error {
	sum := 0
	err := run(func(ctx context.Context) error {
		for range n {
			v, err := asyncio.ToThread(ctx, one)
			if err != nil {
				return err
			}
			sum += v
		}
		return nil
	})
	if err != nil {
		return err
	}
	return expect("sum of the results", sum, n)
}

func toGoroutine(_ timer, n int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type result struct {
		value int
		err   error
	}
	sum := 0
	for range n {
		done := make(chan result, 1)
		go func() {
			v, err := one(ctx)
			done <- result{v, err}
		}()
		select {
		case r := <-done:
			if r.err != nil {
				return r.err
			}
			sum += r.value
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return expect("sum of the results", sum, n)
}
