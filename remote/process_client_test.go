package remote_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
)

func expectCanceled(ctx context.Context, t *testing.T, j *remote.Job[answer]) {
	t.Helper()
	if got, err := j.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) || !j.Canceled() {
		t.Errorf("job %s has come to %v, %v; want it canceled", j.ID(), got, err)
	}
}

func TestProcessCancel(t *testing.T) {
	t.Parallel()
	t.Run("before a worker has come", func(t *testing.T) {
		t.Parallel()
		l := newLand(t)
		inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
			j, err := work.Submit(ctx, x, task{}, remote.ID("j"))
			if err != nil {
				return err
			}
			if !j.Cancel() {
				t.Error("Cancel of a queued job returns false")
			}
			expectCanceled(ctx, t, j)
			if err := off(ctx, func() { l.worker(); l.settled(1) }); err != nil {
				return err
			}
			if n := runs(t, l.dir)["j"]; n != 0 {
				t.Errorf("a job that was canceled before has run %d times", n)
			}
			return nil
		})
	})
	for _, how := range []string{"", "deaf"} {
		t.Run("while it runs and is "+fmt.Sprintf("%q", how), func(t *testing.T) {
			t.Parallel()
			l := newLand(t)
			l.worker()
			inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
				takes := time.Hour
				if how == "deaf" {
					takes = 7 * time.Second // five seconds is how long the client waits for the function
				}
				j, err := work.Submit(ctx, x, task{Takes: takes, How: how}, remote.ID("j"))
				if err != nil {
					return err
				}
				if err := off(ctx, func() { l.begun("j", 1) }); err != nil {
					return err
				}
				j.Cancel()
				expectCanceled(ctx, t, j)
				again, err := work.Attach(ctx, x, "j")
				if err != nil {
					return err
				}
				expectCanceled(ctx, t, again)
				return nil
			}, remote.Client("c"))
			l.settled(1)
			l.ranOnce()
		})
	}
	t.Run("while its worker is stopped", func(t *testing.T) {
		t.Parallel()
		l := newLand(t)
		l.lease = shortLease
		w := l.worker()
		inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
			j, err := work.Submit(ctx, x, task{Takes: time.Hour}, remote.ID("j"))
			if err != nil {
				return err
			}
			if err := off(ctx, func() { l.begun("j", 1); w.stop() }); err != nil {
				return err
			}
			j.Cancel()
			expectCanceled(ctx, t, j)
			return off(ctx, func() { w.cont() })
		})
		l.settled(1)
	})
	t.Run("when it has ended", func(t *testing.T) {
		t.Parallel()
		l := newLand(t)
		l.worker()
		inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
			j, err := work.Submit(ctx, x, task{N: 6}, remote.ID("j"))
			if err != nil {
				return err
			}
			if _, err := j.Await(ctx); err != nil {
				return err
			}
			if j.Cancel() {
				t.Error("Cancel of a job that has ended returns true")
			}
			if got, err := j.Await(ctx); err != nil || got.Square != 36 {
				t.Errorf("after Cancel the job has come to %v, %v", got, err)
			}
			return nil
		})
		l.settled(1)
	})
	t.Run("at any moment", func(t *testing.T) {
		t.Parallel()
		l, r := newLand(t), newSeed(t)
		l.worker()
		l.worker()
		inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
			canceled, n := 0, times(100, 1000)
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range n {
					j, err := work.Submit(ctx, x, task{N: i, Takes: 10 * time.Millisecond})
					if err != nil {
						return err
					}
					pause := between(r, 0, 40*time.Millisecond)
					tg.Go(func(ctx context.Context) error {
						if err := asyncio.Sleep(ctx, pause); err != nil {
							return err
						}
						j.Cancel()
						switch got, err := j.Await(ctx); {
						case j.Canceled():
							canceled++
						case err != nil || got.Square != i*i:
							t.Errorf("job %d has come to %v, %v", i, got, err)
						}
						return nil
					})
				}
				return nil
			})
			t.Logf("%d of %d were canceled", canceled, n)
			if err != nil {
				return err
			}
			return off(ctx, func() { l.settled(n) })
		}, remote.Window(20))
	})
}

