package inspect_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/asyncio-go/asyncio/remote/inspect"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// limit is how long a test waits for what should come soon.
const limit = time.Minute

// house is a server with a client, and the functions that its workers serve.
type house struct {
	t    *testing.T
	nc   *nats.Conn
	x    *remote.Executor
	open chan struct{} // lets wait return; closed at the end

	fails, waits *remote.Func[int, int]
	nobody       *remote.Func[int, int]
}

// in runs a test on a loop.
func in(t *testing.T, test func(ctx context.Context, h *house)) {
	t.Helper()
	s, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := &house{t: t, open: make(chan struct{})}
	if h.nc, err = s.Conn(); err != nil {
		t.Fatal(err)
	}
	h.fails = remote.Define("fails", func(_ context.Context, n int) (int, error) {
		if n < 0 {
			return 0, errors.New("below zero\nand more")
		}
		return n, nil
	})
	h.waits = remote.Define("waits", func(ctx context.Context, n int) (int, error) {
		select {
		case <-h.open:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	})
	h.nobody = remote.Define("nobody", func(_ context.Context, n int) (int, error) { return n, nil }, remote.Version("2"))
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, limit, func(ctx context.Context) error {
			if h.x, err = remote.NewExecutor(ctx, h.nc, remote.Client("me")); err != nil {
				return err
			}
			defer h.x.Close()
			test(ctx, h)
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// serve starts a worker, and returns what ends it.
func (h *house) serve(ctx context.Context, tg *asyncio.TaskGroup, opts ...remote.WorkerOption) *asyncio.Task[struct{}] {
	return tg.Go(func(ctx context.Context) error {
		_ = remote.Serve(ctx, h.nc, []remote.Registered{h.fails, h.waits}, append([]remote.WorkerOption{remote.WorkerName("w1"), remote.Parallel(1)}, opts...)...) // it is canceled
		return nil
	})
}

func submit(ctx context.Context, h *house, f *remote.Func[int, int], n int, id string) *remote.Job[int] {
	h.t.Helper()
	job, err := f.Submit(ctx, h.x, n, remote.ID(id))
	if err != nil {
		h.t.Fatal(err)
	}
	return job
}

func (h *house) read(ctx context.Context) inspect.State {
	h.t.Helper()
	s, err := asyncio.ToThread(ctx, func(ctx context.Context) (inspect.State, error) { return inspect.Read(ctx, h.nc, "asyncio") })
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// until reads until there is what a test waits for.
func (h *house) until(ctx context.Context, what string, is func(s inspect.State) bool) inspect.State {
	h.t.Helper()
	for {
		s := h.read(ctx)
		if is(s) {
			return s
		}
		if ctx.Err() != nil {
			h.t.Fatalf("never: %s: %+v", what, s)
		}
	}
}

func (h *house) retry(ctx context.Context, which inspect.Which) ([]inspect.Retried, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) ([]inspect.Retried, error) {
		return inspect.Retry(ctx, h.nc, "asyncio", which)
	})
}

func (h *house) purge(ctx context.Context, which inspect.Which) int {
	h.t.Helper()
	n, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) { return inspect.Purge(ctx, h.nc, "asyncio", which) })
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestReadOfNothing(t *testing.T) {
	s, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	state, err := inspect.Read(t.Context(), nc, "asyncio")
	if err != nil || state.Jobs != 0 || state.Queue == nil || state.Workers == nil || state.Running == nil || state.Failures == nil {
		t.Errorf("%+v, %v", state, err)
	}
	if done, err := inspect.Retry(t.Context(), nc, "asyncio", inspect.Which{}); err != nil || done != nil {
		t.Errorf("Retry: %v, %v", done, err)
	}
	if n, err := inspect.Purge(t.Context(), nc, "asyncio", inspect.Which{}); err != nil || n != 0 {
		t.Errorf("Purge: %v, %v", n, err)
	}
}

func TestMisuse(t *testing.T) {
	s, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inspect.Read(t.Context(), nc, "a.b"); err == nil || !strings.Contains(err.Error(), `the prefix "a.b"`) {
		t.Errorf("Read: %v", err)
	}
	for _, which := range []inspect.Which{{ID: "*"}, {Function: "f g"}, {Version: ">"}, {Client: "a.b"}} {
		if _, err := inspect.Purge(t.Context(), nc, "asyncio", which); err == nil || !strings.Contains(err.Error(), "use 1 to 64") {
			t.Errorf("Purge of %+v: %v", which, err)
		}
		if _, err := inspect.Retry(t.Context(), nc, "asyncio", which); err == nil || !strings.Contains(err.Error(), "use 1 to 64") {
			t.Errorf("Retry of %+v: %v", which, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := inspect.Read(ctx, nc, "asyncio"); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled Read: %v", err)
	}
}

func TestWithoutJetStream(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(limit) {
		t.Fatal("the server does not start")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := inspect.Read(t.Context(), nc, "asyncio"); err == nil || !strings.Contains(err.Error(), "start it with -js") {
		t.Errorf("%v", err)
	}
}

func TestQueueWorkersAndRunning(t *testing.T) {
	in(t, func(ctx context.Context, h *house) {
		before := time.Now().Add(-limit) // clocks are one and the same here
		for i, id := range []string{"a", "b", "c"} {
			submit(ctx, h, h.waits, i, id)
		}
		submit(ctx, h, h.nobody, 1, "d")
		s := h.read(ctx)
		want := []inspect.Function{{Name: "nobody", Version: "2", Waiting: 1}, {Name: "waits", Version: "1", Waiting: 3}}
		if !slices.Equal(s.Queue, want) || s.Jobs != 4 || len(s.Workers) != 0 {
			t.Errorf("without workers: %+v", s)
		}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			worker := h.serve(ctx, tg)
			s := h.until(ctx, "a job runs", func(s inspect.State) bool {
				return len(s.Running) == 1 && slices.ContainsFunc(s.Queue, func(f inspect.Function) bool { return f.Held == 1 })
			})
			if r := s.Running[0]; r.Worker != "w1" || r.ID != "a" || r.Client != "me" || r.Function != "waits=1" || r.Attempt != 1 {
				t.Errorf("%+v runs", r)
			}
			if w := s.Workers; len(w) != 1 || w[0].Worker != "w1" || w[0].Parallel != 1 || len(w[0].Functions) != 2 {
				t.Errorf("%+v work", w)
			}
			for _, f := range s.Queue {
				if f.Name == "waits" && (f.Waiting != 2 || f.Held != 1 || f.Workers != 1 || f.Oldest.Before(before) || s.At.Before(f.Oldest)) {
					t.Errorf("at %v, the queue is %+v", s.At, f)
				}
				if f.Name == "nobody" && (f.Waiting != 1 || f.Workers != 0) {
					t.Errorf("the queue without a worker is %+v", f)
				}
			}
			close(h.open)
			h.until(ctx, "all have ended", func(s inspect.State) bool { return s.Jobs == 1 && len(s.Running) == 0 && s.Workers[0].Done == 3 })
			worker.Cancel()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		h.until(ctx, "the worker is gone", func(s inspect.State) bool { return len(s.Workers) == 0 })
	})
}

func TestFailures(t *testing.T) {
	in(t, func(ctx context.Context, h *house) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			worker := h.serve(ctx, tg)
			defer worker.Cancel()
			long := strings.Repeat("x", 64)
			for _, id := range []string{"a", "b", long} {
				if _, err := submit(ctx, h, h.fails, -1, id).Await(ctx); err == nil {
					t.Errorf("%s has not failed", id)
				}
			}
			s := h.read(ctx)
			if s.Failed != 3 || len(s.Failures) != 3 {
				t.Fatalf("%+v", s)
			}
			f := s.Failures[2]
			if f.ID != "a" || f.Client != "me" || f.Function != "fails" || f.Version != "1" || f.Error != "below zero" || f.Worker != "w1" || f.Attempts != 1 || f.Outcome != "error" || f.Size != 2 || f.At.After(s.Failures[0].At) {
				t.Errorf("the oldest failure is %+v", f)
			}
			h.retriesOf(ctx, "a", "a-retry-1", "a-retry-2", "a-retry-3")
			h.retriesOf(ctx, long, long[:56]+"-retry-1", long[:56]+"-retry-2")
			if _, err := h.retry(ctx, inspect.Which{ID: "a"}); err != nil { // it is not there any more
				t.Error(err)
			}
			for _, n := range []struct {
				which inspect.Which
				want  int
			}{
				{inspect.Which{ID: "nothing"}, 0}, {inspect.Which{Function: "waits"}, 0}, {inspect.Which{Client: "you"}, 0},
				{inspect.Which{ID: "b"}, 1}, {inspect.Which{Function: "fails", Version: "1"}, 2}, {inspect.Which{}, 0},
			} {
				if got := h.purge(ctx, n.which); got != n.want {
					t.Errorf("Purge of %v: %d, want %d", n.which, got, n.want)
				}
			}
			if s := h.read(ctx); s.Failed != 0 || len(s.Failures) != 0 {
				t.Errorf("after Purge: %+v", s)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// retriesOf retries a job, and the one that repeats it, and so on.
func (h *house) retriesOf(ctx context.Context, id string, want ...string) {
	h.t.Helper()
	for _, next := range want {
		done, err := h.retry(ctx, inspect.Which{ID: id})
		if err != nil || len(done) != 1 || done[0] != (inspect.Retried{ID: id, NewID: next, Client: "me", Function: "fails", Version: "1"}) {
			h.t.Fatalf("Retry of %s: %+v, %v, want %s", id, done, err, next)
		}
		job, err := h.fails.Attach(ctx, h.x, next)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := job.Await(ctx); err == nil || !strings.Contains(err.Error(), "below zero") {
			h.t.Errorf("%s ended with %v", next, err)
		}
		s := h.until(ctx, "the retry has failed", func(s inspect.State) bool { return s.Failures[0].ID == next })
		if f := s.Failures[0]; f.RetryOf != id {
			h.t.Errorf("%s repeats %q, want %q", next, f.RetryOf, id)
		}
		id = next
	}
}

// What a Retry that was broken off has queued is found by the next one.
func TestRetryAgain(t *testing.T) {
	in(t, func(ctx context.Context, h *house) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			worker := h.serve(ctx, tg)
			if _, err := submit(ctx, h, h.fails, -1, "a").Await(ctx); err == nil {
				t.Error("a has not failed")
			}
			worker.Cancel()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		record := h.record(ctx, "asyncio.failure.fails.1.me.a")
		for range 2 {
			done, err := h.retry(ctx, inspect.Which{})
			if err != nil || len(done) != 1 || done[0].NewID != "a-retry-1" {
				t.Errorf("%+v, %v", done, err)
			}
			if s := h.read(ctx); s.Jobs != 1 || s.Failed != 0 {
				t.Errorf("%d jobs are queued, %d have failed", s.Jobs, s.Failed)
			}
			h.publish(ctx, record) // as if it had not been removed
		}
	})
}
