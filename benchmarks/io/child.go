//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/load"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/servers"
)

// childEnv holds the order for a child process, as JSON.
const childEnv = "ASYNCIO_BENCHMARKS_IO_CHILD"

// order is what a child process is told to be: one of the two.
type order struct {
	Serve *servers.Options `json:",omitempty"`
	Load  *load.Options    `json:",omitempty"`
}

// child returns the command of a process that is this program and obeys.
func (p place) child(o order) (*exec.Cmd, error) {
	told, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(p.self)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", childEnv+"="+string(told))
	return cmd, nil
}

// obey is what a parent process ordered, if one did.
func obey() (obeyed bool, err error) {
	var o order
	if ordered, err := command.Ordered(childEnv, &o); !ordered || err != nil {
		return ordered, err
	}
	switch {
	case o.Serve != nil:
		return true, servers.Run(*o.Serve)
	case o.Load != nil:
		return true, load.Run(*o.Load)
	}
	return true, errors.New("an order without a job")
}
