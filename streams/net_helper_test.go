package streams_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// everyWay runs a test with sockets that the loop waits for, with threads, and on networks
// in memory.
func everyWay(t *testing.T, test func(t *testing.T)) {
	onSystem(t, test)
	everyWayInMemory(t, test)
}

// onSystem is everyWay for tests whose other side is the system's, or package net's.
func onSystem(t *testing.T, test func(t *testing.T)) {
	if !streams.ThreadedOnly(false) {
		test(t)
		return
	}
	t.Run("sockets", test)
	t.Run("threads", func(t *testing.T) {
		streams.ThreadedOnly(true)
		defer streams.ThreadedOnly(false)
		test(t)
	})
}

// run runs a coroutine, and whatever else comes to the exception handler fails
// the test. That a step takes long says nothing: the machine may be busy.
func run(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	report := asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("reported: %v", c) })
	opts = append(opts, memoryOptions(t)...)
	if err := asyncio.Run(t.Context(), main, append([]asyncio.Option{report, noWatchdog}, opts...)...); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// noWatchdog is for tests that count what is reported: on a machine that is busy with
// something else, any step can take long.
var noWatchdog = asyncio.SlowStep(-1)

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

// networks returns the stream networks and an address of each to listen on.
func networks(t *testing.T) map[string]string {
	all := map[string]string{
		"tcp":  "127.0.0.1:0",
		"tcp4": "localhost:0",
	}
	if hasUnixSockets() {
		all["unix"] = unixAddress(t)
	}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		_ = l.Close()
		all["tcp6"] = "[::1]:0"
	}
	return all
}

// unixAddress returns one to listen on, or skips a test where the system has no
// Unix sockets.
func unixAddress(t *testing.T) string {
	t.Helper()
	if !hasUnixSockets() {
		t.Skip("this system has no Unix sockets")
	}
	return filepath.Join(asynctest.SocketDir(t), "socket")
}

func hasUnixSockets() bool {
	if inMemory() {
		return !memory.apart // they are within a host, and were tested there
	}
	_, err := net.Dial("unix", "/nowhere/at/all") //asyncio:ok blocks it fails at once
	return !errors.Is(err, errNoFamily)
}

// pair returns both ends of a connection.
func pair(ctx context.Context, t *testing.T, network, address string) (client, server *streams.Conn) {
	t.Helper()
	l := must(streams.Listen(ctx, network, address))(t)
	defer l.Close()
	client = must(streams.Dial(ctx, network, l.Addr().String()))(t)
	server = must(l.AcceptContext(ctx))(t)
	return client, server
}

// recv reads so many bytes.
func recv(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Errorf("it read %q, %v; want %q", got, err, want)
	}
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(w, text); n != len(text) || err != nil {
		t.Errorf("writing %q returned %d, %v", text, n, err)
	}
}

// patience is how long a test waits for what must come. It decides nothing: a
// test that needs it has failed.
const patience = 30 * time.Second

// expectDescriptors expects so many open descriptors, in a moment: what a
// goroutine beside the loop has in hand when it is no longer wanted, it closes
// at a time of its own.
func expectDescriptors(ctx context.Context, t *testing.T, want int) {
	t.Helper()
	err := asyncio.WithTimeout(ctx, patience, func(ctx context.Context) error {
		for openDescriptors(t) != want {
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("%d descriptors are open, want %d", openDescriptors(t), want)
	}
}

// needSockets skips a test where connections go over helper goroutines, to
// which calls are handed.
func needSockets(t *testing.T) {
	t.Helper()
	if !streams.ThreadedOnly(false) {
		t.Skip("the loop itself cannot wait for sockets here")
	}
}

// needSystem skips a test of what a network in memory does not have.
func needSystem(t *testing.T) {
	t.Helper()
	if inMemory() {
		t.Skip("there is no such thing in memory")
	}
}
