//go:build !unix

package consoledir

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
)

const maxPath = 107

// ErrForeign is wrapped by the errors that say that something belongs to another user.
var ErrForeign = errors.New("it belongs to another user")

// errNoSockets says what there is in place of a socket. Windows has Unix sockets, but
// does not tell who is at their other end, and their folders have no mode.
var errNoSockets = fmt.Errorf("on %s a console has no socket that only its user can open: start the program with ASYNCIO_CONSOLE=tcp:127.0.0.1:7070, and look at it with: asyncio top tcp:127.0.0.1:7070 (%w)", runtime.GOOS, errors.ErrUnsupported)

// Dir returns an error that says what to do: on this system consoles have no sockets.
func Dir() (string, error) { return "", errNoSockets }

// Dirs returns that error as well.
func Dirs() ([]string, error) { return nil, errNoSockets }

// Make returns that error as well.
func Make() (string, error) { return "", errNoSockets }

// Check returns that error as well.
func Check(string) error { return errNoSockets }

// PeerUID returns that error as well.
func PeerUID(net.Conn) (int, error) { return 0, errNoSockets }

// CheckPeer returns that error as well.
func CheckPeer(net.Conn) error { return errNoSockets }

// Alive tells whether there is a process of that number. Whose it is, this system does
// not tell.
func Alive(pid int) (alive, foreign bool) {
	p, err := os.FindProcess(pid) // opens the process on Windows, so it fails where there is none
	if err != nil {
		return false, false
	}
	p.Release()
	return true, false
}

// OwnedByUser is true: this system does not tell.
func OwnedByUser(fs.FileInfo) bool { return true }
