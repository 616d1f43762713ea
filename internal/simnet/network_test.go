package simnet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/explore"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

func TestDial(t *testing.T) {
	t.Run("finds who listens, by name and by address", func(t *testing.T) {
		for listens, dials := range map[string][]string{
			"127.0.0.1:80": {"127.0.0.1:80", "localhost:80", ":80", "0.0.0.0:80", "a.localhost:80"},
			"[::1]:80":     {"[::1]:80", "localhost:80"},
			":80":          {"127.0.0.1:80", "[::1]:80", "127.0.0.2:80"},
		} {
			inManyOrders(t, func(ctx context.Context) {
				l := must(streams.Listen(ctx, "tcp", listens))(t)
				defer l.Close()
				for _, to := range dials {
					client, err := streams.Dial(ctx, "tcp", to)
					if err != nil {
						t.Errorf("%s does not find %s: %v", to, listens, err)
						continue
					}
					server := must(l.AcceptContext(ctx))(t)
					if client.LocalAddr().String() != server.RemoteAddr().String() || client.RemoteAddr().String() != server.LocalAddr().String() {
						t.Errorf("the client is %v-%v, the server %v-%v", client.LocalAddr(), client.RemoteAddr(), server.LocalAddr(), server.RemoteAddr())
					}
					_, _ = client.Close(), server.Close()
				}
			})
		}
	})
	t.Run("fails with the errors of Linux", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			for _, c := range []struct {
				network, address, text string
				is                     error
			}{
				{"tcp", "127.0.0.1:80", "dial tcp 127.0.0.1:80: connect: connection refused", syscall.ECONNREFUSED},
				{"tcp6", "[::1]:80", "dial tcp6 [::1]:80: connect: connection refused", syscall.ECONNREFUSED},
				{"tcp", "10.0.0.7:80", "dial tcp 10.0.0.7:80: connect: network is unreachable", syscall.ENETUNREACH},
				{"tcp", "nowhere:80", "dial tcp: lookup nowhere: no such host", nil},
				{"tcp", "nonsense", "dial tcp: address nonsense: missing port in address", nil},
				{"nonsense", "localhost:80", "dial nonsense: unknown network nonsense", nil},
			} {
				_, err := streams.Dial(ctx, c.network, c.address)
				expectText(t, err, c.text)
				if c.is != nil {
					expect(t, c.text, err, c.is)
				}
				var e *net.OpError
				if !errors.As(err, &e) {
					t.Errorf("%v is no *net.OpError", err)
				}
			}
			_, err := streams.Dial(ctx, "tcp", "localhost:80")
			expect(t, "both addresses", err, syscall.ECONNREFUSED)
		}, inMemory)
	})
	t.Run("binds this side", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:80"))(t)
			defer l.Close()
			from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 1234}
			c := must(streams.Dial(ctx, "tcp", "127.0.0.1:80", streams.LocalAddr(from)))(t)
			if c.LocalAddr().String() != from.String() {
				t.Errorf("it is bound to %v", c.LocalAddr())
			}
			_, err := streams.Dial(ctx, "tcp", "127.0.0.1:80", streams.LocalAddr(from))
			expect(t, "Dial from a port in use", err, syscall.EADDRINUSE)
			_ = c.Close()
			c = must(streams.Dial(ctx, "tcp", "127.0.0.1:80", streams.LocalAddr(from)))(t)
			_ = c.Close()
			_, err = streams.Dial(ctx, "tcp", "127.0.0.1:80", streams.LocalAddr(&net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}))
			expect(t, "Dial from a foreign address", err, syscall.EADDRNOTAVAIL)
		}, inMemory)
	})
	t.Run("waits while too many wait to be accepted", func(t *testing.T) {
		inManyOrders(t, func(ctx context.Context) {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:80", streams.Backlog(2)))(t)
			clients, failed := 0, 0
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range 6 {
					tg.Go(func(ctx context.Context) error {
						c, err := streams.Dial(ctx, "tcp", "127.0.0.1:80")
						if err != nil {
							expect(t, "Dial", err, syscall.ECONNREFUSED)
							failed++
							return nil
						}
						clients++
						return c.Close()
					})
				}
				expectClients := func(want int) {
					_ = asynciotest.WaitAllBlocked(ctx)
					if clients != want {
						t.Errorf("%d clients are connected, want %d", clients, want)
					}
				}
				expectClients(3)
				c := must(l.AcceptContext(ctx))(t)
				_ = c.Close()
				expectClients(4)
				return l.Close()
			})
			if err != nil || failed != 2 {
				t.Errorf("%d were refused when the listener was closed, %v", failed, err)
			}
		})
	})
	t.Run("is cut by a cancellation, wherever that comes", func(t *testing.T) {
		asynciotest.AssertCancelable(t, func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", "localhost:80")
			if err != nil {
				return err
			}
			defer l.Close()
			c, err := streams.Dial(ctx, "tcp", "localhost:80")
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			return s.Close()
		}, inMemory)
	})
}

