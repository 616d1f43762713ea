package streams_test

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// dialPair returns a PacketConn that DialPacket has made, and its peer.
func dialPair(ctx context.Context, t *testing.T) (client, server *streams.PacketConn) {
	t.Helper()
	server = must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
	return must(streams.DialPacket(ctx, "udp", server.LocalAddr().String()))(t), server
}

func TestDialPacket(t *testing.T) {
	t.Run("sends to one address, and receives from there", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				client, server := dialPair(ctx, t)
				if got := client.RemoteAddr().String(); got != server.LocalAddr().String() {
					t.Errorf("RemoteAddr is %v, want %v", got, server.LocalAddr())
				}
				for _, text := range []string{"one", "", "three"} {
					send(t, client, text)
					expectPacket(t, server, text, client.LocalAddr())
				}
				stranger := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				for sender, text := range map[*streams.PacketConn]string{stranger: "not for it", server: "for it"} {
					_, err := sender.WriteTo([]byte(text), client.LocalAddr())
					expectError(t, "WriteTo", err, nil)
				}
				buf := make([]byte, 32)
				n, err := client.Read(buf)
				expect(t, buf[:n], err, "for it", nil)
				_, err = server.WriteTo([]byte("again"), client.LocalAddr())
				expectError(t, "WriteTo", err, nil)
				expectPacket(t, client, "again", server.LocalAddr())
				return nil
			})
		})
	})
	t.Run("has the errors of package net", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				client, server := dialPair(ctx, t)
				to := server.LocalAddr().(*net.UDPAddr)
				_, err := client.WriteTo([]byte("x"), to)
				expectError(t, "WriteTo", err, net.ErrWriteToConnected)
				_, _, err = client.WriteMsgUDP([]byte("x"), nil, to)
				expectError(t, "WriteMsgUDP", err, net.ErrWriteToConnected)
				if _, _, err = server.WriteMsgUDP([]byte("x"), nil, nil); err == nil {
					t.Error("WriteMsgUDP sends to no one")
				}
				if _, err = server.Write([]byte("x")); err == nil {
					t.Error("Write sends to no one")
				}
				if addr := server.RemoteAddr(); addr != nil {
					t.Errorf("one that listens has the RemoteAddr %v", addr)
				}
				_, err = streams.DialPacket(ctx, "tcp", "127.0.0.1:1")
				expectError(t, "DialPacket of tcp", err, net.UnknownNetworkError("tcp"))
				expectError(t, "DialPacket", underCanceled(ctx, func(ctx context.Context) error {
					return second(streams.DialPacket(ctx, "udp", "127.0.0.1:1"))
				}), asyncio.ErrCanceled)
				return nil
			})
		})
	})
	t.Run("goes on when a wait was cut", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				client, server := dialPair(ctx, t)
				reader := asyncio.Go(ctx, func(context.Context) error { return second(client.Read(make([]byte, 8))) })
				_ = asyncio.Yield(ctx)
				reader.Cancel()
				_, err := reader.Await(ctx)
				expectError(t, "Read", err, asyncio.ErrCanceled)
				_, _ = server.WriteTo([]byte("kept"), client.LocalAddr())
				expectPacket(t, client, "kept", server.LocalAddr())
				return nil
			})
		})
	})
}

func TestPacketConnOfUDPMessages(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := dialPair(ctx, t)
			to := server.LocalAddr().(*net.UDPAddr)
			other := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			for sender, to := range map[*streams.PacketConn]*net.UDPAddr{client: nil, other: to} {
				n, oobn, err := sender.WriteMsgUDP([]byte("message"), nil, to)
				if n != len("message") || oobn != 0 || err != nil {
					t.Errorf("WriteMsgUDP returned %d, %d, %v", n, oobn, err)
				}
				buf := make([]byte, 16)
				n, oobn, _, from, err := server.ReadMsgUDP(buf, make([]byte, 64))
				if string(buf[:n]) != "message" || oobn != 0 || err != nil || from.Port != sender.LocalAddr().(*net.UDPAddr).Port {
					t.Errorf("ReadMsgUDP returned %q, %d, %v, %v", buf[:n], oobn, from, err)
				}
			}
			return nil
		})
	})
}

