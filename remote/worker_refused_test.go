package remote

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// change changes the settings of a stream, as whoever runs the server may.
func (w *wire) change(stream string, change func(*jetstream.StreamConfig)) {
	w.t.Helper()
	s, err := w.js.Stream(w.t.Context(), stream)
	if err != nil {
		w.t.Fatal(err)
	}
	c := s.CachedInfo().Config
	change(&c)
	if _, err := w.js.UpdateStream(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// noteOf is what is noted about a job.
func (w *wire) noteOf(id string) (n note) {
	w.t.Helper()
	m := w.last(w.notes(), w.note(jobKey{"c", id}))
	if m == nil {
		return n
	}
	if err := json.Unmarshal(m.Data, &n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A worker whose results nobody takes ends, and says why; the job runs elsewhere.
func TestServeEndsWhenResultsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*jetstream.StreamConfig){
		"full":      func(c *jetstream.StreamConfig) { c.Discard, c.MaxMsgs = jetstream.DiscardNew, 1 },
		"too large": func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			began, release := make(chan struct{}, 10), make(chan struct{})
			fn := Define("waits", func(context.Context, int) (int, error) { began <- struct{}{}; <-release; return 7, nil })
			w.submit(fn, "first", 1)
			r := w.serve([]Registered{fn}, Parallel(1), Lease(10*time.Second))
			take(t, began)
			release <- struct{}{}
			w.ends("first", outcomeOK)
			w.submit(fn, "j", 1)
			take(t, began)
			w.change(w.results(), change)
			close(release)
			var api *jetstream.APIError
			if err := r.wait(); !errors.As(err, &api) {
				t.Fatalf("Serve ended with %v", err)
			}
			if n := w.noteOf("j"); n.Returned != 1 || n.Unbegun != 0 {
				t.Errorf("the note says %+v", n)
			}
			w.change(w.results(), func(c *jetstream.StreamConfig) {
				c.Discard, c.MaxMsgs, c.MaxMsgSize = jetstream.DiscardOld, -1, maxInput
			})
			w.serve([]Registered{fn}, Lease(10*time.Second))
			w.ends("j", outcomeOK)
			w.empty()
		})
	}
}

// What must not be run twice knowingly has run, although nobody has its result.
func TestRefusedResultOfWhatIsNotIdempotent(t *testing.T) {
	w := newWire(t)
	began, release := make(chan struct{}, 10), make(chan struct{})
	fn := Define("waits", func(context.Context, int) (int, error) { began <- struct{}{}; <-release; return 7, nil }, NotIdempotent())
	w.submit(fn, "j", 1)
	r := w.serve([]Registered{fn}, Lease(10*time.Second))
	take(t, began)
	w.change(w.results(), func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10 })
	close(release)
	if err := r.wait(); err == nil {
		t.Fatal("no error")
	}
	w.change(w.results(), func(c *jetstream.StreamConfig) { c.MaxMsgSize = maxInput })
	w.serve([]Registered{fn}, Lease(10*time.Second))
	w.ends("j", outcomeDied)
	if len(began) > 0 {
		t.Error("it has run twice")
	}
}
