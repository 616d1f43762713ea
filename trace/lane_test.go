package trace_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/trace"
)

func TestLanesAreRows(t *testing.T) {
	r := trace.New()
	first, second := trace.Lane("worker", "host-1\n"), trace.Lane("worker", "host-2")
	asynciotest.Run(t, func(ctx context.Context) {
		done := first.Busy(ctx)
		_ = asyncio.Sleep(ctx, time.Second)
		done(nil)
		done(errBroken) // counts for nothing
		done = second.Busy(ctx)
		_ = asyncio.Sleep(ctx, time.Second)
		done(errBroken)
	}, asynciotest.LoopOptions(r.Observe()))
	golden(t, "lanes.timeline", drawing(t, r.Recording(), 60))
	for e := range r.Recording().Events() {
		if e.Kind == trace.Finished && e.Row == "host-2" {
			asynctest.ExpectEqual(t, "kind and error", e.What+" "+e.Text, "worker broken")
		}
	}
}

// What package remote tells of its workers: which function they run, for which job. They
// are below the threads.
func TestRemoteWorkersAreRows(t *testing.T) {
	r := trace.New()
	label := engine.NewLabel("remote")
	asynciotest.Run(t, func(ctx context.Context) {
		l, task := engine.LoopOf(ctx), asyncio.CurrentTask(ctx).ID
		resize := engine.Row{Label: label, Name: "w1", What: "resize=1", ID: "a", Task: task}
		hash := engine.Row{Label: label, Name: "w2", What: "hash=2", ID: "b", Task: task}
		l.TellRow(engine.Began, resize, nil)
		l.TellRow(engine.Began, hash, nil)
		thread := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
		})
		_ = asyncio.Sleep(ctx, time.Second)
		l.TellRow(engine.Finished, resize, nil)
		_ = asyncio.Sleep(ctx, time.Second)
		l.TellRow(engine.Finished, hash, errBroken)
		_, _ = thread.Await(ctx)
	}, asynciotest.LoopOptions(r.Observe()))
	golden(t, "remote.timeline", drawing(t, r.Recording(), 60))
	text := sentences(r.Recording())
	for _, want := range []string{"keeps w1 busy: resize=1 a\n", "keeps w2 busy: hash=2 b\n", "no longer keeps w2 busy: broken\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the recording is\n%s\nwithout %q", text, want)
		}
	}
	again := read(t, jsonOf(t, r.Recording()))
	expectSame(t, r.Recording(), again)
	for e := range again.Events() {
		if e.Kind == trace.Began && e.Row == "w1" {
			asynctest.ExpectEqual(t, "what it does", e.What+" "+e.Text+" "+e.ID, "remote resize=1 a")
		}
	}
}

func TestLanesNeedNoLoop(t *testing.T) {
	done := trace.Lane("worker", "host-1").Busy(t.Context())
	done(nil)
	asynctest.EndWell(t, func(ctx context.Context) error {
		trace.Lane("worker", "host-1").Busy(ctx)(nil) // no one records
		return nil
	})
}

func TestLanesWithoutANameAreRefused(t *testing.T) {
	asynctest.ExpectAdvice(t, func() { trace.Lane("", "x") }, "worker")
	asynctest.ExpectAdvice(t, func() { trace.Lane("x", "") }, "worker")
	asynctest.ExpectAdvice(t, func() { new(trace.Row).Busy(context.Background()) }, "trace.Lane")
}

func TestOtherGoroutinesWriteToLanes(t *testing.T) {
	r := trace.New()
	lane := trace.Lane("worker", "host-1")
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			lane.Busy(ctx)(nil)
			return 0, nil
		})
		return err
	}, r.Observe())
	if text := sentences(r.Recording()); !strings.Contains(text, "Task-1 keeps host-1 busy") {
		t.Errorf("the recording is\n%s", text)
	}
}
