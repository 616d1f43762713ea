package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
)

const nobodyAsks = 50 * time.Millisecond

func TestMapInOrder(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		stop := must[func()](t)(asyncio.ToThread(ctx, func(context.Context) (func(), error) { return serveDoubles(t, nc), nil }))
		defer stop()
		read, ahead, i := 0, 0, 0
		inputs := func(yield func(int) bool) {
			for n := range 100 {
				read++
				if !yield(n) {
					return
				}
			}
		}
		for v, err := range double.Map(ctx, x, inputs) {
			ahead = max(ahead, read-i)
			if remoteErr := new(remote.RemoteError); i == 13 && !errors.As(err, &remoteErr) {
				t.Errorf("the 13th: %v", err)
			} else if i != 13 && (v != 2*i || err != nil) {
				t.Errorf("%d: %v, %v", i, v, err)
			}
			i++
		}
		if i != 100 || ahead > 11 {
			t.Errorf("%d results, %d ahead", i, ahead)
		}
	}, remote.Window(10))
}

func TestMapBreak(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		results := double.Map(ctx, x, slices.Values([]int{1, 2, 3}))
		first := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			for v, err := range results {
				return v, err
			}
			return 0, errors.New("nothing")
		})
		h.take(ctx).finishIn(ctx, "ok", 2)
		if v := must[int](t)(first.Await(ctx)); v != 2 {
			t.Errorf("%d", v)
		}
		if s := x.Stats(); s.Pending != 0 || s.Canceled != 2 {
			t.Errorf("after the break: %+v", s)
		}
	})
}

func TestCancelQueued(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		if !job.Cancel() {
			t.Error("Cancel returned false")
		}
		if _, err := job.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) || !job.Canceled() || job.Cancel() {
			t.Errorf("canceled: %v", err)
		}
		again := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1, remote.ID(job.ID())))
		if _, err := again.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the result: %v", err)
		}
	})
}

// A worker that claims the job decides how it ends.
func TestCancelRunning(t *testing.T) {
	t.Parallel()
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		for _, outcome := range []string{"canceled", "ok"} {
			marks := must[*nats.Subscription](t)(nc.SubscribeSync("asyncio.cancel.>"))
			job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
			d := h.take(ctx)
			waits := asyncio.CreateTask(ctx, job.Await)
			must[struct{}](t)(struct{}{}, asyncio.Yield(ctx))
			waits.Cancel()
			must[*nats.Msg](t)(asyncio.ToThread(ctx, func(context.Context) (*nats.Msg, error) { return marks.NextMsg(hang) }))
			d.tell(map[string]any{"claims": true, "worker": "hand", "attempt": 1})
			must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, 700*time.Millisecond)) // without the claim, it would be over
			if job.Done() {
				t.Errorf("%s: ended before the worker", outcome)
			}
			d.finishIn(ctx, outcome, 2)
			v, err := waits.Await(ctx)
			if outcome == "ok" && (v != 2 || err != nil) || outcome == "canceled" && (!errors.Is(err, asyncio.ErrCanceled) || !waits.Canceled() || !job.Canceled()) {
				t.Errorf("%s: %v, %v", outcome, v, err)
			}
			_ = marks.Unsubscribe()
		}
	})
}

func TestAwaitableEverywhere(t *testing.T) {
	t.Parallel()
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		submit := func(n int) *remote.Job[int] { return must[*remote.Job[int]](t)(double.Submit(ctx, x, n)) }
		_, err := asyncio.WaitFor[int](ctx, submit(1), time.Millisecond)
		if !errors.Is(err, asyncio.ErrTimeout) {
			t.Errorf("WaitFor: %v", err)
		}
		a, b := submit(2), submit(3)
		h := newHandIn(ctx, t, nc, "double", "1")
		raced := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.Race[int](ctx, a, b) })
		for d := h.take(ctx); ; d = h.take(ctx) {
			if d.id == b.ID() {
				d.finishIn(ctx, "ok", 6)
				break
			}
		}
		if v, err := raced.Await(ctx); v != 6 || err != nil || !a.Canceled() {
			t.Errorf("Race: %v, %v, canceled %v", v, err, a.Canceled())
		}
		c, d := submit(4), submit(5)
		gathered := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return asyncio.Gather[int](ctx, c, d) })
		h.take(ctx).finishIn(ctx, "ok", 8)
		h.take(ctx).finishIn(ctx, "ok", 10)
		if got, err := gathered.Await(ctx); err != nil || got[0] != 8 || got[1] != 10 {
			t.Errorf("Gather: %v, %v", got, err)
		}
		e := submit(6)
		if _, pending, err := asyncio.Wait(ctx, []*remote.Job[int]{c, e}, asyncio.FirstCompleted, 0); err != nil || len(pending) != 1 {
			t.Errorf("Wait: %v, %v", pending, err)
		}
		if chosen, err := asyncio.Select(ctx, e.OnDone(), c.OnDone()); chosen != 1 || err != nil {
			t.Errorf("Select: %v, %v", chosen, err)
		}
		e.Cancel()
		_, _ = e.Await(ctx)
	})
}

func TestAttach(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		ended := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1, remote.ID("ended")))
		h.take(ctx).finishIn(ctx, "ok", 2)
		must[int](t)(ended.Await(ctx))
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 2, remote.ID("pending")))
		_ = x.Close()

		y := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc, remote.Client("me")))
		defer y.Close()
		job := must[*remote.Job[int]](t)(double.Attach(ctx, y, "ended"))
		if v := must[int](t)(job.Await(ctx)); v != 2 {
			t.Errorf("a job that had ended: %d", v)
		}
		job = must[*remote.Job[int]](t)(double.Attach(ctx, y, "pending"))
		h.take(ctx).finishIn(ctx, "ok", 4)
		if v := must[int](t)(job.Await(ctx)); v != 4 {
			t.Errorf("a job that was pending: %d", v)
		}
		if _, err := double.Attach(ctx, y, "never"); !errors.Is(err, remote.ErrUnknownJob) {
			t.Errorf("an unknown one: %v", err)
		}
	}, remote.Client("me"))
}

func TestProgress(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		d := h.take(ctx)
		all, newest := job.Progress(ctx), job.Progress(ctx)
		// The server has the subscription when it answers a request that was sent later.
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 2, remote.ID("later"))).Cancel()
		got := 0
		d.tell(map[string]any{"progress": 0})
		for v, err := range all {
			if err != nil || string(v) != string(must[[]byte](t)(json.Marshal(got))) {
				t.Errorf("%d: %s, %v", got, v, err)
			}
			if got++; got < 200 {
				d.tell(map[string]any{"progress": got})
			} else {
				break
			}
		}
		d.finishIn(ctx, "ok", 2)
		must[int](t)(job.Await(ctx))
		var kept []string
		for v, err := range newest {
			if err != nil {
				t.Error(err)
			}
			kept = append(kept, string(v))
		}
		if len(kept) != 64 || kept[63] != "199" || kept[0] != "136" {
			t.Errorf("kept: %v", kept)
		}
	})
}
