//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

// ThreadedOnly does nothing here: there is only this way.
func ThreadedOnly(bool) bool { return false }
