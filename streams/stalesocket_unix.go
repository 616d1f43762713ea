//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// removeStale removes the file of a Unix socket if no process has bound it any more,
// because its server was killed. It reports whether it did.
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
	same := err == nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) // the system uses the numbers of files again
	return same && os.Remove(path) == nil
}

// isUnbound reports whether no process has bound the file of a socket. It connects with a
// datagram socket, which has the wrong type for a stream server. So a running server gets
// no connection to accept. The answer is also the same if the server does not listen yet,
// or if its queue is full; with a stream socket, some systems would say "connection
// refused" then, as for a stale file.
func isUnbound(path string) bool {
	sys, err := conn.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return false
	}
	defer unix.Close(sys)
	return unix.Connect(sys, &unix.SockaddrUnix{Name: path}) == unix.ECONNREFUSED
}
