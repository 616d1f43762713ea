package remote_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
)

func TestSubmitAndAwait(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 21))
		if job.Done() {
			t.Error("done before a worker has come")
		}
		if _, err := job.Result(); !errors.Is(err, asyncio.ErrInvalidState) {
			t.Errorf("Result before the end: %v", err)
		}
		d := h.take(ctx)
		if got := string(d.msg.Data()); got != "21" || d.id != job.ID() || d.client != x.ClientID() {
			t.Errorf("the worker got %q of %s.%s", got, d.client, d.id)
		}
		d.finishIn(ctx, "ok", 42)
		if v, err := job.Await(ctx); v != 42 || err != nil {
			t.Errorf("Await: %v, %v", v, err)
		}
		if v, err := job.Result(); v != 42 || err != nil || job.Attempts() != 1 || job.Cancel() {
			t.Errorf("after the end: %v, %v, attempts %d", v, err, job.Attempts())
		}
		if s := x.Stats(); s != (remote.Stats{Submitted: 1, Done: 1}) {
			t.Errorf("stats: %+v", s)
		}
	})
}

func TestOutcomes(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		for outcome, want := range map[string]error{"died": remote.ErrWorkerDied, "expired": remote.ErrExpired, "canceled": asyncio.ErrCanceled} {
			job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
			h.take(ctx).finishIn(ctx, outcome, nil)
			_, err := job.Await(ctx)
			if !errors.Is(err, want) || !strings.Contains(err.Error(), job.ID()) || !strings.Contains(err.Error(), "double") {
				t.Errorf("%s: %v", outcome, err)
			}
			if job.Canceled() != (outcome == "canceled") {
				t.Errorf("%s: Canceled is %v", outcome, job.Canceled())
			}
		}
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		h.take(ctx).finishIn(ctx, "error", map[string]any{"type": "T", "message": "no luck", "is": []string{"asyncio.timeout"}})
		_, err := job.Await(ctx)
		remoteErr := new(remote.RemoteError)
		if !errors.As(err, &remoteErr) || remoteErr.Message != "no luck" || remoteErr.Worker != "hand" || !errors.Is(err, asyncio.ErrTimeout) {
			t.Errorf("error: %v", err)
		}
	})
}

func TestUnknownFunction(t *testing.T) {
	t.Parallel()
	other := remote.Define("double", func(ctx context.Context, n int) (int, error) { return n, nil }, remote.Version("2"))
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		waits := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1)) // nobody has ever served anything
		h := newHandIn(ctx, t, nc, "double", "1")
		h.take(ctx).finishIn(ctx, "ok", 2)
		if v, err := waits.Await(ctx); v != 2 || err != nil {
			t.Errorf("the job before the first worker: %v, %v", v, err)
		}
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 2)) // asks, and learns that there are workers
		h.take(ctx).finishIn(ctx, "ok", 4)
		var err error
		for range 100 { // while the answer that there is nobody is remembered, it is not asked
			var job *remote.Job[int]
			if job, err = other.Submit(ctx, x, 1); err != nil {
				break
			}
			job.Cancel()
			must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, nobodyAsks))
		}
		if !errors.Is(err, remote.ErrUnknownFunc) || !strings.Contains(err.Error(), "versions 1") {
			t.Errorf("another version: %v", err)
		}
		nothing := remote.Define("nothing", func(ctx context.Context, n int) (int, error) { return n, nil })
		if _, err := nothing.Submit(ctx, x, 1); !errors.Is(err, remote.ErrUnknownFunc) || !strings.Contains(err.Error(), "double=1") {
			t.Errorf("another function: %v", err)
		}
	})
}

