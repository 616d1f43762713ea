package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats-server/v2/server"
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
		w.serveOn(nc, []Registered{long}, append(opts, Lease(time.Second))...)
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

// ask asks the workers what they do.
func (w *wire) ask() (all []Announcement) {
	w.t.Helper()
	sub, err := w.nc.SubscribeSync(w.nc.NewInbox())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.nc.PublishRequest(w.workers(), sub.Subject, nil); err != nil {
		w.t.Fatal(err)
	}
	m, err := sub.NextMsg(limit)
	if err != nil {
		w.t.Fatal(err)
	}
	var a Announcement
	if err := json.Unmarshal(m.Data, &a); err != nil {
		w.t.Fatal(err)
	}
	return append(all, a)
}

func TestWorkersAnnounceWhatTheyDo(t *testing.T) {
	w := newWire(t)
	began, release := make(chan struct{}), make(chan struct{})
	waits := Define("waits", func(context.Context, int) (int, error) { began <- struct{}{}; <-release; return 0, nil })
	w.serve([]Registered{waits, double}, Parallel(3), WorkerName("w1"))
	w.submit(waits, "j", 1)
	take(t, began)
	a := w.ask()[0]
	if a.Worker != "w1" || a.PID != os.Getpid() || a.Parallel != 3 || a.Draining || a.Done != 0 || !slices.Equal(a.Functions, []string{"waits=1", "double=1"}) {
		t.Errorf("announcement %+v", a)
	}
	if len(a.Running) != 1 || a.Running[0].ID != "j" || a.Running[0].Client != "c" || a.Running[0].Function != "waits=1" || a.Running[0].Attempt != 1 || a.Running[0].Lost {
		t.Errorf("running %+v", a.Running)
	}
	close(release)
	w.ends("j", outcomeOK)
	w.empty()
	if a := w.ask()[0]; len(a.Running) != 0 || a.Done != 1 {
		t.Errorf("announcement %+v", a)
	}
}

func TestServeChecksItsArguments(t *testing.T) {
	w := newWire(t)
	if err := Serve(t.Context(), w.nc, []Registered{double}); !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Errorf("outside a loop: %v", err)
	}
	for _, c := range []struct {
		nc   *nats.Conn
		fns  []Registered
		says string
	}{
		{nil, []Registered{double}, "without a connection"},
		{w.nc, nil, "without a function"},
		{w.nc, []Registered{double, Define("double", func(context.Context, int) (int, error) { return 0, nil })}, `"double" twice with version "1"`},
		{w.nc, []Registered{nil}, "nil function"},
	} {
		err := asyncio.Run(t.Context(), func(ctx context.Context) error { return Serve(ctx, c.nc, c.fns) })
		if err == nil {
			t.Errorf("no error for %v", c)
			continue
		}
		mustContain(t, err.Error(), c.says)
	}
}

func TestWorkersAgreeOnTheLease(t *testing.T) {
	w := newWire(t)
	first := w.serve([]Registered{double}, Lease(2*time.Second))
	w.ready(double)
	err := w.serve([]Registered{double}, Lease(3*time.Second)).wait()
	if err == nil {
		t.Fatal("another lease is accepted")
	}
	mustContain(t, err.Error(), "a lease of 2s")
	first.end()
	w.until("nobody waits", func() bool { return w.consumerOf(double).NumWaiting == 0 })
	w.serve([]Registered{double}, Lease(3*time.Second))
	w.submit(double, "j", 1)
	w.ends("j", outcomeOK)
	if got := w.consumerOf(double).Config.AckWait; got != 3*time.Second {
		t.Errorf("lease %v", got)
	}
}

func TestServeFailsWhenTheConsumerIsGone(t *testing.T) {
	w := newWire(t)
	r := w.serve([]Registered{double})
	w.ready(double)
	if err := w.js.DeleteConsumer(t.Context(), w.jobs(), "double=1"); err != nil {
		t.Fatal(err)
	}
	err := r.wait()
	if err == nil {
		t.Fatal("no error")
	}
	mustContain(t, err.Error(), "was deleted")
}

