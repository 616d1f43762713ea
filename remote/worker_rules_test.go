package remote

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fetchNow takes a job as a worker would, and does nothing with it.
func (w *wire) fetchNow(fn Registered) jetstream.Msg {
	w.t.Helper()
	c, err := w.js.Consumer(w.t.Context(), w.jobs(), consumer(fn.Name(), fn.Version()))
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := c.Next(jetstream.FetchMaxWait(limit))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// consumerFor makes the consumer before any worker does.
func (w *wire) consumerFor(fn Registered, lease time.Duration) {
	w.t.Helper()
	_, err := w.js.CreateConsumer(w.t.Context(), w.jobs(), jetstream.ConsumerConfig{
		Durable: consumer(fn.Name(), fn.Version()), FilterSubject: w.jobsOf(fn.Name(), fn.Version()),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: lease, MaxDeliver: -1, MaxAckPending: -1,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAJobOfADeadWorkerRunsAgain(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	w.consumerFor(double, 2*time.Second)
	w.submit(double, "j", 21)
	w.fetchNow(double) // and dies
	w.serve([]Registered{double})
	if m := w.ends("j", outcomeOK); m.Header.Get(headerAttempt) != "2" {
		t.Errorf("attempt %s", m.Header.Get(headerAttempt))
	}
	w.empty()
}

func TestAJobWithAResultDoesNotRunAgain(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	var runs atomic.Int32
	counts := Define("counts", func(context.Context, int) (int, error) { runs.Add(1); return 0, nil })
	w.consumerFor(counts, 2*time.Second)
	w.submit(counts, "j", 1)
	w.fetchNow(counts)
	m := nats.NewMsg(w.result(jobKey{"c", "j"}))
	m.Header.Set(headerOutcome, "ok")
	m.Data = []byte(`7`)
	if _, err := w.js.PublishMsg(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	w.serve([]Registered{counts})
	w.empty()
	if m := w.resultOf("j"); string(m.Data) != "7" || runs.Load() != 0 {
		t.Errorf("result %s after %d runs", m.Data, runs.Load())
	}
}

func TestAJobThatKillsItsWorkersEnds(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	var runs atomic.Int32
	kills := Define("kills", func(context.Context, int) (int, error) { runs.Add(1); return 0, nil }, MaxDeaths(2))
	once := Define("once", func(context.Context, int) (int, error) { runs.Add(1); return 0, nil }, NotIdempotent())
	for _, fn := range []*Func[int, int]{kills, once} {
		w.consumerFor(fn, time.Second)
		w.submit(fn, fn.Name(), 1)
	}
	w.fetchNow(kills)
	w.fetchNow(kills)
	w.fetchNow(once)
	w.putNote("once", note{Seq: 2, Began: 1, By: 1}) // its worker began it, and died
	w.serve([]Registered{kills, once}, Lease(time.Second))
	for _, id := range []string{"kills", "once"} {
		m := w.ends(id, outcomeDied)
		mustContain(t, string(m.Data), "the worker died")
		if kept := w.last(w.failures(), w.failure(id, "1", jobKey{"c", id})); kept == nil || kept.Header.Get(headerOutcome) != "died" {
			t.Errorf("kept %+v", kept)
		}
	}
	w.empty()
	if runs.Load() != 0 {
		t.Error("it ran")
	}
}

// A delivery that no worker has got, or that was lost with one which had not begun: nobody
// has died of the job.
func TestAJobThatNeverBeganIsNotSuspected(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	once := Define("once", func(ctx context.Context, _ int) (int, error) {
		info, _ := JobOf(ctx)
		return info.Attempt, nil
	}, NotIdempotent())
	w.consumerFor(once, time.Second)
	w.submit(once, "j", 1)
	w.fetchNow(once)
	w.serve([]Registered{once}, Lease(time.Second))
	if m := w.ends("j", outcomeOK); string(m.Data) != "1" {
		t.Errorf("attempt %s", m.Data)
	}
	w.empty()
}

func TestALongJobKeepsItsLease(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		var runs atomic.Int32
		release := make(chan struct{})
		// On the loop it blocks, too: the lease must not depend on that.
		long := Define("long", func(ctx context.Context, _ int) (int, error) { runs.Add(1); <-release; return 1, nil })
		nc := w.connect(w.url)
		progress := make(chan *nats.Msg, 100)
		if _, err := w.nc.ChanSubscribe("$JS.ACK."+w.jobs()+".>", progress); err != nil {
			t.Fatal(err)
		}
		w.serveOn(nc, []Registered{long}, append(opts, Lease(3*time.Second))...)
		w.submit(long, "j", 1)
		w.until("it runs", func() bool { return runs.Load() > 0 })
		for n := 0; n < 6; { // two leases
			if m := take(t, progress); string(m.Data) == "+WPI" {
				n++
			}
		}
		close(release)
		m := w.ends("j", outcomeOK)
		if runs.Load() != 1 || m.Header.Get(headerAttempt) != "1" {
			t.Errorf("%d runs, attempt %s", runs.Load(), m.Header.Get(headerAttempt))
		}
		w.empty()
	})
}

func TestAWorkerThatLostItsLeaseSaysNothing(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		p := newProxy(t, w.url)
		var lost atomic.Value
		began := make(chan struct{}, 10)
		back := make(chan struct{})
		slow := Define("slow", func(ctx context.Context, _ int) (int, error) {
			info, _ := JobOf(ctx)
			if info.Worker != "stale" {
				return 2, nil
			}
			began <- struct{}{}
			if len(opts) > 0 {
				_ = asyncio.Sleep(ctx, time.Hour) // its end is what it waits for
				_, _ = asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (int, error) { <-back; return 0, nil })
			} else {
				<-ctx.Done() //asyncio:ok done-wait it runs in the pool
				<-back       //asyncio:ok channel it runs in the pool
			}
			lost.Store(context.Cause(ctx))
			return 1, nil
		})
		said := make(chan *nats.Msg, 100)
		stale := w.serveOn(w.connect(p.url()), []Registered{slow}, append(opts, Lease(time.Second), WorkerName("stale"))...)
		w.submit(slow, "j", 1)
		take(t, began)
		p.setMute(true)
		w.serve([]Registered{slow}, append(opts, Lease(time.Second), WorkerName("fresh"))...)
		if m := w.ends("j", outcomeOK); string(m.Data) != "2" || m.Header.Get(headerWorker) != "fresh" {
			t.Errorf("result %s of %s", m.Data, m.Header.Get(headerWorker))
		}
		w.empty()
		for _, subject := range []string{"$JS.ACK." + w.jobs() + ".>", w.result(jobKey{"c", "j"}), w.prefix + ".note.>", w.prefix + ".failure.>"} {
			if _, err := w.nc.ChanSubscribe(subject, said); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.nc.Flush(); err != nil {
			t.Fatal(err)
		}
		p.setMute(false)
		close(back)
		w.until("the function has returned", func() bool { return lost.Load() != nil })
		if got := lost.Load(); got != ErrLeaseLost {
			t.Errorf("cause %v", got)
		}
		stale.end()
		if err := w.nc.Flush(); err != nil {
			t.Fatal(err)
		}
		for len(said) > 0 {
			t.Errorf("it said %q on %s", (<-said).Data, "a delivery that was no longer its own")
		}
	})
}

func TestAQueuedJobIsCanceled(t *testing.T) {
	w := newWire(t)
	var runs atomic.Int32
	counts := Define("counts", func(context.Context, int) (int, error) { runs.Add(1); return 0, nil })
	w.submit(counts, "before", 1)
	w.cancelJob("before")
	w.serve([]Registered{counts})
	w.ends("before", outcomeCanceled)
	w.empty()
	if runs.Load() != 0 {
		t.Error("it ran")
	}
}

func TestARunningJobIsCanceled(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		waits := Define("waits", func(ctx context.Context, how string) (string, error) {
			var err error
			if len(opts) > 0 {
				err = asyncio.Sleep(ctx, time.Hour)
			} else {
				<-ctx.Done() //asyncio:ok done-wait it runs in the pool
				err = ctx.Err()
			}
			switch how {
			case "obey":
				return "", err
			case "fail":
				return "", errOdd
			default:
				return "done all the same", nil
			}
		}, Retries(3))
		w.serve([]Registered{waits}, append(opts, Parallel(3), WorkerName("w1"))...)
		events := map[string]<-chan event{}
		for _, how := range []string{"obey", "fail", "ignore"} {
			events[how] = w.events(how)
			w.submit(waits, how, how, headerEvents, "1")
			if e := take(t, events[how]); !e.Began {
				t.Errorf("event %+v", e)
			}
		}
		for _, how := range []string{"obey", "fail", "ignore"} {
			w.cancelJob(how)
			if e := take(t, events[how]); !e.Claims || e.Worker != "w1" {
				t.Errorf("event %+v", e)
			}
		}
		w.ends("obey", outcomeCanceled)
		w.fails("fail")
		w.ends("ignore", outcomeOK)
		w.empty()
	})
}

