//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package poller

// IsSocket is never called: the loop waits for no descriptors here.
func IsSocket(int) bool { return false }
