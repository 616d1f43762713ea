//go:build darwin || freebsd

package consoledir

import (
	"net"

	"golang.org/x/sys/unix"
)

const maxPath = 103

// solLocal is the level of the options of Unix sockets. Package unix does not name it.
const solLocal = 0

// PeerUID returns the user whose process is at the other end of a connection over a
// Unix socket, as it was when the connection was made.
func PeerUID(conn net.Conn) (int, error) {
	var uid int
	err := descriptor(conn, func(fd int) error {
		cred, err := unix.GetsockoptXucred(fd, solLocal, unix.LOCAL_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}
