package remote

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// limit is how long a test waits for what should come soon.
const limit = 30 * time.Second

// wire is a client that speaks what is written in wire.go, and nothing else of this
// package.
type wire struct {
	t  *testing.T
	nc *nats.Conn
	js jetstream.JetStream
	setup
	url string
}

var prefixes atomic.Uint64

// newWire starts a server for a test.
func newWire(t *testing.T) *wire {
	t.Helper()
	s, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return wireTo(t, s.URL())
}

func wireTo(t *testing.T, url string) *wire {
	t.Helper()
	w := &wire{t: t, url: url, setup: newSetup()}
	w.names = names{fmt.Sprint("t", prefixes.Add(1))}
	w.nc = w.connect(url)
	var err error
	if w.js, err = jetstream.New(w.nc); err != nil {
		t.Fatal(err)
	}
	if _, err := w.setup.open(t.Context(), w.js); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *wire) connect(url string) *nats.Conn {
	w.t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectBufSize(-1))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(nc.Close)
	return nc
}

// A running is a worker in this process.
type running struct {
	t      *testing.T
	cancel context.CancelFunc
	ended  chan struct{}
	err    error
}

// serve starts a worker with a connection of its own.
func (w *wire) serve(fns []Registered, opts ...WorkerOption) *running {
	w.t.Helper()
	return w.serveOn(w.connect(w.url), fns, opts...)
}

func (w *wire) serveOn(nc *nats.Conn, fns []Registered, opts ...WorkerOption) *running {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: w.t, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = asyncio.Run(ctx, func(ctx context.Context) error {
			return Serve(ctx, nc, fns, append([]WorkerOption{Prefix(w.prefix), Lease(2 * time.Second)}, opts...)...)
		}, asyncio.Debug(true), asyncio.SlowStep(-1))
	}()
	w.t.Cleanup(func() {
		cancel()
		select {
		case <-r.ended:
		case <-time.After(limit):
			w.t.Error("a worker does not end")
		}
	})
	return r
}

// end cancels a worker.
func (r *running) end() {
	r.t.Helper()
	r.cancel()
	if err := r.wait(); !errors.Is(err, asyncio.ErrCanceled) {
		r.t.Errorf("a canceled worker ended with %v", err)
	}
}

func (r *running) wait() error {
	r.t.Helper()
	select {
	case <-r.ended:
		return r.err
	case <-time.After(limit):
		r.t.Fatal("a worker does not end")
		return nil
	}
}

// submit queues a job.
func (w *wire) submit(fn Registered, id string, in any, header ...string) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.submitRaw(fn, id, body, append([]string{headerEncoding, "json"}, header...)...)
}

func (w *wire) submitRaw(fn Registered, id string, body []byte, header ...string) {
	w.t.Helper()
	m := nats.NewMsg(w.job(fn.Name(), fn.Version(), jobKey{"c", id}))
	m.Data = body
	for i := 0; i < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	if _, err := w.js.PublishMsg(w.t.Context(), m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) cancelJob(id string) {
	w.t.Helper()
	if _, err := w.js.Publish(w.t.Context(), w.cancel(jobKey{"c", id}), nil); err != nil {
		w.t.Fatal(err)
	}
}

// until polls for what only the server knows.
func (w *wire) until(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}

// last returns the last message of a subject, or nil.
func (w *wire) last(stream, subject string) *jetstream.RawStreamMsg {
	w.t.Helper()
	s, err := w.js.Stream(w.t.Context(), stream)
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := s.GetLastMsgForSubject(w.t.Context(), subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// result waits for the result of a job.
func (w *wire) resultOf(id string) (m *jetstream.RawStreamMsg) {
	w.t.Helper()
	w.until("result of "+id, func() bool {
		m = w.last(w.results(), w.result(jobKey{"c", id}))
		return m != nil
	})
	return m
}

// ends checks how a job has ended, and returns the body.
func (w *wire) ends(id string, want outcome) (m *jetstream.RawStreamMsg) {
	w.t.Helper()
	m = w.resultOf(id)
	if got := m.Header.Get(headerOutcome); got != string(want) {
		w.t.Fatalf("job %s ended with %q: %s; want %q", id, got, m.Data, want)
	}
	return m
}

// fails checks that a job has failed, and returns the failure.
func (w *wire) fails(id string) (f failure) {
	w.t.Helper()
	if err := json.Unmarshal(w.ends(id, outcomeError).Data, &f); err != nil {
		w.t.Fatal(err)
	}
	return f
}

// empty waits until all jobs are acknowledged.
func (w *wire) empty() {
	w.t.Helper()
	w.until("no jobs are left", func() bool { return w.queued() == 0 })
}

func (w *wire) queued() uint64 {
	w.t.Helper()
	s, err := w.js.Stream(w.t.Context(), w.jobs())
	if err != nil {
		w.t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// consumerOf is what the server knows of the jobs of a function.
func (w *wire) consumerOf(fn Registered) *jetstream.ConsumerInfo {
	w.t.Helper()
	c, err := w.js.Consumer(w.t.Context(), w.jobs(), consumer(fn.Name(), fn.Version()))
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return c.CachedInfo()
}

// ready waits until a worker waits for jobs.
func (w *wire) ready(fns ...Registered) {
	w.t.Helper()
	for _, fn := range fns {
		w.until("a worker waits", func() bool { c := w.consumerOf(fn); return c != nil && c.NumWaiting > 0 })
	}
}

// events subscribes to what a worker tells of a job.
func (w *wire) events(id string) <-chan event {
	w.t.Helper()
	events := make(chan event, 100)
	_, err := w.nc.Subscribe(w.event(jobKey{"c", id}), func(m *nats.Msg) {
		var e event
		if err := json.Unmarshal(m.Data, &e); err != nil {
			w.t.Error(err)
		}
		events <- e
	})
	if err == nil {
		err = w.nc.Flush()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// take receives from a channel, with a limit.
func take[T any](t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(limit):
		t.Fatal("nothing comes")
	}
	return v
}

func mustContain(t *testing.T, s, part string) {
	t.Helper()
	if !strings.Contains(s, part) {
		t.Errorf("%q does not say %q", s, part)
	}
}

// roles are what the test binary does if it is started as another process.
var roles = map[string]func() error{}

const roleVariable = "ASYNCIO_REMOTE_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := roles[role](); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// The tests mostly wait: for leases, and for other processes.
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
