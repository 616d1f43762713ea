package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// Each operation is canceled at every one of its suspensions. It returns
// ErrCanceled, and leaves no descriptor, no task and no error behind.
func TestCancel(t *testing.T) {
	listen := func(ctx context.Context) *streams.Listener {
		return must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
	}
	for name, operation := range map[string]func(ctx context.Context) error{
		"Dial of a name and Accept": func(ctx context.Context) error {
			l := listen(ctx)
			defer l.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			conn, err := streams.Dial(ctx, "tcp4", "localhost:"+port)
			if err != nil {
				return err
			}
			defer conn.Close()
			accepted, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			return accepted.Close()
		},
		"Dial of several addresses": func(ctx context.Context) error {
			l := listen(ctx)
			defer l.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			conn, err := streams.Dial(ctx, "tcp", "name:"+port, names("127.0.0.1", "127.0.0.1"))
			if err != nil {
				return err
			}
			return conn.Close()
		},
		"Read and Write": func(ctx context.Context) error {
			client, server, err := connected(ctx, listen(ctx))
			if err != nil {
				return err
			}
			defer client.Close()
			defer server.Close()
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(context.Context) error {
					_, err := client.Write(make([]byte, 1<<20))
					return errors.Join(err, client.CloseWrite())
				})
				buf := make([]byte, 64<<10)
				for {
					if _, err := server.Read(buf); err != nil {
						if err == io.EOF {
							err = nil
						}
						return err
					}
				}
			})
		},
		"StartTLS": func(ctx context.Context) error {
			client, server, err := connected(ctx, listen(ctx))
			if err != nil {
				return err
			}
			defer client.Close()
			defer server.Close()
			serverConfig, clientConfig := certificates(t)
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, func(ctx context.Context) (*tls.Conn, error) {
					return streams.StartTLS(ctx, client, clientConfig, streams.Client)
				})
				_, err := streams.StartTLS(ctx, server, serverConfig, streams.Server)
				return err
			})
		},
		"Serve": func(ctx context.Context) error {
			l := listen(ctx)
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					defer l.Close()
					conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
					if err != nil {
						return err
					}
					defer conn.Close()
					if _, err := conn.Write([]byte("x")); err != nil {
						return err
					}
					_, err = conn.Read(make([]byte, 1))
					return err
				})
				return streams.Serve(ctx, l, echoOrNot, streams.GracePeriod(time.Nanosecond))
			})
		},
		"ConnectProtocol": func(ctx context.Context) error {
			l := listen(ctx)
			defer l.Close()
			d := newDiary(ctx)
			transport, err := streams.ConnectProtocol(ctx, "tcp", l.Addr().String(), d)
			if err != nil {
				return err
			}
			_ = transport.Abort()
			return d.lost.Wait(ctx)
		},
		"ReadFrom of packets": func(ctx context.Context) error {
			c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			defer c.Close()
			to := must(streams.DialPacket(ctx, "udp", c.LocalAddr().String()))(t)
			defer to.Close()
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(context.Context) error { return second(to.Write([]byte("x"))) })
				_, _, err := c.ReadFrom(make([]byte, 1))
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				certificates(t) // it has a goroutine with descriptors of its own
				before := openDescriptors(t)
				opts := []asynciotest.Option{asynciotest.Patience(time.Minute)}
				if inMemory() {
					opts = append(opts, asynciotest.LoopOptions(memoryOptions(t)...))
				} else {
					opts = append(opts, asynciotest.RealNetwork())
				}
				asynciotest.AssertCancelable(t, operation, opts...)
				awaitDescriptors(t, before)
			})
		})
	}
}

// echoOrNot is echoAll for a client that may go without a word.
func echoOrNot(ctx context.Context, conn net.Conn) error {
	_ = echoAll(ctx, conn)
	return nil
}

// connected returns both ends of a connection, and closes the listener.
func connected(ctx context.Context, l *streams.Listener) (client, server *streams.Conn, err error) {
	defer l.Close()
	if client, err = streams.Dial(ctx, "tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	if server, err = l.AcceptContext(ctx); err != nil {
		_ = client.Close()
		return nil, nil, err
	}
	return client, server, nil
}

// awaitDescriptors waits until no more descriptors are open than before: what a
// goroutine has begun to open, when it is told to give up, it still has to
// close.
func awaitDescriptors(t *testing.T, before int) {
	t.Helper()
	var now int
	for range 1000 {
		if now = openDescriptors(t); now <= before {
			return
		}
		time.Sleep(time.Millisecond) //asyncio:ok blocks nothing else is to happen meanwhile
	}
	t.Errorf("%d descriptors are open, %d were", now, before)
}
