package main

// Timeouts that do not fire: WithTimeout around a body that does nothing,
// against context.WithTimeout and its cancel around the same. One operation
// is one timeout, entered and left. Two bases: a parent that can be canceled,
// as a task's context always can, and context.Background, which cannot and
// makes it cheaper.
//
// Not measured: timeouts that fire, and waits under them.

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func timeoutSubjects() []subject {
	return []subject{{
		name: "timeout that does not fire", op: "timeout", python: "timeout",
		ours: contender{name: "asyncio", body: withTimeout},
		bases: []base{
			{contender{name: "context, parent cancels", body: contextTimeout(true)}, []target{{wall, 0.42}}},
			{contender{name: "context, Background", body: contextTimeout(false)}, []target{{wall, 0.5}}},
		},
		limits: []target{{allocs, 2}},
	}}
}

// enter is what runs under the timeout: it looks at its context.
func enter(ctx context.Context, entered *int) error {
	*entered++
	return ctx.Err()
}

func withTimeout(_ timer, n int) error {
	entered := 0
	body := func(ctx context.Context) error { return enter(ctx, &entered) }
	err := run(func(ctx context.Context) error {
		for range n {
			if err := asyncio.WithTimeout(ctx, time.Hour, body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return expect("bodies entered", entered, n)
}

func contextTimeout(parentCancels bool) body {
	return func(_ timer, n int) error {
		parent := context.Background()
		if parentCancels {
			var end context.CancelFunc
			parent, end = context.WithCancel(parent)
			defer end()
		}
		entered := 0
		for range n {
			ctx, cancel := context.WithTimeout(parent, time.Hour)
			err := enter(ctx, &entered)
			cancel()
			if err != nil {
				return err
			}
		}
		return expect("bodies entered", entered, n)
	}
}
