//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

// BridgeAll makes new connections go the way of systems without epoll and
// kqueue, or not. It reports whether this system has both ways.
func BridgeAll(on bool) bool {
	bridgeAll.Store(on)
	return true
}
