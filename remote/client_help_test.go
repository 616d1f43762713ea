package remote_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// hang is a limit against hanging, and decides nothing.
const hang = 30 * time.Second

// withServer runs a coroutine with an executor on a server of its own.
func withServer(t *testing.T, main func(ctx context.Context, nc *nats.Conn, x *remote.Executor), opts ...remote.Option) {
	t.Helper()
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x, err := remote.NewExecutor(ctx, nc, opts...)
		if err != nil {
			return err
		}
		defer x.Close()
		main(ctx, nc, x)
		return nil
	})
}

func startServer(t *testing.T, dir string, opts ...embedded.Option) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func connect(t *testing.T, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// run runs a coroutine, and fails if it returns an error, hangs, or leaves an error at
// which nobody has looked.
func run(t *testing.T, main func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).SetExceptionHandler(func(e asyncio.ExceptionContext) { t.Errorf("reported: %s: %v", e.Message, e.Err) })
		return main(ctx)
	}, asyncio.SlowStep(-1)) // on a busy machine any step can take long
	if err != nil {
		t.Error(err)
	}
}

// must fails the test's coroutine with an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A delivery is a job in the hands of a worker that the test plays itself.
type delivery struct {
	t      *testing.T
	js     jetstream.JetStream
	nc     *nats.Conn
	msg    jetstream.Msg
	fn     string // and its version
	client string
	id     string
}

// A hand is a worker that speaks the wire format, step by step.
type hand struct {
	t    *testing.T
	js   jetstream.JetStream
	nc   *nats.Conn
	cons jetstream.Consumer
}

// newHand makes the consumer of a function. It blocks.
func newHand(t *testing.T, nc *nats.Conn, fn, version string) *hand {
	js, err := jetstream.New(nc)
	if err != nil {
		t.Error(err)
		return nil
	}
	cons, err := js.CreateOrUpdateConsumer(context.Background(), "asyncio_JOBS", jetstream.ConsumerConfig{
		Durable: fn + "=" + version, AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute,
		FilterSubject: "asyncio.job." + fn + "." + version + ".>",
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	return &hand{t: t, js: js, nc: nc, cons: cons}
}

// take waits for the next job, in a thread.
func (h *hand) take(ctx context.Context) *delivery {
	d, err := asyncio.ToThread(ctx, func(ctx context.Context) (*delivery, error) {
		m, err := h.cons.Next(jetstream.FetchMaxWait(hang))
		if err != nil {
			return nil, err
		}
		return newDelivery(h, m), nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func newDelivery(h *hand, m jetstream.Msg) *delivery {
	tokens := strings.Split(m.Subject(), ".")
	return &delivery{
		t: h.t, js: h.js, nc: h.nc, msg: m,
		fn: tokens[2] + "=" + tokens[3], client: tokens[4], id: tokens[5],
	}
}

// finish publishes a result, if there is none, and acknowledges the job.
func (d *delivery) finish(outcome string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		d.t.Error(err)
	}
	m := nats.NewMsg("asyncio.result." + d.client + "." + d.id)
	m.Data = data
	m.Header.Set("Asyncio-Outcome", outcome)
	m.Header.Set("Asyncio-Func", d.fn)
	m.Header.Set("Asyncio-Worker", "hand")
	m.Header.Set("Asyncio-Attempt", "1")
	m.Header.Set("Nats-Expected-Last-Subject-Sequence", "0")
	_, err = d.js.PublishMsg(context.Background(), m)
	var api *jetstream.APIError
	if err != nil && !(asAPI(err, &api) && api.ErrorCode == 10071) {
		d.t.Error(err)
	}
	if err := d.msg.DoubleAck(context.Background()); err != nil {
		d.t.Error(err)
	}
}

func asAPI(err error, into **jetstream.APIError) bool {
	a, ok := err.(*jetstream.APIError)
	if ok {
		*into = a
	}
	return ok
}

// finishIn is finish in a thread.
func (d *delivery) finishIn(ctx context.Context, outcome string, body any) {
	_, _ = asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { d.finish(outcome, body); return struct{}{}, nil })
}

// tell sends an event.
func (d *delivery) tell(e map[string]any) {
	data, _ := json.Marshal(e)
	if err := d.nc.Publish("asyncio.event."+d.client+"."+d.id, data); err != nil {
		d.t.Error(err)
	}
}

// serveDoubles serves "double" on goroutines until the returned function is called.
func serveDoubles(t *testing.T, nc *nats.Conn) (stop func()) {
	h := newHand(t, nc, "double", "1")
	c, err := h.cons.Consume(func(m jetstream.Msg) {
		d := newDelivery(h, m)
		var n int
		if err := json.Unmarshal(m.Data(), &n); err != nil {
			t.Error(err)
		}
		if n == 13 {
			d.finish("error", map[string]any{"type": "*errors.errorString", "message": "unlucky"})
			return
		}
		d.finish("ok", 2*n)
	})
	if err != nil {
		t.Error(err)
		return func() {}
	}
	return func() { c.Drain(); <-c.Closed() } // the connection may be closed only after its last acknowledgment
}

var double = remote.Define("double", func(ctx context.Context, n int) (int, error) { return 2 * n, nil })

func newHandIn(ctx context.Context, t *testing.T, nc *nats.Conn, fn, version string) *hand {
	h, err := asyncio.ToThread(ctx, func(context.Context) (*hand, error) { return newHand(t, nc, fn, version), nil })
	if err != nil || h == nil {
		t.Fatal(fmt.Sprint("no consumer: ", err))
	}
	return h
}
