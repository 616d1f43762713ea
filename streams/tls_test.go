package streams_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// certificates returns configs for a server and for clients that trust it.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: pool, ServerName: "example.com"}
}

// handshake starts TLS at both ends.
func handshake(ctx context.Context, t *testing.T, client, server net.Conn) (secureClient, secureServer *tls.Conn) {
	t.Helper()
	serverConfig, clientConfig := certificates(t)
	task := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
		return streams.StartTLS(ctx, server, serverConfig, streams.Server)
	})
	secureClient = must(streams.StartTLS(ctx, client, clientConfig, streams.Client))(t)
	return secureClient, must(task.Await(ctx))(t)
}

func TestStartTLS(t *testing.T) {
	t.Run("on a connection in use, loses nothing that was read ahead", func(t *testing.T) {
		for name, newReader := range map[string]func(conn net.Conn) readsLines{
			"by a Reader":       func(conn net.Conn) readsLines { return lineReader{streams.NewReader(conn, 0)} },
			"by a bufio.Reader": func(conn net.Conn) readsLines { return bufioReader{bufio.NewReader(conn)} },
		} {
			t.Run(name, func(t *testing.T) {
				onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
					serverConfig, clientConfig := certificates(t)
					// The client does not wait for an answer: its first
					// message of the handshake comes with the line.
					clientTask := asyncio.Go(ctx, func(ctx context.Context) error {
						secure, err := streams.StartTLS(ctx, &prefixed{Conn: client, first: "STARTTLS\n"}, clientConfig, streams.Client)
						if err != nil {
							return err
						}
						send(t, secure, "secret")
						recv(t, secure, "answer")
						return secure.Close()
					})
					r := newReader(server)
					if line := r.readLine(); line != "STARTTLS\n" {
						t.Errorf("the line is %q", line)
					}
					secure := must(streams.StartTLS(ctx, streams.ConnWithReader(server, r), serverConfig, streams.Server))(t)
					recv(t, secure, "secret")
					send(t, secure, "answer")
					_, err := secure.Read(make([]byte, 1))
					expectError(t, "Read", err, io.EOF)
					_, err = clientTask.Await(ctx)
					expectError(t, "the client", err, nil)
				})
			})
		}
	})
	t.Run("can be read on after a timeout", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			a, b := handshake(ctx, t, client, server)
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
				_, err := b.Read(make([]byte, 1))
				return err
			})
			expectError(t, "Read", err, asyncio.ErrTimeout)
			_ = b.SetReadDeadline(time.Now().Add(time.Millisecond))
			_, err = b.Read(make([]byte, 1))
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
			_ = b.SetReadDeadline(time.Time{})
			send(t, a, "late")
			recv(t, b, "late")
		})
	})
	t.Run("closes the connection when the certificate is bad", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			serverConfig, _ := certificates(t)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := streams.StartTLS(ctx, server, serverConfig, streams.Server)
				return err
			})
			_, err := streams.StartTLS(ctx, client, &tls.Config{ServerName: "example.com"}, streams.Client)
			var bad *tls.CertificateVerificationError
			if !errors.As(err, &bad) {
				t.Errorf("the client's handshake returned %v", err)
			}
			if _, err := task.Await(ctx); err == nil {
				t.Error("the server's handshake succeeded")
			}
			for _, conn := range []*streams.Conn{client, server} {
				_, err := conn.Read(make([]byte, 1))
				expectError(t, "Read", err, net.ErrClosed)
			}
		})
	})
	t.Run("gives up when the other side says nothing", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_, err := streams.DialTLS(ctx, "tcp", l.Addr().String(), nil, streams.HandshakeTimeout(10*time.Millisecond))
				expectError(t, "DialTLS", err, asyncio.ErrTimeout)
				return nil
			})
		})
	})
	t.Run("takes no longer than HandshakeTimeout", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			serverConfig, _ := certificates(t)
			_, err := streams.StartTLSWith(ctx, server, serverConfig, streams.Server, streams.HandshakeTimeout(10*time.Millisecond))
			expectError(t, "StartTLSWith", err, asyncio.ErrTimeout)
			_, err = client.Read(make([]byte, 1))
			expectError(t, "Read of the client", err, io.EOF)
		})
	})
	t.Run("can be done on another goroutine", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			serverConfig, clientConfig := certificates(t)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
				return streams.StartTLS(ctx, server, serverConfig, streams.Server)
			})
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				secure, err := streams.StartTLS(ctx, client, clientConfig, streams.Client)
				if err == nil {
					_, err = secure.Write([]byte("hello"))
				}
				return 0, err
			})
			expectError(t, "the client", err, nil)
			recv(t, must(task.Await(ctx))(t), "hello")
		})
	})
	t.Run("does not freeze the loop when HandshakeContext is canceled in a task", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, _ *streams.Conn) {
			_, clientConfig := certificates(t)
			err := asyncio.WithTimeout(ctx, 10*time.Millisecond, func(ctx context.Context) error {
				return tls.Client(client, clientConfig).HandshakeContext(ctx)
			})
			if err == nil {
				t.Error("the handshake succeeded")
			}
		})
	})
	t.Run("is served on a listener of package tls", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				serverConfig, clientConfig := certificates(t)
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					return streams.Serve(ctx, tls.NewListener(l, serverConfig), echoAll)
				})
				conn := must(streams.DialTLS(ctx, "tcp", l.Addr().String(), clientConfig))(t)
				send(t, conn, "hello")
				recv(t, conn, "hello")
				_ = conn.Close()
				task.Cancel()
				_, err := task.Await(ctx)
				expectError(t, "Serve", err, asyncio.ErrCanceled)
				return nil
			})
		})
	})
	t.Run("is served on a listener of package tls over one of package net, whatever a peer does", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			serverConfig, clientConfig := certificates(t)
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			serves := asyncio.Go(ctx, func(ctx context.Context) error {
				return streams.Serve(ctx, tls.NewListener(l, serverConfig), readsWhileItWrites)
			})
			hostile := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
			if err := tls.Client(hostile, clientConfig).HandshakeContext(ctx); err != nil {
				return err
			}
			_ = asyncio.Sleep(ctx, 50*time.Millisecond) // until the server's write waits
			send(t, hostile, "this is no record of TLS")
			conn := must(streams.DialTLS(ctx, "tcp", l.Addr().String(), clientConfig))(t)
			send(t, conn, "bye")
			if _, err := io.Copy(io.Discard, conn); err != nil { // to the goodbye
				t.Errorf("the stream ended with %v", err)
			}
			_, _ = conn.Close(), hostile.Close()
			serves.Cancel()
			_, err := serves.Await(ctx)
			expectError(t, "Serve", err, asyncio.ErrCanceled)
			return nil
		}, asyncio.OnException(func(asyncio.ExceptionContext) {})) // what comes of the hostile one
	})
}

