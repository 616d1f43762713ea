package main

// Timers that do not fire: CallLater and Cancel, against time.AfterFunc and
// Stop. One operation is one timer, set and canceled. A thousand are set before the first
// is canceled, so that both sides keep a heap; then our side yields once, so that the
// loop can remove the canceled timers.
//
// Not measured: timers that fire (the sleeping million has them).

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

func timerSubjects() []subject {
	return []subject{{
		name: "timer set and canceled", op: "timer", python: "timer",
		ours:  contender{name: "asyncio", unit: batch, body: callLater},
		bases: []base{{contender{name: "time.AfterFunc", unit: batch, body: afterFunc}, nil}},
	}}
}

var errFired = errors.New("a timer fired that was set for later")

func callLater(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		timers := make([]*asyncio.TimerHandle, batch)
		for size := range batches(n, batch) {
			for i := range size {
				timers[i] = loop.CallLater(later(i), nothing)
			}
			for _, t := range timers[:size] {
				t.Cancel()
				if !t.Canceled() {
					return errFired
				}
			}
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func afterFunc(_ timer, n int) error {
	timers := make([]*time.Timer, batch)
	for size := range batches(n, batch) {
		for i := range size {
			timers[i] = time.AfterFunc(later(i), nothing)
		}
		for _, t := range timers[:size] {
			if !t.Stop() {
				return errFired
			}
		}
	}
	return nil
}

// later spreads the deadlines, so that the heaps are not in order by chance.
func later(i int) time.Duration {
	return time.Hour + time.Duration(i*7919%batch)*time.Second
}
