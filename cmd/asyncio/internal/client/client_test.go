//go:build unix

package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/wire"
)

func parse(t *testing.T, address string) client.Address {
	t.Helper()
	a, err := client.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func open(t *testing.T, address string) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), parse(t, address), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// wantReason checks that a console cannot be opened, and why.
func wantReason(t *testing.T, address, token string, want client.Reason, text string) {
	t.Helper()
	_, err := client.Open(t.Context(), parse(t, address), token)
	got := client.Failed
	if e, ok := errors.AsType[*client.Error](err); ok {
		got = e.Reason
	}
	if err == nil || got != want || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: reason %d, %v, want %d, %q", address, got, err, want, text)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(fakeconsole.Folder(t), fmt.Sprint(os.Getpid(), ".sock"))
	console := fakeconsole.Shop(os.Getpid())
	console.Listen(t, path)
	for _, address := range []string{fmt.Sprint(os.Getpid()), "unix:" + path, "tcp:" + console.ListenTCP(t)} {
		c := open(t, address)
		if !reflect.DeepEqual(c.Hello, console.Hello) {
			t.Errorf("%s: hello is %+v", address, c.Hello)
		}
		s, err := c.Snapshot(t.Context(), 1, 0)
		if err != nil || len(s.Tasks) != len(console.Snapshots[1].Tasks) {
			t.Errorf("%s: snapshot: %v", address, err)
		}
	}
}

func TestToken(t *testing.T) {
	console := fakeconsole.Shop(1)
	console.Token = "secret of many letters"
	address := "tcp:" + console.ListenTCP(t)
	wantReason(t, address, "", client.Failed, "ASYNCIO_TOKEN")
	wantReason(t, address, "wrong", client.Failed, "the one that was given is another")
	if _, err := client.Open(t.Context(), parse(t, address), console.Token); err != nil {
		t.Error(err)
	}
}

func TestNoProcess(t *testing.T) {
	dir := fakeconsole.Folder(t)
	wantReason(t, "1073741824", "", client.NoProcess, "there is no process 1073741824")
	wantReason(t, "unix:"+filepath.Join(dir, "none"), "", client.NoProcess, "there is no socket")
	abandoned := filepath.Join(dir, "abandoned")
	abandon(t, abandoned)
	wantReason(t, "unix:"+abandoned, "", client.NoProcess, "nobody listens")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // so that nobody listens there
	wantReason(t, "tcp:"+l.Addr().String(), "", client.NoProcess, "nobody answers")
}

// abandon makes a socket that nobody listens on, as a killed process leaves it.
func abandon(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
}

func TestNoConsole(t *testing.T) {
	dir := fakeconsole.Folder(t)
	me := fmt.Sprint(os.Getpid())
	wantReason(t, me, "", client.NoConsole, "ASYNCIO_CONSOLE=1")
	abandon(t, filepath.Join(dir, me+".sock")) // of one that had the number before
	wantReason(t, me, "", client.NoConsole, `import _ "github.com/asyncio-go/asyncio/console"`)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "unix:"+file, "", client.NoConsole, "is no socket")
	for _, answer := range []string{"<html>", "{}", `{"error":1}`} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) }))
		defer other.Close()
		wantReason(t, "tcp:"+other.Listener.Addr().String(), "", client.NoConsole, "is not a console")
	}
	missing := httptest.NewServer(http.NotFoundHandler())
	defer missing.Close()
	wantReason(t, "tcp:"+missing.Listener.Addr().String(), "", client.NoConsole, "is not a console")
}

func TestForeign(t *testing.T) {
	dir := fakeconsole.Folder(t)
	socket := filepath.Join(dir, "socket")
	fakeconsole.Shop(1).Listen(t, socket)
	if os.Getuid() != 0 {
		wantReason(t, "1", "", client.Foreign, "another user's")
		t.Skip("only root can give a file to another user")
	}
	if err := os.Chown(socket, 12345, -1); err != nil {
		t.Skip("no other user: ", err)
	}
	wantReason(t, "unix:"+socket, "", client.Foreign, "another user")
	mine := filepath.Join(dir, fmt.Sprint(os.Getpid(), ".sock"))
	fakeconsole.Shop(os.Getpid()).Listen(t, mine)
	if err := os.Chown(dir, 12345, -1); err != nil {
		t.Fatal(err)
	}
	wantReason(t, fmt.Sprint(os.Getpid()), "", client.Foreign, "belongs to user 12345")
	if runtime.GOOS == "linux" {
		wantReason(t, fmt.Sprint(asynctest.ProcessOf(t, 12345)), "", client.Foreign, "another user's")
	}
}

func TestOpenRefusesWhatMayLeadAnywhere(t *testing.T) {
	dir := fakeconsole.Folder(t)
	fakeconsole.Shop(1).Listen(t, filepath.Join(dir, "socket"))
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "socket"), link); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "unix:"+link, "", client.Failed, "symbolic link")
	fakeconsole.Shop(os.Getpid()).Listen(t, filepath.Join(dir, fmt.Sprint(os.Getpid(), ".sock")))
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	wantReason(t, fmt.Sprint(os.Getpid()), "", client.Failed, "chmod 700 "+dir)
}

