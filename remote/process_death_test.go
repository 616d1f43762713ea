package remote_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
)

// newSeed returns random numbers that a failing test can have again.
func newSeed(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-remote.seed=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}

func TestProcessWorkersKilled(t *testing.T) {
	t.Parallel()
	l, r, kills := newLand(t), newSeed(t), times(5, 50)
	l.lease = shortLease
	workers := []*process{l.worker(), l.worker(), l.worker()}
	var over atomic.Bool
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		defer over.Store(true)
		for range kills {
			time.Sleep(between(r, 30*time.Millisecond, 400*time.Millisecond)) // any moment will do
			i := r.IntN(len(workers))
			workers[i].kill()
			workers[i] = l.worker()
		}
	}()
	jobs := 0
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		inputs := func(yield func(task) bool) {
			for n := 0; (!over.Load() || n < 200) && yield(task{N: n, Takes: time.Duration(n%20) * time.Millisecond}); n++ {
			}
		}
		for got, err := range work.Map(ctx, x, inputs) {
			if err != nil || got.Square != jobs*jobs {
				t.Errorf("job %d: %v, %v", jobs, got, err)
			}
			jobs++
		}
		return ctx.Err()
	}, remote.Window(100))
	<-killed
	l.settled(jobs)
	t.Logf("%d kills, %d jobs", kills, jobs)
}

// acks counts what workers say about deliveries: by how often the job was delivered.
func (l *land) acks(t *testing.T) func(delivery string) []string {
	t.Helper()
	said := newMail()
	nc := connect(t, l.url)
	_, err := nc.Subscribe("$JS.ACK.asyncio_JOBS.>", func(m *nats.Msg) { said.put(strings.Split(m.Subject, ".")[4] + " " + string(m.Data)) })
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func(delivery string) (all []string) {
		if err := nc.Flush(); err != nil {
			t.Error(err)
		}
		for _, s := range said.all() {
			if of, what, _ := strings.Cut(s, " "); of == delivery {
				all = append(all, what)
			}
		}
		return all
	}
}

func TestProcessStoppedWorkerIsStale(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes      time.Duration
		how        string
		otherEnded bool // before the first one goes on
	}{
		"it goes on while another one runs the job":      {takes: 1500 * time.Millisecond},
		"and does not hear that it has lost the lease":   {takes: 1500 * time.Millisecond, how: "deaf"},
		"it goes on when another one has ended the job":  {takes: 200 * time.Millisecond, how: "deaf", otherEnded: true},
		"it goes on with more to do than the other one ": {takes: 500 * time.Millisecond, otherEnded: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLand(t)
			l.lease = shortLease
			acks := l.acks(t)
			first := l.worker()
			inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
				j, err := work.Submit(ctx, x, task{N: 3, Takes: c.takes, How: c.how}, remote.ID("j"))
				if err != nil {
					return err
				}
				var before int
				err = off(ctx, func() {
					l.begun("j", 1)
					first.stop()
					l.worker()
					l.begun("j", 2) // the lease is over
					if !c.otherEnded {
						before = len(acks("1"))
						first.cont()
					}
				})
				if err != nil {
					return err
				}
				got, err := j.Await(ctx)
				if err != nil || got != (answer{9, "w2", "1"}) || j.Attempts() != 2 {
					t.Errorf("the job has come to %v, %v in %d attempts; want 9 of w2 in 2", got, err, j.Attempts())
				}
				return off(ctx, func() {
					if c.otherEnded {
						before = len(acks("1"))
						first.cont()
						eventually(t, "the first worker has gone on", func() bool { return goneOn(t, l, "w1") })
					}
					if err := first.terminate(); err != nil { // then it has said all that it says
						t.Errorf("the first worker has ended with %v", err)
					}
					if stale := acks("1")[before:]; len(stale) > 0 {
						t.Errorf("the stale worker has said %q", stale)
					}
					eventually(t, "the other worker acknowledges the job", func() bool {
						second := acks("2")
						return len(second) > 0 && second[len(second)-1] == "+ACK"
					})
				})
			})
			l.settled(1)
		})
	}
}

// goneOn reports whether a worker that was stopped has noticed it.
func goneOn(t *testing.T, l *land, name string) bool {
	t.Helper()
	for _, e := range entriesOf(t, l.dir, name) {
		if e.what == "gap" {
			return true
		}
	}
	return false
}

