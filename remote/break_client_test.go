package remote_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A job that has waited for the window has as much time left as Submit's context.
func TestDeadlineOfAJobThatWaitsForTheWindow(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		first := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		deadline := time.Now().Add(hang)
		second := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			ctx, cancel := context.WithDeadline(ctx, deadline)
			defer cancel()
			job, err := double.Submit(ctx, x, 2)
			if err != nil {
				return 0, err
			}
			return job.Await(ctx)
		}, asyncio.Eager())
		d := h.take(ctx)
		left := time.Until(deadline)
		d.finishIn(ctx, "ok", 2)
		must[int](t)(first.Await(ctx))
		d = h.take(ctx)
		said := must[time.Duration](t)(time.ParseDuration(d.msg.Headers().Get("Asyncio-Time-Left")))
		if said > left {
			t.Errorf("the job says that it has %v, and had not more than %v", said, left)
		}
		d.finishIn(ctx, "ok", 4)
		must[int](t)(second.Await(ctx))
	}, remote.Window(1))
}

// Map in a task that is canceled ends as it says.
func TestMapOfACanceledTask(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
			"canceled": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			},
		} {
			ctx, cancel := ctx()
			for _, err := range double.Map(ctx, x, forEver) {
				t.Log(name, err)
				if !errors.Is(err, asyncio.ErrCanceled) && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", name, err)
				}
			}
			cancel()
		}
		var task *asyncio.Task[int]
		task = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			task.Cancel()
			for _, err := range double.Map(ctx, x, forEver) {
				if !errors.Is(err, asyncio.ErrCanceled) {
					t.Errorf("%v", err)
				}
				return 0, err
			}
			return 0, errors.New("it ended without a pair")
		})
		if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
	})
}

func forEver(yield func(int) bool) {
	for n := 0; yield(n); n++ {
	}
}

func worker(t *testing.T, nc *nats.Conn, fns []remote.Registered, opts ...remote.WorkerOption) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- asyncio.Run(ctx, func(ctx context.Context) error { return remote.Serve(ctx, nc, fns, opts...) })
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(hang):
			t.Error("the worker does not end")
		}
	})
}

// Whoever gives an iterator that panics gets that panic, and nothing of the jobs is left.
func TestMapOverWhatPanicsAndForEver(t *testing.T) {
	s := startServer(t, t.TempDir())
	worker(t, connect(t, s.URL()), []remote.Registered{double}, remote.Parallel(4))
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x, err := remote.NewExecutor(ctx, nc, remote.Window(20))
		if err != nil {
			return err
		}
		defer x.Close()
		func() {
			defer func() {
				if p := recover(); p != "no more" {
					t.Errorf("%v", p)
				}
			}()
			var broken iter.Seq[int] = func(yield func(int) bool) {
				for n := range 30 {
					yield(n)
				}
				panic("no more")
			}
			for _, err := range double.Map(ctx, x, broken) {
				_ = err // it panics before any matters
			}
		}()
		for x.Stats().Pending > 0 { // those on their way to the server are not waited for
			must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, time.Millisecond))
		}
		n := 0
		for v, err := range double.Map(ctx, x, forEver) {
			must[int](t)(v, err)
			for w, err := range double.Map(ctx, x, forEver) { // inside
				must[int](t)(w, err)
				break
			}
			if n++; n == 40 {
				break
			}
		}
		for x.Stats().Pending > 0 { // those on their way to the server are not waited for
			must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, time.Millisecond))
		}
		return nil
	})
}

// A thousand jobs that wait are canceled at once.
func TestCancelStorm(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		newHandIn(ctx, t, nc, "double", "1")
		var jobs []*remote.Job[int]
		for n := range 1000 {
			jobs = append(jobs, must[*remote.Job[int]](t)(double.Submit(ctx, x, n)))
		}
		begin := time.Now()
		for _, j := range jobs {
			j.Cancel()
		}
		for _, j := range jobs {
			if _, err := j.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
				t.Fatal(err)
			}
		}
		t.Log(time.Since(begin))
	}, remote.Window(-1))
}

