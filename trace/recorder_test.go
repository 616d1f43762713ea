package trace_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/timeline"
	"github.com/asyncio-go/asyncio/trace"
)

var update = flag.Bool("update", false, "write what is recorded into testdata")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", path, got, want)
	}
}

// recorded returns a recording of a function, on virtual time.
func recorded(t *testing.T, fn func(ctx context.Context), opts ...trace.Option) *trace.Recording {
	t.Helper()
	r := trace.New(opts...)
	asynciotest.Run(t, fn, asynciotest.LoopOptions(r.Observe()))
	return r.Recording()
}

func sentences(r *trace.Recording) string {
	var b strings.Builder
	for e := range r.Events() {
		b.WriteString(e.String() + "\n")
	}
	return b.String()
}

func drawing(t *testing.T, r *trace.Recording, width int) string {
	t.Helper()
	var b strings.Builder
	asynctest.ExpectNil(t, r.Timeline(&b, width))
	return b.String()
}

func jsonOf(t *testing.T, r *trace.Recording) string {
	t.Helper()
	var b bytes.Buffer
	asynctest.ExpectNil(t, r.WriteJSON(&b))
	return b.String()
}

func TestStory(t *testing.T) {
	var all []*trace.Recording
	for range 2 {
		all = append(all, recorded(t, story))
	}
	r := all[0]
	golden(t, "story.events", sentences(r))
	golden(t, "story.timeline", drawing(t, r, 80))
	asynctest.ExpectEqual(t, "dropped", r.Dropped(), 0)
	asynctest.ExpectEqual(t, "length", r.Length(), 2500*time.Millisecond)
	asynctest.ExpectEqual(t, "loops", len(r.Loops()), 1)
	if jsonOf(t, all[1]) != jsonOf(t, r) {
		t.Error("two recordings of the same program on virtual time are different")
	}
}

func TestTasksKnowWhereTheyWereCreated(t *testing.T) {
	for e := range recorded(t, story).Events() {
		if e.Kind != trace.Spawned || e.Name != "producer" {
			continue
		}
		if len(e.Created) < 2 || e.Created[0].File != "story_test.go" || e.Created[0].Line == 0 || !strings.Contains(e.Created[1].Function, "story") {
			t.Errorf("the producer was created at %v, want story_test.go", e.Created)
		}
		return
	}
	t.Error("the producer was not created")
}

// several makes so many tasks that each sleep a few times.
func several(tasks, sleeps int) func(ctx context.Context) {
	return func(ctx context.Context) {
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range tasks {
				tg.Go(func(ctx context.Context) error {
					for range sleeps {
						if err := asyncio.Sleep(ctx, time.Second); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		})
	}
}

func count(r *trace.Recording) (n uint64) {
	for range r.Events() {
		n++
	}
	return n
}

// What the small ring has and what it has dropped is together what the large one has;
// what it begins with stands for what was dropped.
func TestDroppedIsCountedExactly(t *testing.T) {
	small, large := trace.New(trace.Size(100_000)), trace.New(trace.Size(-1))
	asynciotest.Run(t, several(50, 400), asynciotest.LoopOptions(small.Observe(), large.Observe()))
	all, kept := large.Recording(), small.Recording()
	asynctest.ExpectEqual(t, "dropped by the large ring", all.Dropped(), 0)
	if kept.Dropped() == 0 {
		t.Fatal("the small ring has dropped nothing")
	}
	known := uint64(0) // what the recording begins with
	for e := range kept.Events() {
		if e.Kind == trace.Present || e.Kind == trace.Opened {
			known++
		}
	}
	asynctest.ExpectEqual(t, "events in all", count(kept)-known+kept.Dropped(), count(all))
	asynctest.ExpectEqual(t, "tasks known from the past", known, 52)
	if text := drawing(t, kept, 80); !strings.Contains(text, "DROPPED: ") {
		t.Errorf("the drawing does not say that events are lost:\n%s", text)
	}
	if size := len(jsonOf(t, kept)); size > 200_000 {
		t.Errorf("a ring of 100 kB has %d bytes of JSON", size)
	}
}

// Of the tasks that live, names and waits are known whatever was dropped.
func TestWhatWasDroppedIsStillKnown(t *testing.T) {
	r := recorded(t, func(ctx context.Context) {
		var e asyncio.Event
		e.SetName("go on")
		waiting := asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) }, asyncio.Name("patient"))
		several(50, 400)(ctx)
		e.Set()
		_, _ = waiting.Await(ctx)
	}, trace.Size(100_000))
	var present []string
	for e := range r.Events() {
		if e.Kind == trace.Present && e.Name == "patient" {
			present = append(present, e.What)
		}
	}
	if !slices.Equal(present, []string{`event "go on"`}) {
		t.Errorf("the patient task waits for %q, want event \"go on\", once", present)
	}
	if text := drawing(t, r, 80); !strings.Contains(text, `patient ─ event "go on" ──`) {
		t.Errorf("the drawing is\n%s", text)
	}
}

