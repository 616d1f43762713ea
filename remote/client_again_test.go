package remote_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A job that is known to the server and not to this executor, as after a restart of the
// client, or after a publication without an answer.
func TestSubmitWhatTheServerKnows(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		y := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc, remote.Client("me")))
		defer y.Close()
		a := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1, remote.ID("one")))
		b := must[*remote.Job[int]](t)(double.Submit(ctx, y, 2, remote.ID("one"))) // it is queued
		d := h.take(ctx)
		c := must[*remote.Job[int]](t)(double.Submit(ctx, y, 3, remote.ID("one"))) // it runs
		d.finishIn(ctx, "ok", 2)
		for _, job := range []*remote.Job[int]{a, b, c} {
			if v := must[int](t)(job.Await(ctx)); v != 2 {
				t.Errorf("%d", v)
			}
		}
		info := must[*jetstream.ConsumerInfo](t)(asyncio.ToThread(ctx, h.cons.Info))
		if info.NumPending != 0 || info.Delivered.Consumer != 1 {
			t.Errorf("it was queued again: %+v", info)
		}
		must[struct{}](t)(asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
			results, err := h.js.Stream(ctx, "asyncio_RESULTS")
			if err != nil {
				return struct{}{}, err
			}
			return struct{}{}, results.Purge(ctx)
		}))
		if _, err := double.Submit(ctx, y, 4, remote.ID("one")); !errors.Is(err, remote.ErrExpired) {
			t.Errorf("without its result: %v", err)
		}
	}, remote.Client("me"))
}

// Without a connection, Submit goes on until its context is done, and not longer.
func TestSubmitWithoutConnection(t *testing.T) {
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc))
		defer x.Close()
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		must[struct{}](t)(asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { return struct{}{}, s.Close() }))
		err := asyncio.WithTimeout(ctx, 200*time.Millisecond, func(ctx context.Context) error {
			_, err := double.Submit(ctx, x, 2)
			return err
		})
		if !errors.Is(err, asyncio.ErrTimeout) {
			t.Errorf("Submit: %v", err)
		}
		return nil
	})
}

// While the queue is full, Map waits for its own jobs.
// A Submit whose id another task's Submit has, which gives up, submits the job itself.
func TestSubmitAfterTheOtherGaveUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	port := freePort(t)
	s := startServer(t, dir, embedded.Port(port))
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc))
		defer x.Close()
		must[struct{}](t)(asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { return struct{}{}, s.Close() }))
		submit := func(ctx context.Context) (*remote.Job[int], error) {
			return double.Submit(ctx, x, 4, remote.ID("same"))
		}
		first := asyncio.CreateTask(ctx, submit, asyncio.Eager())
		second := asyncio.CreateTask(ctx, submit, asyncio.Eager())
		for x.Stats().Pending == 0 {
			must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, nobodyAsks))
		}
		must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, nobodyAsks)) // the second one finds the id taken
		first.Cancel()
		if _, err := first.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the first: %v", err)
		}
		s = must[*embedded.Server](t)(asyncio.ToThread(ctx, func(context.Context) (*embedded.Server, error) {
			return embedded.Start(dir, embedded.Port(port))
		}))
		defer func() { _ = s.Close() }()
		job := must[*remote.Job[int]](t)(second.Await(ctx))
		h := newHandIn(ctx, t, nc, "double", "1")
		h.take(ctx).finishIn(ctx, "ok", 8)
		if v, err := job.Await(ctx); v != 8 || err != nil {
			t.Errorf("%v, %v", v, err)
		}
		return nil
	})
}

func TestMapFull(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		stop := must[func()](t)(asyncio.ToThread(ctx, func(context.Context) (func(), error) { return serveDoubles(t, nc), nil }))
		defer stop()
		n := 0
		for v, err := range double.Map(ctx, x, count(13)) {
			if err != nil || v != 2*n {
				t.Errorf("%d: %v, %v", n, v, err)
			}
			n++
		}
		if n != 13 {
			t.Errorf("%d results", n)
		}
	}, remote.MaxJobs(3), remote.Window(10))
}

func TestMapFullOfOthers(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		other := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		var got []error
		for _, err := range double.Map(ctx, x, count(2)) {
			got = append(got, err)
		}
		if len(got) != 2 || !errors.Is(got[0], remote.ErrFull) || !errors.Is(got[1], remote.ErrFull) {
			t.Errorf("%v", got)
		}
		other.Cancel()
	}, remote.MaxJobs(1))
}

func TestMapCanceled(t *testing.T) {
	t.Parallel()
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		var got []error
		err := asyncio.WithTimeout(ctx, 200*time.Millisecond, func(ctx context.Context) error {
			for _, err := range double.Map(ctx, x, count(20)) {
				got = append(got, err)
			}
			return got[len(got)-1]
		})
		if !errors.Is(err, asyncio.ErrTimeout) || len(got) != 1 || !errors.Is(got[0], asyncio.ErrCanceled) {
			t.Errorf("%v, %v", err, got)
		}
		if s := x.Stats(); s.Pending != 0 {
			t.Errorf("after the range: %+v", s)
		}
	})
}

// An id is that of one function.
func TestSubmitWithTheIDOfAnotherFunction(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		newHandIn(ctx, t, nc, "double", "1")
		h := newHandIn(ctx, t, nc, "triple", "1")
		triple := remote.Define("triple", func(_ context.Context, n int) (int, error) { return 3 * n, nil })
		a := must[*remote.Job[int]](t)(triple.Submit(ctx, x, 1, remote.ID("one")))
		if _, err := double.Submit(ctx, x, 1, remote.ID("one")); err == nil || !strings.Contains(err.Error(), "job of triple") {
			t.Errorf("while it is pending: %v", err)
		}
		h.take(ctx).finishIn(ctx, "ok", 3)
		if v := must[int](t)(a.Await(ctx)); v != 3 {
			t.Errorf("%d", v)
		}
		b := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1, remote.ID("one")))
		if v, err := b.Await(ctx); err == nil || !strings.Contains(err.Error(), "job of triple") {
			t.Errorf("when it has ended: %d, %v", v, err)
		}
	})
}

// Whoever looks at a program sees which job a task awaits.
func TestWhatATaskAwaits(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 2, remote.ID("one")))
		waits := asyncio.Go(ctx, func(ctx context.Context) error { _, err := job.Await(ctx); return err }, asyncio.Eager())
		by := asyncio.AwaitedBy(job)
		if len(by) != 1 || by[0].WaitingOn != "job one of double" {
			t.Errorf("it is awaited by %v", by)
		}
		h.take(ctx).finishIn(ctx, "ok", 4)
		must[struct{}](t)(waits.Await(ctx))
	})
}
