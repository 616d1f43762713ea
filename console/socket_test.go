//go:build unix

package console

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/wire"
)

func expectHello(t *testing.T, path string) {
	t.Helper()
	if status, body := get(t, clientOf(path), "http://asyncio/v1/hello"); status != 200 || !strings.Contains(string(body), `"v":1`) {
		t.Errorf("%s answers %d %s", path, status, body)
	}
}

func expectGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", path, err)
	}
}

func TestSocket(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	path := filepath.Join(asynctest.SocketDir(t), "s")
	before := syscall.Umask(0) // lets files be as open as they were made
	stop, err := Start(t.Context(), Socket(path))
	syscall.Umask(before)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("its mode is %v, %v, want a socket of 0600", info.Mode(), err)
	}
	expectHello(t, path)
	stop()
	expectGone(t, path)
	stop()
}

// The mode is right from the moment on in which somebody can connect.
func TestSocketIsPrivateBeforeItListens(t *testing.T) {
	path := filepath.Join(asynctest.SocketDir(t), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("unix", path); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("between bind and listen: %v, %v, want ECONNREFUSED", c, err)
	}
}

func TestDefaultSocket(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	xdg := asynctest.SocketDir(t)
	t.Setenv("XDG_RUNTIME_DIR", xdg)
	path := filepath.Join(xdg, "asyncio", strconv.Itoa(os.Getpid())+".sock")
	stop, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{path: fs.ModeSocket | 0o600, filepath.Dir(path): fs.ModeDir | 0o700} {
		if info, err := os.Lstat(name); err != nil || info.Mode() != want {
			t.Errorf("the mode of %s: %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	expectHello(t, path)
	stop()
	expectGone(t, path)
}

// A folder of sockets that is not the user's alone is refused.
func TestFolder(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	dir := asynctest.SocketDir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	make := func(name string, mode fs.FileMode) string {
		t.Helper()
		if err := os.MkdirAll(in(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(in(name), mode); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	link := func(to, name string) string {
		t.Helper()
		if err := os.Symlink(to, in(name)); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	good := make("good", 0o700)
	refused := map[string]string{
		link(good, "link"):           "is a symbolic link",
		make("open", 0o777):          "chmod o-w",
		filepath.Join(dir, "absent"): "make it first",
	}
	xdgs := map[string]string{}
	make("x1", 0o700)
	link(good, "x1/asyncio")
	xdgs[in("x1")] = "is a symbolic link"
	make("x2", 0o700)
	make("x2/asyncio", 0o755)
	xdgs[in("x2")] = "chmod 700"
	if os.Getuid() == 0 {
		const someone = 12345
		foreign := make("foreign", 0o700)
		make("x3", 0o700)
		theirs := make("x3/asyncio", 0o700)
		for _, d := range []string{foreign, theirs} {
			if err := os.Chown(d, someone, someone); err != nil {
				t.Fatal(err)
			}
		}
		refused[foreign] = "belongs to user 12345"
		xdgs[in("x3")] = "belongs to user 12345"
	} else {
		t.Log("not root, so there is no folder of another user")
	}
	for folder, says := range refused {
		expectRefused(t, "console: ", says, Socket(filepath.Join(folder, "s")))
	}
	for xdg, says := range xdgs {
		t.Setenv("XDG_RUNTIME_DIR", xdg)
		expectRefused(t, "console: ", says)
	}
	for _, folder := range []string{make("sticky", 0o777|fs.ModeSticky), good} {
		stop, err := Start(t.Context(), Socket(filepath.Join(folder, "s")))
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		stop()
	}
}

func expectRefused(t *testing.T, begins, says string, opts ...Option) {
	t.Helper()
	stop, err := Start(t.Context(), opts...)
	if err == nil {
		stop()
		t.Errorf("it was started, want %q", says)
		return
	}
	if !strings.HasPrefix(err.Error(), begins) || !strings.Contains(err.Error(), says) {
		t.Errorf("it says %q, want %q at its beginning and %q in it", err, begins, says)
	}
}

// What is at the path already is replaced only if it is the socket of a dead process.
func TestPathThatIsTaken(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	dir := asynctest.SocketDir(t)
	path := filepath.Join(dir, "s")

	live, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	expectRefused(t, "console: ", "another program listens", Socket(path))
	live.(*net.UnixListener).SetUnlinkOnClose(false)
	live.Close()
	stop, err := Start(t.Context(), Socket(path))
	if err != nil {
		t.Fatalf("the socket of a dead process is in the way: %v", err)
	}
	expectHello(t, path)
	stop()
	expectGone(t, path)

	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	expectRefused(t, "console: ", "no socket", Socket(file))
	expectRefused(t, "console: ", "name a file in it", Socket(dir))
	if err := os.Symlink(path, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	expectRefused(t, "console: ", "no socket", Socket(filepath.Join(dir, "link")))
	expectRefused(t, "console: ", "has 117 bytes", Socket("/tmp/"+strings.Repeat("x", 112)))
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

// A console does not remove what is no longer its own.
func TestStopLeavesTheFileOfAnother(t *testing.T) {
	useFake(t)
	path := filepath.Join(asynctest.SocketDir(t), "s")
	stop, err := Start(t.Context(), Socket(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	stop()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket of another is gone: %v", err)
	}
}

// Two consoles of a process at one path share it; the one that came last answers. In
// either order of their ends the other one remains.
func TestTwoConsolesAtOnePath(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	path := filepath.Join(asynctest.SocketDir(t), "s")
	start := func(opts ...Option) (stop func()) {
		t.Helper()
		stop, err := Start(t.Context(), append(opts, Socket(path))...)
		if err != nil {
			t.Fatal(err)
		}
		return stop
	}
	expectActions := func(want bool) {
		t.Helper()
		if _, body := get(t, clientOf(path), "http://asyncio/v1/hello"); strings.Contains(string(body), `"actions":true`) != want {
			t.Errorf("it answers %s, want actions %v", body, want)
		}
	}
	first := start()
	expectActions(false)
	second := start(Actions())
	expectActions(true)
	second()
	expectActions(false)
	third := start(Actions())
	first()
	expectActions(true)
	third()
	expectGone(t, path)
}

// Another user gets no answer, even where the modes of the files would let him in. On
// some systems nobody looks at that of a socket.
func TestForeignPeer(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil || os.Getuid() != 0 {
		t.Skip("to be another user takes root and curl: ", err)
	}
	useFake(t)
	dir := asynctest.SocketDir(t)
	path := filepath.Join(dir, "s")
	started(t, Socket(path))
	for name, mode := range map[string]fs.FileMode{dir: 0o755, path: 0o666} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	for uid, want := range map[uint32]string{0: `"v":1`, 12345: ""} {
		program := exec.CommandContext(t.Context(), curl, "-s", "--unix-socket", path, "http://localhost/v1/hello")
		program.Dir = "/"
		program.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err := program.Output()
		if (err == nil) != (want != "") || !strings.Contains(string(out), want) || want == "" && len(out) > 0 {
			t.Errorf("user %d gets %q, %v, want %q", uid, out, err, want)
		}
	}
}

// curl can follow a console over its Unix socket.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl: ", err)
	}
	f := useFake(t)
	path := filepath.Join(asynctest.SocketDir(t), "s")
	started(t, Socket(path))
	program := exec.CommandContext(t.Context(), curl, "-sN", "--unix-socket", path, "http://localhost/v1/live")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	l := &listener{Scanner: bufio.NewScanner(out)}
	l.event()
	f.frames <- &wire.LiveFrame{N: 3}
	expectEvent(t, l.event(), "event: frame", "id: 3", "data: {")
	_ = program.Process.Kill()
	_ = program.Wait()
}
