package simnet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

// networkOf returns the network of a test, and adds hosts with these names.
func networkOf(t *testing.T, ctx context.Context, names ...string) (*simnet.Network, []*simnet.Host) {
	t.Helper()
	n := simnet.For(ctx)
	var hosts []*simnet.Host
	for _, name := range names {
		hosts = append(hosts, must(n.Add(name))(t))
	}
	return n, hosts
}

func TestHosts(t *testing.T) {
	t.Run("are found by name and by address", func(t *testing.T) {
		inManyOrders(t, func(ctx context.Context) {
			_, hosts := networkOf(t, ctx, "a", "b")
			a, b := hosts[0].Context(ctx), hosts[1].Context(ctx)
			l := must(streams.Listen(b, "tcp", ":80"))(t)
			defer l.Close()
			for from, at := range map[string]context.Context{"10.0.0.1": a, "10.0.0.2": b, "10.255.255.254": ctx} {
				for _, to := range []string{"b:80", "B.:80", "10.0.0.2:80"} {
					client := must(streams.Dial(at, "tcp", to))(t)
					server := must(l.AcceptContext(b))(t)
					if ip := client.LocalAddr().(*net.TCPAddr).IP.String(); ip != from || server.RemoteAddr().String() != client.LocalAddr().String() {
						t.Errorf("%s is called from %v and sees %v", to, client.LocalAddr(), server.RemoteAddr())
					}
					if server.LocalAddr().String() != "10.0.0.2:80" || client.RemoteAddr().String() != "10.0.0.2:80" {
						t.Errorf("it is at %v, %v", server.LocalAddr(), client.RemoteAddr())
					}
					_, _ = client.Close(), server.Close()
				}
			}
		})
	})
	t.Run("have ports of their own", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			_, hosts := networkOf(t, ctx, "a", "b")
			a, b := hosts[0].Context(ctx), hosts[1].Context(ctx)
			for _, at := range []context.Context{ctx, a, b} {
				l := must(streams.Listen(at, "tcp", "localhost:80"))(t)
				defer l.Close()
				c := must(streams.Dial(at, "tcp", "localhost:80"))(t)
				_ = c.Close()
			}
			_, err := streams.Dial(a, "tcp", "b:80")
			expect(t, "Dial to who listens on loopback alone", err, syscall.ECONNREFUSED)
			_, err = streams.Listen(a, "tcp", "b:80")
			expect(t, "Listen on another's address", err, syscall.EADDRNOTAVAIL)
			expectText(t, err, "listen tcp 10.0.0.2:80: bind: cannot assign requested address")
			_, err = streams.Listen(a, "tcp", "localhost:80")
			expect(t, "Listen on a port in use", err, syscall.EADDRINUSE)
		}, inMemory)
	})
	t.Run("are what a task's context says, also for tasks that it starts", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			_, hosts := networkOf(t, ctx, "a")
			inner := asyncio.Go(hosts[0].Context(ctx), func(ctx context.Context) error {
				var l *streams.Listener
				err := later(ctx, func(ctx context.Context) (err error) {
					l, err = streams.Listen(ctx, "tcp", "a:80")
					return err
				})()
				return errors.Join(err, l.Close())
			})
			_, err := inner.Await(ctx)
			expect(t, "Listen", err, nil)
		}, inMemory)
	})
	t.Run("may have addresses of both families", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n, _ := networkOf(t, ctx)
			b := must(n.Add("b", netip.MustParseAddr("fd00::7"), netip.MustParseAddr("10.1.2.3")))(t)
			c := must(n.Add("c", netip.MustParseAddr("fd00::8")))(t)
			l := must(streams.Listen(b.Context(ctx), "tcp", ":80"))(t)
			defer l.Close()
			client := must(streams.Dial(c.Context(ctx), "tcp", "b:80"))(t)
			if got := client.LocalAddr().(*net.TCPAddr).IP.String() + " " + client.RemoteAddr().String(); got != "fd00::8 [fd00::7]:80" {
				t.Errorf("the connection is %s", got)
			}
			_ = client.Close()
			_, err := streams.Dial(c.Context(ctx), "tcp4", "b:80")
			expect(t, "Dial without an address of that family", err, syscall.ENETUNREACH)
			_, err = streams.Dial(ctx, "tcp4", "c:80")
			expectText(t, err, "dial tcp4: lookup c: no addresses")
		}, inMemory)
	})
	t.Run("have names and addresses that no other has", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n, _ := networkOf(t, ctx, "a")
			for _, c := range []struct {
				name  string
				addrs []netip.Addr
			}{
				{"a", nil},
				{"A.", nil},
				{"", nil},
				{"localhost", nil},
				{"10.0.0.9", nil},
				{"b", []netip.Addr{netip.MustParseAddr("10.0.0.1")}},
				{"b", []netip.Addr{netip.MustParseAddr("127.0.0.1")}},
				{"b", []netip.Addr{{}}},
			} {
				if _, err := n.Add(c.name, c.addrs...); err == nil {
					t.Errorf("there is a host %q with %v", c.name, c.addrs)
				}
			}
		}, inMemory)
	})
}

