//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// removeStale removes the file of a Unix socket that no process has bound any
// more, as a server that was killed leaves it, and reports whether it has.
//
// A server that starts at the same moment may have replaced the file meanwhile, so
// it is looked at before and after. What is left is the moment between the second
// look and the removal; to close that as well takes a lock that both servers know.
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

// isUnbound reports whether no process has bound the file of a socket. It asks with
// a datagram socket, to which a server for streams answers that it is of the wrong
// type: so the server has no connection to accept, and it makes no difference that
// it does not listen yet, or that its queue is full, which some systems would
// call refused as well.
func isUnbound(path string) bool {
	sys, err := conn.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return false
	}
	defer unix.Close(sys)
	return unix.Connect(sys, &unix.SockaddrUnix{Name: path}) == unix.ECONNREFUSED
}