// readsWhileItWrites writes much, and ends when it has read something.
func readsWhileItWrites(ctx context.Context, conn net.Conn) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			_, err := conn.Write(make([]byte, 16<<20))
			return err
		})
		_, err := conn.Read(make([]byte, 16))
		return err
	})
}

// serveTLS serves a listener of package tls while a function runs.
func serveTLS(ctx context.Context, t *testing.T, handler func(context.Context, net.Conn) error, body func(address string), opts ...streams.ServeOption) {
	t.Helper()
	serverConfig, _ := certificates(t)
	l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
	serves := asyncio.Go(ctx, func(ctx context.Context) error {
		return streams.Serve(ctx, tls.NewListener(l, serverConfig), handler, opts...)
	})
	body(l.Addr().String())
	serves.Cancel()
	_, err := serves.Await(context.WithoutCancel(ctx))
	expectError(t, "Serve", err, asyncio.ErrCanceled)
}

func TestServeTLS(t *testing.T) {
	handler := func(context.Context, net.Conn) error {
		t.Error("the handler ran")
		return nil
	}
	for name, first := range map[string]string{"has failed": "this is no handshake", "takes too long": ""} {
		t.Run("closes and reports a connection whose handshake "+name, func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				var reported []string
				var from net.Addr
				report := asyncio.OnException(func(c asyncio.ExceptionContext) { reported = append(reported, c.Message) })
				run(t, func(ctx context.Context) error {
					serveTLS(ctx, t, handler, func(address string) {
						conn := must(streams.Dial(ctx, "tcp", address))(t)
						from = conn.LocalAddr()
						send(t, conn, first)
						_, _ = io.Copy(io.Discard, conn) // to the end
					}, streams.HandshakeTimeout(50*time.Millisecond))
					return nil
				}, report)
				if len(reported) != 1 || !strings.HasPrefix(reported[0], "the handshake of a connection from "+from.String()+" ") {
					t.Errorf("reported: %q", reported)
				}
			})
		})
	}
	t.Run("ends handshakes when it has waited for its time", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				serveTLS(ctx, t, handler, func(address string) {
					must(streams.Dial(ctx, "tcp", address))(t)
					_ = asyncio.Sleep(ctx, 10*time.Millisecond)
				}, streams.GracePeriod(time.Millisecond))
				return nil
			})
		})
	})
	t.Run("with a protocol ends them, too", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				serverConfig, clientConfig := certificates(t)
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				serves := asyncio.Go(ctx, func(ctx context.Context) error {
					return streams.ServeProtocol(ctx, tls.NewListener(l, serverConfig), func() streams.Protocol { return new(mirror) }, streams.GracePeriod(time.Millisecond))
				})
				conn := must(streams.DialTLS(ctx, "tcp", l.Addr().String(), clientConfig))(t)
				send(t, conn, "hello")
				recv(t, conn, "hello")
				must(streams.Dial(ctx, "tcp", l.Addr().String()))(t) // says nothing
				_ = asyncio.Sleep(ctx, 10*time.Millisecond)
				serves.Cancel()
				_, err := serves.Await(ctx)
				expectError(t, "ServeProtocol", err, asyncio.ErrCanceled)
				return nil
			})
		})
	})
}

