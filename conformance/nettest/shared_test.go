package nettest

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A shared connection, and one of package net at its other end, which goroutines use. It is
// used in all ways there are: by goroutines, by tasks, and by both in turns.
func TestShared(t *testing.T) {
	for name, use := range map[string]func(ctx context.Context, c net.Conn) net.Conn{
		"in goroutines": func(_ context.Context, c net.Conn) net.Conn { return c },
		"in tasks":      usedInTasks,
		"in turns": func(ctx context.Context, c net.Conn) net.Conn {
			return &inTurns{Conn: c, tasks: usedInTasks(ctx, c)}
		},
	} {
		connect := func(ctx context.Context) (shared, peer net.Conn, err error) {
			shared, peer, err = connectShared(ctx)
			if err != nil {
				return nil, nil, err
			}
			t.Cleanup(func() { // Run does not close these; and the garbage collector must not
				_, _ = shared.Close(), peer.Close()
			})
			return use(ctx, shared), peer, nil
		}
		t.Run(name, func(t *testing.T) { testConns(t, connect) })
		t.Run(name+", at the other end", func(t *testing.T) {
			testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
				shared, peer, err := connect(ctx)
				return peer, shared, err
			})
		})
	}
}

// connectShared returns a shared connection and its peer.
func connectShared(ctx context.Context) (shared, peer net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if shared, err = streams.DialShared(ctx)(ctx, "tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	peer, err = l.Accept()
	return shared, peer, err
}

// inTasks is a connection each of whose calls that may wait is made in a task.
type inTasks struct {
	net.Conn
	loop    *asyncio.Loop
	reading sync.Mutex // a second task that reads would be told ErrBusy
}

func usedInTasks(ctx context.Context, c net.Conn) net.Conn {
	return &inTasks{Conn: c, loop: asyncio.RunningLoop(ctx)}
}

func (c *inTasks) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.inTask(func() (int, error) { return c.Conn.Read(p) })
}

func (c *inTasks) Write(p []byte) (int, error) {
	return c.inTask(func() (int, error) { return c.Conn.Write(p) })
}

func (c *inTasks) inTask(call func() (int, error)) (int, error) {
	return asyncio.RunOn(context.Background(), c.loop, func(context.Context) (int, error) { return call() })
}

// inTurns is a connection whose calls are made in a task, in a goroutine, and so on.
type inTurns struct {
	net.Conn
	tasks net.Conn
	mu    sync.Mutex
	calls int
}

func (c *inTurns) next() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls++; c.calls%2 == 0 {
		return c.tasks
	}
	return c.Conn
}

func (c *inTurns) Read(p []byte) (int, error) { return c.next().Read(p) }

func (c *inTurns) Write(p []byte) (int, error) { return c.next().Write(p) }
