//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
)

// keepSilent makes an address of this machine one that lets a client wait: its
// listener accepts nothing, and its queue is full.
func keepSilent(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	addr := must(net.ResolveTCPAddr("tcp", address))(t)
	sys := must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0))(t)
	unix.CloseOnExec(sys)
	t.Cleanup(func() { _ = unix.Close(sys) })
	sa := &unix.SockaddrInet4{Port: addr.Port}
	copy(sa.Addr[:], addr.IP.To4())
	if err := unix.Bind(sys, sa); err != nil {
		t.Skip("this system has only one address of its own:", err)
	}
	if err := unix.Listen(sys, 0); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		conn, err := asyncio.ToThread(ctx, func(context.Context) (net.Conn, error) {
			return net.DialTimeout("tcp", address, 100*time.Millisecond)
		})
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Skip("the queue of a listener has no end on this system")
}

// silentAddress returns an address that lets a client wait.
func silentAddress(ctx context.Context, t *testing.T) string {
	t.Helper()
	address := closedPort(t)
	keepSilent(ctx, t, address)
	return address
}