func TestCloseTLS(t *testing.T) {
	t.Run("waits for the other side to say goodbye", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			a, b := handshake(ctx, t, client, server)
			closing := asyncio.Go(ctx, func(ctx context.Context) error { return streams.CloseTLS(ctx, a, patience) })
			_, err := b.Read(make([]byte, 1))
			expectError(t, "Read", err, io.EOF)
			send(t, b, "what is dropped")
			if closing.Done() {
				t.Error("it did not wait")
			}
			expectError(t, "CloseTLS of the other side", streams.CloseTLS(ctx, b, patience), nil)
			_, err = closing.Await(ctx)
			expectError(t, "CloseTLS", err, nil)
			expectError(t, "Close again", client.Close(), net.ErrClosed)
		})
	})
	t.Run("tells the end without a goodbye from one with", func(t *testing.T) {
		for name, cut := range map[string]func(ctx context.Context, c *tls.Conn) error{
			"before": func(_ context.Context, c *tls.Conn) error { return c.NetConn().Close() },
			"half":   func(_ context.Context, c *tls.Conn) error { return c.NetConn().(*streams.Conn).CloseWrite() },
		} {
			t.Run(name, func(t *testing.T) {
				onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
					a, b := handshake(ctx, t, client, server)
					expectError(t, "the cut", cut(ctx, b), nil)
					expectError(t, "CloseTLS", streams.CloseTLS(ctx, a, patience), io.ErrUnexpectedEOF)
					expectError(t, "Close again", client.Close(), net.ErrClosed)
				})
			})
		}
		t.Run("that was read already", func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				a, b := handshake(ctx, t, client, server)
				_ = b.NetConn().Close()
				_, err := a.Read(make([]byte, 1)) // crypto/tls says no more than that
				expectError(t, "Read", err, io.EOF)
				expectError(t, "CloseTLS", streams.CloseTLS(ctx, a, patience), io.ErrUnexpectedEOF)
			})
		})
		t.Run("that comes with Close", func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				a, b := handshake(ctx, t, client, server)
				expectError(t, "Close of the other side", b.Close(), nil)
				expectError(t, "CloseTLS", streams.CloseTLS(ctx, a, patience), nil)
			})
		})
	})
	t.Run("writes what a Writer keeps before", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			a, b := handshake(ctx, t, client, server)
			w := streams.NewWriter(a)
			_ = must(w.Write(make([]byte, much)))(t)
			closing := asyncio.Go(ctx, func(ctx context.Context) error { return streams.CloseTLS(ctx, a, patience) })
			n, err := io.Copy(io.Discard, b)
			if n != much || err != nil {
				t.Errorf("%d of %d bytes came, %v", n, much, err)
			}
			expectError(t, "Close of the other side", b.Close(), nil)
			expectError(t, "CloseTLS", second(closing.Await(ctx)), nil)
		})
	})
	t.Run("says what a Writer has lost when its time is up", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			a, _ := handshake(ctx, t, client, server)
			w := streams.NewWriter(a)
			_ = must(w.Write(make([]byte, much)))(t)
			kept := w.Buffered()
			err := streams.CloseTLS(ctx, a, time.Millisecond)
			expectError(t, "CloseTLS", err, asyncio.ErrTimeout)
			if n := lostBytes(err); n <= 0 || n > kept {
				t.Errorf("it says that %d bytes are lost, and %d were kept: %v", n, kept, err)
			}
			expectError(t, "Close again", client.Close(), net.ErrClosed)
		})
	})
	t.Run("closes after its time, whatever the other side does", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			a, _ := handshake(ctx, t, client, server)
			expectError(t, "CloseTLS", streams.CloseTLS(ctx, a, time.Millisecond), asyncio.ErrTimeout)
			expectError(t, "Close again", client.Close(), net.ErrClosed)
		})
	})
}

