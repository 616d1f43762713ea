package streams_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A mirror is a protocol that sends back what it gets, with back-pressure.
type mirror struct {
	streams.BaseProtocol
	t    *streams.Transport
	most int // that was kept
}

func (m *mirror) ConnectionMade(t *streams.Transport) { m.t = t }

func (m *mirror) DataReceived(p []byte) {
	_, _ = m.t.Write(p)
	m.most = max(m.most, m.t.Buffered())
}

func (m *mirror) PauseWriting()  { m.t.PauseReading() }
func (m *mirror) ResumeWriting() { m.t.ResumeReading() }

// servingProtocol serves a protocol while fn runs, and returns what ServeProtocol
// returned.
func servingProtocol(ctx context.Context, t *testing.T, network, address string, factory func() streams.Protocol, fn func(address string), opts ...streams.ServeOption) error {
	t.Helper()
	l := must(streams.Listen(ctx, network, address))(t)
	server := asyncio.Go(ctx, func(ctx context.Context) error { return streams.ServeProtocol(ctx, l, factory, opts...) })
	fn(l.Addr().String())
	_ = l.Close()
	_, err := server.Await(ctx)
	return err
}

func TestServeProtocol(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		for network, address := range networks(t) {
			t.Run("serves many connections at once on "+network, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					return servingProtocol(ctx, t, network, address, func() streams.Protocol { return new(mirror) }, func(address string) {
						err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
							for i := range 20 {
								tg.Go(func(ctx context.Context) error {
									conn := must(streams.Dial(ctx, network, address))(t)
									defer conn.Close()
									for range 10 {
										text := strings.Repeat(string(rune('a'+i)), 1+i*1000)
										send(t, conn, text)
										recv(t, conn, text)
									}
									return nil
								})
							}
							return nil
						})
						expectError(t, "talking", err, nil)
					})
				})
			})
		}
		t.Run("keeps memory bounded for a peer that reads slowly", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				m := new(mirror)
				return servingProtocol(ctx, t, "tcp", "127.0.0.1:0", func() streams.Protocol { return m }, func(address string) {
					conn := must(streams.Dial(ctx, "tcp", address))(t)
					defer conn.Close()
					text := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
					writer := asyncio.Go(ctx, func(context.Context) error {
						_, err := conn.Write(text)
						return errors.Join(err, conn.CloseWrite())
					})
					_ = asyncio.Sleep(ctx, 20*time.Millisecond)
					got, err := io.ReadAll(conn)
					if !bytes.Equal(got, text) || err != nil {
						t.Errorf("%d of %d bytes, %v", len(got), len(text), err)
					}
					if _, err := writer.Await(ctx); err != nil {
						t.Error(err)
					}
					if m.most > 3*streams.DefaultHighWater {
						t.Errorf("it kept %d bytes", m.most)
					}
				})
			})
		})
		t.Run("aborts at its end what is still there", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				var diaries []*diary
				factory := func() streams.Protocol {
					diaries = append(diaries, newDiary(ctx))
					return diaries[len(diaries)-1]
				}
				var conns []net.Conn
				err := servingProtocol(ctx, t, "tcp", "127.0.0.1:0", factory, func(address string) {
					for range 3 {
						conns = append(conns, must(streams.Dial(ctx, "tcp", address))(t))
					}
					for len(diaries) < 3 {
						_ = asyncio.Sleep(ctx, time.Millisecond)
					}
				}, streams.GracePeriod(time.Millisecond))
				for _, d := range diaries {
					d.expect(t, "made", "lost")
				}
				for _, c := range conns {
					if _, err := c.Read(make([]byte, 1)); err == nil {
						t.Error("it is still there")
					}
					_ = c.Close()
				}
				return err
			})
		})
		t.Run("goes on without a connection whose protocol cannot be made", func(t *testing.T) {
			var reports []asyncio.ExceptionContext
			handler := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) })
			run(t, func(ctx context.Context) error {
				made := []streams.Protocol{nil, new(mirror)}
				factory := func() (p streams.Protocol) {
					p, made = made[0], made[1:]
					return p
				}
				return servingProtocol(ctx, t, "tcp", "127.0.0.1:0", factory, func(address string) {
					first := must(streams.Dial(ctx, "tcp", address))(t)
					defer first.Close()
					if _, err := first.Read(make([]byte, 1)); err == nil {
						t.Error("it is there")
					}
					second := must(streams.Dial(ctx, "tcp", address))(t)
					defer second.Close()
					send(t, second, "hello")
					recv(t, second, "hello")
				})
			}, handler)
			if len(reports) != 1 || reports[0].Message != "panic in the factory of a protocol" {
				t.Errorf("reported: %v", reports)
			}
		})
		t.Run("returns when it is canceled", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				err := asyncio.WithTimeout(ctx, 5*time.Millisecond, func(ctx context.Context) error {
					return streams.ServeProtocol(ctx, l, func() streams.Protocol { return new(mirror) })
				})
				expectError(t, "serving", err, asyncio.ErrTimeout)
				_, err = l.Accept()
				expectError(t, "accepting", err, net.ErrClosed)
				return nil
			})
		})
	})
	t.Run("without a loop, or anything to serve, says so", func(t *testing.T) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		defer l.Close()
		err := streams.ServeProtocol(t.Context(), l, func() streams.Protocol { return nil })
		expectError(t, "serving", err, asyncio.ErrNoRunningLoop)
		expectPanic(t, "streams: ServeProtocol with a nil listener or factory: pass what Listen returns, and a function that makes a protocol", func() {
			_ = streams.ServeProtocol(t.Context(), l, nil)
		})
	})
}

