package streams

import "golang.org/x/sys/windows"

// The errors of the system for an address on which one cannot listen.
const (
	errnoInUse    = windows.WSAEADDRINUSE
	errnoNoAddr   = windows.WSAEADDRNOTAVAIL
	errnoNoFamily = windows.WSAEAFNOSUPPORT
)