func TestAWorkerGoesOnAfterALostConnection(t *testing.T) {
	w := newWire(t)
	p := newProxy(t, w.url)
	began, release := make(chan struct{}, 10), make(chan struct{})
	waits := Define("waits", func(context.Context, int) (int, error) { began <- struct{}{}; <-release; return 0, nil })
	w.serveOn(w.connect(p.url()), []Registered{waits, double}, Parallel(2))
	w.submit(waits, "j", 1)
	take(t, began)
	p.cut()
	close(release)
	w.ends("j", outcomeOK)
	w.submit(double, "k", 1)
	w.ends("k", outcomeOK)
	w.empty()
}

func TestAWorkerHoldsNoMoreJobsThanItHasSlots(t *testing.T) {
	for _, slots := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			w := newWire(t)
			var running, most atomic.Int32
			var fns []Registered
			for i := range 4 {
				fns = append(fns, Define(fmt.Sprint("f", i), func(context.Context, int) (int, error) {
					n := running.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					time.Sleep(time.Millisecond) //asyncio:ok blocks it runs in the pool, and is the work
					running.Add(-1)
					return 0, nil
				}))
			}
			w.serve(fns, Parallel(slots))
			w.ready(fns[:min(slots, 4)]...)
			var ids []string
			for i := range 100 {
				id := fmt.Sprint("j", i)
				ids = append(ids, id)
				w.submit(fns[i%4%3], id, i) // the last one has none
			}
			for _, id := range ids {
				w.ends(id, outcomeOK)
			}
			w.empty()
			if most.Load() > int32(slots) {
				t.Errorf("%d at once in %d slots", most.Load(), slots)
			}
		})
	}
}

// A function without jobs takes no slot from one with jobs: all slots run at once.
func TestAllSlotsGoToTheFunctionThatHasJobs(t *testing.T) {
	w := newWire(t)
	const slots = 4
	var together sync.WaitGroup
	together.Add(slots)
	meet := Define("meet", func(context.Context, int) (int, error) { together.Done(); together.Wait(); return 0, nil }) //asyncio:ok blocks it runs in the pool
	fns := []Registered{meet, double}
	for i := range 4 {
		fns = append(fns, Define(fmt.Sprint("idle", i), func(context.Context, int) (int, error) { return 0, nil }))
	}
	w.serve(fns, Parallel(slots), Lease(10*time.Second))
	w.ready(fns...)
	for i := range slots {
		w.submit(meet, fmt.Sprint("j", i), i)
	}
	for i := range slots {
		w.ends(fmt.Sprint("j", i), outcomeOK)
	}
}

// A function with few jobs has its turn although another always has some.
func TestNoFunctionStarves(t *testing.T) {
	for _, first := range []string{"busy", "rare"} { // the order must not matter
		t.Run(first, func(t *testing.T) {
			w := newWire(t)
			var many atomic.Int32
			busy := Define("busy", func(context.Context, int) (int, error) { many.Add(1); return 0, nil })
			rare := Define("rare", func(context.Context, int) (int32, error) { return many.Load(), nil })
			for i := range 200 {
				w.submit(busy, fmt.Sprint("b", i), i)
			}
			w.submit(rare, "r", 1)
			fns := []Registered{busy, rare}
			if first == "rare" {
				slices.Reverse(fns)
			}
			w.serve(fns, Parallel(1))
			var n int
			if err := json.Unmarshal(w.ends("r", outcomeOK).Data, &n); err != nil {
				t.Fatal(err)
			}
			if n > 10 {
				t.Errorf("%d jobs of another function came first", n)
			}
			w.until("all have run", func() bool { return many.Load() == 200 })
		})
	}
}

