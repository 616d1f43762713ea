package streams_test

import "golang.org/x/sys/windows"

// What the system says of sockets.
const (
	errRefused  = windows.WSAECONNREFUSED
	errReset    = windows.WSAECONNRESET
	errHungUp   = windows.WSAECONNABORTED // of a write when a reset was heard before
	errNoFamily = windows.WSAEAFNOSUPPORT
)
