//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package poller

// New returns the poller of this system.
func New() (*Portable, error) { return NewPortable(), nil }
