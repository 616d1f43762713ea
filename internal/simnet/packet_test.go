package simnet_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

// A full buffer drops what comes next, and what was there before is read.
func TestRoomForDatagrams(t *testing.T) {
	for _, c := range []struct{ size, buffer, least, most int }{
		{size: 1, least: 200, most: 300}, // on Linux some 256
		{size: 1400, least: 80, most: 110},
		{size: 100, buffer: 4 << 10, least: 5, most: 15},
		{size: 60_000, buffer: 1, least: 1, most: 1},
	} {
		t.Run(fmt.Sprintf("%d bytes each in %d", c.size, c.buffer), func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				server := must(streams.ListenPacket(ctx, "udp", "localhost:0"))(t)
				client := must(streams.DialPacket(ctx, "udp", server.LocalAddr().String()))(t)
				if c.buffer > 0 {
					expect(t, "SetReadBuffer", server.SetReadBuffer(c.buffer), nil)
				}
				for i := range 1000 {
					p := bytes.Repeat([]byte{byte(i)}, c.size)
					expect(t, "Write", second(client.Write(p)), nil)
				}
				came, p := 0, make([]byte, 1)
				for ; ; came++ {
					_ = server.SetReadDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Second))
					if _, _, err := server.ReadFrom(p); err != nil {
						break
					}
					if p[0] != byte(came) {
						t.Fatalf("packet %d is %d", came, p[0])
					}
				}
				if came < c.least || came > c.most {
					t.Errorf("%d packets came, want %d to %d", came, c.least, c.most)
				}
			})
		})
	}
}

// Who waits for an answer hears that no one is there. Who is not connected never does.
func TestDatagramToNoOne(t *testing.T) {
	inManyOrders(t, func(ctx context.Context) {
		client := must(streams.DialPacket(ctx, "udp", "localhost:53"))(t)
		other := must(streams.ListenPacket(ctx, "udp", "localhost:0"))(t)
		reader := asyncio.Go(ctx, func(context.Context) error { return second(client.Read(make([]byte, 1))) })
		_ = must(asyncio.Go(ctx, func(context.Context) error {
			_ = asyncio.Sleep(ctx, time.Second)
			return second(client.Write([]byte("x")))
		}).Await(ctx))(t)
		_, err := reader.Await(ctx)
		expect(t, "Read", err, syscall.ECONNREFUSED)
		expect(t, "WriteTo", second(other.WriteTo([]byte("x"), client.RemoteAddr())), nil)
		err = asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error { return second(other.Read(make([]byte, 1))) })
		expect(t, "Read of what is not connected", err, asyncio.ErrTimeout)
	})
}

// Each host has ports, and names of Unix sockets, of its own.
func TestPortsOfEachHost(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := simnet.For(ctx)
		for _, name := range []string{"a", "b"} {
			h := must(n.Add(name))(t)
			on := h.Context(ctx)
			udp := must(streams.ListenPacket(on, "udp", ":53"))(t)
			unix := must(streams.Listen(on, "unix", "/run/socket"))(t)
			client := must(streams.Dial(on, "unix", "/run/socket"))(t)
			server := must(unix.AcceptContext(on))(t)
			send := must(client.Write([]byte(name)))(t)
			p := make([]byte, 4)
			if n := must(server.Read(p))(t); n != send || string(p[:n]) != name {
				t.Errorf("on %s came %q", name, p[:n])
			}
			back := asyncio.Go(ctx, func(context.Context) error {
				n, from, err := udp.ReadFrom(p)
				if err == nil {
					_, err = udp.WriteTo(append(p[:n], name...), from)
				}
				return err
			})
			asker := must(streams.DialPacket(ctx, "udp", name+":53"))(t)
			_ = must(asker.Write([]byte("?")))(t)
			q := make([]byte, 8)
			if n := must(asker.Read(q))(t); string(q[:n]) != "?"+name {
				t.Errorf("the answer of %s is %q", name, q[:n])
			}
			_ = must(back.Await(ctx))(t)
			if got := asker.RemoteAddr().(*net.UDPAddr).AddrPort().Addr(); got != h.Addrs()[0] {
				t.Errorf("it asked %v, want %v", got, h.Addrs()[0])
			}
			local := must(streams.ListenPacket(on, "udp", "127.0.0.1:0"))(t)
			expect(t, "from loopback to another host", second(local.WriteTo(nil, asker.LocalAddr())), syscall.ENETUNREACH)
		}
		expect(t, "Dial of another host's", second(streams.Dial(ctx, "unix", "/run/socket")), syscall.ENOENT)
		expect(t, "DialPacket of none", second(streams.DialPacket(ctx, "udp", "10.9.9.9:53")), syscall.ENETUNREACH)
	})
}

// More connections than may wait to be accepted wait to be made.
func TestUnixBacklog(t *testing.T) {
	inManyOrders(t, func(ctx context.Context) {
		l := must(streams.Listen(ctx, "unix", "@queue", streams.Backlog(1)))(t)
		var dialed int
		group := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for range 5 {
					tg.Go(func(ctx context.Context) error {
						defer func() { dialed++ }()
						return second(streams.Dial(ctx, "unix", "@queue"))
					})
				}
				return nil
			})
		})
		_ = asyncio.Sleep(ctx, time.Second)
		if dialed != 2 {
			t.Errorf("%d are connected, want 2", dialed)
		}
		for range 5 {
			_ = must(l.AcceptContext(ctx))(t)
		}
		_ = must(group.Await(ctx))(t)
	})
}
