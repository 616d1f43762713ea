package ecosystem

import (
	"context"
	"net"
	"net/rpc"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

const netRPC = "net/rpc"

// Echo is a service of net/rpc.
type Echo struct{ s *Scene }

// Call has the shape that net/rpc wants.
func (e *Echo) Call(text string, answer *string) (err error) {
	*answer, err = e.s.Answer(context.Background(), text)
	return err
}

func TestNetRPC(t *testing.T) {
	server := func(t *testing.T, s *Scene) (address string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var serving sync.WaitGroup
		serving.Go(func() { acceptRPC(t, &serving, l, s) })
		t.Cleanup(serving.Wait)
		t.Cleanup(func() { _ = l.Close() })
		proxy := NewProxy(t, l.Addr().String())
		s.Kill = proxy.Kill
		return proxy.Addr()
	}
	Case{Library: netRPC + ", client", Way: toThread, Note: "`Client.Go`, and a select with ctx",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return rpcClient(ctx, t, server(t, s), func(ctx context.Context, c *rpc.Client, text string) (string, error) {
				return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
					var answer string
					call := c.Go("Echo.Call", text, &answer, nil)
					select {
					case <-call.Done:
						return answer, call.Error
					case <-ctx.Done():
						return "", context.Cause(ctx)
					}
				})
			})
		}}.Test(t)
	Case{Library: netRPC + ", client", Way: callbacks, Note: "`rpc.NewClient` of a connection of `streams.DialShared(ctx)`; `Client.Go`, and `asyncio.Receive` of its Done",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return rpcClient(ctx, t, server(t, s), receiveRPC)
		}}.Test(t)
	Case{Library: netRPC + ", client", Way: direct, Blocks: "a goroutine of its own reads, and `Call` waits on a channel" + neverEnds,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return rpcClient(ctx, t, server(t, s), func(_ context.Context, c *rpc.Client, text string) (answer string, err error) {
				err = c.Call("Echo.Call", text, &answer)
				return answer, err
			})
		}}.Test(t)
	Case{Library: netRPC + ", server", Way: serverGoroutine,
		// In a task of the loop, ServeConn waits on a WaitGroup for the methods that still run
		// when a connection ends, and these, to write their answers, for the loop.
		Note: "`ServeConn` not in a task: with a connection that ends in mid-call it freezes the loop",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			l, address := listen(ctx, t, s)
			var serving sync.WaitGroup
			serving.Go(func() { acceptRPC(t, &serving, l, s) })
			return endsWith(rpcClient(ctx, t, address, receiveRPC), func(ctx context.Context) error {
				_ = l.Close()
				s.Open() // for the methods, that no one cancels
				return asyncio.ToThreadFunc(ctx, func(context.Context) error { serving.Wait(); return nil })
			})
		}}.Test(t)
}

// ANCHOR: receive
// receiveRPC makes a call, and suspends the task until it has come back.
func receiveRPC(ctx context.Context, c *rpc.Client, text string) (string, error) {
	answer := new(string) // of this call alone: it may be set after a cancellation
	call := c.Go("Echo.Call", text, answer, nil)
	if _, _, err := asyncio.Receive(ctx, call.Done); err != nil {
		return "", err
	}
	return *answer, call.Error
}

// ANCHOR_END: receive

func rpcServer(t *testing.T, s *Scene) *rpc.Server {
	r := rpc.NewServer()
	if err := r.Register(&Echo{s}); err != nil {
		t.Fatal(err)
	}
	return r
}

func acceptRPC(t *testing.T, serving *sync.WaitGroup, l net.Listener, s *Scene) {
	r := rpcServer(t, s)
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		serving.Go(func() { r.ServeConn(conn) })
	}
}

// rpcClient has one connection for all tasks.
func rpcClient(ctx context.Context, t *testing.T, address string, call func(ctx context.Context, c *rpc.Client, text string) (string, error)) *Client {
	dialConn := streams.DialShared(ctx)
	dial := func(ctx context.Context) (*rpc.Client, error) {
		conn, err := dialConn(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		return rpc.NewClient(conn), nil
	}
	conn, err := asyncio.ToThread(ctx, dial)
	if err != nil {
		t.Fatal(err)
	}
	client := echoClient(func(ctx context.Context, text string) (string, error) { return call(ctx, conn, text) })
	client.Redial = func(ctx context.Context) error {
		_ = conn.Close()
		conn, err = asyncio.ToThread(ctx, dial)
		return err
	}
	client.Close = func(context.Context) error { return conn.Close() }
	return client
}
