package recording_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
	"github.com/asyncio-go/asyncio/trace"
)

const second = time.Second

// program makes a program of a main coroutine, whose lines are those of this file.
func program(main func(ctx context.Context) error) recording.Program {
	return recording.Program{
		Lesson: "test", File: "lessons/recording/record_test.go", Line: func(n int) int { return n },
		Run: func(ctx context.Context) error { return asyncio.Run(ctx, main, lesson.Options(ctx)...) },
	}
}

func record(t *testing.T, p recording.Program) *recording.Recording {
	t.Helper()
	r, err := recording.Record(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// printed returns what was printed, with its times and rows.
func printed(r *recording.Recording) (lines []string) {
	for _, out := range r.End().Out {
		line := fmt.Sprintf("%v %s", out.T, out.Text)
		if out.Row != "" {
			line += " on " + out.Row
		}
		lines = append(lines, line)
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func now(ctx context.Context) time.Duration {
	return asyncio.RunningLoop(ctx).Now().Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
}

// busy is a function for threads that works, in two pieces, and says when it ends.
func busy(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, name, "begins")
		lesson.Work(ctx, d/2)
		lesson.Block(ctx, d/2)
		lesson.Println(ctx, name, "ends")
		return name, nil
	}
}

func inThread(fn asyncio.Coro[string]) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) { return asyncio.ToThread(ctx, fn) }
}

func TestWorkOnTheLoopHoldsIt(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, second); err != nil {
				return err
			}
			lesson.Println(ctx, "slept")
			return nil
		})
		_ = asyncio.Yield(ctx)
		lesson.Work(ctx, 3*second)
		lesson.Println(ctx, "worked")
		_, err := sleeper.Await(ctx)
		return err
	}))
	wantLines(t, printed(r), "3s worked", "3s slept")
	if r.Length != 3*second {
		t.Errorf("it took %v", r.Length)
	}
}

func TestThreadsTakeTheSameTime(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		timer := asyncio.Go(ctx, func(ctx context.Context) error {
			_ = asyncio.Sleep(ctx, 1500*time.Millisecond)
			lesson.Println(ctx, "a timer")
			return nil
		})
		_, err := asyncio.Gather(ctx,
			inThread(busy("A", 2*second)),
			inThread(busy("B", 1*second)),
			inThread(busy("C", 2*second)),
		)
		lesson.Println(ctx, "all at", now(ctx))
		timer.Cancel()
		return err
	}))
	wantLines(t, printed(r),
		"0s A begins on thread-1", "0s B begins on thread-2", "0s C begins on thread-3",
		"1s B ends on thread-2", "1.5s a timer", "2s A ends on thread-1", "2s C ends on thread-3",
		"2s all at 2s")
}

func TestPoolIsNoLargerThanItIs(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		pool := asyncio.NewWorkerPool(2)
		var all []asyncio.Awaitable[string]
		for _, name := range []string{"A", "B", "C", "D"} {
			all = append(all, asyncio.RunInExecutor(ctx, pool, busy(name, second)))
		}
		for _, one := range all {
			if _, err := one.Await(ctx); err != nil {
				return err
			}
		}
		lesson.Println(ctx, "all at", now(ctx))
		return pool.Shutdown(ctx)
	}))
	wantLines(t, printed(r),
		"0s A begins on worker-1", "0s B begins on worker-2",
		"1s A ends on worker-1", "1s C begins on worker-1", "1s B ends on worker-2", "1s D begins on worker-2",
		"2s C ends on worker-1", "2s D ends on worker-2", "2s all at 2s")
}

// A thread does what it does at its own time, also while a step keeps the loop.
func TestThreadsGoOnWhileTheLoopWorks(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		pool := asyncio.NewWorkerPool(1)
		a := asyncio.RunInExecutor(ctx, pool, busy("A", second))
		lesson.Work(ctx, 3*second)
		lesson.Println(ctx, "worked")
		_, err := a.Await(ctx)
		return errors.Join(err, pool.Shutdown(ctx))
	}))
	wantLines(t, printed(r), "0s A begins on worker-1", "1s A ends on worker-1", "3s worked")
}

// What a thread asks of the loop comes before the clock goes on.
func TestThreadsMayAskTheLoop(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		_, err := asyncio.ToThread(ctx, func(tctx context.Context) (int, error) {
			lesson.Block(tctx, second)
			f := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (int, error) {
				return 7, asyncio.Sleep(ctx, second)
			})
			n, err := f.Wait(tctx)
			lesson.Println(tctx, "the loop says", n)
			lesson.Block(tctx, second)
			return n, err
		})
		lesson.Println(ctx, "at", now(ctx))
		return err
	}))
	wantLines(t, printed(r), "2s the loop says 7 on thread-1", "3s at 3s")
}

func TestCanceledWaitLeavesTheThread(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		_, err := asyncio.WaitFor(ctx, inThread(busy("A", 2*second)), second)
		lesson.Println(ctx, "given up:", errors.Is(err, asyncio.ErrTimeout))
		return nil
	}))
	wantLines(t, printed(r), "0s A begins on thread-1", "1s given up: true", "2s A ends on thread-1")
}

func TestProgramThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		main func(ctx context.Context) error
		want string
	}{
		"error": {func(context.Context) error { return errors.New("no rice\nat all") }, "no rice"},
		"panic": {func(context.Context) error { panic("on fire") }, "panic: on fire"},
		"deadlock": {func(ctx context.Context) error {
			lock := new(asyncio.Lock)
			return errors.Join(lock.Acquire(ctx), lock.Acquire(ctx))
		}, "the program waits for ever: nothing is left that could wake any of its tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			if r := record(t, program(c.main)); r.Error != c.want {
				t.Errorf("the error is %q, want %q", r.Error, c.want)
			}
		})
	}
}

func TestProgramThatDoesTooMuch(t *testing.T) {
	endless := func(wait func(ctx context.Context) error) recording.Program {
		return program(func(ctx context.Context) error {
			for {
				if err := wait(ctx); err != nil {
					return err
				}
			}
		})
	}
	many := endless(asyncio.Yield)
	long := endless(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
	for _, c := range []struct {
		program recording.Program
		want    string
	}{
		{many, "test: more than 20000 things happen in it: choose smaller values"},
		{long, "test: it takes longer than 1h0m0s: choose smaller values"},
	} {
		if _, err := recording.Record(t.Context(), c.program); err == nil || err.Error() != c.want {
			t.Errorf("Record returned %v, want %s", err, c.want)
		}
	}
}

func TestRecordIsCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	_, err := recording.Record(ctx, program(func(ctx context.Context) error {
		cancel(gone)
		return asyncio.Sleep(ctx, time.Hour)
	}))
	if err != gone {
		t.Errorf("Record returned %v, want %v", err, gone)
	}
}

func TestErrorsThatNoOneTakesAreReported(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		asyncio.Go(ctx, func(context.Context) error { return errors.New("no rice") }, asyncio.Name("cook"))
		return asyncio.Sleep(ctx, second)
	}))
	var reports []string
	for _, e := range r.Events {
		if e.Kind == recording.Report {
			reports = append(reports, e.Text)
		}
	}
	if len(reports) != 1 || !strings.Contains(reports[0], "no rice") {
		t.Errorf("the reports are %q", reports)
	}
}

func TestLoopsOneAfterAnother(t *testing.T) {
	p := program(nil)
	one := func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, second) })
		_, err := task.Await(ctx)
		return err
	}
	p.Run = func(ctx context.Context) error {
		return errors.Join(asyncio.Run(ctx, one, lesson.Options(ctx)...), asyncio.Run(ctx, one, lesson.Options(ctx)...))
	}
	r := record(t, p)
	if len(r.Tasks) != 4 || r.Length != 2*second {
		t.Fatalf("it has %v, and takes %v", r.Tasks, r.Length)
	}
	checkEnd(t, r.End())
	if _, err := recording.ReadJSON(strings.NewReader(asJSON(t, r))); err != nil {
		t.Error(err)
	}
}

func TestLinesAreThoseOfTheProgram(t *testing.T) {
	const first = 275 // of main, here below
	r := record(t, program(func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() {
			lesson.Println(ctx, "call")
		})
		lesson.Println(ctx, "main")
		return asyncio.Sleep(ctx, second)
	}))
	lines := map[string]int{}
	for _, e := range r.Events {
		lines[strings.TrimSpace(e.Kind+" "+e.Text+e.How)] = e.Line - first
	}
	for what, want := range map[string]int{"print main": 4, "print call": 2, "call": 1, "end waits": 5, "begin": 5} {
		if got := lines[what]; got != want {
			t.Errorf("%s is in line %d of main, want %d", what, got, want)
		}
	}
}

// A row that is no thread may be told by any goroutine, also by that of a thread, whose row
// stays its own.
func TestRowsThatAreNoThreads(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		remote := trace.Lane("remote", "w1")
		done := remote.Busy(ctx)
		_, err := asyncio.ToThread(ctx, func(tctx context.Context) (int, error) {
			lesson.Println(tctx, "before")
			done(errors.New("broken"))
			again := remote.Busy(tctx)
			lesson.Println(tctx, "after")
			again(nil)
			lesson.Println(tctx, "at last")
			return 0, nil
		})
		lesson.Println(ctx, "on the loop")
		return err
	}))
	wantLines(t, printed(r), "0s before on thread-1", "0s after on thread-1", "0s at last on thread-1", "0s on the loop")
	var told []string
	for _, e := range r.Events {
		if e.Kind == recording.Row {
			told = append(told, fmt.Sprintf("%s %s %v %s", e.RowKind, e.Row, e.Busy, e.Error))
		}
	}
	wantLines(t, told, "remote w1 true ", "thread thread-1 true ", "remote w1 false broken", "remote w1 true ", "remote w1 false ", "thread thread-1 false ")
	if rows := r.End().Rows; len(rows) != 0 {
		t.Errorf("in the end %v are busy", rows)
	}
}
