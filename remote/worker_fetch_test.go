package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

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
