package trace_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
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
