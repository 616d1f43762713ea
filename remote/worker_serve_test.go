package remote

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

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
