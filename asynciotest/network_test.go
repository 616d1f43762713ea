package asynciotest_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// echo answers each byte with itself, after a while.
func echoAll(ctx context.Context, conn net.Conn) error {
	b := make([]byte, 1)
	for {
		if _, err := conn.Read(b); err != nil {
			return nil
		}
		if err := asyncio.Sleep(ctx, time.Hour); err != nil {
			return err
		}
		if _, err := conn.Write(b); err != nil {
			return err
		}
	}
}

// A client and a server that sleeps need neither a socket nor real time.
func TestNetworkIsInMemory(t *testing.T) {
	talk := func(ctx context.Context) {
		l := must(streams.Listen(ctx, "tcp", "localhost:8080"))(t)
		server := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, echoAll) })
		began := asyncio.RunningLoop(ctx).Now()
		conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
		for range 5 {
			ask := asyncio.Go(ctx, func(context.Context) error {
				if _, err := conn.Write([]byte("x")); err != nil {
					return err
				}
				_, err := io.ReadFull(conn, make([]byte, 1))
				return err
			})
			_ = must(ask.Await(ctx))(t)
		}
		if d := asyncio.RunningLoop(ctx).Now().Sub(began); d != 5*time.Hour {
			t.Errorf("it took %v by the test's clock", d)
		}
		_ = conn.Close()
		_ = l.Close()
		_ = must(server.Await(ctx))(t)
	}
	began := time.Now()
	t.Run("in Run", func(t *testing.T) { asynciotest.Run(t, talk) })
	t.Run("in Explore", func(t *testing.T) { asynciotest.Explore(t, talk, asynciotest.Runs(20)) })
	t.Log("it took", time.Since(began))
}

// Each run of Explore has a network of its own.
func TestRealNetwork(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	asynciotest.Run(t, func(ctx context.Context) {
		if _, err := streams.Dial(ctx, "tcp", l.Addr().String()); err == nil {
			t.Error("without RealNetwork, the system's network is reached")
		}
	})
	asynciotest.Run(t, func(ctx context.Context) {
		conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
		_ = conn.Close()
	}, asynciotest.RealNetwork())
}

// A thread that waits for the loop, itself or through another goroutine, does not use up the
// patience; one of which that is not known does not let the clock jump.
func TestThreadsThatWaitForTheLoop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		loop := asyncio.RunningLoop(ctx)
		began := loop.Now()
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			for range 3 {
				ended := make(chan error)
				go func() {
					ended <- asyncio.RunOnFunc(context.Background(), loop, func(ctx context.Context) error {
						return asyncio.Sleep(ctx, time.Hour)
					})
				}()
				if err := <-ended; err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		if d := loop.Now().Sub(began); d != 3*time.Hour || err != nil {
			t.Errorf("it took %v, %v", d, err)
		}
		err = asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				<-time.After(20 * time.Millisecond)
				return 0, nil
			})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}, asynciotest.Patience(time.Minute))
}

// must returns the value of a call that must not fail.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