func TestAMarkDoesNotCancelALaterJobWithTheSameID(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	w.cancelJob("j")
	time.Sleep(clocksDiffer + 100*time.Millisecond) // marks from shortly before count: clocks differ
	w.submit(double, "j", 21)
	w.serve([]Registered{double})
	w.ends("j", outcomeOK)
}

func TestACanceledWorkerGivesItsJobsBack(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		began := make(chan string, 10)
		waits := Define("waits", func(ctx context.Context, _ int) (int, error) {
			info, _ := JobOf(ctx)
			began <- info.Worker
			if info.Worker == "second" {
				return info.Attempt, nil
			}
			if len(opts) > 0 {
				return 0, asyncio.Sleep(ctx, time.Hour)
			}
			<-ctx.Done() //asyncio:ok done-wait it runs in the pool
			return 0, ctx.Err()
		}, NotIdempotent())
		first := w.serve([]Registered{waits}, append(opts, WorkerName("first"))...)
		w.submit(waits, "j", 1)
		take(t, began)
		first.end()
		if w.last(w.results(), w.result(jobKey{"c", "j"})) != nil {
			t.Error("there is a result")
		}
		w.serve([]Registered{waits}, append(opts, WorkerName("second"))...)
		if m := w.ends("j", outcomeOK); string(m.Data) != "2" {
			t.Errorf("attempt %s", m.Data)
		}
		w.empty()
	})
}