func TestListen(t *testing.T) {
	t.Run("says what is in use", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			for _, c := range []struct {
				network, address, other, otherAddress string
				inUse                                 bool
			}{
				{"tcp", "127.0.0.1:80", "tcp", "127.0.0.1:80", true},
				{"tcp", "127.0.0.1:80", "tcp", "localhost:80", true},
				{"tcp", "127.0.0.1:80", "tcp", ":80", true},
				{"tcp", ":80", "tcp6", "[::1]:80", true},
				{"tcp", "127.0.0.1:80", "tcp", "127.0.0.2:80", false},
				{"tcp", "127.0.0.1:80", "tcp", "[::1]:80", false},
				{"tcp4", ":80", "tcp6", ":80", false},
				{"tcp", "127.0.0.1:80", "tcp", "127.0.0.1:81", false},
			} {
				first := must(streams.Listen(ctx, c.network, c.address))(t)
				second, err := streams.Listen(ctx, c.other, c.otherAddress)
				if errors.Is(err, syscall.EADDRINUSE) != c.inUse {
					t.Errorf("beside %s on %s, listening on %s on %s returned %v", c.address, c.network, c.otherAddress, c.other, err)
				}
				if c.inUse && !strings.HasSuffix(err.Error(), ":80: bind: address already in use") {
					t.Errorf("it says %v", err)
				}
				if err == nil {
					_ = second.Close()
				}
				_ = first.Close()
			}
		}, inMemory)
	})
	t.Run("chooses a port that is free", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ports := map[string]bool{}
			for range 100 {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				defer l.Close()
				c := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				defer c.Close()
				ports[l.Addr().String()], ports[c.LocalAddr().String()] = true, true
			}
			if len(ports) != 200 {
				t.Errorf("there are %d ports", len(ports))
			}
		}, inMemory)
	})
	t.Run("closed, resets those whom no one has accepted, and frees the port", func(t *testing.T) {
		inManyOrders(t, func(ctx context.Context) {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:80"))(t)
			c := must(streams.Dial(ctx, "tcp", "127.0.0.1:80"))(t)
			expect(t, "Close", l.Close(), nil)
			expect(t, "Read", read(c), syscall.ECONNRESET)
			_ = c.Close()
			_, err := l.Accept()
			expect(t, "Accept", err, net.ErrClosed)
			_, err = streams.Dial(ctx, "tcp", "127.0.0.1:80")
			expect(t, "Dial", err, syscall.ECONNREFUSED)
			again := must(streams.Listen(ctx, "tcp", "127.0.0.1:80"))(t)
			_ = again.Close()
		})
	})
	t.Run("loses no connection to an Accept that was cut", func(t *testing.T) {
		inManyOrders(t, func(ctx context.Context) {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:80"))(t)
			defer l.Close()
			_ = l.SetDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Minute))
			_, err := l.Accept()
			expect(t, "Accept", err, os.ErrDeadlineExceeded)
			_ = l.SetDeadline(time.Time{})
			var accepted []*streams.Conn
			acceptor := asyncio.Go(ctx, func(ctx context.Context) error {
				c, err := l.AcceptContext(ctx)
				if err == nil {
					accepted = append(accepted, c)
				}
				return err
			})
			_ = asyncio.Yield(ctx)
			c := must(streams.Dial(ctx, "tcp", "127.0.0.1:80"))(t)
			acceptor.Cancel()
			_, _ = acceptor.Await(ctx)
			if len(accepted) == 0 {
				accepted = append(accepted, must(l.AcceptContext(ctx))(t))
			}
			expect(t, "Write", write(c, "x"), nil)
			expect(t, "Read", read(accepted[0]), nil)
			_, _ = c.Close(), accepted[0].Close()
		})
	})
	t.Run("fails on an address that is not this host's", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			_, err := streams.Listen(ctx, "tcp", "10.0.0.7:80")
			expectText(t, err, "listen tcp 10.0.0.7:80: bind: cannot assign requested address")
			_, err = streams.Listen(ctx, "nonsense", "localhost:80")
			expectText(t, err, "listen nonsense: unknown network nonsense")
			_, err = streams.Listen(ctx, "tcp", "127.0.0.1:99999")
			expectText(t, err, "listen tcp: address 99999: invalid port")
		}, inMemory)
	})
}

