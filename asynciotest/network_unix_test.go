//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package asynciotest_test

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// A test that waits for a socket of the system is told, once; one that means it, or that
// waits for something else, is not.
func TestToldOfRealSockets(t *testing.T) {
	socket := must(net.ListenPacket("udp", "127.0.0.1:0"))(t)
	defer socket.Close()
	ofSocket := must(socket.(*net.UDPConn).File())(t)
	defer ofSocket.Close()
	_, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	watch := func(f *os.File) func(ctx context.Context) {
		return func(ctx context.Context) {
			loop := asyncio.RunningLoop(ctx)
			var writable asyncio.Event
			if err := loop.AddWriter(f.Fd(), writable.Set); err != nil {
				t.Fatal(err)
			}
			_ = writable.Wait(ctx)
			_ = loop.RemoveWriter(f.Fd())
		}
	}
	for name, c := range map[string]struct {
		file *os.File
		opts []asynciotest.Option
		want int
	}{
		"a socket":               {ofSocket, nil, 1},
		"a pipe":                 {pipe, nil, 0},
		"a socket that is meant": {ofSocket, []asynciotest.Option{asynciotest.RealNetwork()}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustPass(t, func(f *fakeTB) { asynciotest.ExploreTB(f, watch(c.file), append(c.opts, asynciotest.Runs(5))) })
			if got := strings.Count(f.output(), "waits for a socket of the system"); got != c.want {
				t.Errorf("it was told %d times, want %d", got, c.want)
			}
		})
	}
}
