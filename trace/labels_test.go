package trace_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	rtrace "runtime/trace"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/trace"
)

// goroutines returns the profile of goroutines as text.
func goroutines(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	asynctest.ExpectNil(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
	return b.String()
}

func labelOf(task string) string { return `"asyncio.task":"` + task + `"` }

func TestLabelsNameTasksInProfiles(t *testing.T) {
	asynctest.EndWell(t, func(ctx context.Context) error {
		waiting := asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("sleeper"))
		asynctest.ExpectNil(t, asyncio.Yield(ctx))
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			text := goroutines(t)
			for _, name := range []string{"sleeper", "Task-1"} {
				if !strings.Contains(text, labelOf(name)) {
					t.Errorf("no goroutine has the label of %s:\n%s", name, text)
				}
			}
			return 0, nil
		})
		asynctest.ExpectNil(t, err)
		waiting.Cancel()
		_, _ = waiting.Await(ctx)
		if strings.Contains(goroutines(t), labelOf("sleeper")) {
			t.Error("the label outlives the task")
		}
		return nil
	}, trace.Labels())
}

// A child has its own name, and the other labels of its parent.
func TestLabelsOfTheProgramStay(t *testing.T) {
	asynctest.EndWell(t, func(ctx context.Context) error {
		var child *asyncio.Task[struct{}]
		pprof.Do(ctx, pprof.Labels("request", "7"), func(ctx context.Context) {
			child = asyncio.Go(ctx, func(ctx context.Context) error {
				name, _ := pprof.Label(ctx, trace.LabelTask)
				request, _ := pprof.Label(ctx, "request")
				asynctest.ExpectEqual(t, "labels", name+" "+request, "child 7")
				return nil
			}, asyncio.Name("child"))
		})
		_, err := child.Await(ctx)
		return err
	}, trace.Labels())
}

func TestRegionsNameTasksInTracesOfGo(t *testing.T) {
	var out bytes.Buffer
	if err := rtrace.Start(&out); err != nil {
		t.Skip("runtime/trace is on already: ", err)
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		first := asyncio.Go(ctx, asyncio.Yield, asyncio.Name("a task with a name"))
		panics := asyncio.Go(ctx, func(context.Context) error { return errBroken }, asyncio.Name("fails"))
		_, _ = panics.Await(ctx)
		_, err := first.Await(ctx)
		return err
	}, trace.Regions(), trace.Labels())
	rtrace.Stop()
	for _, want := range []string{"a task with a name", "fails", "asyncio task"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the trace has no %q", want)
		}
	}
}

func TestRegionsCostNothingWhileNobodyTraces(t *testing.T) {
	if rtrace.IsEnabled() {
		t.Skip("runtime/trace is on")
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, asyncio.Yield).Await(ctx)
		return err
	}, trace.Regions())
}
