package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var shortLived = remote.Define("short-lived", func(context.Context, int) (int, error) { return 7, nil }, remote.Retain(time.Second))

// A job that nobody knows after a cut has expired if its result can have come and gone
// meanwhile. If it cannot, the job is lost, although the streams are the same.
func TestJobsThatNobodyKnowsAfterACut(t *testing.T) {
	for name, c := range map[string]struct {
		fn   *remote.Func[int, int]
		want error
		lose func(t *testing.T, ctx context.Context, nc *nats.Conn) error
	}{
		"expired": {shortLived, remote.ErrExpired, func(t *testing.T, ctx context.Context, nc *nats.Conn) error {
			worker := asyncio.Go(ctx, func(ctx context.Context) error {
				return remote.Serve(ctx, nc, []remote.Registered{shortLived})
			})
			defer func() { worker.Cancel(); _, _ = worker.Await(ctx) }()
			if err := untilMessages(ctx, nc, "asyncio_RESULTS", 1); err != nil {
				return err
			}
			return untilMessages(ctx, nc, "asyncio_RESULTS", 0)
		}},
		"lost": {remote.Define("long-lived", func(context.Context, int) (int, error) { return 7, nil }), remote.ErrLost,
			func(t *testing.T, ctx context.Context, nc *nats.Conn) error {
				return off(ctx, func() {
					js := must[jetstream.JetStream](t)(jetstream.New(nc))
					if err := must[jetstream.Stream](t)(js.Stream(ctx, "asyncio_JOBS")).Purge(ctx); err != nil {
						t.Error(err)
					}
				})
			}},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, t.TempDir())
			between := newStrait(t, s.URL())
			ncx, ncw := connect(t, between.url()), connect(t, s.URL())
			run(t, func(ctx context.Context) error {
				x := must[*remote.Executor](t)(remote.NewExecutor(ctx, ncx))
				defer x.Close()
				j := must[*remote.Job[int]](t)(c.fn.Submit(ctx, x, 1))
				between.change(func() { between.cutOff = true })
				for ncx.IsConnected() {
					if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
						return err
					}
				}
				if err := c.lose(t, ctx, ncw); err != nil {
					return err
				}
				between.heal()
				if _, err := j.Await(ctx); !errors.Is(err, c.want) {
					t.Errorf("the job: %v", err)
				}
				return nil
			})
		})
	}
}

// untilMessages waits until a stream has so many messages.
func untilMessages(ctx context.Context, nc *nats.Conn, stream string, n uint64) error {
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		js, err := jetstream.New(nc)
		if err != nil {
			return err
		}
		for {
			s, err := js.Stream(ctx, stream)
			switch {
			case errors.Is(err, jetstream.ErrStreamNotFound): // it may be about to be made
			case err != nil || s.CachedInfo().State.Msgs == n:
				return err
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
}
