//go:build linux

package simnet_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

// A log is what calls have returned, with ports and names left away.
type log struct {
	strings.Builder
	dir string
}

var ports = regexp.MustCompile(`:\d{4,5}\b`)

func (l *log) say(what string, results ...any) {
	line := fmt.Sprint(append([]any{what, ": "}, results...)...)
	line = strings.ReplaceAll(line, l.dir, "DIR")
	l.WriteString(ports.ReplaceAllString(line, ":PORT") + "\n")
}

// asOnLinux runs calls on the system's network and on the one in memory, and expects them to
// return the same.
func asOnLinux(t *testing.T, calls func(ctx context.Context, t *testing.T, l *log)) {
	t.Helper()
	var logs [2]log
	for i, opts := range [][]asyncio.Option{nil, {simnet.InMemory()}} {
		logs[i].dir = asynctest.SocketDir(t)
		expect(t, "Run", asyncio.Run(t.Context(), func(ctx context.Context) error {
			calls(ctx, t, &logs[i])
			return nil
		}, opts...), nil)
	}
	system, memory := strings.Split(logs[0].String(), "\n"), strings.Split(logs[1].String(), "\n")
	for i := range max(len(system), len(memory)) {
		if i >= len(system) || i >= len(memory) || system[i] != memory[i] {
			t.Fatalf("line %d differs.\nLinux:\n%s\nin memory:\n%s", i+1, logs[0].String(), logs[1].String())
		}
	}
}

func TestDatagramsAsOnLinux(t *testing.T) {
	asOnLinux(t, func(ctx context.Context, t *testing.T, l *log) {
		buf := make([]byte, 4)
		server := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
		client := must(streams.DialPacket(ctx, "udp", server.LocalAddr().String()))(t)
		other := must(streams.ListenPacket(ctx, "udp", ":0"))(t)
		four := must(streams.ListenPacket(ctx, "udp4", ":0"))(t)
		six := must(streams.ListenPacket(ctx, "udp6", "[::1]:0"))(t)
		for _, c := range []*streams.PacketConn{server, client, other, four, six} {
			l.say("addresses", c.LocalAddr().Network(), c.LocalAddr(), c.RemoteAddr())
		}
		n, err := client.Write([]byte("hello world"))
		l.say("write", n, err)
		n, _, flags, from, err := server.ReadMsgUDP(buf, nil)
		l.say("read", n, flags, from, err, string(buf[:n]))
		to := server.LocalAddr().(*net.UDPAddr)
		for _, c := range []*streams.PacketConn{other, four, six, server} {
			n, err = c.WriteTo([]byte("abc"), to)
			l.say("write to", n, err)
			if err == nil {
				n, from, err := server.ReadFrom(buf)
				l.say("read from", n, from, err)
			}
		}
		for _, c := range []*streams.PacketConn{other, four, six} {
			own := c.LocalAddr().(*net.UDPAddr)
			for _, ip := range []net.IP{nil, net.IPv4(127, 0, 0, 1), net.IPv4(0, 0, 0, 0), net.IPv6loopback} {
				n, err := c.WriteTo([]byte("abc"), &net.UDPAddr{IP: ip, Port: own.Port})
				l.say("write to itself", ip, n, err)
				if err == nil {
					_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
					n, from, err := c.ReadFrom(buf)
					l.say("read from itself", n, from, err)
				}
			}
		}
		n, err = server.WriteTo([]byte("abc"), &net.UDPAddr{IP: to.IP})
		l.say("port 0", n, err)
		n, err = server.WriteTo(make([]byte, 65508), to)
		l.say("too long", n, err)
		n, err = client.Write(make([]byte, 65508))
		l.say("too long", n, err)
		n, err = server.WriteTo(make([]byte, 65507), to)
		l.say("the longest", n, err)
		n, _, err = server.ReadFrom(buf)
		l.say("the longest", n, err)
		n, err = client.WriteTo(nil, to)
		l.say("to another", n, err)
		n, err = server.Write(nil)
		l.say("without a peer", n, err)
		n, err = server.WriteTo(nil, &net.UnixAddr{Name: "x", Net: "unixgram"})
		l.say("to a Unix socket", n, err)

		l.say("close", server.Close(), server.Close())
		n, err = client.Write([]byte("is anyone there"))
		l.say("write", n, err)
		n, err = client.Read(buf)
		l.say("read", n, err)
		n, err = client.Write([]byte("and now"))
		l.say("write", n, err)
		n, err = client.Write([]byte("and now"))
		l.say("write", n, err)
		n, err = client.Write([]byte("and now"))
		l.say("write", n, err)
		_ = client.SetDeadline(time.Now().Add(-1))
		n, err = client.Write([]byte("too late"))
		l.say("write", n, err)
		n, err = client.Read(buf)
		l.say("read", n, err)
		n, err = other.WriteTo([]byte("nowhere"), to)
		l.say("write to nowhere", n, err)

		conn := must(streams.Dial(ctx, "udp", other.LocalAddr().String()))(t)
		l.say("dialed", conn.LocalAddr().Network(), conn.LocalAddr(), conn.RemoteAddr())
		for _, c := range [][2]string{{"udp", four.LocalAddr().String()}, {"udp4", "[::1]:0"}, {"udp", "nonsense"}, {"udp", "127.0.0.1:99999"}} {
			_, err := streams.ListenPacket(ctx, c[0], c[1])
			l.say("listen", err)
		}
		for _, c := range [][2]string{{"udp4", "[::1]:53"}, {"udp", "nonsense"}, {"tcp", "127.0.0.1:53"}} {
			_, err := streams.DialPacket(ctx, c[0], c[1])
			l.say("dial", err)
		}
	})
}

