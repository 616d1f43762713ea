package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

// A role is what a process of this program does in place of measuring.
type role string

const (
	poolClient   role = "pool"
	natsServer   role = "nats"
	remoteWorker role = "remote worker"
	remoteClient role = "remote client"
	redisServer  role = "redis"
	asynqWorker  role = "asynq worker"
	asynqClient  role = "asynq client"
)

// An order tells a process its role.
type order struct {
	Role                    role
	URL, Dir                string
	Jobs, Workers, Parallel int
}

const childEnv = "ASYNCIO_BENCHMARKS_JOBS_CHILD"

// roles do what an order says. Servers and workers print a line when they are ready, that
// of a server is its URL, and end when their standard input does. Clients print a result.
var roles = map[role]func(order) error{
	poolClient:   runPool,
	natsServer:   serveNATS,
	remoteWorker: workRemote,
	remoteClient: runRemote,
	redisServer:  serveRedis,
	asynqWorker:  workAsynq,
	asynqClient:  runAsynq,
}

func obey() (obeyed bool, err error) {
	var o order
	if ordered, err := command.Ordered(childEnv, &o); !ordered || err != nil {
		return ordered, err
	}
	return true, roles[o.Role](o)
}

func child(ctx context.Context, o order) *exec.Cmd {
	told, err := json.Marshal(o)
	if err != nil {
		panic(err) // an order has nothing that cannot be told
	}
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+string(told))
	c.Stderr = os.Stderr
	return c
}

// A crew are the servers and workers that run.
type crew struct {
	inputs map[*exec.Cmd]io.Closer
}

// start starts a server or a worker, and returns what it says when it is ready.
func (c *crew) start(ctx context.Context, o order) (cmd *exec.Cmd, said string, err error) {
	cmd = child(ctx, o)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	if c.inputs == nil {
		c.inputs = map[*exec.Cmd]io.Closer{}
	}
	c.inputs[cmd] = in
	said, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", fmt.Errorf("%s has ended before it was ready", o.Role)
	}
	return cmd, trim(said), nil
}

func (c *crew) end(cmd *exec.Cmd) error {
	in := c.inputs[cmd]
	delete(c.inputs, cmd)
	return waitAfter(cmd, in.Close())
}

func waitAfter(cmd *exec.Cmd, err error) error {
	if waitErr := cmd.Wait(); err == nil {
		err = waitErr
	}
	return err
}

// kill ends what runs after an error.
func (c *crew) kill() {
	for cmd := range c.inputs {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // how does not matter any more
	}
}

// ready says that a server or a worker can be used, and waits until its input ends.
func ready(said string) {
	fmt.Println(said)
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that matters
}

// report prints the result of a client.
func report(r result) error { return json.NewEncoder(os.Stdout).Encode(r) }
