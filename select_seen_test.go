package asyncio_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// What a task waits for that selects is seen in every report.
func TestSelectIsSeen(t *testing.T) {
	onALoop(t, func(ctx context.Context) {
		var jobs asyncio.Queue[int]
		var stop asyncio.Event
		jobs.SetName("jobs")
		stop.SetName("stop")
		f := asyncio.NewFuture[int](ctx)
		var item int
		s := startSelect(ctx, jobs.OnGet(&item), stop.OnSet(), asyncio.NewQueue[int](0).OnGet(&item), f.OnDone(), asyncio.After(time.Hour))
		want := `select: queue get "jobs", event "stop", queue get, future, timer`
		asynctest.ExpectEqual(t, "it waits for", s.Info().WaitingOn, want)
		var b bytes.Buffer
		asynctest.ExpectNil(t, asyncio.DumpTasks(ctx, &b))
		if !strings.Contains(b.String(), "waits for "+want+", 1h0m0s to go") && !strings.Contains(b.String(), "waits for "+want+", 59m") {
			t.Errorf("the dump is\n%s", b.String())
		}
		if !strings.Contains(b.String(), "at asyncio_test.startSelect.func1 (select_cases_test.go:") {
			t.Errorf("the dump does not say where:\n%s", b.String())
		}
		now := engine.LoopOf(ctx).SnapshotNow(nil)
		for _, o := range now.Objects {
			if o.Name == "jobs" {
				asynctest.ExpectEqual(t, "tasks that wait for jobs", o.Waiters, 1)
			}
		}
		asynctest.ExpectEqual(t, "timers", len(now.Timers), 1)
		asynctest.ExpectEqual(t, "for", now.Timers[0].For.Label, engine.LabelSelect)
		asynctest.ExpectEqual(t, "of", now.Timers[0].Task, s.Info().ID)
		stop.Set()
		s.expect(t, ctx, 1, nil)
	})
}

// Who has to go on before a Select can is known if that is so of all of its cases.
func TestWhoCanEndASelect(t *testing.T) {
	onALoop(t, func(ctx context.Context) {
		var a, b asyncio.Lock
		one, several := asyncio.NewSemaphore(1), asyncio.NewSemaphore(2)
		var stop asyncio.Event
		f := asyncio.NewFuture[int](ctx)
		holder := asyncio.Go(ctx, func(ctx context.Context) error {
			for _, acquire := range []func(context.Context) error{a.Acquire, one.Acquire, several.Acquire, several.Acquire} {
				if err := acquire(ctx); err != nil { // TryAcquire does not know the task on every architecture
					return err
				}
			}
			return stop.Wait(ctx)
		}, asyncio.Name("holder"))
		other := asyncio.Go(ctx, func(ctx context.Context) error { return b.With(ctx, func() error { return stop.Wait(ctx) }) }, asyncio.Name("other"))
		asynctest.Settle(ctx)
		h, o := holder.Info().ID, other.Info().ID
		for _, test := range []struct {
			cases []asyncio.Case
			want  []uint64
			text  string
		}{
			{[]asyncio.Case{a.OnAcquire()}, []uint64{h}, fmt.Sprintf(", which only task %d %q can end", h, "holder")},
			{[]asyncio.Case{a.OnAcquire(), b.OnAcquire(), one.OnAcquire(), other.OnDone()}, []uint64{h, o, h, o}, fmt.Sprintf(", which only task %d %q or task %d %q can end", h, "holder", o, "other")},
			{[]asyncio.Case{a.OnAcquire(), stop.OnSet()}, nil, ", event"},
			{[]asyncio.Case{a.OnAcquire(), several.OnAcquire()}, nil, ", semaphore"},
			{[]asyncio.Case{a.OnAcquire(), f.OnDone()}, nil, ", future"},
			{nil, nil, "select"},
		} {
			s := startSelect(ctx, test.cases...)
			now := engine.LoopOf(ctx).SnapshotNow(nil)
			now.Complete()
			for _, v := range now.Tasks {
				if v.ID == s.Info().ID {
					asynctest.ExpectEqual(t, "it can be ended by", fmt.Sprint(v.By), fmt.Sprint(test.want))
				}
			}
			var out bytes.Buffer
			asynctest.ExpectNil(t, asyncio.DumpTasks(ctx, &out))
			if !strings.Contains(out.String(), test.text) {
				t.Errorf("the dump does not say %q:\n%s", test.text, out.String())
			}
			s.Cancel()
			asynctest.Settle(ctx)
		}
		stop.Set()
		asynctest.Settle(ctx)
	})
}
