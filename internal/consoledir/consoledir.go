// Package consoledir knows where the sockets of consoles are, and who may use them. The
// console and the command that looks at it follow the same rules, so they are written
// once, here.
//
// The console of process PID is at $XDG_RUNTIME_DIR/asyncio/PID.sock, or, where that
// folder is of no use, at /tmp/asyncio-UID/PID.sock. Whoever can open the socket can
// read the program, so its folder belongs to the user, nobody else may enter it, and
// both sides check that (Check), as well as whom they talk to (CheckPeer).
//
// Everything here may be called on any goroutine, and nothing suspends.
package consoledir

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const suffix = ".sock"

// A Socket is the socket of a console. Nobody need listen on it: a process that was
// killed leaves its own behind.
type Socket struct {
	PID  int
	Path string
}

// Path returns where the console of a process has its socket: a file in Dir. The error
// says that the path is too long for a socket, or is that of Dir.
func Path(pid int) (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, strconv.Itoa(pid)+suffix)
	return path, CheckPath(path)
}

// CheckPath returns an error if a path is too long for a socket. The system says no more
// than "invalid argument".
func CheckPath(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path %s has %d bytes, and that of a socket may have %d: choose a shorter one, ASYNCIO_CONSOLE=unix:PATH", path, len(path), maxPath)
	}
	return nil
}

// List returns the sockets of this user's consoles, sorted by the number of the process.
// It looks in every folder of Dirs: a program that was started in a session of its own,
// by cron or in another terminal, need not have the XDG_RUNTIME_DIR of whoever asks, and
// who asks by sudo -u has none. A
// folder that is not there has none; the error is of one that fails Check.
func List() ([]Socket, error) {
	dirs, err := Dirs()
	if err != nil {
		return nil, err
	}
	var all []Socket
	var failed []error
	for _, dir := range dirs {
		found, err := list(dir)
		all = append(all, found...)
		failed = append(failed, err)
	}
	slices.SortStableFunc(all, func(a, b Socket) int { return cmp.Compare(a.PID, b.PID) })
	return all, errors.Join(failed...)
}

func list(dir string) ([]Socket, error) {
	if err := Check(dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []Socket
	for _, entry := range entries {
		pid, ok := pidOf(entry.Name())
		if ok && entry.Type()&os.ModeSocket != 0 {
			found = append(found, Socket{pid, filepath.Join(dir, entry.Name())})
		}
	}
	return found, nil
}

// pidOf returns the process that a file's name is of. "007.sock" and "+7.sock" are no
// names that Path makes.
func pidOf(name string) (int, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	pid, err := strconv.Atoi(digits)
	return pid, ok && err == nil && pid > 0 && strconv.Itoa(pid) == digits
}