func TestTooLarge(t *testing.T) {
	text := remote.Define("text", func(ctx context.Context, s string) (string, error) { return s, nil })
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		_, err := text.Submit(ctx, x, strings.Repeat("x", 1<<20))
		if !errors.Is(err, remote.ErrTooLarge) || !strings.Contains(err.Error(), "1048578 bytes") || !strings.Contains(err.Error(), "takes 1048") {
			t.Errorf("%v", err)
		}
		job := must[*remote.Job[string]](t)(text.Submit(ctx, x, strings.Repeat("x", 1<<20-400)))
		h := newHandIn(ctx, t, nc, "text", "1")
		h.take(ctx).finishIn(ctx, "ok", "")
		must[string](t)(job.Await(ctx))
	})
}

func TestFull(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		first := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 2)).Cancel()
		if _, err := double.Submit(ctx, x, 3); !errors.Is(err, remote.ErrFull) {
			t.Errorf("the third of two: %v", err)
		}
		first.Cancel()
	}, remote.MaxJobs(2))
}

func TestSameID(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		a := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1, remote.ID("one")))
		b := must[*remote.Job[int]](t)(double.Submit(ctx, x, 100, remote.ID("one")))
		h.take(ctx).finishIn(ctx, "ok", 2)
		if va, vb := must[int](t)(a.Await(ctx)), must[int](t)(b.Await(ctx)); va != 2 || vb != 2 {
			t.Errorf("two with one id: %d, %d", va, vb)
		}
		c := must[*remote.Job[int]](t)(double.Submit(ctx, x, 100, remote.ID("one")))
		if v := must[int](t)(c.Await(ctx)); v != 2 {
			t.Errorf("after the end: %d", v)
		}
		if info, err := h.cons.Info(context.Background()); err != nil || info.NumPending != 0 || info.Delivered.Consumer != 1 {
			t.Errorf("it was queued again: %+v, %v", info, err)
		}
		if _, err := double.Submit(ctx, x, 1, remote.ID("no good")); err == nil {
			t.Error("an id with a space is taken")
		}
	})
}

// Two tasks that submit under one id at the same time get one job.
func TestSameIDAtOnce(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		stop := must[func()](t)(asyncio.ToThread(ctx, func(context.Context) (func(), error) { return serveDoubles(t, nc), nil }))
		defer stop()
		submit := asyncio.Coro[int](func(ctx context.Context) (int, error) {
			job, err := double.Submit(ctx, x, 4, remote.ID("both"))
			if err != nil {
				return 0, err
			}
			return job.Await(ctx)
		})
		got := must[[]int](t)(asyncio.Gather[int](ctx, submit, submit, submit))
		if got[0] != 8 || got[1] != 8 || got[2] != 8 {
			t.Errorf("%v", got)
		}
	})
}

func TestCloseEndsWaits(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		waits := asyncio.CreateTask(ctx, func(ctx context.Context) (*remote.Job[int], error) { return double.Submit(ctx, x, 2) })
		must[struct{}](t)(struct{}{}, asyncio.Yield(ctx)) // it waits for the window
		if err := errors.Join(x.Close(), x.Close()); err != nil {
			t.Error(err)
		}
		if _, err := job.Await(ctx); !errors.Is(err, remote.ErrClosed) || job.Canceled() {
			t.Errorf("a pending job: %v", err)
		}
		if _, err := waits.Await(ctx); !errors.Is(err, remote.ErrClosed) {
			t.Errorf("a Submit that waits: %v", err)
		}
		if _, err := double.Submit(ctx, x, 1); !errors.Is(err, remote.ErrClosed) {
			t.Errorf("Submit after Close: %v", err)
		}
		y := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc, remote.Client(x.ClientID())))
		defer y.Close()
		again := must[*remote.Job[int]](t)(double.Attach(ctx, y, job.ID()))
		newHandIn(ctx, t, nc, "double", "1").take(ctx).finishIn(ctx, "ok", 2)
		if v := must[int](t)(again.Await(ctx)); v != 2 {
			t.Errorf("the job went on with %d", v)
		}
	}, remote.Window(1))
}