// A worker that ends while it still looks for what earlier deliveries have left behind.
func TestAWorkerThatEndsBeginsNoFunction(t *testing.T) {
	w := newWire(t)
	began, ended := make(chan string, 10), make(chan string, 10)
	waits := Define("waits", func(ctx context.Context, _ int) (int, error) {
		info, _ := JobOf(ctx)
		began <- info.ID
		<-ctx.Done()
		ended <- info.ID
		return 0, ctx.Err()
	})
	first := w.serve([]Registered{waits}, Lease(limit))
	w.ready(waits)
	first.end()
	w.submit(waits, "late", 1)
	giveBack := w.deliver(waits)
	second := w.serve([]Registered{waits}, Parallel(2), Lease(limit))
	w.submit(waits, "runs", 1)
	take(t, began)
	if err := w.js.DeleteStream(t.Context(), w.results()); err != nil { // the worker looks until there is one
		t.Fatal(err)
	}
	giveBack()
	w.until("the worker has both", func() bool { c := w.consumerOf(waits); return c.NumAckPending == 2 && c.NumRedelivered > 0 })
	second.cancel()
	take(t, ended) // all are stopped
	if _, err := w.setup.open(t.Context(), w.js); err != nil {
		t.Fatal(err)
	}
	_ = second.wait() // that it is canceled is not the question
	if len(began) > 0 {
		t.Errorf("%s has begun", <-began)
	}
	mustContain(t, string(w.last(w.notes(), w.note(jobKey{"c", "late"})).Data), `"unbegun":1`)
}

// deliver takes a job of a function, and returns what gives it back.
func (w *wire) deliver(fn Registered) (giveBack func()) {
	w.t.Helper()
	c, err := w.js.Consumer(w.t.Context(), w.jobs(), consumer(fn.Name(), fn.Version()))
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := c.Next(jetstream.FetchMaxWait(limit))
	if err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if err := m.Nak(); err != nil {
			w.t.Error(err)
		}
	}
}

func TestAFunctionThatIgnoresItsEndIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	began, release := make(chan string, 10), make(chan struct{})
	deaf := Define("deaf", func(ctx context.Context, _ int) (int, error) {
		info, _ := JobOf(ctx)
		began <- info.Worker
		if info.Worker == "first" {
			<-release
		}
		return 0, nil
	}, NotIdempotent())
	first := w.serve([]Registered{deaf}, WorkerName("first"))
	w.submit(deaf, "j", 1)
	take(t, began)
	first.end()
	w.serve([]Registered{deaf}, WorkerName("second"))
	if m := w.ends("j", outcomeOK); m.Header.Get(headerWorker) != "second" {
		t.Errorf("result of %s", m.Header.Get(headerWorker))
	}
	close(release)
	w.empty()
}
