package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A side is one way to have jobs done.
type side struct {
	name     string
	server   role // "": none
	worker   role // "": none, the client does the work
	client   role
	parallel int           // of each worker
	lacks    func() string // what is missing here
}

var sides = []side{
	{name: "WorkerPool", client: poolClient, lacks: nothing},
	{name: "remote", server: natsServer, worker: remoteWorker, client: remoteClient, lacks: nothing},
	{name: "remote, Parallel(16)", server: natsServer, worker: remoteWorker, client: remoteClient, parallel: 16, lacks: nothing},
	{name: "asynq on Redis", server: redisServer, worker: asynqWorker, client: asynqClient, lacks: noRedis},
	{name: "asynq on Redis, Concurrency 16", server: redisServer, worker: asynqWorker, client: asynqClient, parallel: 16, lacks: noRedis},
}

func nothing() string { return "" }

// A result is what one turn of a side took. Times are in seconds.
type result struct {
	Side                             string
	Jobs                             int
	Seconds                          float64
	ServerCPU, WorkersCPU, ClientCPU float64
	ClientMB                         float64
}

// measure starts the processes of a side, lets the client do all jobs, and ends them.
func (s side) measure(ctx context.Context, p plan) (r result, err error) {
	dir, err := os.MkdirTemp("", "jobs")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	var crew crew
	defer crew.kill()
	o := order{Dir: dir, Jobs: p.Jobs, Workers: p.Workers, Parallel: s.parallel}
	var server *exec.Cmd
	if s.server != "" {
		o.Role = s.server
		if server, o.URL, err = crew.start(ctx, o); err != nil {
			return r, err
		}
	}
	var workers []*exec.Cmd
	for range p.Workers {
		if s.worker == "" {
			break
		}
		o.Role = s.worker
		w, _, err := crew.start(ctx, o)
		if err != nil {
			return r, err
		}
		workers = append(workers, w)
	}
	o.Role = s.client
	client := child(ctx, o)
	said, err := client.Output()
	if err != nil {
		return r, fmt.Errorf("the client: %w", err)
	}
	if err := json.Unmarshal(said, &r); err != nil {
		return r, fmt.Errorf("the client said %q: %w", said, err)
	}
	for _, w := range workers {
		if err := crew.end(w); err != nil {
			return r, fmt.Errorf("a worker: %w", err)
		}
		r.WorkersCPU += cpu(w)
	}
	if server != nil {
		if err := crew.end(server); err != nil {
			return r, fmt.Errorf("the server: %w", err)
		}
		r.ServerCPU = cpu(server)
	}
	r.Side, r.ClientCPU, r.ClientMB = s.name, cpu(client), memory(client)
	return r, nil
}

func cpu(c *exec.Cmd) float64 {
	return (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
}

// seconds is the time since start.
func seconds(start time.Time) float64 { return time.Since(start).Seconds() }

func trim(line string) string { return strings.TrimSpace(line) }