// What it does not have says so, and does not reach for the system.
func TestWhatItDoesNotHave(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		const advice = "this loop's network is in memory"
		l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0", streams.ReusePort()))(t)
		udp := must(streams.ListenPacket(ctx, "udp", ":0"))(t)
		control := streams.Control(func(string, string, syscall.RawConn) error { return nil })
		calls := map[string]func() error{
			"DialPacket of unixgram":   func() error { return second(streams.DialPacket(ctx, "unixgram", "/tmp/socket")) },
			"Dial of unixpacket":       func() error { return second(streams.Dial(ctx, "unixpacket", "/tmp/socket")) },
			"Listen of unixpacket":     func() error { return second(streams.Listen(ctx, "unixpacket", "/tmp/socket")) },
			"ListenPacket of ICMP":     func() error { return second(streams.ListenPacket(ctx, "ip4:icmp", "127.0.0.1")) },
			"Listen with Control":      func() error { return second(streams.Listen(ctx, "tcp", "127.0.0.1:0", control)) },
			"ListenPacketWith Control": func() error { return second(streams.ListenPacketWith(ctx, "udp", "127.0.0.1:0", control)) },
			"Listen with ReusePort":    func() error { return second(streams.Listen(ctx, "tcp", l.Addr().String(), streams.ReusePort())) },
			"ListenPacket with ReusePort": func() error {
				return second(streams.ListenPacketWith(ctx, "udp", udp.LocalAddr().String(), streams.ReusePort()))
			},
			"ListenPacket for multicast": func() error { return second(streams.ListenPacket(ctx, "udp", "224.0.0.1:0")) },
			"DialPacket of multicast":    func() error { return second(streams.DialPacket(ctx, "udp", "[ff02::1]:53")) },
			"WriteTo all":                func() error { return second(udp.WriteTo(nil, &net.UDPAddr{IP: net.IPv4bcast, Port: 53})) },
			"WriteMsgUDP": func() error {
				_, _, err := udp.WriteMsgUDP(nil, []byte("x"), udp.LocalAddr().(*net.UDPAddr))
				return err
			},
		}
		for what, call := range calls {
			if err := call(); err == nil || !strings.Contains(err.Error(), advice) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}, inMemory)
}

// A socket of the system is refused, whatever it is wrapped in, and closed.
func TestSocketsOfTheSystem(t *testing.T) {
	const advice = "asynciotest.RealNetwork()"
	real := func(t *testing.T) (net.Listener, net.Conn) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		return l, must(net.Dial("tcp", l.Addr().String()))(t) //asyncio:ok blocks the system accepts for the listener
	}
	asynciotest.Run(t, func(ctx context.Context) {
		l, c := real(t)
		for what, c := range map[string]net.Conn{"bare": c, "TLS": tls.Client(c, &tls.Config{InsecureSkipVerify: true})} {
			if _, err := streams.Adopt(ctx, c); err == nil || !strings.Contains(err.Error(), advice) {
				t.Errorf("Adopt of a socket, %s: %v", what, err)
			}
		}
		expect(t, "writing to what was adopted", second(c.Write(nil)), net.ErrClosed)
		handler := func(context.Context, net.Conn) error { return nil }
		if err := streams.Serve(ctx, l, handler); err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("Serve: %v", err)
		}
		expect(t, "accepting of what was served", second(l.Accept()), net.ErrClosed)
		hidden, dialed := real(t)
		defer dialed.Close()
		if err := streams.Serve(ctx, struct{ net.Listener }{hidden}, handler); err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("Serve of what is hidden: %v", err)
		}
		a, b := net.Pipe()
		must(streams.Adopt(ctx, a))(t)
		_ = b.Close()
	}, inMemory)
}

