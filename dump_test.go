package asyncio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// twoWorkers waits in a group whose tasks want the same lock.
func twoWorkers(ctx context.Context, lock *asyncio.Lock) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		work := func(ctx context.Context) error {
			return lock.With(ctx, func() error { return asyncio.Sleep(ctx, time.Hour) })
		}
		tg.Go(work, asyncio.Name("first"))
		tg.Go(work, asyncio.Name("second"))
		tg.Go(work, asyncio.Name("third"))
		return nil
	}, asyncio.GroupName("workers"), asyncio.Limit(2))
}

const dumpOfTwoWorkers = `asyncio: 5 tasks of a loop, in its pass N
task 1 runs
    at asyncio_test.TestDumpTasks.dumpWorkers.func1 (dump_test.go:N)
task 2 "owner" waits for task group, for 5s; created by task 1
    at asyncio_test.twoWorkers (dump_test.go:N)
  group "workers" of 3 tasks, at most 2 at once, 1 held back
    task 3 "first" waits for sleep 1h0m0s, 59m55s to go, for 5s
        at asyncio_test.twoWorkers.func1.1.1 (dump_test.go:N)
    task 4 "second" waits for lock "db", held by task 3 "first", for 5s
        at asyncio_test.twoWorkers.func1.1 (dump_test.go:N)
    task 5 "third" is held back by the limit of its group
`

func dumpWorkers(t *testing.T) (text string) {
	asynciotest.Run(t, func(ctx context.Context) {
		var lock asyncio.Lock
		lock.SetName("db")
		owner := asyncio.Go(ctx, func(ctx context.Context) error { return twoWorkers(ctx, &lock) }, asyncio.Name("owner"))
		_ = asyncio.Sleep(ctx, 5*time.Second)
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			t.Error(err)
		}
		text = b.String()
		owner.Cancel()
		_, _ = asyncio.Shield(ctx, owner)
	})
	return text
}

func TestDumpTasks(t *testing.T) {
	asynctest.SkipInRandomOrder(t)
	if got := lineOrPass.ReplaceAllString(dumpWorkers(t), "${1}N"); got != dumpOfTwoWorkers {
		t.Errorf("the dump is\n%s\nwant\n%s", got, dumpOfTwoWorkers)
	}
}

var lineOrPass = regexp.MustCompile(`(\.go:|its pass )\d+`)

// TestDumpTasksFromOutside dumps a loop from another goroutine, as it works, as it
// sleeps and as it is stuck.
func TestDumpTasksFromOutside(t *testing.T) {
	t.Parallel()
	entered, dumped, blocks := make(chan context.Context), make(chan struct{}), make(chan struct{})
	texts := make(chan string)
	go func() {
		ctx := <-entered
		for i := range 2 {
			if i == 1 {
				<-blocks
			}
			var b bytes.Buffer
			if err := asyncio.DumpTasks(ctx, &b); err != nil {
				t.Error(err)
			}
			texts <- b.String()
		}
		close(dumped)
	}()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		entered <- ctx //asyncio:ok channel the test takes it at once
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("sleeper"))
		text, _, err := asyncio.Receive(ctx, texts)
		if !strings.Contains(text, `"sleeper" waits for sleep`) || err != nil {
			t.Errorf("of a loop that sleeps: %q, %v", text, err)
		}
		close(blocks)
		text = <-texts //asyncio:ok channel the dump is to show a loop that is stuck here
		if !strings.Contains(text, "stuck") || !strings.Contains(text, "chan receive") || !strings.Contains(text, "TestDumpTasksFromOutside") {
			t.Errorf("of a loop that is stuck: %q", text)
		}
		sleeper.Cancel()
		return nil
	}, asyncio.SlowStep(-1))
	if err != nil {
		t.Error(err)
	}
	<-dumped
}

func TestDumpTasksInACallback(t *testing.T) {
	t.Parallel()
	failed := errors.New("no room")
	var reported []string
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() {
			if err := asyncio.DumpTasks(ctx, writerThatFails{failed}); err != nil {
				t.Error(err)
			}
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { reported = append(reported, c.Message+": "+c.Err.Error()) }))
	if err != nil || len(reported) != 1 || !strings.HasSuffix(reported[0], "no room") {
		t.Errorf("error %v, reports %q", err, reported)
	}
}

type writerThatFails struct{ err error }

func (w writerThatFails) Write([]byte) (int, error) { return 0, w.err }

func TestDumpTasksWithoutALoop(t *testing.T) {
	if err := asyncio.DumpTasks(context.Background(), os.Stderr); !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Errorf("outside a loop: %v", err)
	}
	var of context.Context
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error { of = ctx; return nil })
	if err := asyncio.DumpTasks(of, os.Stderr); !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Errorf("of a loop that has ended: %v", err)
	}
}

