//go:build unix

package console

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// The variable starts a console with the first loop and stops it with the last one.
func TestVariable(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	path := asynctest.SocketDir(t) + "/s"
	v, err := newVariable("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	one, two := &engine.Loop{}, &engine.Loop{}
	v.made(one)
	v.made(two)
	if loops := f.loops(); !slices.Equal(loops, []*engine.Loop{nil}) {
		t.Errorf("it watches %v, want all that come", loops)
	}
	v.ended()
	expectSocket(t, path)
	v.ended()
	expectGone(t, path)
	v.made(one)
	expectSocket(t, path)
	if loops := f.loops(); !slices.Equal(loops, []*engine.Loop{nil, one}) {
		t.Errorf("it watches %v, want this one and all that come", loops)
	}
	v.ended()
	expectGone(t, path)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	v.made(one) // says on standard error that there is a file in the way
	v.made(two)
	if loops := f.loops(); len(loops) != 0 || !v.failed {
		t.Errorf("where no console can be, it watches %v", loops)
	}
}

func expectSocket(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); err != nil {
		t.Error("there is no console: ", err)
	}
}

// A whole program with the variable, in a process of its own: it has a console while it
// runs, and says why not where there can be none, once, and goes on.
func TestEnvironment(t *testing.T) {
	if asynctest.InChild() {
		useFake(t)
		for range 2 {
			asynctest.EndWell(t, func(context.Context) error {
				if path, ok := strings.CutPrefix(os.Getenv("ASYNCIO_CONSOLE"), "unix:"); ok {
					status, _ := get(t, clientOf(path), "http://asyncio/v1/hello")
					t.Logf("hello: %d", status)
				}
				return nil
			})
		}
		return
	}
	asynctest.NothingIsLeft(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	path := asynctest.SocketDir(t) + "/s"
	for _, c := range []struct {
		value, says string
		times       int
	}{
		{"unix:" + path, "hello: 200", 2},
		{"tcp:" + taken.Addr().String(), "asyncio: ASYNCIO_CONSOLE=tcp:" + taken.Addr().String() + ": " + taken.Addr().String() + " is in use", 1},
		{"nonsense", "asyncio: ASYNCIO_CONSOLE=nonsense: \"nonsense\" is no place for a console", 1},
		{"0", "ASYNCIO_CONSOLE", 0},
	} {
		child := asynctest.Child(t)
		child.Env = append(child.Env, "ASYNCIO_CONSOLE="+c.value)
		out, err := child.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", c.value, err, out)
		}
		if n := strings.Count(string(out), c.says); n != c.times {
			t.Errorf("%s: it says %q %d times, want %d:\n%s", c.value, c.says, n, c.times, out)
		}
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the program has left its socket behind")
	}
}
