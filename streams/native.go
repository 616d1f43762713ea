//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"net"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// bridgeAll is set by tests that want the way of other systems.
var bridgeAll atomic.Bool

// native reports whether the loop itself can wait for sockets.
func native(home *aio.Home) bool { return home.Core().WatchesDescriptors() && !bridgeAll.Load() }

// descriptorOf returns what the descriptor of a connection can be had from, if
// the loop can wait for that.
func descriptorOf(home *aio.Home, c net.Conn) (m moveable, ok bool) {
	if !native(home) {
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
