package remote

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A function that was canceled by its client, and does not return, must not keep its worker
// from ending.
func TestWorkerEndsAlthoughACanceledFunctionGoesOn(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	began, end := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(end) })
	deaf := Define("deaf", func(ctx context.Context, _ int) (int, error) {
		began <- struct{}{}
		<-end
		return 0, nil
	})
	r := w.serve([]Registered{deaf}, Parallel(2))
	w.submit(deaf, "a", 1)
	take(t, began)
	events := w.events("a")
	w.cancelJob("a")
	if e := take(t, events); !e.Claims {
		t.Fatalf("%+v", e)
	}
	r.end()
}

type riddle struct{ list []int }

func (r *riddle) Error() string  { return string(rune(r.list[0])) } // panics
func (r *riddle) Is(error) bool  { panic("what is it?") }
func (r *riddle) Unwrap() error  { return nil }
func (r *riddle) String() string { panic("no") }

// An error that panics when it is asked is an error like others.
func TestErrorsThatPanic(t *testing.T) {
	w := newWire(t)
	puzzle := Define("puzzle", func(_ context.Context, n int) (int, error) {
		switch n {
		case 0:
			return 0, &riddle{}
		case 1:
			panic(&riddle{})
		default:
			var none *riddle
			return 0, none
		}
	}, MaxDeaths(1))
	w.serve([]Registered{puzzle})
	for n, id := range []string{"returned", "panicked", "nil"} {
		w.submit(puzzle, id, n)
		f := w.fails(id)
		t.Logf("%+v", f.Message)
		mustContain(t, f.Message, "panic")
	}
	w.empty()
}

func TestForeignStreams(t *testing.T) {
	w := newWire(t)
	for _, test := range []struct {
		suffix string
		config jetstream.StreamConfig
	}{
		{"_JOBS", jetstream.StreamConfig{Subjects: []string{"P.job.>"}}},
		{"_JOBS", jetstream.StreamConfig{Subjects: []string{"P.other"}, Retention: jetstream.WorkQueuePolicy}},
		{"_RESULTS", jetstream.StreamConfig{Subjects: []string{"P.result.>"}}},
	} {
		n := names{"foreign"}
		c := test.config
		c.Name = n.prefix + test.suffix
		c.Subjects[0] = strings.Replace(c.Subjects[0], "P", n.prefix, 1)
		if _, err := w.js.CreateStream(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		s := newSetup()
		s.names = n
		_, err := s.open(t.Context(), w.js)
		t.Log(err)
		if err == nil {
			t.Error("a foreign stream is taken")
		} else {
			mustContain(t, err.Error(), c.Name)
		}
		if err := w.js.DeleteStream(t.Context(), c.Name); err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{"_JOBS", "_RESULTS", "_CANCELS", "_NOTES", "_FAILURES"} {
			_ = w.js.DeleteStream(t.Context(), n.prefix+other) // it may not be there
		}
	}
}

type bag []int

func (bag) Error() string { return "bag" }

func TestRegisterErrorOfWhatCannotBeCompared(t *testing.T) {
	RegisterError("break.bag", bag(nil))
	t.Cleanup(func() { delete(registered.errors, "break.bag") })
	e := &RemoteError{is: []string{"break.bag"}}
	if errors.Is(e, errors.New("x")) {
		t.Error("it is something else")
	}
	_ = e.Is(bag(nil))
	func() {
		defer func() {
			if s, _ := recover().(string); !strings.Contains(s, "break.bag") {
				t.Errorf("panics with %v", s)
			}
		}()
		RegisterError("break.bag", bag(nil))
	}()
}

// What a function cannot read says which type it is.
func TestWhatIsNoInputSaysItsType(t *testing.T) {
	w := newWire(t)
	shape := Define("shape", func(context.Context, interface{ Area() int }) (int, error) { return 1, nil })
	w.serve([]Registered{shape})
	w.submit(shape, "a", 3)
	mustContain(t, w.fails("a").Message, "Area")
}

// A large error must not be too large for a server that takes small messages.
func TestErrorsFitTheServer(t *testing.T) {
	w := newWire(t)
	s, err := w.js.Stream(t.Context(), w.results())
	if err != nil {
		t.Fatal(err)
	}
	c := s.CachedInfo().Config
	c.MaxMsgSize = 16 << 10
	if _, err := w.js.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	loud := Define("loud", func(context.Context, int) (int, error) { return 0, errors.New(strings.Repeat("\x00", 1<<20)) })
	w.serve([]Registered{loud})
	w.submit(loud, "a", 3)
	w.fails("a")
	w.empty()
}

// Jobs that no client of ours has published must not be delivered for ever.
func TestWhatIsNoJob(t *testing.T) {
	w := newWire(t)
	twice := Define("twice", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	w.serve([]Registered{twice}, Parallel(1), Lease(time.Second))
	w.ready(twice)
	if _, err := w.js.Publish(t.Context(), w.prefix+".job.twice.1.short", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.js.Publish(t.Context(), w.prefix+".job.twice.1.a.b.c", []byte("x")); err != nil {
		t.Fatal(err)
	}
	w.submit(twice, "a", 1)
	w.ends("a", outcomeOK)
	w.empty()
}
