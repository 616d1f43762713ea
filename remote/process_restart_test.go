package remote_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The server is killed, and later ended, under 1,000 jobs, and goes on with its files.
func TestProcessServerRestarted(t *testing.T) {
	t.Parallel()
	l := newLandWithServerProcess(t)
	l.lease = shortLease
	l.worker()
	l.worker()
	const jobs = 1000
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		if err := all.submit(ctx, x, work, jobs, 3*time.Millisecond); err != nil {
			return err
		}
		for _, step := range []struct {
			after int
			end   func()
		}{
			{jobs / 5, func() { l.server.kill() }},
			{jobs / 2, func() {
				if err := l.server.terminate(); err != nil {
					t.Errorf("the server has ended with %v", err)
				}
			}},
		} {
			if err := all.untilDone(ctx, step.after); err != nil {
				return err
			}
			if err := off(ctx, func() { step.end(); l.startServer() }); err != nil {
				return err
			}
		}
		return all.check(ctx)
	}, remote.Window(2*jobs))
	l.settled(jobs)
}

// Submit goes on when the server is back, and each job is there once.
func TestProcessServerKilledWhileSubmitting(t *testing.T) {
	t.Parallel()
	l := newLandWithServerProcess(t)
	l.lease = shortLease
	l.worker()
	kills := times(2, 10)
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		if err := all.submit(ctx, x, work, 1, 0); err != nil {
			return err
		}
		if err := all.untilDone(ctx, 1); err != nil { // a worker ends that finds no server when it begins
			return err
		}
		killing := asyncio.Go(ctx, func(ctx context.Context) error {
			return off(ctx, func() {
				for range kills {
					time.Sleep(150 * time.Millisecond) // any moment will do
					l.server.kill()
					l.startServer()
				}
			})
		})
		for n := 1; !killing.Done(); n++ {
			j, err := work.Submit(ctx, x, task{N: n})
			if err != nil {
				return err
			}
			all.add(j, n)
		}
		if err := all.check(ctx); err != nil {
			return err
		}
		return off(ctx, func() { l.settled(len(all.jobs)) })
	})
}

// aClient is the spec of a client process.
type aClient struct {
	URL, Client string
	Jobs        int
}

func init() { addRole("client", submitInProcess) }

// submitInProcess submits jobs, and says so, until it is killed.
func submitInProcess(ctx context.Context, spec aClient) error {
	return asyncio.Run(ctx, func(ctx context.Context) error {
		x, err := remote.Connect(ctx, spec.URL, remote.Client(spec.Client))
		if err != nil {
			return err
		}
		defer x.Close()
		for i := range spec.Jobs {
			if _, err := work.Submit(ctx, x, task{N: i, Takes: 5 * time.Millisecond}, remote.ID(fmt.Sprint("j", i))); err != nil {
				return err
			}
			say("submitted", i)
		}
		say("all")
		return asyncio.Sleep(ctx, time.Hour)
	})
}

func TestProcessClientKilled(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.worker()
	const jobs = 300
	client := startProcess(t, "client", "the client", aClient{URL: l.url, Client: "c", Jobs: jobs})
	client.line("submitted 150")
	client.kill()
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		for i := range 151 {
			j, err := work.Attach(ctx, x, fmt.Sprint("j", i))
			if err != nil {
				return err
			}
			all.add(j, i)
		}
		if _, err := work.Attach(ctx, x, fmt.Sprint("j", jobs)); !errors.Is(err, remote.ErrUnknownJob) {
			t.Errorf("Attach to a job that was never submitted: %v, want ErrUnknownJob", err)
		}
		for i := 100; i < jobs; i++ { // it does not know how far it has come
			j, err := work.Submit(ctx, x, task{N: i, Takes: 5 * time.Millisecond}, remote.ID(fmt.Sprint("j", i)))
			if err != nil {
				return err
			}
			all.add(j, i)
		}
		return all.check(ctx)
	}, remote.Client("c"))
	l.settled(jobs)
	l.ranOnce()
}

