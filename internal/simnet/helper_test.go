package simnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

var inMemory = asynciotest.LoopOptions(simnet.InMemory())

// inManyOrders runs a test in many orders, on a virtual clock and a network in memory.
func inManyOrders(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	asynciotest.Explore(t, fn, inMemory, asynciotest.Runs(50))
}

// onPair explores a test with both ends of a connection, which it closes: on one host, and
// between two, where nothing is late or lost, which must make no difference.
func onPair(t *testing.T, fn func(ctx context.Context, client, server *streams.Conn)) {
	t.Helper()
	for _, hosts := range []int{1, 2} {
		inManyOrders(t, func(ctx context.Context) {
			here, there := ctx, ctx
			if hosts == 2 {
				_, hosts := networkOf(t, ctx, "client", "server")
				here, there = hosts[0].Context(ctx), hosts[1].Context(ctx)
			}
			l := must(streams.Listen(there, "tcp", ":0"))(t)
			to := must(net.ResolveTCPAddr("tcp", l.Addr().String()))(t)
			if hosts == 2 {
				to.IP = net.IPv4(10, 0, 0, 2)
			}
			client := must(streams.Dial(here, "tcp", to.String()))(t)
			server := must(l.AcceptContext(there))(t)
			fn(ctx, client, server)
			_, _, _ = client.Close(), server.Close(), l.Close()
		})
	}
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

// second returns the second of two results.
func second[T any](_ T, err error) error { return err }

// expect expects an error that is this one, in the sense of errors.Is.
func expect(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// expectText expects an error with this text.
func expectText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func read(r io.Reader) error {
	_, err := r.Read(make([]byte, 8))
	return err
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// later lets a task do something, and returns what it is to be awaited with.
func later(ctx context.Context, fn func(ctx context.Context) error) (await func() error) {
	task := asyncio.Go(ctx, fn)
	return func() error {
		_, err := task.Await(ctx)
		return err
	}
}