func TestTaskInfoString(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var e asyncio.Event
		e.SetName("ready")
		one := asyncio.Go(ctx, e.Wait, asyncio.Name("one"))
		asyncio.Go(ctx, e.Wait)
		_ = asyncio.Yield(ctx)
		for _, want := range []string{"task 1 (running)", `task 2 "one" (waiting for event "ready")`, `task 3 (waiting for event "ready")`} {
			infos := asyncio.AllTasks(ctx)
			if got := infos[want[5]-'1'].String(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		e.Set()
		_, _ = one.Await(ctx)
		if got := one.Info().String(); got != `task 2 "one" (done)` {
			t.Errorf("got %q", got)
		}
		if got := (asyncio.TaskInfo{}).String(); got != "no task" {
			t.Errorf("got %q", got)
		}
	})
}

// TestDumpTasksOfALoopThatEnds asks loops that are on their way out. There is an answer in
// any case.
func TestDumpTasksOfALoopThatEnds(t *testing.T) {
	t.Parallel()
	asked, r := make(chan error, 1), asyncio.NewRunner()
	ask := func(ctx context.Context) error {
		var e asyncio.Event
		for range 200 { // more than are looked at in a pass
			asyncio.Go(ctx, e.Wait)
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		go func() { asked <- asyncio.DumpTasks(ctx, io.Discard) }()
		time.Sleep(time.Millisecond) //asyncio:ok blocks the request comes, and the loop cannot see to it any more
		return nil
	}
	for range 10 {
		if err := asyncio.Run(context.Background(), ask); err != nil {
			t.Error(err)
		}
		if err := <-asked; err != nil && !errors.Is(err, asyncio.ErrNoRunningLoop) {
			t.Errorf("of a loop that has ended: %v", err)
		}
	}
	if err := r.Run(context.Background(), ask); err != nil {
		t.Error(err)
	}
	if err := <-asked; err != nil && !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Errorf("of a Runner that runs nothing: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestDumpTasksLetsOthersRun dumps many tasks in a task: it looks at them in many passes.
func TestDumpTasksLetsOthersRun(t *testing.T) {
	t.Parallel()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var e asyncio.Event
		for range 2000 {
			asyncio.Go(ctx, e.Wait)
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		var b bytes.Buffer
		before := asyncio.RunningLoop(ctx).Stats().Passes
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			return err
		}
		text, after := b.String(), uint64(0)
		if _, err := fmt.Sscanf(text, "asyncio: 2001 tasks of a loop, in its pass %d", &after); err != nil || after < before+20 {
			t.Errorf("it was begun in pass %d and is of pass %d, %v", before, after, err)
		}
		if strings.Count(text, "waits for event") != 2000 || !strings.Contains(text, "task 1 runs\n    at asyncio_test.TestDumpTasksLetsOthersRun") {
			t.Errorf("the text is %.300s", text)
		}
		e.Set()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDumpTasksInATaskOfAnotherLoop dumps a loop that waits for the one that asks.
func TestDumpTasksInATaskOfAnotherLoop(t *testing.T) {
	t.Parallel()
	of, over := make(chan context.Context, 1), make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() {
		_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
			of <- ctx
			_, _, err := asyncio.Receive(ctx, over)
			return err
		})
	})
	ctx := <-of
	err := asyncio.Run(context.Background(), func(own context.Context) error {
		if err := asyncio.DumpTasks(ctx, offLoop{own, t}); err != nil {
			t.Error(err)
		}
		written := make(chan struct{})
		asyncio.RunningLoop(own).CallSoon(func() {
			if err := asyncio.DumpTasks(ctx, tells(written)); err != nil {
				t.Error(err)
			}
		})
		_, _, err := asyncio.Receive(own, written)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	close(over)
	other.Wait()
}

// offLoop fails if it is written to on the loop.
type offLoop struct {
	ctx context.Context
	t   *testing.T
}

func (w offLoop) Write(b []byte) (int, error) {
	if here := engine.RunningHere(); here != nil {
		w.t.Error("it is written to on a loop")
	}
	return len(b), nil
}

// tells is closed when it is written to.
type tells chan struct{}

func (w tells) Write(b []byte) (int, error) { close(w); return len(b), nil }

func TestDumpTasksWhoseWriterPanicsInACallback(t *testing.T) {
	t.Parallel()
	var reported []string
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() { _ = asyncio.DumpTasks(ctx, writerThatPanics{}) })
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { reported = append(reported, c.Message+": "+c.Err.Error()) }))
	if err != nil || len(reported) != 1 || !strings.Contains(reported[0], "no pen") {
		t.Errorf("error %v, reports %q", err, reported)
	}
}

