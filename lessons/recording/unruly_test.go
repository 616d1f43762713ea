package recording_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// saying is an error that does something when it is asked what it is.
type saying func() string

func (s saying) Error() string { return s() }

// What an error does when it is asked what it is must not stop the recording.
func TestErrorsAreCodeOfTheProgram(t *testing.T) {
	for name, say := range map[string]func(ctx context.Context) string{
		"prints": func(ctx context.Context) string { lesson.Println(ctx, "asked"); return "it prints" },
		"panics": func(context.Context) string { panic("no words") },
	} {
		t.Run(name, func(t *testing.T) {
			failing := func(ctx context.Context) (string, error) {
				return "", saying(func() string { return say(ctx) })
			}
			r := within(t, func() *recording.Recording {
				return record(t, program(func(ctx context.Context) error {
					_, _ = asyncio.Go(ctx, func(ctx context.Context) error { _, err := failing(ctx); return err }).Await(ctx)
					_, _ = asyncio.ToThread(ctx, failing)
					_, err := failing(ctx)
					return err
				}))
			})
			if r.Error == "" {
				t.Error("the recording says nothing of the program's error")
			}
			said := 0
			for _, e := range r.Events {
				if e.Error != "" {
					said++
				}
			}
			if said < 2 {
				t.Errorf("%d events say what an error says, want those of the task and of the thread", said)
			}
		})
	}
}

// within keeps a test that would wait for ever from doing so.
func within[T any](t *testing.T, fn func() T) (value T) {
	t.Helper()
	done := make(chan T, 1)
	go func() { done <- fn() }()
	select {
	case value = <-done:
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
	return value
}

// A goroutine that the program has left behind adds nothing to what has been recorded.
func TestNothingIsAddedAfterTheEnd(t *testing.T) {
	later, done := make(chan struct{}), make(chan struct{})
	r := record(t, program(func(ctx context.Context) error {
		go func() {
			defer close(done)
			<-later
			for range 100 {
				lesson.Println(ctx, "late")
				lesson.Work(ctx, second)
			}
			_ = asyncio.Run(context.WithoutCancel(ctx), func(context.Context) error { return errors.New("late") }, lesson.Options(ctx)...)
		}()
		return nil
	}))
	events := r.Events[:cap(r.Events)]
	tasks := len(r.Tasks)
	close(later)
	<-done
	for i := range events {
		if events[i].Text == "late" {
			t.Fatal("what was printed after the end is in the recording, or in the room behind it")
		}
	}
	if len(r.Tasks) != tasks {
		t.Error("a task was added")
	}
}

// Each line is an event, however many come at once and wherever they are cut.
func TestLinesArePutTogether(t *testing.T) {
	r := record(t, program(func(ctx context.Context) error {
		lesson.Printf(ctx, "one\ntwo\n\nth")
		lesson.Printf(ctx, "ree\nfour")
		return nil
	}))
	end := r.End()
	wantLines(t, strings.Split(end.Printed(), "\n"), "one", "two", "", "three", "four", "")
}

// A thread that gives up waiting for the loop may be noticed by it only when it sleeps.
func TestThreadsGoOnWithoutTheLoop(t *testing.T) {
	r := within(t, func() *recording.Recording {
		return record(t, program(func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			_, err := asyncio.ToThread(ctx, func(tctx context.Context) (int, error) {
				patient, cancel := context.WithCancel(tctx)
				f := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (int, error) {
					return 0, new(asyncio.Event).Wait(ctx)
				})
				go func() {
					time.Sleep(20 * time.Millisecond) // probably the loop waits by then
					cancel()
				}()
				_, err := f.Wait(patient)
				lesson.Block(tctx, second)
				lesson.Println(tctx, "without the loop:", err)
				f.Cancel()
				return 0, nil
			})
			return err
		}))
	})
	wantLines(t, printed(r), "1s without the loop: context canceled on thread-1")
}
