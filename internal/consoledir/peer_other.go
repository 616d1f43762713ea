//go:build unix && !(linux || darwin || freebsd)

package consoledir

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

const maxPath = 103

// PeerUID returns errors.ErrUnsupported: package unix has no way to ask this system.
func PeerUID(net.Conn) (int, error) {
	return 0, fmt.Errorf("who is at the other end of a socket cannot be asked on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