// prefixed writes a text before the first that is written, at once with it.
type prefixed struct {
	*streams.Conn
	first string
}

func (p *prefixed) Write(b []byte) (int, error) {
	if p.first == "" {
		return p.Conn.Write(b)
	}
	n := len(p.first)
	all := append([]byte(p.first), b...)
	p.first = ""
	m, err := p.Conn.Write(all)
	return max(m-n, 0), err
}

// readsLines is a reader that reads ahead.
type readsLines interface {
	io.Reader
	readLine() string
}

type lineReader struct{ *streams.Reader }

func (r lineReader) readLine() string {
	line, _ := r.ReadLine()
	return string(line)
}

type bufioReader struct{ *bufio.Reader }

func (r bufioReader) readLine() string {
	line, _ := r.ReadString('\n')
	return line
}

// On every network, both sides say what they have to say before they close.
func TestTLSToTheEnd(t *testing.T) {
	text := strings.Repeat("0123456789", 100_000)
	onTLS := func(t *testing.T, test func(ctx context.Context, t *testing.T, a, b *tls.Conn)) {
		everyWay(t, func(t *testing.T) {
			for network, address := range networks(t) {
				t.Run(network, func(t *testing.T) {
					run(t, func(ctx context.Context) error {
						client, server := pair(ctx, t, network, address)
						a, b := handshake(ctx, t, client, server)
						test(ctx, t, a, b)
						return nil
					})
				})
			}
		})
	}
	t.Run("one that has ended its half hears the other out", func(t *testing.T) {
		onTLS(t, func(ctx context.Context, t *testing.T, a, b *tls.Conn) {
			send(t, a, "go on")
			expectError(t, "CloseWrite", a.CloseWrite(), nil)
			talker := asyncio.Go(ctx, func(context.Context) error {
				defer b.Close()
				if got, err := io.ReadAll(b); string(got) != "go on" || err != nil {
					t.Errorf("it heard %q, %v", got, err)
				}
				send(t, b, text)
				return nil
			})
			_ = asyncio.Sleep(ctx, time.Millisecond) // nothing is lost on one who is slow
			got, err := io.ReadAll(a)
			if string(got) != text || err != nil {
				t.Errorf("%d bytes came, %v", len(got), err)
			}
			expectError(t, "the other", second(talker.Await(ctx)), nil)
		})
	})
	t.Run("a Writer that is closed writes everything before", func(t *testing.T) {
		onTLS(t, func(ctx context.Context, t *testing.T, a, b *tls.Conn) {
			w := streams.NewWriter(a)
			send(t, w, text)
			expectError(t, "Close", w.Close(), nil)
			got, err := io.ReadAll(b)
			if string(got) != text || err != nil {
				t.Errorf("%d bytes came, %v", len(got), err)
			}
			expectError(t, "WaitClosed", w.WaitClosed(ctx), nil)
		})
	})
}
