//go:build !windows

package streams

import "syscall"

// The errors of the system for an address on which one cannot listen.
const (
	errnoInUse    = syscall.EADDRINUSE
	errnoNoAddr   = syscall.EADDRNOTAVAIL
	errnoNoFamily = syscall.EAFNOSUPPORT
)
