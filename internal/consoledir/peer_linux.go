package consoledir

import (
	"net"

	"golang.org/x/sys/unix"
)

const maxPath = 107

// PeerUID returns the user whose process is at the other end of a connection over a
// Unix socket, as it was when the connection was made.
func PeerUID(conn net.Conn) (int, error) {
	var uid int
	err := descriptor(conn, func(fd int) error {
		cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}
