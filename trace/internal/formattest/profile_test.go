package formattest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/pprof"
	rtrace "runtime/trace"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	exptrace "golang.org/x/exp/trace"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/trace"
)

// work keeps the processor busy.
func work(until time.Time) (n uint64) {
	for time.Now().Before(until) {
		for range 10_000 {
			n = n*31 + 7
		}
	}
	return n
}

// A CPU profile says which task the time was spent in. How long it takes until a
// sample is taken is up to the machine.
func TestCPUProfilesNameTasks(t *testing.T) {
	for length := 200 * time.Millisecond; ; length *= 2 {
		if found := profileOf(t, length); found["busy"] > 0 && found["busy"] > found["idle"] {
			return
		} else if length > 10*time.Second {
			t.Fatalf("samples by the labels of tasks: %v, want those of the busy one", found)
		}
	}
}

// profileOf returns how many samples a profile has of each task.
func profileOf(t *testing.T, length time.Duration) map[string]int64 {
	t.Helper()
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		t.Skip("a profile is taken already: ", err)
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		idle := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, length) }, asyncio.Name("idle"))
		busy := asyncio.Go(ctx, func(ctx context.Context) error {
			_ = asyncio.Yield(ctx)
			work(time.Now().Add(length))
			return nil
		}, asyncio.Name("busy"))
		_, err := busy.Await(ctx)
		_, errIdle := idle.Await(ctx)
		return errors.Join(err, errIdle)
	}, trace.Labels(), asyncio.SlowStep(-1))
	pprof.StopCPUProfile()
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&out)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	for _, s := range p.Sample {
		for _, name := range s.Label[trace.LabelTask] {
			found[name] += s.Value[0]
		}
	}
	return found
}

// A trace of Go has a task and a region for each task, from its begin to its end.
func TestTracesOfGoHaveTasksAndRegions(t *testing.T) {
	var out bytes.Buffer
	if err := rtrace.Start(&out); err != nil {
		t.Skip("a trace is taken already: ", err)
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		parent := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, asyncio.Yield, asyncio.Name("child")).Await(ctx)
			return err
		}, asyncio.Name("parent"))
		_, err := parent.Await(ctx)
		panicking := asyncio.Go(ctx, func(context.Context) error { panic("on purpose") }, asyncio.Name("panics"))
		_, _ = panicking.Await(ctx)
		return err
	}, trace.Regions(), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	rtrace.Stop()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := exptrace.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	names, begun, ended := map[exptrace.TaskID]string{}, map[string]int{}, map[string]int{}
	parents := map[string]exptrace.TaskID{}
	for {
		e, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind() {
		case exptrace.EventTaskBegin:
			names[e.Task().ID] = e.Task().Type
			parents[e.Task().Type] = e.Task().Parent
		case exptrace.EventTaskEnd:
			ended["task "+names[e.Task().ID]]++
		case exptrace.EventRegionBegin:
			begun[names[e.Region().Task]]++
		case exptrace.EventRegionEnd:
			ended["region "+names[e.Region().Task]]++
		}
	}
	for _, name := range []string{"parent", "child", "panics"} {
		if begun[name] != 1 || ended["region "+name] != 1 || ended["task "+name] != 1 {
			t.Errorf("task %s: begun %v, ended %v", name, begun, ended)
		}
	}
	if names[parents["child"]] != "parent" {
		t.Errorf("the child is a part of %q", names[parents["child"]])
	}
}
