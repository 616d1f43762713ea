package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/trace"
)

// recordHosts runs a test with four hosts, one of which crashes and comes back, and writes
// its recording to a file.
func recordHosts(t *testing.T, name string) {
	t.Helper()
	recorder := trace.New()
	asynciotest.Run(t, func(ctx context.Context) { replicate(t, ctx) }, asynciotest.LoopOptions(recorder.Observe()))
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(recorder.Recording().WriteJSON(file), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// replicate is a leader that sends what a client writes to two followers.
func replicate(t *testing.T, ctx context.Context) {
	world := asynciotest.Net(ctx)
	followers := []string{"follower-1", "follower-2"}
	var hosts []*asynciotest.Host
	for _, name := range followers {
		hosts = append(hosts, world.Host(name, serveEcho))
	}
	leader := world.Host("leader", func(ctx context.Context) error { return lead(ctx, followers) })
	client := world.Host("client", write)
	for i, h := range append(hosts, client) {
		d := time.Duration(4+3*i) * time.Millisecond
		for _, l := range []*asynciotest.Link{world.Link(leader, h), world.Link(h, leader)} {
			l.Latency(d, d+2*time.Millisecond)
		}
	}
	pause(t, ctx, 60*time.Millisecond)
	hosts[1].Crash()
	pause(t, ctx, 40*time.Millisecond)
	hosts[1].Restart()
	pause(t, ctx, 100*time.Millisecond)
	world.Link(leader, hosts[0]).PartitionOneWay()
	pause(t, ctx, 60*time.Millisecond)
}

func pause(t *testing.T, ctx context.Context, d time.Duration) {
	if err := asyncio.Sleep(ctx, d); err != nil {
		t.Error(err)
	}
}

// serveEcho answers every connection with what it gets, each in a task of its own.
func serveEcho(ctx context.Context) error {
	l, err := streams.Listen(ctx, "tcp", ":80")
	if err != nil {
		return err
	}
	for i := 1; ; i++ {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		asyncio.Go(ctx, func(ctx context.Context) error { return echo(ctx, c) }, asyncio.Name(fmt.Sprintf("conn-%d", i)))
	}
}

// echo answers until one of the two hosts is gone.
func echo(ctx context.Context, c net.Conn) error {
	defer c.Close()
	b := make([]byte, 100)
	for {
		n, err := c.Read(b)
		if err == nil {
			err = asyncio.Sleep(ctx, 2*time.Millisecond) // the disk
		}
		if err == nil {
			_, err = c.Write(b[:n])
		}
		if err != nil {
			return nil
		}
	}
}

// lead sends a line to all followers each 15 ms, for each in a task.
func lead(ctx context.Context, followers []string) error {
	asyncio.Go(ctx, func(ctx context.Context) error { serveEcho(ctx); return nil }, asyncio.Name("serve"))
	for round := 1; ; round++ {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for _, name := range followers {
				g.Go(func(ctx context.Context) error { send(ctx, name, round); return nil }, asyncio.Name(fmt.Sprintf("to-%s-%d", name, round)))
			}
			return nil
		}, asyncio.GroupName("round"))
		if err == nil {
			err = asyncio.Sleep(ctx, 15*time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
}

// send sends one line, and forgets what cannot be sent.
func send(ctx context.Context, name string, round int) {
	c, err := streams.Dial(ctx, "tcp", name+":80")
	if err != nil {
		return
	}
	defer c.Close()
	c.SetDeadline(asyncio.RunningLoop(ctx).Now().Add(30 * time.Millisecond))
	if _, err := fmt.Fprintf(c, "entry %d", round); err == nil {
		c.Read(make([]byte, 100))
	}
}

// write is the client: it writes to the leader all the time.
func write(ctx context.Context) error {
	c, err := streams.Dial(ctx, "tcp", "leader:80")
	if err != nil {
		return err
	}
	for {
		if _, err := c.Write([]byte("set x")); err != nil {
			return err
		}
		if _, err := c.Read(make([]byte, 10)); err != nil {
			return err
		}
	}
}
