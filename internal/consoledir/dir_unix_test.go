//go:build unix

package consoledir_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/consoledir"
)

// runtimeDir makes XDG_RUNTIME_DIR a folder of the test. Its path is short: that of a
// socket has to be.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "xdg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

var fallback = "/tmp/asyncio-" + strconv.Itoa(os.Getuid())

func TestDir(t *testing.T) {
	xdg := runtimeDir(t)
	file := filepath.Join(xdg, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, env, want string }{
		{"a folder of the user", xdg, filepath.Join(xdg, "asyncio")},
		{"nothing", "", fallback},
		{"a folder that is not there", filepath.Join(xdg, "none"), fallback},
		{"a file", file, fallback},
		{"a path that is not absolute", ".", fallback},
	} {
		t.Setenv("XDG_RUNTIME_DIR", test.env)
		t.Setenv("TMPDIR", xdg)
		if got, err := consoledir.Dir(); err != nil || got != test.want {
			t.Errorf("XDG_RUNTIME_DIR is %s: %s, %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestDirAfterSudo(t *testing.T) {
	if os.Getuid() == 0 {
		xdg := runtimeDir(t)
		if err := os.Chown(xdg, 12345, -1); err != nil {
			t.Skip("no other user: ", err)
		}
	} else {
		t.Setenv("XDG_RUNTIME_DIR", "/") // root's
	}
	if got, err := consoledir.Dir(); err != nil || got != fallback {
		t.Errorf("XDG_RUNTIME_DIR is another user's: %s, %v, want %s", got, err, fallback)
	}
}

func TestPath(t *testing.T) {
	xdg := runtimeDir(t)
	if got, err := consoledir.Path(42); err != nil || got != filepath.Join(xdg, "asyncio", "42.sock") {
		t.Errorf("got %s, %v", got, err)
	}
	long := filepath.Join(xdg, strings.Repeat("long", 30))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", long)
	if _, err := consoledir.Path(42); err == nil || !strings.Contains(err.Error(), "ASYNCIO_CONSOLE=unix:PATH") {
		t.Errorf("a path that is too long: %v", err)
	}
}

func TestMake(t *testing.T) {
	xdg := runtimeDir(t)
	for range 2 { // the second time it is there
		dir, err := consoledir.Make()
		if err != nil || dir != filepath.Join(xdg, "asyncio") {
			t.Fatalf("got %s, %v", dir, err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("its mode: %v, %v", info.Mode(), err)
		}
	}
}

func TestMakeRefusesWhatIsThere(t *testing.T) {
	xdg := runtimeDir(t)
	if err := os.Mkdir(filepath.Join(xdg, "asyncio"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := consoledir.Make(); err == nil || !strings.Contains(err.Error(), "chmod 700 "+xdg) {
		t.Errorf("a folder that others may enter: %v", err)
	}
}

func TestCheck(t *testing.T) {
	dir := runtimeDir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(in("good"), 0o700))
	must(os.Mkdir(in("open"), 0o700))
	must(os.Chmod(in("open"), 0o750)) // Mkdir would heed the umask
	must(os.Symlink(in("good"), in("link")))
	must(os.WriteFile(in("file"), nil, 0o600))
	for _, test := range []struct{ name, want string }{
		{"open", "chmod 700 " + in("open")},
		{"link", "is a symbolic link"},
		{"file", "is not a folder"},
	} {
		err := consoledir.Check(in(test.name))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	if err := consoledir.Check(in("good")); err != nil {
		t.Error(err)
	}
	if err := consoledir.Check(in("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
	foreign := "/" // root's
	if os.Getuid() == 0 {
		foreign = in("good")
		if err := os.Chown(foreign, 12345, -1); err != nil {
			t.Skip("no other user: ", err)
		}
	}
	if err := consoledir.Check(foreign); !errors.Is(err, consoledir.ErrForeign) {
		t.Errorf("another user's: %v", err)
	}
}

func TestList(t *testing.T) {
	if found, err := consoledir.List(); err != nil {
		t.Skip("the folder in /tmp is not as it should be: ", err)
	} else if len(found) > 0 {
		t.Log("consoles run: ", found)
	}
	runtimeDir(t)
	if _, err := consoledir.List(); err != nil {
		t.Errorf("without a folder: %v", err)
	}
	dir, err := consoledir.Make()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"4000002.sock", "4000001.sock", "mine.sock"} {
		listen(t, filepath.Join(dir, name))
	}
	if err := os.WriteFile(filepath.Join(dir, "4000003.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := consoledir.List()
	found = slices.DeleteFunc(found, func(s consoledir.Socket) bool { return filepath.Dir(s.Path) != dir })
	want := []consoledir.Socket{{PID: 4000001, Path: filepath.Join(dir, "4000001.sock")}, {PID: 4000002, Path: filepath.Join(dir, "4000002.sock")}}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("got %v, %v, want %v", found, err, want)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if _, err := consoledir.List(); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("a folder that others may enter: %v", err)
	}
}

func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestPeer(t *testing.T) {
	l := listen(t, filepath.Join(runtimeDir(t), "s"))
	client, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, conn := range []net.Conn{client, server} {
		if uid, err := consoledir.PeerUID(conn); errors.Is(err, errors.ErrUnsupported) {
			t.Logf("on %s: %v", runtime.GOOS, err)
		} else if err != nil || uid != os.Getuid() {
			t.Errorf("the peer is user %d, %v, want %d", uid, err, os.Getuid())
		}
		if err := consoledir.CheckPeer(conn); err != nil {
			t.Error(err)
		}
	}
	pipe, _ := net.Pipe()
	if err := consoledir.CheckPeer(pipe); err == nil && runtime.GOOS == "linux" {
		t.Error("a pipe in memory has no peer, and passed")
	}
}

func TestAlive(t *testing.T) {
	if alive, foreign := consoledir.Alive(os.Getpid()); !alive || foreign {
		t.Errorf("this process: alive %v, foreign %v", alive, foreign)
	}
	if alive, _ := consoledir.Alive(1 << 30); alive {
		t.Error("a process that cannot be is alive")
	}
	if _, foreign := consoledir.Alive(1); os.Getuid() != 0 && !foreign {
		t.Error("process 1 is not someone else's")
	}
	if pid := childOf(t, 12345); os.Getuid() == 0 && runtime.GOOS == "linux" {
		if alive, foreign := consoledir.Alive(pid); !alive || !foreign {
			t.Errorf("to root, the process of another user: alive %v, foreign %v", alive, foreign)
		}
	}
}

// childOf starts a process of another user, as only root can, and returns its number.
func childOf(t *testing.T, uid uint32) int {
	t.Helper()
	if os.Getuid() != 0 {
		return 0
	}
	return asynctest.ProcessOf(t, uid)
}
