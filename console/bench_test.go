package console

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// BenchmarkAdd is what an event costs the collector. A switch of tasks is two or three.
func BenchmarkAdd(b *testing.B) {
	w := newWatched(1, "loop 1", newFakeLoop(), 0, func() {})
	var n batch
	at := int64(1000)
	for id := uint64(1); id <= 128; id++ {
		n.recs = append(n.recs,
			record{kind: engine.Woken, at: at, task: id, label: engine.LabelTask, arg: id%128 + 1},
			record{kind: engine.Waits, from: at + 10, at: at + 20, task: id, label: labelLock, arg: 3})
		at += 30
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i += len(n.recs) {
		w.add(&n)
	}
}

// BenchmarkSnapshot is what a snapshot of 10,000 tasks costs, beside the loop.
func BenchmarkSnapshot(b *testing.B) {
	f := newFakeLoop()
	for id := range uint64(10_000) {
		f.state.Tasks = append(f.state.Tasks, waitingFor(id+1, "lock", 1, id/2+1))
	}
	w := newWatched(1, "loop 1", f, 0, func() {})
	sub := w.subscribe(0)
	b.ReportAllocs()
	for b.Loop() {
		w.mu.Lock()
		w.ask()
		w.answered()
		w.judge()
		w.tellState()
		w.mu.Unlock()
		<-sub.C
	}
}

// BenchmarkHold is for how long a snapshot of 10,000 tasks holds the loop at a time:
// hold-ns is the longest time that a task which only yields has to wait for its turn
// meanwhile, in the tenth of the
// snapshots that were disturbed least.
func BenchmarkHold(b *testing.B) {
	for _, in := range []struct {
		name   string
		groups int
	}{{"one group", 1}, {"groups of 10", 1000}} {
		b.Run(in.name, func(b *testing.B) {
			err := asyncio.Run(b.Context(), func(ctx context.Context) error {
				return withSleepers(ctx, in.groups, 10_000/in.groups, func(ctx context.Context) error {
					src, err := newLoopSource(engine.LoopOf(ctx), true, 0, func() {})
					if err != nil {
						return err
					}
					defer src.detach()
					var holds, alls []time.Duration
					for b.Loop() {
						hold, all, err := longestHold(ctx, src)
						if err != nil {
							return err
						}
						holds, alls = append(holds, hold), append(alls, all)
					}
					slices.Sort(holds)
					slices.Sort(alls)
					b.ReportMetric(float64(holds[len(holds)/10]), "hold-ns")
					b.ReportMetric(float64(alls[len(alls)/10]), "all-ns")
					return nil
				})
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

// withSleepers runs a body beside groups of tasks that sleep.
func withSleepers(ctx context.Context, groups, each int, body func(ctx context.Context) error) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		sleep := func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }
		for range groups {
			tg.Go(func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					for range each {
						tg.Go(sleep, asyncio.Name("sleeper"))
					}
					return nil
				})
			})
		}
		for range 5 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		err := body(ctx)
		tg.Cancel()
		return err
	})
}

// longestHold takes a snapshot, and returns the longest time between two turns of the
// task until it is there, and how long it took.
func longestHold(ctx context.Context, src *loopSource) (hold, all time.Duration, err error) {
	answered := false
	if err := src.snapshot(func(func() *view) { answered = true }); err != nil {
		return 0, 0, err
	}
	first := time.Now()
	for last := first; !answered; {
		if err := asyncio.Yield(ctx); err != nil {
			return 0, 0, err
		}
		now := time.Now()
		hold, all, last = max(hold, now.Sub(last)), now.Sub(first), now
	}
	return hold, all, nil
}
