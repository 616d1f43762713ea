package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Marks are heard also if the stream was made anew, and counts from one again.
func TestMarksOfANewStreamAreHeard(t *testing.T) {
	w := newWire(t)
	began := make(chan struct{}, 10)
	fn := Define("waits", func(ctx context.Context, _ int) (int, error) {
		began <- struct{}{}
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	w.serve([]Registered{fn}, Lease(10*time.Second))
	for i := range 5 { // the consumer is at place 5 then
		id := fmt.Sprint("old", i)
		w.submit(fn, id, 1)
		take(t, began)
		w.cancelJob(id)
		w.ends(id, outcomeCanceled)
	}
	if err := w.js.DeleteStream(t.Context(), w.setup.names.cancels()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.setup.open(t.Context(), w.js); err != nil {
		t.Fatal(err)
	}
	w.submit(fn, "new", 1)
	take(t, began)
	w.cancelJob("new")
	w.ends("new", outcomeCanceled)
}

// A mark that is set again is as new as the last one.
func TestAMarkThatIsSetAgainIsKept(t *testing.T) {
	c := newCancels(newSetup(), nil, nil)
	start := time.Now()
	key := func(n int) jobKey { return jobKey{"c", fmt.Sprint(n)} }
	for i := range maxCancels {
		c.add(mark{key(i), start.Add(time.Duration(i))})
	}
	again := start.Add(time.Second)
	c.add(mark{key(0), again})
	c.add(mark{key(0), again}) // read twice
	c.add(mark{key(maxCancels), again})
	for n, want := range map[int]bool{0: true, 1: false, 2: true, maxCancels: true} {
		if got := c.has(key(n), start); got != want {
			t.Errorf("the mark of job %d is known: %v", n, got)
		}
	}
	for i := range 3 * maxCancels { // one job again and again forgets no other
		c.add(mark{key(0), again.Add(time.Duration(i))})
	}
	if !c.has(key(2), start) || len(c.order) > 2*maxCancels {
		t.Errorf("%d are kept, and the mark of job 2 is known: %v", len(c.order), c.has(key(2), start))
	}
}

// What is opened although its worker has ended meanwhile leaves nothing on the connection.
func TestMarksAreNotReadAfterTheEnd(t *testing.T) {
	w := newWire(t)
	all, err := w.setup.open(t.Context(), w.js)
	if err != nil {
		t.Fatal(err)
	}
	before := w.nc.NumSubscriptions()
	c := newCancels(w.setup, w.js, func(jobKey) {})
	c.stop()
	if err := c.open(t.Context(), all.cancels); !errors.Is(err, ErrClosed) {
		t.Errorf("open: %v", err)
	}
	var f follower
	f.stop()
	if err := f.follow(t.Context(), all.cancels, jetstream.OrderedConsumerConfig{}, func(jetstream.Msg) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("follow: %v", err)
	}
	w.until("nothing is subscribed", func() bool { return w.nc.NumSubscriptions() == before })
}

// What a fetcher has taken, it does, also at its end.
func TestAFetcherDoesWhatItHasTaken(t *testing.T) {
	for range 1000 {
		f := &fetcher{wake: make(chan struct{}, 1)}
		taken, done := 0, 0
		var posting sync.WaitGroup
		posting.Go(func() {
			for f.post(func() { done++ }) {
				taken++
			}
		})
		<-f.wake
		f.handleLast()
		posting.Wait()
		if taken != done {
			t.Fatalf("%d events were taken, and %d done", taken, done)
		}
	}
}
