//go:build unix

package consoledir

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrForeign is wrapped by the errors that say that something belongs to another user.
var ErrForeign = errors.New("it belongs to another user")

// Dir returns the folder in which this process makes the socket of its console. It need
// not exist; Make makes it.
func Dir() (string, error) {
	dirs, err := Dirs()
	if err != nil {
		return "", err
	}
	return dirs[0], nil
}

// Dirs returns the folders in which the sockets of this user's consoles may be, the one
// of Dir first.
func Dirs() ([]string, error) {
	// Not os.TempDir: TMPDIR is often another one for a service, in a test or on a Mac
	// for every user and session, and the two sides have to meet.
	uid := strconv.Itoa(os.Getuid())
	return dirsOf(os.Getenv("XDG_RUNTIME_DIR"), "/tmp/asyncio-"+uid, "/run/user/"+uid), nil
}

// dirsOf returns the folders, those of use. The variable is lost with sudo -u and in cron,
// but what it has for a user who has logged in is known.
func dirsOf(variable, fallback, login string) []string {
	dirs := []string{fallback}
	if usable(variable) {
		dirs = []string{filepath.Join(variable, "asyncio"), fallback}
	}
	if last := filepath.Join(login, "asyncio"); usable(login) && last != dirs[0] {
		dirs = append(dirs, last)
	}
	return dirs
}

// usable tells whether XDG_RUNTIME_DIR is what its specification says: an absolute path
// of a folder that is the user's. In a container it names none, and after su or sudo it
// is that of the user before.
func usable(dir string) bool {
	if !filepath.IsAbs(dir) {
		return false
	}
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && owner(info) == os.Getuid()
}

// Make makes the folder of Dir, if it is not there, and checks it.
func Make() (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("no folder for the socket of the console: %w; ASYNCIO_CONSOLE=unix:PATH names another place", err)
	}
	return dir, Check(dir)
}

// Check returns an error unless dir is a folder that belongs to the user of this
// process, and that nobody else may enter. A symbolic link is none, wherever it leads:
// in /tmp anyone could have made it. The error says what to do; it wraps fs.ErrNotExist
// where there is nothing, and ErrForeign where there is someone else's.
func Check(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("the folder of the console's sockets: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link: consoles need a folder there; remove the link, or choose another place with ASYNCIO_CONSOLE=unix:PATH", dir)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: consoles need one there; remove it, or choose another place with ASYNCIO_CONSOLE=unix:PATH", dir)
	case owner(info) != os.Getuid():
		return fmt.Errorf("%s belongs to user %d, and this is user %d: choose another place with ASYNCIO_CONSOLE=unix:PATH (%w)", dir, owner(info), os.Getuid(), ErrForeign)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be entered by other users, its mode is %04o: chmod 700 %[1]s", dir, info.Mode().Perm())
	}
	return nil
}

// CheckPeer returns an error unless the process at the other end of a connection over a
// Unix socket is of the same user as this one. It wraps ErrForeign. On a system that
// does not tell who it is, the folder's mode has to do.
func CheckPeer(conn net.Conn) error {
	uid, err := PeerUID(conn)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil
	case err != nil:
		return err
	case uid != os.Getuid():
		return fmt.Errorf("the process at the other end belongs to user %d, and this is user %d: run the command as that user (%w)", uid, os.Getuid(), ErrForeign)
	}
	return nil
}

// Alive tells whether there is a process of that number, and whether it is someone
// else's.
func Alive(pid int) (alive, foreign bool) {
	switch err := syscall.Kill(pid, 0); {
	case err == nil:
		return true, os.Getuid() == 0 && foreignToRoot(pid)
	case errors.Is(err, syscall.EPERM):
		return true, true
	}
	return false, false
}

// foreignToRoot tells whether a process is not root's. Root may signal them all, so
// that says nothing; where there is /proc, it does. (For anyone but root it does not:
// there, what may not be traced belongs to root.)
func foreignToRoot(pid int) bool {
	info, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid)))
	return err == nil && owner(info) != 0
}

// OwnedByUser tells whether a file is of the user of this process.
func OwnedByUser(info fs.FileInfo) bool { return owner(info) == os.Getuid() }

func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// descriptor runs a function on the descriptor of a connection.
func descriptor(conn net.Conn, fn func(fd int) error) error {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return fmt.Errorf("a connection of type %T has no descriptor, so it cannot tell who is at its other end", conn)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = fn(int(fd)) }); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("the system does not tell who is at the other end of the socket: %w", failed)
	}
	return nil
}
