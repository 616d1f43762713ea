package trace_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/trace"
)

// clock makes the examples' loops run on virtual time, so that they are the same each
// time.
var clock = virtual.Time

func Example() {
	recorder := trace.New()
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for i, dish := range []string{"rice", "curry", "salad"} {
				tg.Go(func(ctx context.Context) error {
					return asyncio.Sleep(ctx, time.Duration(3-i)*time.Second)
				}, asyncio.Name(dish))
			}
			return nil
		})
	}, recorder.Observe(), clock())
	_ = recorder.Recording().Timeline(os.Stdout, 60)
	// Output:
	// main  ▌─ task group ────────────────────────────────✓  3.00s
	// rice  ▌─ sleep 3s ──────────────────────────────────✓  3.00s
	// curry ▌─ sleep 2s ───────────────────✓                 2.00s
	// salad ▌─ sleep 1s ───✓                                 1.00s
	//       └──────────────┴───────────────┴──────────────┴
	//       0             1s              2s             3s
	//
	// ▌ runs for a moment   ─ waits   ✓ done
}

func ExampleRecorder_Attach() {
	recorder := trace.New(trace.Size(1 << 20))
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("server"))
		_ = asyncio.Sleep(ctx, time.Minute) // the program works, and then it does something odd
		detach, err := recorder.Attach(ctx)
		if err != nil {
			return err
		}
		defer detach()
		return asyncio.Sleep(ctx, time.Second)
	}, clock())
	for e := range recorder.Recording().Events() {
		if e.Kind == trace.Present || e.Kind == trace.Waits {
			fmt.Println(e)
		}
	}
	// Output:
	// 0s  Task-1 is there
	// 0s  server is there, and waits for sleep
	// 0s  Task-1 waits for sleep 1s after a step of 0s
}

func ExampleRecording_Events() {
	recorder := trace.New()
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var lock asyncio.Lock
		lock.SetName("db")
		query := func(ctx context.Context) error {
			return lock.With(ctx, func() error { return asyncio.Sleep(ctx, time.Second) })
		}
		first, second := asyncio.Go(ctx, query, asyncio.Name("A")), asyncio.Go(ctx, query, asyncio.Name("B"))
		_, _ = first.Await(ctx)
		_, err := second.Await(ctx)
		return err
	}, recorder.Observe(), clock())
	waited := map[string]time.Duration{}
	since := map[string]trace.Event{}
	for e := range recorder.Recording().Events() {
		switch e.Kind {
		case trace.Waits:
			since[e.Name] = e
		case trace.Woken:
			if was := since[e.Name]; strings.HasPrefix(was.What, "lock") {
				waited[e.Name+" for "+was.What] += e.At - was.At
			}
		}
	}
	fmt.Println(waited)
	// Output:
	// map[B for lock "db":1s]
}

func ExampleRecording_WriteJSON() {
	recorder := trace.New()
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }, recorder.Observe(), clock())
	var file bytes.Buffer
	if err := recorder.Recording().WriteJSON(&file); err != nil {
		log.Fatal(err)
	}
	recording, err := trace.ReadJSON(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(recording.Length(), recording.Dropped())
	// Output:
	// 1s 0
}

func ExampleLane() {
	printer := trace.Lane("printer", "printer-1")
	recorder := trace.New()
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		done := printer.Busy(ctx)
		err := asyncio.Sleep(ctx, time.Second)
		done(err)
		return asyncio.Sleep(ctx, time.Second)
	}, recorder.Observe(), clock())
	_ = recorder.Recording().Timeline(os.Stdout, 40)
	// Output:
	// main      ▌─ sleep 1s ───▌─ sleep 1s ──✓
	// printer-1 ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒✓
	//           └──────────────┴─────────────┴
	//           0             1s            2s
	//
	// ▌ runs for a moment   ▒ works elsewhere
	// ─ waits   ✓ done
}

// Without a profile being taken, labels cost a task some allocations.
func TestOptionsOfExamplesAreOptionsOfRun(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error { return asyncio.Yield(ctx) }, trace.Labels(), trace.Regions(), trace.New().Observe())
	if err != nil {
		t.Error(err)
	}
}