// A client that reads late: its window bounds what is under way, and nobody is cut off.
func TestProcessSlowClient(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.worker(func(w *aWorker) { w.Parallel = 8 })
	const jobs, window = 3000, 300
	var slow atomic.Int64
	watch := nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrSlowConsumer) {
			slow.Add(1)
		}
		t.Log(err)
	})
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		read := 0
		inputs := func(yield func(task) bool) {
			for n := 0; n < jobs && yield(task{N: n}); n++ {
			}
		}
		for got, err := range work.Map(ctx, x, inputs) {
			if err != nil || got.Square != read*read {
				t.Errorf("job %d has come to %v, %v", read, got, err)
			}
			if read++; read%1000 == 1 {
				err := off(ctx, func() { // it reads nothing until the workers have nothing to do
					eventually(t, "the queue is empty", func() bool { return l.state("JOBS").Msgs == 0 })
					if n := len(runs(t, l.dir)); n > read+window {
						t.Errorf("%d jobs were begun when %d results were read", n, read)
					}
				})
				if err != nil {
					return err
				}
			}
		}
		if read != jobs {
			t.Errorf("%d results for %d jobs", read, jobs)
		}
		return nil
	}, remote.Window(window), remote.NATS(watch))
	if n := slow.Load(); n > 0 {
		t.Errorf("the connection was a slow consumer %d times", n)
	}
	l.settled(jobs)
}

func TestProcessFullQueue(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	const most = 50
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		if err := all.submit(ctx, x, work, most, 0); err != nil {
			return err
		}
		if _, err := work.Submit(ctx, x, task{}); !errors.Is(err, remote.ErrFull) {
			t.Errorf("Submit with %d jobs in the queue: %v, want ErrFull", most, err)
		}
		if err := off(ctx, func() { l.worker() }); err != nil {
			return err
		}
		if err := all.check(ctx); err != nil {
			return err
		}
		if err := off(ctx, func() { l.settled(most) }); err != nil {
			return err
		}
		read := 0
		inputs := func(yield func(task) bool) {
			for n := 0; n < 10*most && yield(task{N: n, Takes: time.Millisecond}); n++ {
			}
		}
		for got, err := range work.Map(ctx, x, inputs) {
			if err != nil || got.Square != read*read {
				t.Errorf("job %d of Map has come to %v, %v", read, got, err)
			}
			read++
		}
		if read != 10*most {
			t.Errorf("Map has yielded %d results for %d jobs", read, 10*most)
		}
		return nil
	}, remote.MaxJobs(most), remote.Window(4*most))
	l.settled(most + 10*most)
}

// A worker that comes makes its consumers one after another. Who submits in between must
// not hear that the function is unknown.
func TestSubmitWhileTheFirstWorkerComes(t *testing.T) {
	t.Parallel()
	url := startServer(t, t.TempDir()).URL()
	nc := connect(t, url)
	inLoop(t, url, func(ctx context.Context, x *remote.Executor) error {
		err := off(ctx, func() {
			newHand(t, nc, "other", "1")
			// It makes the second consumer when the client has seen that there is only one.
			_, err := nc.Subscribe("$JS.API.CONSUMER.NAMES.asyncio_JOBS", func(*nats.Msg) { newHand(t, nc, "double", "1") })
			if err == nil {
				err = nc.Flush()
			}
			if err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			return err
		}
		j, err := double.Submit(ctx, x, 1)
		if err != nil {
			return err
		}
		j.Cancel()
		_, _ = j.Await(ctx) // nobody runs it
		return nil
	})
}

// A job that Map has sent, and whose confirmation has not come when the range is broken
// off, is canceled as the others are, and waited for.
func TestMapWaitsForJobsOnTheirWay(t *testing.T) {
	t.Parallel()
	url := startServer(t, t.TempDir()).URL()
	l := &land{t: t, url: url}
	l.look()
	s := newStrait(t, url)
	inLoop(t, s.url(), func(ctx context.Context, x *remote.Executor) error {
		if err := off(ctx, func() { newHand(t, connect(t, url), "double", "1") }); err != nil {
			return err
		}
		j, err := double.Submit(ctx, x, 0) // from now on it knows that double is served
		if err != nil {
			return err
		}
		partitions["down"](s)
		mapping := asyncio.Go(ctx, func(ctx context.Context) error {
			for _, err := range double.Map(ctx, x, count(1)) {
				return err
			}
			return nil
		})
		if err := off(ctx, func() { eventually(t, "the job is stored", func() bool { return l.state("JOBS").Msgs == 2 }) }); err != nil {
			return err
		}
		mapping.Cancel()
		if err := asyncio.Sleep(ctx, 0); err != nil {
			return err
		}
		s.heal()
		if _, err := mapping.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("Map has ended with %v", err)
		}
		if n := x.Stats().Pending; n != 1 {
			t.Errorf("%d jobs are pending, want the one of Submit", n)
		}
		j.Cancel()
		_, _ = j.Await(ctx) // nobody runs it
		return nil
	})
}
