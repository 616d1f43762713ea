//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// removeStale removes the file of a Unix socket that no process has bound any
// more, as a server that was killed leaves it, and reports whether it did.
//
// Another server may replace the file meanwhile, so it must be the same file
// before and after the check. A race is left between the second look and the
// removal, which only a lock that both servers know can close.
func removeStale(path string) bool {
	if path == "" || path[0] == '@' || path[0] == 0 { // it has no file
		return false
	}
	before, err := os.Lstat(path)
	if err != nil || before.Mode().Type() != os.ModeSocket || !isUnbound(path) {
		return false
	}
	after, err := os.Lstat(path)
	same := err == nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) // numbers of files are used again
	return same && os.Remove(path) == nil
}

// isUnbound reports whether no process has bound the file of a socket. It
// connects with a datagram socket, for which a stream server has the wrong type:
// so the server gets no connection to accept, and the answer is the same if it
// does not listen yet, or if its queue is full, for which some systems report
// that the connection is refused as well.
func isUnbound(path string) bool {
	sys, err := conn.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return false
	}
	defer unix.Close(sys)
	return unix.Connect(sys, &unix.SockaddrUnix{Name: path}) == unix.ECONNREFUSED
}
