package trace_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/trace"
)

// present returns the tasks with which a recording begins: their names, whose children
// they are, and what they wait for.
func present(r *trace.Recording) map[string]trace.Event {
	all := map[string]trace.Event{}
	for e := range r.Events() {
		if e.Kind == trace.Present {
			all[e.Name] = e
		}
	}
	return all
}

// yields gives way so many times, each of which is one record where time is virtual.
func yields(ctx context.Context, n int) {
	for range n {
		_ = asyncio.Yield(ctx)
	}
}

// patient makes a task that waits for an event, and returns what ends it.
func patient(ctx context.Context) (end func()) {
	var e asyncio.Event
	e.SetName("go on")
	t := asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) }, asyncio.Name("patient"))
	_ = asyncio.Yield(ctx)
	return func() {
		e.Set()
		_, _ = t.Await(ctx)
	}
}

func expectPatient(t *testing.T, r *trace.Recording) {
	t.Helper()
	if r.Dropped() == 0 {
		t.Fatal("nothing was dropped")
	}
	if e := present(r)["patient"]; e.What != `event "go on"` || e.By != 1 {
		t.Errorf("the patient task is %+v, want one that task 1 has created and that waits for event \"go on\"", e)
	}
}

// How tasks end, and that some begin at once, does not change how many events there are.
func TestDroppedIsCountedExactlyHoweverTasksEnd(t *testing.T) {
	small, large := trace.New(trace.Size(30_000)), trace.New(trace.Size(-1))
	asynciotest.Run(t, func(ctx context.Context) {
		for i := range 500 {
			var opts []asyncio.TaskOption
			if i%3 == 0 {
				opts = append(opts, asyncio.Name("named"))
			}
			if i%4 == 0 {
				opts = append(opts, asyncio.Eager())
			}
			fails := asyncio.Go(ctx, func(context.Context) error { return errBroken }, opts...)
			sleeps := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, opts...)
			returns := asyncio.Go(ctx, asyncio.Yield, opts...)
			if i%2 == 0 {
				_ = asyncio.Yield(ctx) // else it is canceled before it begins
			}
			sleeps.Cancel()
			_, _ = fails.Await(ctx)
			_, _ = sleeps.Await(ctx)
			_, _ = returns.Await(ctx)
		}
	}, asynciotest.LoopOptions(small.Observe(), large.Observe()))
	all, kept := large.Recording(), small.Recording()
	if kept.Dropped() == 0 {
		t.Fatal("the small ring has dropped nothing")
	}
	events := map[string]int{}
	for e := range kept.Events() {
		if e.Kind == trace.Present {
			events["present"]++
		}
	}
	asynctest.ExpectEqual(t, "events in all", count(kept)-uint64(events["present"])+kept.Dropped(), count(all))
}

// A loop that runs is asked which tasks it has, from wherever the recording is taken.
func TestLoopsSayWhatTheyHave(t *testing.T) {
	r := trace.New(trace.Size(25_000))
	asynctest.EndWell(t, func(ctx context.Context) error {
		end := patient(ctx)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			other := tg.Go(func(ctx context.Context) error { yields(ctx, 2000); return nil })
			yields(ctx, 2000) // in turn, so that none of these is merged with another
			_, err := other.Await(ctx)
			asynctest.ExpectNil(t, err)
			expectPatient(t, r.Recording())
			_, err = asyncio.ToThread(ctx, func(context.Context) (int, error) {
				rec := r.Recording()
				expectPatient(t, rec)
				if text := sentences(rec); !strings.Contains(text, "opens group 1: requests") {
					t.Errorf("the recording does not begin with the group that is open:\n%.1000s", text)
				}
				return 0, nil
			})
			return err
		}, asyncio.GroupName("requests"))
		end()
		return err
	}, r.Observe(), asyncio.SlowStep(-1))
	expectPatient(t, r.Recording()) // it was told when it was woken
}

// What a recorder was detached from, it still knows.
func TestDetachKeepsWhatTheLoopHad(t *testing.T) {
	r := trace.New(trace.Size(25_000))
	asynciotest.Run(t, func(ctx context.Context) {
		end := patient(ctx)
		detach, err := r.Attach(ctx)
		asynctest.ExpectNil(t, err)
		yields(ctx, 1000)
		detach()
		expectPatient(t, r.Recording())
		end()
	})
	expectPatient(t, r.Recording())
}

// Of a wait whose beginning was dropped and whose end was not, it is only known that
// there was one, if it did not take as long as the ring reaches back.
func TestShortWaitWithoutABeginning(t *testing.T) {
	r := recorded(t, func(ctx context.Context) {
		end := patient(ctx)
		yields(ctx, 300) // the wait begins in the first chunk of 256, and ends in the second
		_ = asyncio.Sleep(ctx, time.Second)
		end()
		yields(ctx, 300)
	}, trace.Size(22_000))
	e, ok := present(r)["patient"]
	if !ok || e.What != "something" {
		t.Errorf("the patient task is %+v, want one that waits for something", e)
	}
	if text := drawing(t, r, 80); !strings.Contains(text, "patient ─ something ─") {
		t.Errorf("the drawing is\n%s", text)
	}
}

// A loop that is stuck does not answer; the recording is taken without.
func TestStuckLoopThatHasDropped(t *testing.T) {
	r := trace.New(trace.Size(25_000))
	begun, taken := make(chan struct{}), make(chan struct{})
	var rec *trace.Recording
	go func() {
		defer close(taken)
		<-begun
		rec = r.Recording()
	}()
	asynctest.EndWell(t, func(ctx context.Context) error {
		end := patient(ctx)
		asyncio.Go(ctx, func(ctx context.Context) error { yields(ctx, 2000); return nil })
		yields(ctx, 2000)
		_, err := asyncio.Go(ctx, func(context.Context) error {
			close(begun)
			<-taken //asyncio:ok channel the recording is to show a loop that is stuck
			return nil
		}, asyncio.Name("stuck")).Await(ctx)
		end()
		return err
	}, r.Observe(), asyncio.SlowStep(-1))
	if rec.Dropped() == 0 {
		t.Fatal("nothing was dropped")
	}
	names := []string{}
	for name := range present(rec) {
		names = append(names, name)
	}
	if !slices.Contains(names, "patient") {
		t.Errorf("the recording begins with %q: the patient task had a name", names)
	}
	if text := drawing(t, rec, 60); !regexp.MustCompile(`stuck +█`).MatchString(text) {
		t.Errorf("the drawing is\n%s", text)
	}
}
