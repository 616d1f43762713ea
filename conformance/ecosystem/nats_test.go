package ecosystem

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const natsClient = "nats.go"

func TestNATS(t *testing.T) {
	Case{Library: natsClient, Way: toThread, Note: "a request is not told that its connection is lost: give it a timeout",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return inThread(natsRequests(t, natsBehindProxy(t, s)))
		}}.Test(t)
	Case{Library: natsClient, Way: callbacks, Note: "`PublishRequest`, and one subscription that calls `Loop.CallSoonThreadsafe`; the fastest way",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return natsCallbacks(ctx, t, natsBehindProxy(t, s))
		}}.Test(t)
	Case{Library: natsClient, Way: direct, Blocks: "a request waits on a channel for the goroutine that reads",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return natsRequests(t, natsBehindProxy(t, s), nats.SetCustomDialer(dialer(streams.DialShared(ctx))))
		}}.Test(t)
}

// A dialer is a dial function that knows no context.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d(context.Background(), network, address)
}

// natsServer starts a server with a service that answers, and returns the address for
// clients.
func natsServer(t testing.TB, s *Scene) (address string) {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	if !ns.ReadyForConnections(asynctest.Patience) {
		t.Fatal("the embedded server does not start")
	}
	service, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	var answering sync.WaitGroup
	_, err = service.Subscribe("echo", func(m *nats.Msg) {
		if string(m.Data) != holdMe {
			_ = m.Respond(m.Data)
			return
		}
		answering.Go(func() {
			answer, _ := s.Answer(context.Background(), holdMe)
			_ = m.Respond([]byte(answer))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		answering.Wait()
		service.Close()
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	return ns.Addr().String()
}

// natsBehindProxy is natsServer, with connections that the test can kill.
func natsBehindProxy(t *testing.T, s *Scene) (address string) {
	t.Helper()
	proxy := NewProxy(t, natsServer(t, s))
	s.Kill = proxy.Kill
	return proxy.Addr()
}

func natsConnect(t testing.TB, address string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	opts = append(opts, nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0), nats.MaxReconnects(-1))
	nc, err := nats.Connect(address, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

// natsRequests waits for answers as nats.go does it. So that a test need not wait for a
// timeout, the loss of a connection ends the requests.
func natsRequests(t *testing.T, address string, opts ...nats.Option) *Client {
	var mu sync.Mutex
	lost, lose := context.WithCancelCause(context.Background())
	opts = append(opts, nats.DisconnectErrHandler(func(*nats.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		lose(errLost)
		lost, lose = context.WithCancelCause(context.Background())
	}))
	nc := natsConnect(t, address, opts...)
	client := echoClient(func(ctx context.Context, text string) (string, error) {
		mu.Lock()
		lost := lost
		mu.Unlock()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(lost, func() { cancel(errLost) })()
		answer, err := nc.RequestWithContext(ctx, "echo", []byte(text))
		if err != nil {
			return "", errors.Join(context.Cause(ctx), err)
		}
		return string(answer.Data), nil
	})
	client.Close = func(context.Context) error { closeNATS(nc); return nil }
	return client
}

// closeNATS waits for the goroutines, one of which calls the last handler.
func closeNATS(nc *nats.Conn) {
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	nc.Close()
	<-closed
}

// natsCallbacks waits for answers on the loop: no goroutine and no thread waits.
func natsCallbacks(ctx context.Context, t testing.TB, address string) *Client {
	// ANCHOR: nats
	loop := asyncio.RunningLoop(ctx)
	r := newReplies()
	lost := func(*nats.Conn, error) { _ = loop.CallSoonThreadsafe(func() { r.fail(errLost) }) }
	nc := natsConnect(t, address, nats.DisconnectErrHandler(lost))
	inbox := nc.NewInbox()
	_, err := nc.Subscribe(inbox+".*", func(m *nats.Msg) {
		_ = loop.CallSoonThreadsafe(func() { r.take(m.Subject[len(inbox)+1:], string(m.Data)) })
	})
	request := func(ctx context.Context, text string) (string, error) {
		return r.call(ctx, func(number string) error {
			return nc.PublishRequest("echo", inbox+"."+number, []byte(text))
		})
	}
	// ANCHOR_END: nats
	if err != nil {
		t.Fatal(err)
	}
	client := echoClient(request)
	client.Close = func(ctx context.Context) error {
		return asyncio.ToThreadFunc(ctx, func(context.Context) error { closeNATS(nc); return nil })
	}
	return client
}
