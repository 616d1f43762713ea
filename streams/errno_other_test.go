//go:build !windows

package streams_test

import "syscall"

// What the system says of sockets.
const (
	errRefused  = syscall.ECONNREFUSED
	errReset    = syscall.ECONNRESET
	errHungUp   = syscall.EPIPE // of a write when a reset was heard before
	errNoFamily = syscall.EAFNOSUPPORT
)
