package trace_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/trace"
)

// A recording says what a Select waits for, also to who begins to watch later, and to who
// reads it as JSON.
func TestSelectInARecording(t *testing.T) {
	first, second := trace.New(), trace.New()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		var jobs asyncio.Queue[int]
		var stop asyncio.Event
		jobs.SetName("jobs")
		var item int
		twice := func(ctx context.Context) error {
			for range 2 {
				if _, err := asyncio.Select(ctx, jobs.OnGet(&item), stop.OnSet(), asyncio.After(time.Second)); err != nil {
					return err
				}
			}
			return nil
		}
		if _, err := asyncio.Go(ctx, twice).Await(ctx); err != nil {
			return err
		}
		detach, err := second.Attach(ctx)
		if err != nil {
			return err
		}
		defer detach()
		_, err = asyncio.Go(ctx, twice).Await(ctx)
		return err
	}, first.Observe(), clock())
	if err != nil {
		t.Fatal(err)
	}
	const want = `select: queue get "jobs", event, timer`
	for name, c := range map[string]struct {
		*trace.Recorder
		waits int
	}{"from the beginning": {first, 4}, "attached": {second, 2}} {
		var b bytes.Buffer
		if err := c.Recording().WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		read, err := trace.ReadJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		for how, r := range map[string]*trace.Recording{"": c.Recording(), " and read": read} {
			var waits []string
			for e := range r.Events() {
				if e.Kind == trace.Waits && e.What != `task "Task-2"` && e.What != `task "Task-3"` {
					waits = append(waits, e.What)
				}
			}
			if !slices.Equal(waits, slices.Repeat([]string{want}, c.waits)) {
				t.Errorf("%s%s: it waits for %q, want %q", name, how, waits, want)
			}
		}
	}
}