// What is used wrongly says so.
func TestMisuse(t *testing.T) {
	panics := func(what, part string, fn func()) {
		t.Helper()
		defer func() {
			t.Helper()
			p := recover()
			t.Log(what, "=>", p)
			if s := fmt.Sprint(p); !strings.Contains(s, part) || strings.Contains(s, "nil pointer dereference") {
				t.Errorf("%s panics with %v, and does not say %q", what, p, part)
			}
		}()
		fn()
	}
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		var none *remote.Executor
		var nothing context.Context
		panics("Close of nil", "nil", func() { none.Close() })
		panics("Stats of nil", "nil", func() { none.Stats() })
		panics("ClientID of nil", "nil", func() { none.ClientID() })
		panics("Submit on nil", "nil", func() { double.Submit(ctx, none, 1) })
		panics("zero Func", "Define", func() { new(remote.Func[int, int]).Submit(ctx, x, 1) })
		panics("Map of a zero Func", "Define", func() { new(remote.Func[int, int]).Map(ctx, x, forEver) })
		panics("nil context, Submit", "nil", func() { double.Submit(nothing, x, 1) })
		panics("nil context, NewExecutor", "nil", func() { remote.NewExecutor(nothing, nc) })
		panics("nil context, Attach", "nil", func() { double.Attach(nothing, x, "a") })
		panics("nil context, Serve", "nil", func() { remote.Serve(nothing, nc, []remote.Registered{double}) })
		panics("nil context, Progress", "nil", func() { remote.Progress(nothing, 1) })
		panics("nil context, JobOf", "nil", func() { remote.JobOf(nothing) })
		panics("zero Job", "Submit", func() { new(remote.Job[int]).Await(ctx) })
		panics("ID of a zero Job", "Submit", func() { new(remote.Job[int]).ID() })
		panics("Done of a zero Job", "Submit", func() { new(remote.Job[int]).Done() })
		panics("Cancel of a zero Job", "Submit", func() { new(remote.Job[int]).Cancel() })
		panics("nil JobOption", "", func() { double.Submit(ctx, x, 1, nil) })
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			panics("from a thread", "", func() {
				j, err := double.Submit(ctx, x, 1)
				t.Log(j, err)
			})
			return 0, nil
		})
		t.Log(err)
		called := new(asyncio.Event)
		asyncio.RunningLoop(ctx).CallSoon(func() {
			defer called.Set()
			panics("from a callback", "", func() { double.Submit(ctx, x, 1) })
		})
		called.Wait(ctx)
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
				panics("from another loop", "another loop", func() { double.Submit(ctx, x, 1) })
				return nil
			})
		})
		wg.Wait() //asyncio:ok blocks the other loop needs nothing of this one
		x.Close()
		_, err = double.Submit(ctx, x, 1)
		if !errors.Is(err, remote.ErrClosed) {
			t.Error(err)
		}
	})
}

// Close while a Submit asks who serves its function leaves no error at which nobody looks.
func TestCloseDuringAQuestion(t *testing.T) {
	for passes := range 10 {
		withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, _ = double.Submit(ctx, x, 1)
				return nil
			})
			for range passes {
				_ = asyncio.Yield(ctx)
			}
			x.Close()
			time.Sleep(10 * time.Millisecond) //asyncio:ok blocks the question ends before the loop hears of it
		})
	}
}

// Without its stream, Submit makes it again, and a job that was in it is lost.
func TestStreamOfJobsDeleted(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		old := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		must[struct{}](t)(asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
			js, err := jetstream.New(nc)
			if err != nil {
				return struct{}{}, err
			}
			return struct{}{}, js.DeleteStream(ctx, "asyncio_JOBS")
		}))
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 2))
		if _, err := old.Await(ctx); !errors.Is(err, remote.ErrLost) {
			t.Error(err)
		}
		h := newHandIn(ctx, t, nc, "double", "1")
		h.take(ctx).finishIn(ctx, "ok", 4)
		if v := must[int](t)(job.Await(ctx)); v != 4 {
			t.Error(v)
		}
	})
}

// On a connection that stays, nobody says that a stream was deleted while jobs are awaited.
func TestStreamDeletedWhileNothingIsSubmitted(t *testing.T) {
	for _, stream := range []string{"JOBS", "RESULTS"} {
		t.Run(stream, func(t *testing.T) {
			withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
				h := newHandIn(ctx, t, nc, "double", "1")
				job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 2))
				d := h.take(ctx)
				must[struct{}](t)(asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
					return struct{}{}, h.js.DeleteStream(ctx, "asyncio_"+stream)
				}))
				if stream == "JOBS" { // with what was in it
					if _, err := job.Await(ctx); !errors.Is(err, remote.ErrLost) {
						t.Error(err)
					}
					return
				}
				must[struct{}](t)(struct{}{}, untilMessages(ctx, nc, "asyncio_RESULTS", 0)) // it is made again
				d.finishIn(ctx, "ok", 4)
				if v := must[int](t)(job.Await(ctx)); v != 4 {
					t.Error(v)
				}
			}, remote.LookEvery(time.Nanosecond)) // the stream may go before, between and after the questions
		})
	}
}