func TestUnixSocketsAsOnLinux(t *testing.T) {
	asOnLinux(t, func(ctx context.Context, t *testing.T, l *log) {
		buf := make([]byte, 4)
		path := filepath.Join(l.dir, "socket")
		_, err := streams.Dial(ctx, "unix", path)
		l.say("no one is there", err)
		_, err = streams.Dial(ctx, "unix", "@"+path)
		l.say("no one is there", err)
		_, err = streams.Dial(ctx, "unix", strings.Repeat("x", 200))
		l.say("too long", err)
		_, err = streams.Listen(ctx, "unix", strings.Repeat("x", 200))
		l.say("too long", err)
		_, err = streams.Dial(ctx, "unix", path, streams.LocalAddr(&net.TCPAddr{}))
		l.say("local", err)
		for _, name := range []string{path, "@" + path} {
			server := must(streams.Listen(ctx, "unix", name))(t)
			l.say("listens", server.Addr().Network(), server.Addr())
			_, err = streams.Listen(ctx, "unix", name)
			l.say("taken", err)
			client := must(streams.Dial(ctx, "unix", name))(t)
			accepted := must(server.AcceptContext(ctx))(t)
			for _, c := range []*streams.Conn{client, accepted} {
				l.say("conn", c.LocalAddr().Network(), c.LocalAddr(), c.RemoteAddr())
			}
			l.say("options", client.SetNoDelay(true), client.SetKeepAlive(true), client.SetLinger(0))
			n, err := client.Write([]byte("ab"))
			l.say("write", n, err)
			n, err = accepted.Read(buf)
			l.say("read", n, err)
			l.say("half", client.CloseWrite())
			n, err = accepted.Read(buf)
			l.say("read", n, err)
			n, err = accepted.Write([]byte("ab"))
			l.say("write", n, err)
			n, err = client.Read(buf)
			l.say("read", n, err)
			l.say("close", accepted.Close())
			n, err = client.Read(buf)
			l.say("read", n, err)
			n, err = client.Write([]byte("ab"))
			l.say("write", n, err)
			l.say("close", client.Close())

			client = must(streams.Dial(ctx, "unix", name))(t)
			accepted = must(server.AcceptContext(ctx))(t)
			l.say("close", accepted.Close())
			n, err = client.Write([]byte("ab"))
			l.say("write to what is closed", n, err)
			l.say("half", client.CloseWrite())

			client = must(streams.Dial(ctx, "unix", name))(t)
			accepted = must(server.AcceptContext(ctx))(t)
			n, err = client.Write([]byte("ab"))
			l.say("write", n, err)
			l.say("close unread", accepted.Close())
			n, err = client.Read(buf)
			l.say("read", n, err)
			n, err = client.Read(buf)
			l.say("read", n, err)
			n, err = client.Write([]byte("ab"))
			l.say("write", n, err)

			client = must(streams.Dial(ctx, "unix", name))(t)
			l.say("close listener", server.Close())
			n, err = client.Read(buf)
			l.say("read what was not accepted", n, err)
			_, err = streams.Dial(ctx, "unix", name)
			l.say("gone", err)
			again := must(streams.Listen(ctx, "unix", name))(t)
			l.say("again", again.Close())
		}
	})
}