func TestConnectProtocol(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		t.Run("speaks to a server", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				return servingProtocol(ctx, t, "tcp", "127.0.0.1:0", func() streams.Protocol { return new(mirror) }, func(address string) {
					d := newDiary(ctx)
					transport := must(streams.ConnectProtocol(ctx, "tcp", address, d))(t)
					if transport.Conn().RemoteAddr().String() != address {
						t.Errorf("it is connected to %v", transport.Conn().RemoteAddr())
					}
					d.on["data"] = func() {
						if d.got.Len() == 5 {
							_ = transport.WriteEOF()
						}
					}
					write(t, transport, "hello")
					_ = d.lost.Wait(ctx)
					d.expect(t, "made", "data", "eof", "lost")
					if d.got.String() != "hello" || d.err != nil {
						t.Errorf("it got %q, and was lost with %v", d.got.String(), d.err)
					}
				})
			})
		})
		t.Run("is told that the peer has reset the connection", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				defer l.Close()
				d := newDiary(ctx)
				_ = must(streams.ConnectProtocol(ctx, "tcp", l.Addr().String(), d))(t)
				peer := must(l.AcceptContext(ctx))(t)
				_ = peer.SetLinger(0)
				_ = peer.Close()
				_ = d.lost.Wait(ctx)
				d.expect(t, "made", "lost")
				var e *net.OpError
				if !errors.As(d.err, &e) || e.Op != "read" {
					t.Errorf("lost with %#v", d.err)
				}
				return nil
			})
		})
		t.Run("returns the error of Dial", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
				_ = l.Close()
				_, err := streams.ConnectProtocol(ctx, "tcp", l.Addr().String(), newDiary(ctx))
				var e *net.OpError
				if !errors.As(err, &e) || e.Op != "dial" {
					t.Errorf("%#v", err)
				}
				return nil
			})
		})
	})
}

// A greeter writes first.
type greeter struct{ *diary }

func (g *greeter) ConnectionMade(t *streams.Transport) {
	_, _ = t.Write([]byte("hello"))
	g.diary.ConnectionMade(t)
}