func TestItIsForOneLoop(t *testing.T) {
	err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		return streams.ServeGroup(ctx, g, l, func(context.Context, net.Conn) error { return nil })
	}, simnet.InMemory())
	if err == nil || !strings.Contains(err.Error(), "a network in memory is for one loop") {
		t.Errorf("ServeGroup returned %v", err)
	}
}

// A server and its clients, with Reader, Writer and TLS, on the machine's clock and on a
// virtual one, of which they need no time.
func TestServerAndClients(t *testing.T) {
	certificate := selfSigned(t)
	main := func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
				c, err := streams.StartTLS(ctx, c, &tls.Config{Certificates: []tls.Certificate{certificate}}, streams.Server)
				if err != nil {
					return err
				}
				r, w := streams.NewReader(c, 0), streams.NewWriter(c)
				for {
					line, err := r.ReadLine()
					if err != nil {
						return nil
					}
					_, _ = w.Write([]byte(strings.ToUpper(string(line))))
					if err := w.Drain(ctx); err != nil {
						return err
					}
				}
			})
		})
		err = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for i := range 5 {
				tg.Go(func(ctx context.Context) error {
					c, err := streams.DialTLS(ctx, "tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
					if err != nil {
						return err
					}
					defer c.Close()
					_, _ = fmt.Fprintf(c, "hello %d\n", i)
					line, err := streams.NewReader(c, 0).ReadLine()
					if want := fmt.Sprintf("HELLO %d\n", i); string(line) != want {
						t.Errorf("the answer is %q, want %q", line, want)
					}
					return err
				})
			}
			return nil
		})
		server.Cancel()
		_, failed := server.Await(ctx)
		expect(t, "Serve", failed, asyncio.ErrCanceled)
		return err
	}
	t.Run("on the machine's clock", func(t *testing.T) {
		expect(t, "Run", asyncio.Run(t.Context(), main, simnet.InMemory()), nil)
	})
	t.Run("on a virtual one", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			began := asyncio.RunningLoop(ctx).Now()
			expect(t, "main", main(ctx), nil)
			if d := asyncio.RunningLoop(ctx).Now().Sub(began); d != 0 {
				t.Errorf("it took %v", d)
			}
		}, inMemory)
	})
}

func TestTheSameSeedGivesTheSameStory(t *testing.T) {
	program := func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(_ context.Context, c net.Conn) error {
				_, err := io.Copy(c, c)
				return err
			})
		})
		err = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for i := range 5 {
				tg.Go(func(ctx context.Context) error {
					c, err := streams.Dial(ctx, "tcp", "localhost:"+port(l))
					if err != nil {
						return err
					}
					defer c.Close()
					_ = c.SetDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Duration(i) * time.Second))
					if _, err := c.Write(make([]byte, 1+i*window/2)); err != nil {
						return err
					}
					_, err = io.ReadFull(c, make([]byte, 1+i*window/2))
					return err
				})
			}
			return nil
		})
		server.Cancel()
		_, failed := server.Await(ctx)
		return errors.Join(err, failed) // so that there is a story
	}
	story := func(seed uint64) string {
		found, err := explore.Find(t.Context(), program, explore.Config{Strategy: explore.Random, Seed: seed, Options: []asyncio.Option{simnet.InMemory()}})
		if err != nil || found.Failure == nil {
			t.Fatalf("it found %+v, %v", found, err)
		}
		var b strings.Builder
		found.Failure.WriteStory(&b, explore.StepsKept)
		return b.String()
	}
	a, b, c := story(7), story(7), story(8)
	if a != b || a == c {
		t.Errorf("with the same seed:\n%s\n%s\nwith another:\n%s", a, b, c)
	}
}

func port(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