// A job is published again and again, before, while and after it runs.
func TestProcessDuplicatePublications(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		j, err := work.Submit(ctx, x, task{N: 7, Takes: 300 * time.Millisecond}, remote.ID("j"))
		if err != nil {
			return err
		}
		err = off(ctx, func() {
			again := l.copyOf("asyncio.job.work.1.c.j")
			l.publish(again, 20)
			l.worker()
			l.worker()
			l.begun("j", 1)
			l.publish(again, 20)
			eventually(t, "the job is acknowledged", func() bool { return l.state("JOBS").Msgs == 0 })
			l.publish(again, 20)
		})
		if err != nil {
			return err
		}
		if got, err := j.Await(ctx); err != nil || got.Square != 49 {
			t.Errorf("the job has come to %v, %v", got, err)
		}
		j, err = work.Submit(ctx, x, task{N: 8}, remote.ID("j"))
		if err != nil {
			return err
		}
		if got, err := j.Await(ctx); err != nil || got.Square != 49 {
			t.Errorf("submitted again with another input it has come to %v, %v, want what it had come to", got, err)
		}
		return nil
	}, remote.Client("c"))
	l.settled(1)
	l.ranOnce()
}

// copyOf makes a message of one that is stored, as its publisher has sent it.
func (l *land) copyOf(subject string) *nats.Msg {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := l.js.Stream(ctx, "asyncio_JOBS")
	if err != nil {
		l.t.Fatal(err)
	}
	m, err := s.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		l.t.Fatal(err)
	}
	again := nats.NewMsg(subject)
	again.Data = m.Data
	for name, values := range m.Header {
		switch name {
		case "Nats-Stream", "Nats-Sequence", "Nats-Subject", "Nats-Time-Stamp": // of the answer
		default:
			again.Header[name] = values
		}
	}
	return again
}

// publish publishes a message that must not be stored again.
func (l *land) publish(m *nats.Msg, n int) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for range n {
		ack, err := l.js.PublishMsg(ctx, m)
		var api *jetstream.APIError
		if err == nil && !ack.Duplicate || err != nil && !(errors.As(err, &api) && api.ErrorCode == 10071) {
			l.t.Errorf("a second publication: %v, %v; want it refused", ack, err)
		}
	}
}

func TestProcessDrain(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	r, terms := newSeed(t), times(3, 15)
	workers := []*process{l.worker(), l.worker()}
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		ending := asyncio.Go(ctx, func(ctx context.Context) error {
			return off(ctx, func() {
				for range terms {
					time.Sleep(between(r, 20*time.Millisecond, 300*time.Millisecond)) // any moment will do
					i := r.IntN(len(workers))
					old := workers[i]
					eventually(t, old.name+" works", func() bool { return beginsIn(entriesOf(t, l.dir, old.name)) > 0 }) // and so catches signals
					workers[i] = l.worker()
					if err := old.terminate(); err != nil {
						t.Errorf("%s has ended with %v after SIGTERM", old.name, err)
					}
				}
			})
		})
		for n := 0; !ending.Done(); n++ {
			j, err := once.Submit(ctx, x, task{N: n, Takes: time.Duration(n%50) * time.Millisecond})
			if err != nil {
				return err
			}
			all.add(j, n)
		}
		if err := all.check(ctx); err != nil { // none has died, which would show with once
			return err
		}
		return off(ctx, func() { l.settled(len(all.jobs)) })
	}, remote.Window(50))
	l.ranOnce()
}