// servingTLS serves greeters, over TLS, while fn runs.
func servingTLS(t *testing.T, fn func(ctx context.Context, address string, client *tls.Config), opts ...asyncio.Option) {
	t.Helper()
	serverConfig, clientConfig := certificates(t)
	run(t, func(ctx context.Context) error {
		inner := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.ServeProtocol(ctx, tls.NewListener(inner, serverConfig), func() streams.Protocol {
				return &greeter{newDiary(ctx)}
			}, streams.GracePeriod(time.Millisecond))
		})
		fn(ctx, inner.Addr().String(), clientConfig)
		_ = inner.Close()
		return second(server.Await(ctx))
	}, opts...)
}

func TestProtocolShakesHands(t *testing.T) {
	t.Run("before ConnectionMade, so that both sides can write there", func(t *testing.T) {
		servingTLS(t, func(ctx context.Context, address string, config *tls.Config) {
			conn := tls.Client(must(streams.Dial(ctx, "tcp", address))(t), config)
			d := newDiary(ctx)
			d.on["data"] = func() {
				if d.got.Len() == len("hello") {
					_ = d.t.Close()
				}
			}
			_ = must(streams.StartProtocol(ctx, conn, &greeter{d}))(t)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "data", "lost")
			if d.got.String() != "hello" || d.err != nil {
				t.Errorf("it got %q, and was lost with %v", d.got.String(), d.err)
			}
		})
	})
	t.Run("and if that fails, StartProtocol returns why", func(t *testing.T) {
		servingTLS(t, func(ctx context.Context, address string, _ *tls.Config) {
			conn := tls.Client(must(streams.Dial(ctx, "tcp", address))(t), &tls.Config{ServerName: "someone.else"})
			d := newDiary(ctx)
			_, err := streams.StartProtocol(ctx, conn, d)
			if e := new(tls.CertificateVerificationError); !errors.As(err, &e) {
				t.Errorf("it returned %v", err)
			}
			d.expect(t)
			expectError(t, "Close", conn.NetConn().Close(), net.ErrClosed)
		}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
	})
	t.Run("and if that fails, the server reports it and goes on", func(t *testing.T) {
		var reports []string
		servingTLS(t, func(ctx context.Context, address string, config *tls.Config) {
			plain := must(streams.Dial(ctx, "tcp", address))(t)
			send(t, plain, "GET / HTTP/1.0\r\n\r\n")
			_, _ = io.ReadAll(plain)
			_ = plain.Close()
			secure := must(streams.DialTLS(ctx, "tcp", address, config))(t)
			recv(t, secure, "hello")
			_ = secure.Close()
		}, asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c.Message) }))
		if len(reports) != 1 || !strings.HasPrefix(reports[0], "the handshake of a connection from 127.0.0.1:") {
			t.Errorf("reported: %q", reports)
		}
	})
	t.Run("and who does not is cut off when the server ends", func(t *testing.T) {
		servingTLS(t, func(ctx context.Context, address string, _ *tls.Config) {
			_ = must(streams.Dial(ctx, "tcp", address))(t)
			_ = asyncio.Sleep(ctx, 5*time.Millisecond)
		})
	})
}

func TestProtocolOnTLS(t *testing.T) {
	https := httptest.NewTLSServer(nil)
	certificates := https.TLS.Certificates
	https.Close()
	run(t, func(ctx context.Context) error {
		inner := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
		l := tls.NewListener(inner, &tls.Config{Certificates: certificates})
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.ServeProtocol(ctx, l, func() streams.Protocol { return new(mirror) })
		})
		conn := must(streams.DialTLS(ctx, "tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true}))(t)
		d := newDiary(ctx)
		transport := must(streams.StartProtocol(ctx, conn, d))(t)
		text := strings.Repeat("0123456789", 50_000)
		d.on["data"] = func() {
			if d.got.Len() == len(text) {
				_ = transport.Close()
			}
		}
		write(t, transport, text)
		_ = d.lost.Wait(ctx)
		if d.got.String() != text || d.err != nil {
			t.Errorf("it got %d bytes, and was lost with %v; it was told %q", d.got.Len(), d.err, slices.Compact(d.events))
		}
		_ = l.Close()
		_, err := server.Await(ctx)
		return err
	})
}
