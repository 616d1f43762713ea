//go:build unix

package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// checkFolder returns an error unless the folder of a socket is one in which only its
// owner, or root, can put another file in its place. The folder of the default socket is
// looked at more closely, by package consoledir.
func checkFolder(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("console: there is no folder %s for the socket: make it first, with mode 0700", dir)
	case err != nil:
		return fmt.Errorf("console: cannot look at the folder %s of the socket: choose another one (%w)", dir, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("console: the folder %s of the socket is a symbolic link, which may lead elsewhere tomorrow: name the folder that it leads to", dir)
	case !info.IsDir():
		return fmt.Errorf("console: %s is no folder, so it cannot hold a socket: choose another path", dir)
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	switch {
	case owner != os.Getuid() && owner != 0:
		return fmt.Errorf("console: the folder %s of the socket belongs to user %d, who could put another socket in its place: choose a folder of your own", dir, owner)
	case info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0:
		return fmt.Errorf("console: everyone can write in the folder %s of the socket: chmod o-w %[1]s, or choose a folder of your own", dir)
	}
	return nil
}

// listenPrivately listens on a new Unix socket whose file has mode 0600, and never had a
// wider mode while somebody could open it. net.Listen makes the file with the mode that
// the umask leaves, and listens at once; the umask belongs to the whole process, so it
// can not be changed for a moment. Here the mode is set between bind and listen: until
// then nobody can connect. (On Linux the file even begins with the mode of the
// descriptor.) Making the socket in a private folder and moving it would need a longer
// path, and the length of a socket's path is limited.
func listenPrivately(path string) (net.Listener, error) {
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close() // net.FileListener has a copy
	if err := bindPrivately(fd, path); err != nil {
		return nil, err
	}
	l, err := net.FileListener(file)
	if err != nil {
		_ = os.Remove(path)
	}
	return l, err
}

func bindPrivately(fd int, path string) error {
	_ = syscall.Fchmod(fd, 0o600) // what works on Linux only
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	err := os.Chmod(path, 0o600)
	if err == nil {
		err = os.NewSyscallError("listen", syscall.Listen(fd, syscall.SOMAXCONN))
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// isLive reports whether somebody listens on a socket.
func isLive(path string) bool {
	for range 3 {
		c, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			_ = c.Close()
			return true
		}
		if !errors.Is(err, syscall.ECONNREFUSED) { // too busy to answer, for example
			return !errors.Is(err, fs.ErrNotExist)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
