package asyncio_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
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
		entered <- ctx
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("sleeper"))
		text, _, err := asyncio.Receive(ctx, texts)
		if !strings.Contains(text, `"sleeper" waits for sleep`) || err != nil {
			t.Errorf("of a loop that sleeps: %q, %v", text, err)
		}
		close(blocks)
		text = <-texts // it blocks the loop
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
