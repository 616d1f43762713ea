//go:build linux

package main

import (
	_ "embed"
	"fmt"
	"os/exec"
	"strconv"

	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/servers"
)

// A side is one of those who are compared.
type side struct {
	name    string
	noTLS   bool
	targets []target // what each of ours has to reach against it
	against []string // ours: the sides it is compared with
	command func(p place, o servers.Options) (*exec.Cmd, error)
}

// ours reports whether the side is on this library.
func (s side) ours() bool { return len(s.against) > 0 }

// target is a figure to reach: our figure divided by theirs.
type target struct {
	metric  metric
	bound   float64
	atLeast bool
}

func (t target) String() string {
	sign := "<="
	if t.atLeast {
		sign = ">="
	}
	return fmt.Sprintf("%v %s %g", t.metric, sign, t.bound)
}

func (t target) reached(ratio float64) bool {
	if t.atLeast {
		return ratio >= t.bound
	}
	return ratio <= t.bound
}

// baseline is the side that others are measured by where there is no other
// reason to choose.
const baseline = "net"

// ahead is the target against every rival that is a match.
var ahead = target{rate, 1, true}

// sides returns all who are there: ours first.
func sides(interpreters []python.Interpreter) []side {
	all := []side{
		{name: "streams", command: goServer("streams"), against: []string{baseline, "gnet", "CPython streams", "uvloop streams", "uvloop protocol"}},
		{name: "protocol", command: goServer("protocol"), against: []string{baseline, "gnet", "CPython protocol", "uvloop protocol"}, noTLS: true},
		{name: baseline, command: goServer("net"), targets: []target{ahead, {cpu, 0.9, false}, {user, 0.35, false}}},
		{name: "gnet", command: goServer("gnet"), targets: []target{ahead}, noTLS: true},
	}
	for _, p := range interpreters {
		for _, api := range []string{"streams", "protocol"} {
			all = append(all, pythonSide(p, api))
		}
	}
	return all
}

func pythonSide(i python.Interpreter, api string) side {
	s := side{name: "CPython " + api, command: pythonServer(i, api)}
	if i.Loop == "uvloop" {
		s.name = "uvloop " + api
		if api == "protocol" {
			s.targets = []target{ahead}
		}
	}
	return s
}

// goServer returns the command of a server that is this program.
func goServer(name string) func(place, servers.Options) (*exec.Cmd, error) {
	return func(p place, o servers.Options) (*exec.Cmd, error) {
		o.Server = name
		return p.child(order{Serve: &o})
	}
}

//go:embed python/echo.py
var echoScript string

func pythonServer(i python.Interpreter, api string) func(place, servers.Options) (*exec.Cmd, error) {
	return func(_ place, o servers.Options) (*exec.Cmd, error) {
		args := []string{"-c", echoScript, i.Loop, api, strconv.Itoa(o.Buffer)}
		if o.Cert != "" {
			args = append(args, o.Cert, o.Key)
		}
		return exec.Command(i.Path, args...), nil
	}
}