// What is in another user's folder need not even be there for this one.
func TestOpenSaysWhoMayEnter(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may enter every folder")
	}
	dir := fakeconsole.Folder(t)
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "unix:"+filepath.Join(closed, "socket"), "", client.Foreign, "run the command as the user")
}

func TestVersion(t *testing.T) {
	console := fakeconsole.Shop(1)
	console.Hello.V = 2
	wantReason(t, "tcp:"+console.ListenTCP(t), "", client.Failed, "speaks version 2 of the format, and this command version 1")
}

func TestRedirectIsNotFollowed(t *testing.T) {
	visited := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer elsewhere.Close()
	sender := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer sender.Close()
	wantReason(t, "tcp:"+sender.Listener.Addr().String(), "secret", client.NoConsole, "is not a console")
	if visited {
		t.Error("it went elsewhere, with the token")
	}
}

func TestFind(t *testing.T) {
	dir := fakeconsole.Folder(t)
	in := func(pid int) string { return filepath.Join(dir, fmt.Sprint(pid, ".sock")) }
	console := fakeconsole.Shop(os.Getpid())
	console.Listen(t, in(os.Getpid()))
	abandon(t, in(1<<30))        // its process has ended
	abandon(t, in(os.Getppid())) // its process has the number of one that had a console
	old := fakeconsole.Shop(1<<30 + 1)
	old.Hello.V = 9
	old.Listen(t, in(1<<30+1))
	programs, err := client.Find(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var mine []client.Program // the machine may have others
	for _, p := range programs {
		if _, err := os.Lstat(in(p.PID)); err == nil {
			mine = append(mine, p)
		}
	}
	if len(mine) != 2 || mine[0].PID != os.Getpid() || mine[0].Client == nil || mine[1].PID != 1<<30+1 || mine[1].Err == nil {
		t.Errorf("found %+v", mine)
	}
	if _, err := os.Lstat(in(1 << 30)); err == nil {
		t.Error("the socket of a process that has ended is still there")
	}
	if _, err := os.Lstat(in(os.Getppid())); err != nil {
		t.Error("the socket of a process that is alive was removed")
	}
}

func TestWatch(t *testing.T) {
	console := fakeconsole.Shop(1)
	c := open(t, "tcp:"+console.ListenTCP(t))
	go func() {
		console.Tell(&wire.State{Snapshot: *console.Snapshots[1], Full: true})
		console.Tell(&wire.State{Snapshot: wire.Snapshot{At: 7, Tasks: []wire.Task{{ID: 99, State: wire.Ready}}}, Gone: []uint64{1, 2}})
		console.Tell(nil)
	}()
	var sizes []int
	err := c.Watch(t.Context(), 1, func(s *wire.Snapshot) error {
		sizes = append(sizes, len(s.Tasks))
		return nil
	})
	all := len(console.Snapshots[1].Tasks)
	if err != io.EOF || !reflect.DeepEqual(sizes, []int{all, all - 1}) {
		t.Errorf("states with %v tasks, %v; want %d, and one less", sizes, err, all)
	}
}

// A console that will have no other listener, or tells a change of what nobody knows, is
// asked again and again.
func TestWatchFallsBack(t *testing.T) {
	t.Parallel()
	full := fakeconsole.Shop(1)
	full.NoLive = true
	changes := fakeconsole.Shop(1)
	enough := errors.New("enough")
	for _, console := range []*fakeconsole.Console{full, changes} {
		c := open(t, "tcp:"+console.ListenTCP(t))
		if console == changes {
			go console.Tell(&wire.State{Snapshot: wire.Snapshot{Tasks: []wire.Task{{ID: 99}}}})
		}
		told := 0
		err := c.Watch(t.Context(), 1, func(s *wire.Snapshot) error {
			if told++; len(s.Tasks) != len(console.Snapshots[1].Tasks) {
				t.Errorf("a state with %d tasks", len(s.Tasks))
			}
			if told == 2 {
				return enough
			}
			return nil
		})
		if err != enough {
			t.Error(err)
		}
	}
}

// A loop that is stuck may have nothing to tell.
func TestWatchAsksWhenNothingIsTold(t *testing.T) {
	t.Parallel()
	console := fakeconsole.Stuck(1)
	c := open(t, "tcp:"+console.ListenTCP(t))
	enough := errors.New("enough")
	err := c.Watch(t.Context(), 1, func(s *wire.Snapshot) error {
		if s.Stuck == nil {
			t.Error("it does not say that it is stuck")
		}
		return enough
	})
	if err != enough {
		t.Error(err)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	console := fakeconsole.Shop(1)
	c := open(t, "tcp:"+console.ListenTCP(t))
	ctx, cancel := context.WithCancel(t.Context())
	go console.Tell(&wire.State{Snapshot: *console.Snapshots[1], Full: true})
	err := c.Watch(ctx, 1, func(*wire.Snapshot) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTheProgramEnds(t *testing.T) {
	path := filepath.Join(fakeconsole.Folder(t), "socket")
	stop := fakeconsole.Shop(1).Listen(t, path)
	c := open(t, "unix:"+path)
	stop()
	if _, err := c.Snapshot(t.Context(), 1, 0); !client.Unreachable(err) {
		t.Errorf("after its end: %v", err)
	}
}
