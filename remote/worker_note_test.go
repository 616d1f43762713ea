package remote

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func (w *wire) putNote(id string, n note) {
	w.t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.js.Publish(w.t.Context(), w.note(jobKey{"c", id}), body); err != nil {
		w.t.Fatal(err)
	}
}

// A note that was written since a worker has looked is added to, and not replaced.
func TestANoteIsAddedTo(t *testing.T) {
	w := newWire(t)
	began, release := make(chan struct{}, 10), make(chan struct{})
	fn := Define("fails", func(context.Context, int) (int, error) {
		began <- struct{}{}
		<-release
		return 0, errors.New("not now")
	}, Retries(1), Backoff(time.Millisecond, time.Millisecond))
	w.submit(fn, "j", 1)
	w.serve([]Registered{fn}, Parallel(1), Lease(10*time.Second))
	take(t, began)
	w.putNote("j", note{Seq: 1, Returned: 3, Unbegun: 2, By: 7})
	close(release)
	w.ends("j", outcomeError)
	if n := w.noteOf("j"); n != (note{Seq: 1, Returned: 4, Failed: 1, Unbegun: 2, By: 1}) {
		t.Errorf("the note says %+v", n)
	}
}

// A note about an earlier job with the same id is in nobody's way.
func TestANoteAboutAnEarlierJobIsReplaced(t *testing.T) {
	w := newWire(t)
	fn := Define("fails", func(context.Context, int) (int, error) { return 0, errors.New("not now") },
		Retries(1), Backoff(time.Millisecond, time.Millisecond))
	w.putNote("j", note{Seq: 1000, Returned: 3, By: 1})
	w.submit(fn, "j", 1)
	w.serve([]Registered{fn}, Lease(10*time.Second))
	w.ends("j", outcomeError)
	if n := w.noteOf("j"); n != (note{Seq: 1, Returned: 1, Failed: 1, By: 1}) {
		t.Errorf("the note says %+v", n)
	}
}

// A failure is kept only if it is how the job has ended.
func TestAFailureThatIsNotTheResultIsNotKept(t *testing.T) {
	for other, kept := range map[outcome]bool{outcomeCanceled: false, outcomeDied: true} {
		t.Run(string(other), func(t *testing.T) {
			w := newWire(t)
			began, release := make(chan struct{}, 10), make(chan struct{})
			fn := Define("fails", func(context.Context, int) (int, error) {
				began <- struct{}{}
				<-release
				return 0, errors.New("in vain")
			})
			w.submit(fn, "j", 1)
			w.serve([]Registered{fn}, Lease(10*time.Second))
			take(t, began)
			w.putResult("j", other)
			close(release)
			w.empty()
			failure := w.setup.names.failure(fn.Name(), fn.Version(), jobKey{"c", "j"})
			if got := w.last(w.failures(), failure) != nil; got != kept {
				t.Errorf("a failure is kept: %v", got)
			}
		})
	}
}

func (w *wire) putResult(id string, o outcome) {
	w.t.Helper()
	m := nats.NewMsg(w.result(jobKey{"c", id}))
	m.Header.Set(headerOutcome, string(o))
	if _, err := w.js.PublishMsg(w.t.Context(), m); err != nil {
		w.t.Fatal(err)
	}
}