// Datagrams know the faults of links, and their sockets go down with their host.
func TestDatagramsBetweenHosts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n, hosts := networkOf(t, ctx, "a", "b")
		a, b := hosts[0].Context(ctx), hosts[1].Context(ctx)
		there, back := n.Link(hosts[0], hosts[1]), n.Link(hosts[1], hosts[0])
		server := must(streams.ListenPacket(b, "udp", ":53"))(t)
		client := must(streams.DialPacket(a, "udp", "b:53"))(t)
		now := func() time.Duration { return engine.LoopOf(ctx).Now() }

		there.SetLatency(time.Second, time.Second)
		expect(t, "Write", write(client, "x"), nil)
		expect(t, "Read", read(server), nil)
		if now() != time.Second {
			t.Errorf("it came after %v", now())
		}

		there.SetLatency(0, 0)
		there.SetLoss(0.3)
		const all = 10_000
		got := 0
		for range all {
			expect(t, "Write", write(client, "x"), nil)
			_ = server.SetReadDeadline(engine.LoopOf(ctx).Time(now() + 1)) // what has not come by then is lost
			if read(server) == nil {
				got++
			}
		}
		_ = server.SetReadDeadline(time.Time{})
		if sigma := 45.8; float64(got) < 0.7*all-3*sigma || float64(got) > 0.7*all+3*sigma {
			t.Errorf("of %d, %d came", all, got)
		}

		there.SetLoss(0)
		heal := there.Cut()
		expect(t, "Write", write(client, "x"), nil)
		heal()
		back.SetLatency(time.Second, time.Second)
		down := errors.New("down")
		hosts[1].Crash(down)
		expect(t, "Read on a host that is down", read(server), down)
		began := now()
		expect(t, "Write", write(client, "x"), nil)
		expect(t, "Read of what no one gets", read(client), syscall.ECONNREFUSED)
		if now() != began+time.Second {
			t.Errorf("the answer came after %v", now()-began)
		}
		_, err := streams.ListenPacket(b, "udp", ":53")
		expect(t, "ListenPacket on a host that is down", err, down)
		again := must(streams.ListenPacket(hosts[1].Up().Context(ctx), "udp", ":53"))(t)
		expect(t, "Write", write(client, "x"), nil)
		expect(t, "Read on the host that is up", read(again), nil)
		_, _ = client.Close(), again.Close()
	}, inMemory)
}

// A host keeps nothing of a connection that has ended, however it has ended.
func TestHostsKeepNothing(t *testing.T) {
	inManyOrders(t, func(ctx context.Context) {
		n, hosts := networkOf(t, ctx, "a", "b")
		a, b := hosts[0].Context(ctx), hosts[1].Context(ctx)
		l := must(streams.Listen(b, "tcp", ":80"))(t)
		client := must(streams.Dial(a, "tcp", "b:80"))(t)
		server := must(l.AcceptContext(b))(t)
		_, _ = client.Close(), server.Close()
		client = must(streams.Dial(a, "tcp", "b:80"))(t) // and is not accepted
		n.Link(hosts[1], hosts[0]).SetLatency(time.Second, time.Second)
		dials := asyncio.Go(a, func(ctx context.Context) error {
			c, err := streams.Dial(ctx, "tcp", "b:80")
			if err == nil {
				_ = c.Close()
			}
			return nil
		})
		_ = asyncio.Sleep(ctx, time.Millisecond)
		_, _ = l.Close(), client.Close() // when the answer is on its way
		_ = must(dials.Await(ctx))(t)
		if left := hosts[0].Left() + hosts[1].Left(); left != 0 {
			t.Errorf("they keep %d", left)
		}
	})
}