// What comes on a long poll when all slots are taken goes back at once, unsuspected.
func TestAJobWithoutASlotGoesBack(t *testing.T) {
	w := newWire(t)
	began, release := make(chan string, 10), make(chan struct{})
	fn := func(ctx context.Context, _ int) (int, error) {
		info, _ := JobOf(ctx)
		began <- info.ID
		<-release
		return 0, nil
	}
	one, other := Define("one", fn, NotIdempotent()), Define("other", fn, NotIdempotent())
	w.serve([]Registered{one, other}, Parallel(1), Lease(10*time.Second))
	w.ready(one, other)
	w.submit(one, "a", 1)
	take(t, began)
	w.submit(other, "b", 1)
	w.until("it is given back", func() bool { return w.last(w.notes(), w.note(jobKey{"c", "b"})) != nil })
	mustContain(t, string(w.last(w.notes(), w.note(jobKey{"c", "b"})).Data), `"unbegun":1`)
	close(release)
	for _, id := range []string{"a", "b"} {
		if m := w.ends(id, outcomeOK); m.Header.Get(headerAttempt) != "1" {
			t.Errorf("%s: attempt %s", id, m.Header.Get(headerAttempt))
		}
	}
	w.empty()
}

func TestServeFailsWithoutPermissions(t *testing.T) {
	t.Parallel()
	for name, deny := range map[string]string{"pull": "$JS.API.CONSUMER.MSG.NEXT.>", "result": "*.result.>"} {
		t.Run(name, func(t *testing.T) {
			s, err := embedded.Start(t.TempDir(), embedded.Config(func(o *server.Options) {
				o.Users = []*server.User{{Username: "all", Password: "p"}, {Username: "some", Password: "p", Permissions: &server.Permissions{
					Publish: &server.SubjectPermission{Deny: []string{deny}},
				}}}
			}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			host := strings.TrimPrefix(s.URL(), "nats://")
			w := wireTo(t, "nats://all:p@"+host)
			w.submit(double, "j", 1)
			r := w.serveOn(w.connect("nats://some:p@"+host), []Registered{double}, Lease(10*time.Second))
			err = r.wait()
			if err == nil {
				t.Fatal("no error")
			}
			mustContain(t, err.Error(), "permission")
			mustContain(t, err.Error(), strings.Trim(deny, "*>"))
		})
	}
}

func TestAnIdleWorkerAsksSeldom(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	other := Define("other", func(context.Context, int) (int, error) { return 0, nil })
	third := Define("third", func(context.Context, int) (int, error) { return 0, nil })
	pulls := make(chan *nats.Msg, 1000)
	if _, err := w.nc.ChanSubscribe("$JS.API.CONSUMER.MSG.NEXT."+w.jobs()+".>", pulls); err != nil {
		t.Fatal(err)
	}
	w.serve([]Registered{double, other, third}, Parallel(2), Lease(10*time.Second))
	w.ready(double, other, third)
	w.submit(double, "j", 1)
	w.ends("j", outcomeOK)
	w.ready(double, other, third)
	before := len(pulls)
	end := time.After(3 * time.Second) // less than a pull lasts
	<-end
	if n := len(pulls); before > 20 || n-before > 3 {
		t.Errorf("%d pulls at first, then %d in 3 s", before, n-before)
	}
}

func init() {
	roles["gated worker"] = func() error {
		var opts []WorkerOption
		if os.Getenv("ONLOOP") != "" {
			opts = append(opts, OnLoop())
		}
		if d, err := time.ParseDuration(os.Getenv("DRAIN")); err == nil {
			opts = append(opts, Drain(d))
		}
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			nc, err := Dial(ctx, "")
			if err != nil {
				return err
			}
			defer nc.Close()
			return Serve(ctx, nc, []Registered{gated}, append(opts, Prefix(os.Getenv("PREFIX")), Lease(2*time.Second), WorkerName("child"))...)
		})
	}
}

// gated waits until the parent lets it go on, or for the end of its context.
var gated = Define("gated", func(ctx context.Context, url string) (string, error) {
	info, _ := JobOf(ctx)
	if info.Worker != "child" {
		return "elsewhere", nil
	}
	fmt.Println("began")
	get := func(ctx context.Context) (string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", context.Cause(ctx)
		}
		return "here", resp.Body.Close()
	}
	if os.Getenv("ONLOOP") != "" {
		return asyncio.ToThread(ctx, get)
	}
	return get(ctx)
}, NotIdempotent())

