//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"net"
	"sync/atomic"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// threadedOnly is set by tests of what happens on systems where a loop cannot wait for
// descriptors.
var threadedOnly atomic.Bool

// polls reports whether the loop itself can wait for sockets.
func polls(owner *conn.Owner) bool { return owner.Core().WatchesDescriptors() && !threadedOnly.Load() }

// descriptorOf returns c as the source of its descriptor, if the loop can wait
// for that.
func descriptorOf(owner *conn.Owner, c any) (d syscall.Conn, ok bool) {
	if !polls(owner) {
		return nil, false
	}
	switch c := c.(type) {
	case *net.TCPConn:
		return c, true
	case *net.UnixConn:
		return c, true
	case *net.UDPConn:
		return c, true
	default:
		return nil, false
	}
}