// A worker that is stopped at any moment, also while it fetches, or publishes a result.
func TestProcessWorkersStopped(t *testing.T) {
	t.Parallel()
	l, r, stops := newLand(t), newSeed(t), times(3, 30)
	l.lease = shortLease
	workers := []*process{l.worker(), l.worker()}
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		all := submitted{t: t}
		stopping := asyncio.Go(ctx, func(ctx context.Context) error {
			return off(ctx, func() {
				for range stops {
					time.Sleep(between(r, 20*time.Millisecond, 300*time.Millisecond))
					w := workers[r.IntN(len(workers))]
					w.stop()
					time.Sleep(between(r, 900*time.Millisecond, 1800*time.Millisecond)) // about the lease
					w.cont()
				}
			})
		})
		for n := 0; !stopping.Done(); n++ {
			j, err := work.Submit(ctx, x, task{N: n, Takes: time.Duration(n%7) * time.Millisecond})
			if err != nil {
				return err
			}
			all.add(j, n)
		}
		if err := all.check(ctx); err != nil {
			return err
		}
		return off(ctx, func() { l.settled(len(all.jobs)) })
	}, remote.Window(50))
}

func TestProcessPoisonJob(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.lease = shortLease
	var over atomic.Bool
	supervised := make(chan struct{})
	go func() { // it starts what dies again, as asyncio worker does
		defer close(supervised)
		for w := l.worker(); !over.Load(); time.Sleep(5 * time.Millisecond) {
			select {
			case <-w.ended:
				w = l.worker()
			default:
			}
		}
	}()
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		defer over.Store(true)
		others := submitted{t: t}
		bad, err := mortal.Submit(ctx, x, task{How: "exit"}, remote.ID("bad"))
		if err != nil {
			return err
		}
		if err := others.submit(ctx, x, work, 50, time.Millisecond); err != nil {
			return err
		}
		if _, err := bad.Await(ctx); !errors.Is(err, remote.ErrWorkerDied) {
			t.Errorf("a job that kills its workers has ended with %v, want ErrWorkerDied", err)
		}
		return others.check(ctx)
	})
	<-supervised
	if n := runs(t, l.dir)["bad"]; n != 3 {
		t.Errorf("it has killed %d workers, want 3", n)
	}
	if s := l.state("FAILURES"); s.Msgs != 1 {
		t.Errorf("%d failures are kept, want 1", s.Msgs)
	}
	l.settled(51)
}

func TestProcessNotIdempotent(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.lease = shortLease
	first := l.worker()
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		j, err := once.Submit(ctx, x, task{Takes: time.Minute}, remote.ID("j"))
		if err != nil {
			return err
		}
		err = off(ctx, func() {
			l.begun("j", 1)
			first.kill()
			l.worker()
		})
		if err != nil {
			return err
		}
		if _, err := j.Await(ctx); !errors.Is(err, remote.ErrWorkerDied) {
			t.Errorf("the job has ended with %v, want ErrWorkerDied", err)
		}
		return nil
	})
	if n := runs(t, l.dir)["j"]; n != 1 {
		t.Errorf("it has run %d times", n)
	}
	l.settled(1)
}

// A worker that dies between the result and the acknowledgment has ended its job; the other
// way round, it would have lost it. No process can be killed in between on purpose, so this
// looks at the order.
func TestProcessResultComesBeforeAcknowledgment(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	nc := connect(t, l.url)
	seen := make(chan *nats.Msg, 10_000)
	for _, subject := range []string{"$JS.ACK.asyncio_JOBS.>", "asyncio.result.>"} {
		if _, err := nc.ChanSubscribe(subject, seen); err != nil { // in the order in which the server gets them
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	l.worker()
	const jobs = 200
	inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
		for i := range jobs {
			j, err := work.Submit(ctx, x, task{N: i}, remote.ID(fmt.Sprint(i+1))) // the sequence of the message
			if err != nil {
				return err
			}
			if i%20 == 19 {
				if _, err := j.Await(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	}, remote.Client("c"))
	l.settled(jobs)
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	results, acked := map[string]bool{}, 0
	for len(seen) > 0 {
		m := <-seen
		if id, ok := strings.CutPrefix(m.Subject, "asyncio.result.c."); ok {
			results[id] = true
		} else if id := strings.Split(m.Subject, ".")[5]; string(m.Data) == "+ACK" {
			if acked++; !results[id] {
				t.Errorf("job %s was acknowledged before it had a result", id)
			}
		}
	}
	if acked != jobs || len(results) != jobs {
		t.Errorf("%d acknowledgments and %d results, want %d", acked, len(results), jobs)
	}
}