func TestRecordersAndHooksStandSideBySide(t *testing.T) {
	first, second := trace.New(), trace.New()
	steps := 0
	hooks := &asyncio.Hooks{StepBegin: func(asyncio.HookEvent) { steps++ }}
	asynciotest.Run(t, story, asynciotest.LoopOptions(first.Observe(), asyncio.Observe(hooks), second.Observe()))
	if a, b := sentences(first.Recording()), sentences(second.Recording()); a != b || a == "" {
		t.Errorf("one recorder has\n%s\nthe other\n%s", a, b)
	}
	recordedSteps := 0
	for e := range first.Recording().Events() {
		switch e.Kind {
		case trace.Yields, trace.Waits, trace.Ends, trace.Pauses:
			recordedSteps++
		}
	}
	asynctest.ExpectEqual(t, "steps that the hooks saw", steps, recordedSteps)
}

func TestAttachToARunningLoop(t *testing.T) {
	first, second := trace.New(), trace.New()
	asynciotest.Run(t, func(ctx context.Context) {
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("sleeper"))
		_ = asyncio.Sleep(ctx, time.Second)
		detach, err := first.Attach(ctx)
		asynctest.ExpectNil(t, err)
		_ = asyncio.Sleep(ctx, time.Second)
		again, err := first.Attach(ctx) // the same one twice records once
		asynctest.ExpectNil(t, err)
		detachSecond, err := second.Attach(ctx)
		asynctest.ExpectNil(t, err)
		again()
		again()
		_ = asyncio.Sleep(ctx, time.Second)
		detach()
		_ = asyncio.Sleep(ctx, time.Second)
		detachSecond()
		sleeper.Cancel()
		_, _ = sleeper.Await(ctx)
	})
	golden(t, "attached.events", sentences(first.Recording())+"\n"+sentences(second.Recording()))
	golden(t, "attached.timeline", drawing(t, first.Recording(), 60))
}

func TestAttachIsRefusedWhereThereIsNoLoop(t *testing.T) {
	if _, err := trace.New().Attach(t.Context()); err == nil || !strings.Contains(err.Error(), "Observe") {
		t.Errorf("error %v, want one that says what to do", err)
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
			_, err := trace.New().Attach(ctx)
			return struct{}{}, err
		})
		if err == nil || !strings.Contains(err.Error(), "RunOn") {
			t.Errorf("in a thread: error %v, want one that says what to do", err)
		}
		return nil
	})
}

func TestAttachIsRefusedAfterTheEndOfTheLoop(t *testing.T) {
	var ended context.Context
	asynctest.EndWell(t, func(ctx context.Context) error { ended = ctx; return nil })
	if _, err := trace.New().Attach(ended); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("error %v, want one that says that the loop has ended", err)
	}
}

// Detach may be called on another goroutine; the loop then does it.
func TestDetachOnAnotherGoroutine(t *testing.T) {
	r := trace.New()
	asynctest.EndWell(t, func(ctx context.Context) error {
		detach, err := r.Attach(ctx)
		if err != nil {
			return err
		}
		_, err = asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { detach(); return struct{}{}, nil })
		if err != nil {
			return err
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		n := count(r.Recording())
		several(10, 0)(ctx)
		asynctest.ExpectEqual(t, "events after detach", count(r.Recording()), n)
		return nil
	})
}

