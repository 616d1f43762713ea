//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

// ThreadedOnly makes new connections go the way of systems without epoll and
// kqueue, or not. It reports whether this system has both ways.
func ThreadedOnly(on bool) bool {
	threadedOnly.Store(on)
	return true
}
