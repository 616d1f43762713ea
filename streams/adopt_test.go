package streams_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestAdopt(t *testing.T) {
	for name, connect := range map[string]func(t *testing.T) (a, b net.Conn){
		"a connection of package net": func(t *testing.T) (a, b net.Conn) {
			needSystem(t)
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			a = must(net.Dial("tcp", l.Addr().String()))(t)
			return a, must(l.Accept())(t)
		},
		"a net.Pipe": func(*testing.T) (a, b net.Conn) { return net.Pipe() },
	} {
		t.Run("makes "+name+" one of the loop", func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					plainA, plainB := connect(t)
					a, b := must(streams.Adopt(ctx, plainA))(t), must(streams.Adopt(ctx, plainB))(t)
					content := bytes.Repeat([]byte("0123456789"), 20_000)
					sending := asyncio.Go(ctx, func(context.Context) error {
						_, err := a.Write(content)
						return errors.Join(err, a.Close())
					})
					got, err := io.ReadAll(b)
					if !bytes.Equal(got, content) || err != nil {
						t.Errorf("%d bytes came, %v", len(got), err)
					}
					_, err = sending.Await(ctx)
					return errors.Join(err, b.Close())
				})
			})
		})
	}
	for name, on := range map[string]func(*streams.Conn) net.Conn{
		"on a Conn":                func(c *streams.Conn) net.Conn { return c },
		"on what does not show it": func(c *streams.Conn) net.Conn { return struct{ net.Conn }{c} },
	} {
		t.Run("lets a tls.Conn "+name+" be read while it is written, whatever the peer does", func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				_, secure := handshake(ctx, t, client, on(server))
				duplex := must(streams.Adopt(ctx, secure))(t)
				writing := asyncio.Go(ctx, func(context.Context) error {
					_, err := duplex.Write(make([]byte, 64<<20)) // the client does not read
					return err
				})
				_ = asyncio.Sleep(ctx, 50*time.Millisecond)
				send(t, client, "this is no record of TLS")
				// It answers with an alert, which waits for the Write; the loop does not.
				err := asyncio.WithTimeout(ctx, 50*time.Millisecond, func(context.Context) error {
					_, err := duplex.Read(make([]byte, 1))
					return err
				})
				if err == nil {
					t.Error("it read something")
				}
				_ = duplex.Close()
				if _, err = writing.Await(ctx); err == nil {
					t.Error("it wrote everything")
				}
				_ = client.Close()
			})
		})
		t.Run("says goodbye for a tls.Conn "+name, func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				peer, secure := handshake(ctx, t, client, on(server))
				duplex := must(streams.Adopt(ctx, secure))(t)
				send(t, duplex, "hello")
				expectError(t, "CloseWrite", duplex.CloseWrite(), nil)
				recv(t, peer, "hello")
				_, err := peer.Read(make([]byte, 1))
				expectError(t, "Read", err, io.EOF)
				send(t, peer, "still here")
				recv(t, duplex, "still here")
				expectError(t, "Close", duplex.Close(), nil)
				_, err = server.Read(make([]byte, 1))
				for (err == nil || errors.Is(err, streams.ErrBusy)) && asyncio.Yield(ctx) == nil { // it is closed in a moment
					_, err = server.Read(make([]byte, 1))
				}
				expectError(t, "Read of what was adopted", err, net.ErrClosed)
			})
		})
	}
	t.Run("survives what its goroutines run into", testAdoptedThatFails)
	t.Run("misused says so", func(t *testing.T) {
		expectPanic(t, "streams: Adopt(nil): pass the connection that the loop is to have", func() { _, _ = streams.Adopt(t.Context(), nil) })
		_, err := streams.Adopt(t.Context(), new(tls.Conn))
		expectError(t, "Adopt without a loop", err, asyncio.ErrNoRunningLoop)
	})
}

// An oddConn is a connection each of whose calls does the same odd thing.
type oddConn struct {
	net.Conn
	odd func()
}

func (c oddConn) Read([]byte) (int, error)  { c.odd(); return 0, nil }
func (c oddConn) Write([]byte) (int, error) { c.odd(); return 0, nil }
func (c oddConn) Close() error              { c.odd(); return nil }
func (c oddConn) CloseWrite() error         { c.odd(); return nil }

func testAdoptedThatFails(t *testing.T) {
	calls := map[string]func(*streams.Conn) error{
		"Read": func(c *streams.Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"Write": func(c *streams.Conn) error {
			_, err := c.Write([]byte("x"))
			return err
		},
		"CloseWrite": (*streams.Conn).CloseWrite,
		"Close":      (*streams.Conn).Close,
	}
	for name, call := range calls {
		waited := name == "Read" || name == "Write" // no one waits for the others
		t.Run("a panic in "+name, func(t *testing.T) {
			heard := make(chan asyncio.ExceptionContext, 2) // one more is of the Close at the loop's end
			var c asyncio.ExceptionContext
			hear := func() { c = <-heard } // before that Close, whose goroutine may be the faster one
			err := callOdd(t, func() { panic("odd") }, call, hear, asyncio.OnException(func(c asyncio.ExceptionContext) { heard <- c }))
			p, ok := c.Err.(*asyncio.PanicError)
			if !ok || p.Value != "odd" || !bytes.Contains(c.Stack, []byte("oddConn")) || c.Message != "panic in a thread" || c.Task.Name != "Task-1" {
				t.Errorf("the report is %+v", c)
			}
			if got, _ := errors.AsType[*asyncio.PanicError](err); waited && got != p || !waited && err != nil {
				t.Errorf("it returned %v", err)
			}
		})
		t.Run("a Goexit in "+name, func(t *testing.T) {
			ended := make(chan bool, 4)
			err := callOdd(t, func() { ended <- true; runtime.Goexit() }, call, func() { <-ended })
			if waited != errors.Is(err, asyncio.ErrGoexit) || !waited && err != nil {
				t.Errorf("it returned %v", err)
			}
		})
	}
}

// callOdd adopts an oddConn and calls it. The loop stays until await returns.
func callOdd(t *testing.T, odd func(), call func(*streams.Conn) error, await func(), opts ...asyncio.Option) (err error) {
	t.Helper()
	plain, _ := net.Pipe()
	run(t, func(ctx context.Context) error {
		conn := must(streams.Adopt(ctx, oddConn{plain, odd}))(t)
		return asyncio.WithTimeout(ctx, 20*time.Second, func(ctx context.Context) error {
			err = call(conn)
			if ctx.Err() != nil {
				t.Error("it waited for what would never come")
			}
			await()
			return nil
		})
	}, opts...)
	return err
}
