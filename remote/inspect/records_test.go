package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/inspect"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// record returns a stored record, for publish.
func (h *house) record(ctx context.Context, subject string) *nats.Msg {
	h.t.Helper()
	m, err := asyncio.ToThread(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		js, err := jetstream.New(h.nc)
		if err != nil {
			return nil, err
		}
		s, err := js.Stream(ctx, "asyncio_FAILURES")
		if err != nil {
			return nil, err
		}
		return s.GetLastMsgForSubject(ctx, subject)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	maps.DeleteFunc(m.Header, func(name string, _ []string) bool { return strings.HasPrefix(name, "Nats-") }) // what the server has added
	return &nats.Msg{Subject: subject, Header: m.Header, Data: m.Data}
}

func (h *house) publish(ctx context.Context, m *nats.Msg) {
	h.t.Helper()
	_, err := asyncio.ToThread(ctx, func(ctx context.Context) (*jetstream.PubAck, error) {
		js, err := jetstream.New(h.nc)
		if err != nil {
			return nil, err
		}
		return js.PublishMsg(ctx, m)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// The newest failures are found among many that were removed.
func TestTheNewestFailures(t *testing.T) {
	in(t, func(ctx context.Context, h *house) {
		add := func(id string) {
			h.publish(ctx, &nats.Msg{Subject: "asyncio.failure.f.1.me." + id, Header: nats.Header{"Asyncio-Error": {"bad"}}})
		}
		for i := range inspect.MostFailures + 20 {
			add(fmt.Sprint("a", i))
		}
		for i := range 300 {
			add(fmt.Sprint("b", i))
		}
		for i := range 300 {
			if i != 7 && h.purge(ctx, inspect.Which{ID: fmt.Sprint("b", i)}) != 1 {
				t.Fatal("not removed")
			}
		}
		s := h.read(ctx)
		if s.Failed != inspect.MostFailures+21 || len(s.Failures) != inspect.MostFailures {
			t.Fatalf("%d of %d", len(s.Failures), s.Failed)
		}
		if first, second, last := s.Failures[0].ID, s.Failures[1].ID, s.Failures[len(s.Failures)-1].ID; first != "b7" || second != "a119" || last != "a21" {
			t.Errorf("from %s and %s to %s", first, second, last)
		}
	})
}

// A queue without room refuses, and the record stays.
func TestRetryIntoAFullQueue(t *testing.T) {
	in(t, func(ctx context.Context, h *house) {
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (jetstream.Stream, error) {
			js, err := jetstream.New(h.nc)
			if err != nil {
				return nil, err
			}
			s, err := js.Stream(ctx, "asyncio_JOBS")
			if err != nil {
				return nil, err
			}
			c := s.CachedInfo().Config
			c.MaxMsgs = 1
			return js.UpdateStream(ctx, c)
		})
		if err != nil {
			t.Fatal(err)
		}
		submit(ctx, h, h.waits, 1, "first")
		h.publish(ctx, &nats.Msg{Subject: "asyncio.failure.fails.1.me.a", Data: []byte("1")})
		if done, err := h.retry(ctx, inspect.Which{}); !errors.Is(err, remote.ErrFull) || len(done) != 0 {
			t.Errorf("%v, %v", done, err)
		}
		if s := h.read(ctx); s.Failed != 1 {
			t.Errorf("%d failures are left", s.Failed)
		}
	})
}