// A child is a worker in a process of its own.
type child struct {
	cmd   *exec.Cmd
	lines chan string
}

func (w *wire) child(shell string, env ...string) *child {
	w.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(exe)
	if shell != "" {
		cmd = exec.Command("sh", "-c", shell+` exec "$0"`, exe)
	}
	cmd.Env = append(os.Environ(), append(env, roleVariable+"=gated worker", EnvURL+"="+w.url, "PREFIX="+w.prefix)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	c := &child{cmd, make(chan string, 100)}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	w.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return c
}

func (c *child) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func (c *child) wait(t *testing.T) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	return take(t, ended)
}

// gate answers requests when it is opened.
func gate(t *testing.T) (url string, open func()) {
	t.Helper()
	opened := make(chan struct{})
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-opened:
		case <-r.Context().Done():
		}
	})}
	ln := listen(t)
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	return "http://" + ln.Addr().String(), sync.OnceFunc(func() { close(opened) })
}

func inBothProcesses(t *testing.T, test func(t *testing.T, env string)) {
	t.Run("pool", func(t *testing.T) { test(t, "ONLOOP=") })
	t.Run("loop", func(t *testing.T) { test(t, "ONLOOP=1") })
}

func TestSIGTERMLetsJobsEnd(t *testing.T) {
	inBothProcesses(t, func(t *testing.T, env string) {
		w := newWire(t)
		url, open := gate(t)
		c := w.child("", env)
		w.submit(gated, "j", url)
		take(t, c.lines)
		c.signal(t, syscall.SIGTERM)
		w.until("it drains", func() bool { return w.ask()[0].Draining })
		w.until("it asks for nothing", func() bool { return w.consumerOf(gated).NumWaiting == 0 })
		w.submit(gated, "k", url)
		open()
		if m := w.ends("j", outcomeOK); string(m.Data) != `"here"` {
			t.Errorf("result %s", m.Data)
		}
		if err := c.wait(t); err != nil {
			t.Error(err)
		}
		if n := w.queued(); n != 1 {
			t.Errorf("%d jobs are left", n)
		}
		w.serve([]Registered{gated})
		if m := w.ends("k", outcomeOK); m.Header.Get(headerAttempt) != "1" {
			t.Errorf("attempt %s", m.Header.Get(headerAttempt))
		}
	})
}

func TestSIGTERMEndsAnIdleWorkerAtOnce(t *testing.T) {
	w := newWire(t)
	c := w.child("")
	w.ready(gated)
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Error(err)
	}
}

func TestSIGTERMIsCaughtAlsoWhereItIsIgnored(t *testing.T) {
	w := newWire(t)
	c := w.child("trap '' TERM;")
	w.ready(gated)
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Error(err)
	}
}

func TestJobsAreGivenBackWhenTheTimeToDrainIsOver(t *testing.T) {
	for _, how := range []string{"time", "second signal"} {
		t.Run(how, func(t *testing.T) {
			inBothProcesses(t, func(t *testing.T, env string) {
				w := newWire(t)
				url, _ := gate(t)
				drain := "DRAIN=10ms"
				if how != "time" {
					drain = "DRAIN=1h"
				}
				c := w.child("", env, drain)
				w.submit(gated, "j", url)
				take(t, c.lines)
				c.signal(t, syscall.SIGTERM)
				if how != "time" {
					w.until("it drains", func() bool { return w.ask()[0].Draining })
					c.signal(t, syscall.SIGTERM)
				}
				if err := c.wait(t); err != nil {
					t.Error(err)
				}
				if n := w.last(w.notes(), w.note(jobKey{"c", "j"})); n == nil {
					t.Error("no note")
				}
				w.serve([]Registered{gated})
				if m := w.ends("j", outcomeOK); string(m.Data) != `"elsewhere"` {
					t.Errorf("result %s", m.Data)
				}
			})
		})
	}
}
