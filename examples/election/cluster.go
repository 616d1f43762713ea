package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/asyncio-go/asyncio"
)

// A cluster is the nodes that run in this process.
type cluster struct {
	options
	out    io.Writer
	known  []status // of node 1, 2, ...
	random *rand.Rand
}

func newCluster(o options, out io.Writer) *cluster {
	return &cluster{options: o, out: out, known: make([]status, len(o.nodes)),
		random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
}

func (c *cluster) run(ctx context.Context) error {
	if c.only > 0 {
		return c.node(c.only).run(ctx)
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tasks := make([]*asyncio.Task[struct{}], len(c.nodes))
		for i := range tasks {
			tasks[i] = c.start(tg, i+1)
		}
		for {
			if err := asyncio.Sleep(ctx, c.every); err != nil {
				return err
			}
			leader := c.leader()
			if leader == 0 {
				continue
			}
			c.say(leader, "is ended")
			tasks[leader-1].Cancel()
			c.known[leader-1].leader = 0
			if err := asyncio.Sleep(ctx, c.every); err != nil {
				return err
			}
			c.say(leader, "starts again")
			tasks[leader-1] = c.start(tg, leader)
		}
	})
}

func (c *cluster) start(tg *asyncio.TaskGroup, id int) *asyncio.Task[struct{}] {
	return tg.Go(c.node(id).run, asyncio.Name(fmt.Sprint("node ", id)))
}

func (c *cluster) node(id int) *node {
	return newNode(settings{
		id: id, addresses: c.nodes, random: c.random, patience: c.patience, report: c.report,
		store: file(c.file(id)),
	})
}

func (c *cluster) file(id int) string { return filepath.Join(c.dir, fmt.Sprintf("node%d.json", id)) }

// leader returns the leader of the latest term.
func (c *cluster) leader() (id int) {
	term := 0
	for _, s := range c.known {
		if s.leader == s.node && s.Term > term {
			id, term = s.leader, s.Term
		}
	}
	return id
}

// report says what has changed on a node.
func (c *cluster) report(s status) {
	was := c.known[s.node-1]
	c.known[s.node-1] = s
	switch {
	case s.leader == s.node:
		c.say(s.node, "leads in term %d", s.Term)
	case s.leader != 0:
		c.say(s.node, "follows node %d in term %d", s.leader, s.Term)
	case s.Vote == s.node && s.Term > was.Term:
		c.say(s.node, "stands for election in term %d", s.Term)
	}
}

func (c *cluster) say(node int, format string, args ...any) {
	fmt.Fprintf(c.out, "%s  node %d  %s\n", time.Now().Format("15:04:05.000"), node, fmt.Sprintf(format, args...))
}
