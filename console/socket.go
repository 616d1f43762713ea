package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/consoledir"
	"github.com/asyncio-go/asyncio/internal/serve"
)

// A socket is a Unix socket of this process. Consoles that name one path share it: the
// one that was started last answers, and when it is stopped the one before does. So the
// program can start a console that may do more than the one of its environment, and the
// command still finds it.
type socket struct {
	path    string
	web     *web
	file    fs.FileInfo
	servers []*server // never changed in place
}

// sockets are those of this process, by their path.
var sockets struct {
	sync.Mutex
	open map[string]*socket
}

// joinSocket lets a server answer at a path; an empty one is the default.
func joinSocket(path string, s *server) (*socket, error) {
	path, err := socketPath(path)
	if err != nil {
		return nil, err
	}
	sockets.Lock()
	defer sockets.Unlock()
	one := sockets.open[path]
	if one == nil {
		if one, err = listenAt(path); err != nil {
			return nil, err
		}
	}
	one.servers = append(slices.Clip(one.servers), s)
	return one, nil
}

// socketPath returns the absolute path of a socket, whose folder has been checked.
func socketPath(path string) (string, error) {
	if path == "" {
		if _, err := consoledir.Make(); err != nil {
			return "", fmt.Errorf("console: %w", err)
		}
		path, err := consoledir.Path(os.Getpid())
		if err != nil {
			return "", fmt.Errorf("console: %w", err)
		}
		return path, nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("console: where %s is cannot be told, for the working directory is not known: write an absolute path (%w)", path, err)
	}
	if err := consoledir.CheckPath(absolute); err != nil {
		return "", fmt.Errorf("console: %w", err)
	}
	return absolute, checkFolder(filepath.Dir(absolute))
}

// listenAt makes the socket of a path. What listens there must be gone.
func listenAt(path string) (*socket, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := listenPrivately(path)
	if err != nil {
		return nil, fmt.Errorf("console: cannot make the socket %s: choose a path in a folder of your own (%w)", path, err)
	}
	file, err := os.Lstat(path)
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("console: the socket %s was removed at once: choose a path in a folder of your own (%w)", path, err)
	}
	one := &socket{path: path, file: file}
	one.web = newWeb(ownersOnly{l}, one)
	if sockets.open == nil {
		sockets.open = map[string]*socket{}
	}
	sockets.open[path] = one
	return one, nil
}

// removeStale removes the socket of a process that has died. It asks more than once
// whether someone listens: another process may be between making the file and
// listening.
func removeStale(path string) error {
	before, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("console: cannot look at %s: choose another path (%w)", path, err)
	case before.IsDir():
		return fmt.Errorf("console: %s is a folder: name a file in it, such as %s", path, filepath.Join(path, "console.sock"))
	case before.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("console: %s is there and no socket: remove it, or choose another path", path)
	case !consoledir.OwnedByUser(before):
		return fmt.Errorf("console: %s is the socket of another user: choose another path", path)
	case isLive(path):
		return fmt.Errorf("console: another program listens on %s: stop it, or choose another path", path)
	}
	if now, err := os.Lstat(path); err == nil && os.SameFile(before, now) {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("console: %s was left by a program that has ended, and cannot be removed: remove it, or choose another path (%w)", path, err)
		}
	}
	return nil
}

// ServeHTTP lets the server that came last answer.
func (s *socket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sockets.Lock()
	servers := s.servers
	sockets.Unlock()
	if len(servers) == 0 {
		serve.Refusal{Status: http.StatusServiceUnavailable, Text: errStopped.Error()}.ServeHTTP(w, r)
		return
	}
	servers[len(servers)-1].ServeHTTP(w, r)
}

// leave takes a server away; the last one takes the socket along.
func (s *socket) leave(gone *server) {
	sockets.Lock()
	defer sockets.Unlock()
	s.servers = slices.DeleteFunc(slices.Clone(s.servers), func(one *server) bool { return one == gone })
	if len(s.servers) > 0 {
		return
	}
	delete(sockets.open, s.path)
	if now, err := os.Lstat(s.path); err == nil && os.SameFile(s.file, now) {
		_ = os.Remove(s.path)
	}
	s.web.close()
}

// ownersOnly accepts only connections of this user's processes. The mode of the socket's
// file says the same, and so does that of its folder; not all systems look at the first.
type ownersOnly struct{ net.Listener }

func (l ownersOnly) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || consoledir.CheckPeer(c) == nil {
			return c, err
		}
		_ = c.Close()
	}
}
