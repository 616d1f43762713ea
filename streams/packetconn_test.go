package streams_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// packetNetworks returns the packet networks, and an address of each for one
// side and for the other.
func packetNetworks(t *testing.T) map[string][2]string {
	all := map[string][2]string{
		"udp":  {"127.0.0.1:0", "127.0.0.1:0"},
		"udp4": {"localhost:0", ":0"},
	}
	if l, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
		_ = l.Close()
		all["udp6"] = [2]string{"[::1]:0", "[::1]:0"}
	}
	if path := filepath.Join(asynctest.SocketDir(t), "a"); !inMemory() && canListenUnixgram(path+"0") {
		all["unixgram"] = [2]string{path + "1", path + "2"}
	}
	return all
}

func canListenUnixgram(path string) bool {
	l, err := net.ListenPacket("unixgram", path)
	if err == nil {
		_ = l.Close()
	}
	return err == nil
}

func expectPacket(t *testing.T, c net.PacketConn, want string, from net.Addr) {
	t.Helper()
	buf := make([]byte, 64)
	n, addr, err := c.ReadFrom(buf)
	if err != nil || string(buf[:n]) != want || from != nil && addr.String() != from.String() {
		t.Errorf("%q came from %v, %v; want %q from %v", buf[:n], addr, err, want, from)
	}
}

func TestPacketConn(t *testing.T) {
	t.Run("sends and receives on every network", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			for network, addresses := range packetNetworks(t) {
				t.Run(network, func(t *testing.T) {
					defer os.Remove(addresses[0])
					defer os.Remove(addresses[1])
					run(t, func(ctx context.Context) error {
						a := must(streams.ListenPacket(ctx, network, addresses[0]))(t)
						b := must(streams.ListenPacket(ctx, network, addresses[1]))(t)
						for _, text := range []string{"one", "", "three"} {
							n, err := b.WriteTo([]byte(text), a.LocalAddr())
							if n != len(text) || err != nil {
								t.Errorf("WriteTo returned %d, %v", n, err)
							}
						}
						expectPacket(t, a, "one", nil)
						expectPacket(t, a, "", nil)
						expectPacket(t, a, "three", nil)
						return nil
					})
				})
			}
		})
	})
	t.Run("waits for a packet, and loses none to a cancellation", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				a := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				b := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
					_, _, err := a.ReadFrom(make([]byte, 8))
					return err
				})
				expectError(t, "ReadFrom", err, asyncio.ErrTimeout)
				sender := asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := b.WriteTo([]byte("kept"), a.LocalAddr())
					return err
				})
				expectPacket(t, a, "kept", b.LocalAddr())
				_, err = sender.Await(ctx)
				return err
			})
		})
	})
	t.Run("hears that no one listens", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("it says so in other words")
		}
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				gone := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				_ = gone.Close()
				client := must(streams.Dial(ctx, "udp", gone.LocalAddr().String()))(t)
				send(t, client, "anyone?")
				_, err := client.Read(make([]byte, 1))
				expectError(t, "Read", err, syscall.ECONNREFUSED)
				return nil
			})
		})
	})
	t.Run("waits until there is room for what it sends", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("elsewhere, what there is no room for is lost or refused")
		}
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				dir := asynctest.SocketDir(t)
				a := must(streams.ListenPacket(ctx, "unixgram", filepath.Join(dir, "a")))(t)
				b := must(streams.ListenPacket(ctx, "unixgram", filepath.Join(dir, "b")))(t)
				const packets = 2000 // the system keeps fewer
				sender := asyncio.Go(ctx, func(context.Context) error {
					for i := range packets {
						if _, err := b.WriteTo(fmt.Append(nil, i), a.LocalAddr()); err != nil {
							return err
						}
					}
					return nil
				})
				_ = asyncio.Sleep(ctx, 20*time.Millisecond)
				if sender.Done() {
					t.Error("it did not wait")
				}
				for i := range packets {
					expectPacket(t, a, fmt.Sprint(i), nil)
				}
				expectError(t, "sending", second(sender.Await(ctx)), nil)
				return nil
			})
		})
	})
	t.Run("cuts off what does not fit", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				a := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				_, _ = a.WriteTo([]byte("too long"), a.LocalAddr())
				_, _ = a.WriteTo([]byte("next"), a.LocalAddr())
				buf := make([]byte, 3)
				n, _, err := a.ReadFrom(buf)
				if string(buf[:n]) != "too" || err != nil {
					t.Errorf("it read %q, %v", buf[:n], err)
				}
				expectPacket(t, a, "next", a.LocalAddr())
				return nil
			})
		})
	})
	t.Run("has addresses that can be compared", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				a := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				own := a.LocalAddr().(*net.UDPAddr).AddrPort()
				if _, err := a.WriteToUDPAddrPort([]byte("x"), own); err != nil {
					t.Error(err)
				}
				_, from, err := a.ReadFromUDPAddrPort(make([]byte, 8))
				if from.Port() != own.Port() || from.Addr().Unmap() != own.Addr() || err != nil {
					t.Errorf("it came from %v, %v; want %v", from, err, own)
				}
				return nil
			})
		})
	})
	t.Run("has deadlines, and is closed", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				a := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				_ = a.SetDeadline(time.Now().Add(time.Millisecond))
				_, _, err := a.ReadFrom(make([]byte, 8))
				expectError(t, "ReadFrom", err, os.ErrDeadlineExceeded)
				_, err = a.WriteTo([]byte("x"), a.LocalAddr())
				expectError(t, "WriteTo", err, os.ErrDeadlineExceeded)
				_ = a.SetDeadline(time.Time{})
				asyncio.RunningLoop(ctx).CallSoon(func() { _ = a.Close() })
				_, _, err = a.ReadFrom(make([]byte, 8))
				expectError(t, "ReadFrom", err, net.ErrClosed)
				_, err = a.WriteTo([]byte("x"), a.LocalAddr())
				expectError(t, "WriteTo", err, net.ErrClosed)
				expectError(t, "Close again", a.Close(), net.ErrClosed)
				return nil
			})
		})
	})
	t.Run("sends nothing nowhere", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				a := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				for _, to := range []net.Addr{nil, (*net.UDPAddr)(nil), &net.TCPAddr{}} {
					if n, err := a.WriteTo([]byte("x"), to); n != 0 || err == nil {
						t.Errorf("WriteTo %T returned %d, %v", to, n, err)
					}
				}
				return nil
			})
		})
	})
	t.Run("can be one that Dial connects", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				server := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				client := must(streams.Dial(ctx, "udp", server.LocalAddr().String()))(t)
				send(t, client, "ping")
				expectPacket(t, server, "ping", client.LocalAddr())
				for _, text := range []string{"", "pong"} {
					_, _ = server.WriteTo([]byte(text), client.LocalAddr())
					buf := make([]byte, 8)
					n, err := client.Read(buf)
					if string(buf[:n]) != text || err != nil {
						t.Errorf("it read %q, %v; want %q", buf[:n], err, text)
					}
				}
				return nil
			})
		})
	})
}
