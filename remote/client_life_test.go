package remote_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/trace"
	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// left waits until no goroutine runs code of executors, and returns the stacks if some
// goes on.
func left() string {
	var stacks string
	for end := time.Now().Add(hang / 3); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		var found []string
		for _, g := range bytes.Split(buf[:runtime.Stack(buf, true)], []byte("\n\n")) {
			if s := string(g); strings.Contains(s, "remote.(*") || strings.Contains(s, "nats.go/jetstream.") {
				found = append(found, s)
			}
		}
		if stacks = strings.Join(found, "\n\n"); stacks == "" {
			return ""
		}
	}
	return stacks
}

func TestNothingIsLeft(t *testing.T) {
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	for name, end := range map[string]func(x *remote.Executor, cancel func()){
		"Close":   func(x *remote.Executor, _ func()) { _ = x.Close() },
		"context": func(_ *remote.Executor, cancel func()) { cancel() },
		"Run":     func(*remote.Executor, func()) {},
	} {
		run(t, func(ctx context.Context) error {
			inner, cancel := context.WithCancel(ctx)
			defer cancel()
			x := must[*remote.Executor](t)(remote.NewExecutor(inner, nc))
			job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
			progress := job.Progress(ctx) // subscribes
			_ = progress
			end(x, cancel)
			if name != "Run" {
				if _, err := job.Await(ctx); !errors.Is(err, remote.ErrClosed) {
					t.Errorf("%s: %v", name, err)
				}
			}
			return nil
		})
		if stacks := left(); stacks != "" {
			t.Errorf("%s leaves goroutines:\n%s", name, stacks)
		}
		if n := nc.NumSubscriptions(); n > 1 { // the connection's own, for replies
			t.Errorf("%s leaves subscriptions: %d", name, n)
		}
	}
}

func TestConnectClosesItsConnection(t *testing.T) {
	s := startServer(t, t.TempDir())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.Connect(ctx, s.URL()))
		return x.Close()
	})
	if stacks := left(); stacks != "" {
		t.Errorf("goroutines:\n%s", stacks)
	}
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc))
		job := must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		nc.Close()
		if _, err := job.Await(ctx); !errors.Is(err, remote.ErrClosed) {
			t.Errorf("the user has closed the connection: %v", err)
		}
		return nil
	})
}

func TestWrongLoop(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		if _, err := double.Submit(context.Background(), x, 1); !errors.Is(err, asyncio.ErrNoRunningLoop) {
			t.Errorf("outside of a loop: %v", err)
		}
		elsewhere := must[any](t)(asyncio.ToThread(ctx, func(context.Context) (got any, err error) {
			err = asyncio.Run(context.Background(), func(ctx context.Context) error {
				defer func() { got = recover() }()
				_, err := double.Submit(ctx, x, 1)
				return err
			})
			return got, err
		}))
		if elsewhere == nil {
			t.Error("Submit on another loop does not panic")
		}
		panicked := must[any](t)(asyncio.ToThread(ctx, func(ctx context.Context) (got any, _ error) {
			defer func() { got = recover() }()
			_, err := double.Submit(ctx, x, 1) //asyncio:ok foreign it has to panic
			return nil, err
		}))
		if panicked == nil {
			t.Error("Submit on another goroutine does not panic")
		}
	})
}

// The time that is left is not what was left before Submit waited for the window.
func TestTimeLeftIsThatOfThePublication(t *testing.T) {
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 1)) // fills the window
		limited, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		second := asyncio.CreateTask(ctx, func(context.Context) (*remote.Job[int], error) { return double.Submit(limited, x, 2) })
		if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil { // it waits now; if not, the test finds nothing
			t.Fatal(err)
		}
		most := time.Hour
		if deadline, ok := limited.Deadline(); ok {
			most = time.Until(deadline)
		}
		h.take(ctx).finishIn(ctx, "ok", 2)
		must[*remote.Job[int]](t)(second.Await(ctx))
		left, err := time.ParseDuration(h.take(ctx).msg.Headers().Get("Asyncio-Time-Left"))
		if err != nil || left > most {
			t.Errorf("%v are left, %v; at most %v were", left, err, most)
		}
	}, remote.Window(1))
}

// What travels in the headers of a job.
func TestHeaders(t *testing.T) {
	before := otel.GetTextMapPropagator()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	defer otel.SetTextMapPropagator(before)
	withServer(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		h := newHandIn(ctx, t, nc, "double", "1")
		span := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: [16]byte{1}, SpanID: [8]byte{2}, TraceFlags: 1})
		err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
			_, err := double.Submit(oteltrace.ContextWithSpanContext(ctx, span), x, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d := h.take(ctx)
		headers := d.msg.Headers()
		if !strings.Contains(headers.Get("traceparent"), span.TraceID().String()) {
			t.Errorf("traceparent: %v", headers)
		}
		if timeLeft, err := time.ParseDuration(headers.Get("Asyncio-Time-Left")); err != nil || timeLeft <= 0 || timeLeft > time.Minute {
			t.Errorf("time left: %v, %v", timeLeft, err)
		}
		if headers.Get("Asyncio-Encoding") != "json" || headers.Get("Asyncio-Events") != "" {
			t.Errorf("%v", headers)
		}
		detach, err := trace.New().Attach(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer detach()
		must[*remote.Job[int]](t)(double.Submit(ctx, x, 1))
		if headers := h.take(ctx).msg.Headers(); headers.Get("Asyncio-Events") == "" {
			t.Errorf("of a loop that is recorded: %v", headers)
		}
	})
}