func TestThreadsHaveRows(t *testing.T) {
	r := trace.New()
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, nil })
		asynctest.ExpectNil(t, err)
		_, err = asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, errBroken })
		asynctest.ExpectIs(t, err, errBroken)
		return nil
	}, r.Observe())
	var rows []string
	for e := range r.Recording().Events() {
		if e.Kind == trace.Began || e.Kind == trace.Finished {
			rows = append(rows, e.Kind.String()+" "+e.What+" "+e.Row+" for "+e.Name+" "+e.Text)
		}
	}
	want := []string{
		"began thread thread-1 for Task-1 ", "finished thread thread-1 for Task-1 ",
		"began thread thread-2 for Task-1 ", "finished thread thread-2 for Task-1 broken",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("threads are recorded as %q, want %q", rows, want)
	}
	if text := drawing(t, r.Recording(), 80); !strings.Contains(text, "thread-1 ") || !strings.Contains(text, "✗") {
		t.Errorf("the drawing is\n%s", text)
	}
}

func TestSeveralLoopsInOneRecorder(t *testing.T) {
	r := trace.New()
	err := asyncio.RunGroup(t.Context(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
		return g.Each(ctx, func(ctx context.Context) error {
			for range 100 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			r.Recording() // while the others run
			return nil
		})
	}, r.Observe())
	asynctest.ExpectNil(t, err)
	rec := r.Recording()
	ends := map[int]int{}
	for e := range rec.Events() {
		if e.Kind == trace.Returned {
			ends[e.Loop]++
		}
	}
	for loop := 1; loop <= 3; loop++ {
		if ends[loop] == 0 {
			t.Errorf("no task of loop %d has ended in the recording: %v", loop, ends)
		}
	}
	asynctest.ExpectEqual(t, "loops", len(rec.Loops()), 3)
	if text := drawing(t, rec, 80); !strings.Contains(text, "1:main") || !strings.Contains(text, "3:") {
		t.Errorf("the drawing is\n%s", text)
	}
}

// A recorder may be given to one loop after another.
func TestOneRunAfterAnother(t *testing.T) {
	r := trace.New()
	for range 3 {
		asynciotest.Run(t, several(3, 3), asynciotest.LoopOptions(r.Observe()))
	}
	rec := r.Recording()
	asynctest.ExpectEqual(t, "loops", len(rec.Loops()), 3)
	asynctest.ExpectEqual(t, "length", rec.Length(), 9*time.Second)
}

// The step in which the recording is taken has not ended, and is drawn up to now.
func TestRecordingOfTheStepThatRuns(t *testing.T) {
	r := trace.New()
	asynciotest.Run(t, func(ctx context.Context) {
		other := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
		_ = asyncio.Sleep(ctx, 2*time.Second)
		_, _ = other.Await(ctx)
		golden(t, "running.timeline", drawing(t, r.Recording(), 60))
	}, asynciotest.LoopOptions(r.Observe()))
}

// Recordings are taken and read while loops are at work; for the race detector.
func TestRecordingsAreTakenByOtherGoroutines(t *testing.T) {
	r := trace.New(trace.Size(50_000))
	done := make(chan struct{})
	var readers [3]chan struct{}
	for i := range readers {
		readers[i] = make(chan struct{})
		go func() {
			defer close(readers[i])
			for {
				select {
				case <-done:
					return
				default:
					count(r.Recording())
				}
			}
		}()
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 10 {
				tg.Go(func(ctx context.Context) error {
					for range 2000 {
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		})
	}, r.Observe())
	close(done)
	for _, reader := range readers {
		<-reader
	}
	if r.Recording().Dropped() == 0 {
		t.Error("nothing was dropped")
	}
}

func TestZeroRecordersSayWhatToDo(t *testing.T) {
	for _, r := range []*trace.Recorder{nil, {}} {
		for _, call := range []func(){
			func() { r.Observe() },
			func() { r.Recording() },
			func() { _, _ = r.Attach(t.Context()) },
		} {
			asynctest.ExpectAdvice(t, call, "trace.New")
		}
	}
}

// What a task does at the end of a long step is not told as if it had been at the
// beginning.
func TestTimesAreThoseOfWhatHappens(t *testing.T) {
	r := trace.New(trace.Exact())
	const long = 30 * time.Millisecond
	asynctest.EndWell(t, func(ctx context.Context) error {
		var e asyncio.Event
		waiting := asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) })
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			time.Sleep(long) //asyncio:ok blocks a long step is what the recording is to show
			e.Set()
			asyncio.Go(ctx, asyncio.Yield, asyncio.Name("late"))
			return nil
		})
		_, _ = worker.Await(ctx)
		_, err := waiting.Await(ctx)
		return err
	}, r.Observe(), asyncio.SlowStep(-1))
	for e := range r.Recording().Events() {
		if (e.Kind == trace.Woken && e.By == 3 || e.Kind == trace.Spawned && e.Name == "late") && e.At < long {
			t.Errorf("told too early: %v", e)
		}
	}
}