type writerThatPanics struct{}

func (writerThatPanics) Write([]byte) (int, error) { panic("no pen") }

// TestDumpTasksWhoseWriterBlocks is of a callback, in which no one waits for the writer; the
// end of Run does, for a while.
func TestDumpTasksWhoseWriterBlocks(t *testing.T) {
	t.Parallel()
	blocks := make(writerThatBlocks)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() { _ = asyncio.DumpTasks(ctx, blocks) })
		return asyncio.Yield(ctx)
	}, asyncio.Grace(10*time.Millisecond), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	if shutdown := new(asyncio.ShutdownError); !errors.As(err, &shutdown) || len(shutdown.Threads) != 1 {
		t.Errorf("Run returns %v", err)
	}
	close(blocks)
}

type writerThatBlocks chan struct{}

func (w writerThatBlocks) Write(b []byte) (int, error) { <-w; return len(b), nil }

const dumpOfScopes = `asyncio: 5 tasks of a loop, in its pass N
task 1 runs
    at asyncio_test.TestDumpTasksOfScopes.func1 (dump_test.go:N)
task 2 waits for task group, for 1s; created by task 1
    at asyncio_test.TestDumpTasksOfScopes.func1.1.1.1 (dump_test.go:N)
  group "outer" of 1 task
    task 3 "beside" waits for event, for 1s
    timeout, 59m59s to go
      group "inner" of 2 tasks
        task 4 "inside" waits for event, for 1s
        task 5 "with a timeout" waits for event, for 1s
            at asyncio_test.TestDumpTasksOfScopes.func1.1.1.1.1.1 (dump_test.go:N)
          timeout, 59s to go
`

func TestDumpTasksOfScopes(t *testing.T) {
	asynctest.SkipInRandomOrder(t)
	asynciotest.Run(t, func(ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(e.Wait, asyncio.Name("beside"))
				return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
					return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
						tg.Go(e.Wait, asyncio.Name("inside"))
						tg.Go(func(ctx context.Context) error {
							return asyncio.WithTimeout(ctx, time.Minute, e.Wait)
						}, asyncio.Name("with a timeout"))
						return nil
					}, asyncio.GroupName("inner"))
				})
			}, asyncio.GroupName("outer"))
		})
		_ = asyncio.Sleep(ctx, time.Second)
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			t.Error(err)
		}
		if got := lineOrPass.ReplaceAllString(b.String(), "${1}N"); got != dumpOfScopes {
			t.Errorf("the dump is\n%s\nwant\n%s", got, dumpOfScopes)
		}
		e.Set()
	})
}

// TestDumpTasksOfADisownedTask dumps a task whose group was left without it.
func TestDumpTasksOfADisownedTask(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var e asyncio.Event
		func() {
			defer func() { _ = recover() }()
			asyncio.NoSuspend(ctx, func() {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					asyncio.Spawn(tg, func(ctx context.Context) (int, error) { return 0, e.Wait(context.WithoutCancel(ctx)) }, asyncio.Eager())
					return nil
				})
			})
		}()
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			t.Error(err)
		}
		if !strings.Contains(b.String(), "\ntask 2 waits for event; its group was left without it; it is asked to end\n") {
			t.Errorf("the dump is\n%s", b.String())
		}
		e.Set()
	})
}

// TestDumpTasksSaysSinceWhen has many sleeps between, so that not all of them are known any
// more: then it is a lower bound. In a bubble, no one watches.
func TestDumpTasksSaysSinceWhen(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	const tasks = 200
	var b bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			var e asyncio.Event
			for range tasks {
				asyncio.Go(ctx, e.Wait)
				_ = asyncio.Sleep(ctx, time.Second)
			}
			return asyncio.DumpTasks(ctx, &b)
		})
		if err != nil {
			t.Error(err)
		}
	})
	exact := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		task, waited := 0, ""
		if _, err := fmt.Sscanf(line, "task %d waits for event", &task); err != nil {
			continue
		}
		_, waited, _ = strings.Cut(line, ", for ")
		waited, _, _ = strings.Cut(waited, ";")
		bound, atLeast := strings.CutPrefix(waited, "at least ")
		d, err := time.ParseDuration(bound)
		want := time.Duration(tasks+2-task) * time.Second
		if err != nil || d > want || d < want && !atLeast {
			t.Errorf("task %d has waited for %v, and it is said: %q", task, want, waited)
		}
		if !atLeast {
			exact++
		}
	}
	if exact < tasks/4 || exact == tasks {
		t.Errorf("%d of %d are said to be exact", exact, tasks)
	}
}
