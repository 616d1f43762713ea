package remote_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
)

var errUnlucky = errors.New("unlucky")

func init() { remote.RegisterError("test.unlucky", errUnlucky) }

// count yields the numbers below n.
func count(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

var quarter = remote.Define("quarter", func(ctx context.Context, n int) (float64, error) {
	if n == 13 {
		return 0, errUnlucky
	}
	return float64(n) / 4, nil
})

// waiting tells that it has begun, and returns when its context is canceled.
var waiting = remote.Define("waiting", func(ctx context.Context, n int) (int, error) {
	for i := 0; ; i++ {
		if err := remote.Progress(ctx, "begun"); err != nil {
			return 0, err
		}
		if err := asyncio.Sleep(ctx, 5*time.Millisecond); err != nil {
			return 0, err
		}
	}
})

// begun waits until a worker runs the job.
func begun(ctx context.Context, t *testing.T, job *remote.Job[int]) {
	t.Helper()
	for v, err := range job.Progress(ctx) {
		if string(v) != `"begun"` || err != nil {
			t.Errorf("progress: %s, %v", v, err)
		}
		return
	}
	t.Error("the job has ended before it has begun")
}

// withWorker is withServer with a worker on the same loop.
func withWorker(t *testing.T, main func(ctx context.Context, nc *nats.Conn, x *remote.Executor), opts ...remote.Option) {
	t.Helper()
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			return remote.Serve(ctx, nc, []remote.Registered{quarter, waiting}, remote.OnLoop(), remote.Parallel(8))
		})
		main(ctx, nc, x)
		worker.Cancel()
		if _, err := worker.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the worker: %v", err)
		}
	}, opts...)
}

func TestMapWithWorkers(t *testing.T) {
	withWorker(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		i := 0
		for v, err := range quarter.Map(ctx, x, count(1000)) {
			if i == 13 && !errors.Is(err, errUnlucky) || i != 13 && (err != nil || v != float64(i)/4) {
				t.Errorf("%d: %v, %v", i, v, err)
			}
			i++
		}
		if s := x.Stats(); i != 1000 || s != (remote.Stats{Submitted: 1000, Done: 999, Failed: 1}) {
			t.Errorf("%d results, %+v", i, s)
		}
	})
}

func TestCancelWithWorkers(t *testing.T) {
	withWorker(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		running := must[*remote.Job[int]](t)(waiting.Submit(ctx, x, 1))
		begun(ctx, t, running)
		if !running.Cancel() {
			t.Error("a job that runs cannot be canceled")
		}
		if _, err := running.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) || running.Attempts() != 1 {
			t.Errorf("canceled while it ran: %v, attempts %d", err, running.Attempts())
		}
		group := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			jobs := []*remote.Job[int]{}
			for n := range 3 {
				jobs = append(jobs, must[*remote.Job[int]](t)(waiting.Submit(ctx, x, n)))
				tg.Go(func(ctx context.Context) error { _, err := jobs[n].Await(ctx); return err })
			}
			for _, job := range jobs {
				begun(ctx, t, job)
			}
			return errUnlucky
		})
		if s := x.Stats(); !errors.Is(group, errUnlucky) || s.Canceled != 4 || s.Pending != 0 {
			t.Errorf("the group: %v, %+v", group, s)
		}
		ended := must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 2))
		if v, err := ended.Await(ctx); v != 0.5 || err != nil || ended.Cancel() {
			t.Errorf("canceled after its end: %v, %v", v, err)
		}
	})
}

func TestDeadlineTravels(t *testing.T) {
	t.Parallel()
	withWorker(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		var job *remote.Job[int]
		err := asyncio.WithTimeout(ctx, 2*time.Second, func(ctx context.Context) (err error) {
			job, err = waiting.Submit(ctx, x, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = job.Await(ctx) // this one has more time, and the job has not
		if !errors.Is(err, asyncio.ErrTimeout) && !errors.Is(err, remote.ErrExpired) {
			t.Errorf("a job whose time is over: %v", err)
		}
	})
}

func TestServerRestarted(t *testing.T) {
	dir := t.TempDir()
	port := freePort(t)
	s := startServer(t, dir, embedded.Port(port))
	ncx, ncw := connect(t, s.URL()), connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, ncx))
		defer x.Close()
		var jobs []*remote.Job[float64]
		for n := range 100 {
			jobs = append(jobs, must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 4*n)))
		}
		must[struct{}](t)(asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { return struct{}{}, s.Close() }))
		during := asyncio.CreateTask(ctx, func(ctx context.Context) (*remote.Job[float64], error) { return quarter.Submit(ctx, x, 400) })
		must[struct{}](t)(struct{}{}, asyncio.Sleep(ctx, 100*time.Millisecond)) // it has failed for a first time
		s = must[*embedded.Server](t)(asyncio.ToThread(ctx, func(context.Context) (*embedded.Server, error) {
			return embedded.Start(dir, embedded.Port(port))
		}))
		defer func() { _ = s.Close() }()
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			return remote.Serve(ctx, ncw, []remote.Registered{quarter}, remote.OnLoop(), remote.Parallel(8))
		})
		jobs = append(jobs, must[*remote.Job[float64]](t)(during.Await(ctx)))
		for n, v := range must[[]float64](t)(asyncio.Gather(ctx, asyncio.Awaitables[*remote.Job[float64], float64](jobs)...)) {
			if v != float64(n) {
				t.Errorf("%d: %v", n, v)
			}
		}
		worker.Cancel()
		_, _ = worker.Await(ctx)
		return nil
	})
}

// What the server has lost ends with ErrLost, and new jobs go on.
func TestServerWithoutItsFiles(t *testing.T) {
	port := freePort(t)
	s := startServer(t, t.TempDir(), embedded.Port(port))
	ncx, ncw := connect(t, s.URL()), connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, ncx))
		defer x.Close()
		lost := must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 1))
		s2 := must[*embedded.Server](t)(asyncio.ToThread(ctx, func(context.Context) (*embedded.Server, error) {
			_ = s.Close()
			return embedded.Start(t.TempDir(), embedded.Port(port))
		}))
		defer func() { _ = s2.Close() }()
		if _, err := lost.Await(ctx); !errors.Is(err, remote.ErrLost) {
			t.Errorf("the job: %v", err)
		}
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			return remote.Serve(ctx, ncw, []remote.Registered{quarter}, remote.OnLoop())
		})
		if v, err := must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 1)).Await(ctx); v != 0.25 || err != nil {
			t.Errorf("a new job: %v, %v", v, err)
		}
		worker.Cancel()
		_, _ = worker.Await(ctx)
		return nil
	})
}

// TestMany is for figures: ASYNCIO_REMOTE_JOBS=100000 says how many.
func TestMany(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("ASYNCIO_REMOTE_JOBS"))
	if n == 0 {
		t.Skip("without ASYNCIO_REMOTE_JOBS")
	}
	withWorker(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		begun := time.Now()
		i := 0
		for v, err := range quarter.Map(ctx, x, count(n)) {
			if i != 13 && (err != nil || v != float64(i)/4) {
				t.Fatalf("%d: %v, %v", i, v, err)
			}
			i++
		}
		t.Logf("%d jobs, %.0f a second", i, float64(i)/time.Since(begun).Seconds())
	})
}
