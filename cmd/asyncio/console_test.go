package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
)

// serve makes a program that there is not answer to the commands: serve shop. The
// variable ADDRESS says where, and XDG_RUNTIME_DIR is a folder in which it is found
// without.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || args[0] != "shop" && args[0] != "stuck" {
		ts.Fatalf("usage: serve shop|stuck")
	}
	xdg, err := os.MkdirTemp("/tmp", "xdg") // the path of a socket has to be short
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(xdg) })
	ts.Check(os.Mkdir(filepath.Join(xdg, "asyncio"), 0o700))
	path := filepath.Join(xdg, "asyncio", fmt.Sprint(os.Getpid(), ".sock"))
	l, err := net.Listen("unix", path)
	ts.Check(err)
	console := fakeconsole.Shop(4242)
	if args[0] == "stuck" {
		console = fakeconsole.Stuck(4242)
	}
	ts.Defer(console.Serve(l))
	ts.Setenv("XDG_RUNTIME_DIR", xdg)
	ts.Setenv("ADDRESS", "unix:"+path)
	ts.Setenv("PID", fmt.Sprint(os.Getpid()))
}