// While a step keeps the loop, another goroutine sees which task it is of.
func TestRecordingOfALoopThatIsStuck(t *testing.T) {
	r := trace.New()
	begun, taken := make(chan struct{}), make(chan struct{})
	drawn := ""
	go func() {
		defer close(taken)
		<-begun
		drawn = drawing(t, r.Recording(), 60)
	}()
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, func(context.Context) error {
			close(begun)
			<-taken //asyncio:ok channel the recording is to show a loop that is stuck
			return nil
		}, asyncio.Name("stuck")).Await(ctx)
		return err
	}, r.Observe(), asyncio.SlowStep(-1))
	if !strings.Contains(drawn, "stuck █") {
		t.Errorf("the drawing is\n%s", drawn)
	}
}

// A program with many tasks is drawn with those that ran the most, and says so.
func TestManyTasks(t *testing.T) {
	recorder := trace.New(trace.Size(20_000))
	var r *trace.Recording
	asynciotest.Run(t, func(ctx context.Context) {
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 5000 {
				tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }, asyncio.Name("one of many"))
			}
			err := asyncio.Sleep(ctx, time.Millisecond)
			r = recorder.Recording()
			return err
		})
	}, asynciotest.LoopOptions(recorder.Observe()))
	text := drawing(t, r, 80)
	if rows := strings.Count(text, "\n"); rows > 140 || !strings.Contains(text, "4881 more tasks are not drawn") || !strings.Contains(text, "DROPPED") {
		t.Errorf("the drawing has %d lines:\n%s", rows, text)
	}
	expectSame(t, r, read(t, jsonOf(t, r)))
}

// Between two runs of a Runner no one works.
func TestStepsDoNotBeginBeforeTheRun(t *testing.T) {
	r := trace.New()
	runner := asyncio.NewRunner(r.Observe())
	for range 2 {
		asynctest.ExpectNil(t, runner.Run(t.Context(), asyncio.Yield))
		time.Sleep(20 * time.Millisecond)
	}
	asynctest.ExpectNil(t, runner.Close())
	created := map[uint64]time.Duration{}
	for e := range r.Recording().Events() {
		switch e.Kind {
		case trace.Spawned:
			created[e.Task] = e.At
		case trace.Yields, trace.Ends:
			if e.From < created[e.Task] {
				t.Errorf("a step begins at %v, of a task that was created at %v: %v", e.From, created[e.Task], e)
			}
		}
	}
	asynctest.ExpectEqual(t, "tasks", len(created), 2)
}

// In a bubble, time passes only when all goroutines of it wait for each other.
func TestRecordersInBubbles(t *testing.T) {
	outside := trace.New(trace.Size(100_000))
	synctest.Test(t, func(t *testing.T) {
		inside := trace.New()
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			several(20, 1000)(ctx)
			return nil
		}, outside.Observe(), inside.Observe())
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "length", inside.Recording().Length(), 1000*time.Second)
	})
	r := outside.Recording()
	asynctest.ExpectEqual(t, "length", r.Length(), 1000*time.Second)
	if text := jsonOf(t, r); r.Dropped() == 0 || !strings.Contains(text, `"lost":0,`) {
		t.Errorf("%d events are dropped, want some, and none that the ring never had:\n%.300s", r.Dropped(), text)
	}
}

// A loop that sleeps does not work, though the sleep is told of when it is over.
func TestRowOfALoopThatSleeps(t *testing.T) {
	r := trace.New()
	worksToTheEnd := func() bool {
		c := timeline.OfRecording(r.Recording())
		for _, row := range c.Rows {
			if n := len(row.Spans); row.Kind == timeline.LoopRow && n > 0 && row.Spans[n-1].To < c.Length {
				return false
			}
		}
		return true
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			for begin := time.Now(); worksToTheEnd(); { // until it has gone to sleep
				if time.Since(begin) > time.Minute {
					t.Error("the loop is drawn as if it worked")
					break
				}
			}
			return 0, nil
		})
		return err
	}, r.Observe())
}
