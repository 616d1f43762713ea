package remote_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go/jetstream"
)

// Nothing is left in the process or on the server when executors have ended.
func TestNothingIsLeftOfExecutors(t *testing.T) {
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	js := must[jetstream.JetStream](t)(jetstream.New(nc))
	once := func() {
		run(t, func(ctx context.Context) error {
			x, err := remote.NewExecutor(ctx, nc)
			if err != nil {
				return err
			}
			j := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
			j.Cancel()
			_, err = j.Await(ctx)
			if !errors.Is(err, asyncio.ErrCanceled) {
				t.Error(err)
			}
			return x.Close()
		})
	}
	once()
	subs, goroutines := nc.NumSubscriptions(), runtime.NumGoroutine()
	for range 5 {
		once()
	}
	for end := time.Now().Add(hang); ; time.Sleep(10 * time.Millisecond) {
		st := must[jetstream.Stream](t)(js.Stream(t.Context(), "asyncio_RESULTS"))
		n := 0
		for range st.ConsumerNames(t.Context()).Name() {
			n++
		}
		if nc.NumSubscriptions() <= subs && runtime.NumGoroutine() <= goroutines+5 && n == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("subscriptions %d, before %d; goroutines %d, before %d; consumers %d", nc.NumSubscriptions(), subs, runtime.NumGoroutine(), goroutines, n)
		}
	}
}

// An executor whose making is canceled at any moment leaves nothing behind, and no race.
func TestNewExecutorCanceled(t *testing.T) {
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		for n := range 60 {
			ctx, cancel := context.WithCancel(ctx)
			go func() {
				time.Sleep(time.Duration(n) * 100 * time.Microsecond) // any moment will do
				cancel()
			}()
			x, err := remote.NewExecutor(ctx, nc)
			if err == nil {
				_ = x.Close()
			}
			cancel()
		}
		return nil
	})
}