func TestBufferSizes(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := dialPair(ctx, t)
			dialed, accepted := pair(ctx, t, "tcp", "127.0.0.1:0")
			for _, c := range []interface {
				SetReadBuffer(bytes int) error
				SetWriteBuffer(bytes int) error
				io.Closer
			}{client, server, dialed, accepted} {
				expectError(t, "SetReadBuffer", c.SetReadBuffer(32<<10), nil)
				expectError(t, "SetWriteBuffer", c.SetWriteBuffer(32<<10), nil)
				_ = c.Close()
				expectError(t, "SetReadBuffer after Close", c.SetReadBuffer(32<<10), net.ErrClosed)
				expectError(t, "SetWriteBuffer after Close", c.SetWriteBuffer(32<<10), net.ErrClosed)
			}
			return nil
		})
	})
}

// Who speaks DNS, for example, decides so whether a connection carries datagrams.
func TestWhichConnectionsArePacketConns(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			dir := asynctest.SocketDir(t)
			udp := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t).LocalAddr().String()
			tcp := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t).Addr().String()
			cases := []struct {
				network, address string
				packets          bool
			}{
				{"udp", udp, true}, {"udp4", udp, true}, {"tcp", tcp, false}, {"tcp4", tcp, false},
			}
			if hasUnixSockets() {
				path := filepath.Join(dir, "stream")
				must(streams.Listen(ctx, "unix", path))(t)
				cases = append(cases, struct {
					network, address string
					packets          bool
				}{"unix", path, false})
			}
			if path := filepath.Join(dir, "gram"); !inMemory() && canListenUnixgram(filepath.Join(dir, "try")) {
				must(streams.ListenPacket(ctx, "unixgram", path))(t)
				cases = append(cases, struct {
					network, address string
					packets          bool
				}{"unixgram", path, true})
			}
			for _, c := range cases {
				conn := must(streams.DialContext(ctx, c.network, c.address))(t)
				if _, got := conn.(net.PacketConn); got != c.packets {
					t.Errorf("DialContext of %q returned a %T: it is %v that this is a net.PacketConn", c.network, conn, got)
				}
				send(t, conn, "x")
				_ = conn.Close()
			}
			for _, bad := range []string{"tcp", "udp", "unixgram"} {
				conn, err := streams.DialContext(ctx, bad, "nonsense")
				if conn != nil || err == nil {
					t.Errorf("DialContext of nonsense on %q returned %v, %v", bad, conn, err)
				}
			}
			return nil
		})
	})
}

// serveDNS answers every query with one address.
func serveDNS(c net.PacketConn, ip [4]byte) error {
	buf := make([]byte, 512)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return err
		}
		if _, err := c.WriteTo(dnsAnswer(buf[:n], ip), from); err != nil {
			return err
		}
	}
}

// dnsAnswer answers a query (RFC 1035): for an address of IPv4 with that, for
// others with nothing.
func dnsAnswer(query []byte, ip [4]byte) []byte {
	const header = 12
	end := header
	for query[end] != 0 { // the labels of the name
		end += 1 + int(query[end])
	}
	end += 1 + 2 + 2 // its end, the type and the class of the question
	answer := slices.Clone(query[:end])
	copy(answer[2:header], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}) // one question, no answer
	const typeA = 1
	if query[end-3] == typeA {
		answer[7] = 1
		answer = append(answer, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 60, 0, byte(len(ip)))
		answer = append(answer, ip[:]...)
	}
	return answer
}

func TestResolverOfPackageNetDialsWithDialContext(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			server := asyncio.Go(ctx, func(context.Context) error { return serveDNS(c, [4]byte{192, 0, 2, 7}) })
			resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return streams.DialContext(ctx, network, c.LocalAddr().String())
			}}
			ips, err := asyncio.ToThread(ctx, func(ctx context.Context) ([]net.IP, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				return resolver.LookupIP(ctx, "ip4", "somewhere.example.")
			})
			if len(ips) != 1 || !ips[0].Equal(net.IPv4(192, 0, 2, 7)) || err != nil {
				t.Errorf("it found %v, %v", ips, err)
			}
			server.Cancel()
			_, _ = server.Await(ctx)
			return nil
		})
	})
}