// A job that takes longer than a worker may drain is given back, and no worker has died.
func TestProcessDrainGivesBack(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		j, err := once.Submit(ctx, x, task{N: 5, Takes: 3 * time.Second}, remote.ID("j"))
		if err != nil {
			return err
		}
		err = off(ctx, func() {
			short := func(w *aWorker) { w.Drain = 50 * time.Millisecond }
			first := l.worker(short)
			l.begun("j", 1)
			l.worker()
			if err := first.terminate(); err != nil {
				t.Errorf("the worker has ended with %v", err)
			}
		})
		if err != nil {
			return err
		}
		if got, err := j.Await(ctx); err != nil || got != (answer{25, "w2", "1"}) || j.Attempts() != 2 {
			t.Errorf("the job has come to %v, %v in %d attempts, want 25 of w2 in 2", got, err, j.Attempts())
		}
		return nil
	})
	for _, e := range entriesOf(t, l.dir, "w1") {
		if e.what == "cut" && e.more != "remote:-the-worker-ends" {
			t.Errorf("the function was cut with %s", e.more)
		}
	}
	l.settled(1)
}

// A second SIGTERM ends a worker at once.
func TestProcessDrainIsCutShort(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		j, err := once.Submit(ctx, x, task{N: 5, Takes: time.Hour}, remote.ID("j"))
		if err != nil {
			return err
		}
		return off(ctx, func() {
			w := l.worker()
			l.begun("j", 1)
			for ended := false; !ended; {
				w.signal(sigterm) // two that come at once may be one
				select {
				case <-w.ended:
					ended = true
				case <-time.After(100 * time.Millisecond):
				}
			}
			if status := w.cmd.ProcessState.Sys(); w.err != nil {
				if s, ok := status.(syscall.WaitStatus); !ok || !s.Signaled() { // the last one may come when Serve has ended
					t.Errorf("the worker has ended with %v", w.err)
				}
			}
			if n := l.state("JOBS").Msgs; n != 1 || j.ID() == "" {
				t.Errorf("%d jobs are queued, want the one that has not ended", n)
			}
		})
	})
}

func TestProcessTwoVersions(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	version := func(v string) func(*aWorker) { return func(w *aWorker) { w.Version = v } }
	l.worker(version("1"))
	l.worker(version("2"))
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		err := off(ctx, func() {
			for _, v := range []string{"1", "2"} {
				eventually(t, "version "+v+" is served", func() bool {
					_, err := l.js.Consumer(t.Context(), "asyncio_JOBS", "work="+v)
					return err == nil
				})
			}
		})
		if err != nil {
			return err
		}
		for i := range 40 {
			v := fmt.Sprint(i%2 + 1)
			j, err := workVersion(v).Submit(ctx, x, task{N: i})
			if err != nil {
				return err
			}
			if got, err := j.Await(ctx); err != nil || got != (answer{i * i, "w" + v, v}) {
				t.Errorf("job %d of version %s has come to %v, %v", i, v, got, err)
			}
		}
		if _, err := workVersion("3").Submit(ctx, x, task{}); !errors.Is(err, remote.ErrUnknownFunc) {
			t.Errorf("a version that nobody serves: %v, want ErrUnknownFunc", err)
		}
		return nil
	})
	l.settled(40)
}

// A server that comes back without its files has lost the jobs, and their client hears it.
func TestProcessServerLosesItsFiles(t *testing.T) {
	t.Parallel()
	l := newLandWithServerProcess(t)
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		if err := all.submit(ctx, x, work, 20, 0); err != nil {
			return err
		}
		if err := off(ctx, func() { l.server.kill(); l.store = t.TempDir(); l.startServer() }); err != nil {
			return err
		}
		for _, j := range all.jobs {
			if _, err := j.Await(ctx); !errors.Is(err, remote.ErrLost) {
				t.Errorf("job %s has come to %v, want ErrLost", j.ID(), err)
			}
		}
		if err := off(ctx, func() { l.worker() }); err != nil {
			return err
		}
		again := submitted{t: t} // the streams are made again
		if err := again.submit(ctx, x, work, 20, 0); err != nil {
			return err
		}
		return again.check(ctx)
	})
	l.settled(20)
}
