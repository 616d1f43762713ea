package streams_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// onPair runs a test with a connection, every way there is.
func onPair(t *testing.T, test func(ctx context.Context, t *testing.T, client, server *streams.Conn)) {
	everyWay(t, withPair(test))
}

func withPair(test func(ctx context.Context, t *testing.T, client, server *streams.Conn)) func(t *testing.T) {
	return func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			test(ctx, t, client, server)
			_, _ = client.Close(), server.Close()
			return nil
		})
	}
}

func TestConn(t *testing.T) {
	t.Run("carries bytes on every network", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			for network, address := range networks(t) {
				t.Run(network, func(t *testing.T) {
					run(t, func(ctx context.Context) error {
						client, server := pair(ctx, t, network, address)
						send(t, client, "ping")
						recv(t, server, "ping")
						send(t, server, "pong")
						recv(t, client, "pong")
						if network != "unix" && client.LocalAddr().String() != server.RemoteAddr().String() {
							t.Errorf("the client's address is %v here and %v there", client.LocalAddr(), server.RemoteAddr())
						}
						if client.RemoteAddr().String() != server.LocalAddr().String() {
							t.Errorf("the server's address is %v here and %v there", client.RemoteAddr(), server.LocalAddr())
						}
						expectError(t, "Close", client.Close(), nil)
						_, err := server.Read(make([]byte, 1))
						expectError(t, "Read at the end", err, io.EOF)
						return nil
					})
				})
			}
		})
	})
	t.Run("lets others run while it waits", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			sender := asyncio.Go(ctx, func(ctx context.Context) error {
				send(t, client, "late")
				return nil
			})
			recv(t, server, "late")
			_, _ = sender.Await(ctx)
		})
	})
	t.Run("waits for a slow reader, and writes everything", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			const size = 16 << 20
			writer := asyncio.Go(ctx, func(ctx context.Context) error {
				defer client.Close()
				n, err := client.Write(bytes.Repeat([]byte("x"), size))
				if n != size {
					t.Errorf("it wrote %d bytes", n)
				}
				return err
			})
			n, err := io.Copy(io.Discard, server)
			if n != size || err != nil {
				t.Errorf("it read %d bytes, %v", n, err)
			}
			_, err = writer.Await(ctx)
			expectError(t, "Write", err, nil)
		})
	})
	t.Run("keeps the writes of two tasks apart", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			const size, tasks = 4 << 20, 3
			got := make([]byte, tasks*size)
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range byte(tasks) {
					tg.Go(func(context.Context) error {
						_, err := client.Write(bytes.Repeat([]byte{i}, size))
						return err
					})
				}
				_, err := io.ReadFull(server, got)
				return err
			})
			expectError(t, "the group", err, nil)
			for i := range tasks {
				part := got[i*size:][:size]
				if bytes.Count(part, part[:1]) != size {
					t.Errorf("part %d is of several tasks", i)
				}
			}
		})
	})
	t.Run("is not read by two tasks at once", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			first := asyncio.Go(ctx, func(context.Context) error {
				recv(t, server, "one")
				return nil
			})
			_ = asyncio.Yield(ctx)
			_, err := server.Read(make([]byte, 1))
			expectError(t, "the second Read", err, streams.ErrBusy)
			send(t, client, "one")
			_, _ = first.Await(ctx)
		})
	})
	t.Run("is not read by another task while one that was woken has not gone on", func(t *testing.T) {
		needSockets(t)
		streams.ThreadedOnly(true) // what is read there has one place for all tasks
		defer streams.ThreadedOnly(false)
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			defer closing(client, server)()
			first := asyncio.Go(ctx, func(context.Context) error {
				recv(t, server, "ab")
				return nil
			})
			_ = asyncio.Yield(ctx)
			send(t, client, "ab")
			for !first.Done() {
				if n, err := server.Read(make([]byte, 1)); !first.Done() && !errors.Is(err, streams.ErrBusy) {
					t.Errorf("the second Read returned %d, %v", n, err)
					break
				}
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return client.Close()
		})
	})
	t.Run("is not read by another task while one gives way", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			const size = 1000
			_ = server.SetReadDeadline(time.Now().Add(time.Millisecond))
			_, err := server.Read(make([]byte, size)) // which a thread goes on with
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
			_ = server.SetReadDeadline(time.Time{})
			send(t, client, strings.Repeat("x", size))
			recv(t, server, "x")
			left := size - 1
			reading := func(context.Context) error {
				for left > 0 {
					n, err := server.Read(make([]byte, 1))
					if err == nil && n == 0 {
						return errors.New("it read nothing, without an error")
					}
					if left -= n; left == 0 {
						send(t, client, "x") // for the other one
					}
					if err != nil && !errors.Is(err, streams.ErrBusy) {
						return err
					}
				}
				return nil
			}
			_, err = asyncio.Gather[struct{}](ctx, asyncio.Go(ctx, reading), asyncio.Go(ctx, reading))
			expectError(t, "reading", err, nil)
		})
	})
	t.Run("loses nothing to a Read that is canceled", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			for range 3 {
				err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
					_, err := server.Read(make([]byte, 8))
					return err
				})
				expectError(t, "Read", err, asyncio.ErrTimeout)
			}
			send(t, client, "kept")
			recv(t, server, "kept")
		})
	})
	t.Run("says how much was written when a Write is canceled", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			var written int
			err := asyncio.WithTimeout(ctx, 50*time.Millisecond, func(context.Context) (err error) {
				written, err = client.Write(make([]byte, 64<<20))
				return err
			})
			expectError(t, "Write", err, asyncio.ErrTimeout)
			expectError(t, "CloseWrite", asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				n, err := io.CopyN(io.Discard, server, int64(written))
				if n != int64(written) {
					t.Errorf("%d bytes came of %d", n, written)
				}
				return err
			}), nil)
		})
	})
	t.Run("says of each Write what became of it, and not of the one that was cut before", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_ = asyncio.WithTimeout(ctx, 20*time.Millisecond, func(context.Context) error {
				_, err := client.Write(make([]byte, 64<<20))
				return err
			})
			_ = server.SetLinger(0)
			_ = server.Close()
			for range 2 {
				if n, err := client.Write([]byte("more")); n != 0 || err == nil {
					t.Errorf("Write returned %d, %v", n, err)
				}
			}
		})
	})
	t.Run("waits on the context that it is bound to", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			bound, cancel := context.WithCancel(ctx)
			conn := server.WithContext(bound)
			asyncio.RunningLoop(ctx).CallSoon(cancel)
			_, err := conn.Read(make([]byte, 1))
			expectError(t, "Read", err, context.Canceled)
			send(t, client, "x")
			recv(t, server, "x")
		})
	})
	t.Run("has deadlines, after which it can be used again", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_ = server.SetReadDeadline(time.Now().Add(time.Millisecond))
			_, err := server.Read(make([]byte, 1))
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
			var e net.Error
			if !errors.As(err, &e) || !e.Timeout() {
				t.Errorf("%v is no timeout", err)
			}
			_ = server.SetDeadline(time.Time{})
			send(t, client, "x")
			recv(t, server, "x")
			_ = client.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
			_, err = client.Write(make([]byte, 64<<20))
			expectError(t, "Write", err, os.ErrDeadlineExceeded)
		})
	})
	t.Run("is half closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			send(t, client, "question")
			expectError(t, "CloseWrite", client.CloseWrite(), nil)
			question, err := io.ReadAll(server)
			if string(question) != "question" || err != nil {
				t.Errorf("it read %q, %v", question, err)
			}
			send(t, server, "answer")
			recv(t, client, "answer")
			_, err = client.Write([]byte("x"))
			if err == nil {
				t.Error("it can be written to")
			}
			expectError(t, "CloseRead", client.CloseRead(), nil)
			_, err = client.Read(make([]byte, 1))
			expectError(t, "Read", err, io.EOF)
		})
	})
	t.Run("lets a read that waits go on when its half is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			asyncio.RunningLoop(ctx).CallSoon(func() { expectError(t, "CloseRead", server.CloseRead(), nil) })
			for range 2 {
				_, err := server.Read(make([]byte, 1))
				expectError(t, "Read", err, io.EOF)
			}
			send(t, server, "it can still be written")
			recv(t, client, "it can still be written")
		})
	})
	t.Run("wakes who waits when it is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			reader := asyncio.Go(ctx, func(context.Context) error {
				_, err := server.Read(make([]byte, 1))
				return err
			})
			writer := asyncio.Go(ctx, func(context.Context) error {
				_, err := server.Write(make([]byte, 64<<20))
				return err
			})
			_ = asyncio.Yield(ctx)
			expectError(t, "Close", server.Close(), nil)
			_, err := reader.Await(ctx)
			expectError(t, "Read", err, net.ErrClosed)
			_, err = writer.Await(ctx)
			expectError(t, "Write", err, net.ErrClosed)
			expectError(t, "Close again", server.Close(), net.ErrClosed)
			expectError(t, "SetDeadline", server.SetDeadline(time.Time{}), net.ErrClosed)
		})
	})
	t.Run("writes several buffers", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			var want strings.Builder
			var parts net.Buffers
			for i := range 300 {
				text := strings.Repeat(string(rune('a'+i%26)), i*37%4096)
				want.WriteString(text)
				parts = append(parts, []byte(text))
			}
			writer := asyncio.Go(ctx, func(context.Context) error {
				n, err := client.WriteBuffers(&parts)
				if n != int64(want.Len()) || len(parts) != 0 {
					t.Errorf("it wrote %d bytes, and left %d parts", n, len(parts))
				}
				return err
			})
			recv(t, server, want.String())
			_, err := writer.Await(ctx)
			expectError(t, "WriteBuffers", err, nil)
		})
	})
	t.Run("works from other goroutines, too", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			var others sync.WaitGroup
			others.Go(func() {
				recv(t, server, "ping")
				send(t, server, "pong")
				if err := server.SetDeadline(time.Now().Add(time.Hour)); err != nil {
					t.Error(err)
				}
				if err := server.Close(); err != nil {
					t.Error(err)
				}
				_, err := server.Read(make([]byte, 1))
				expectError(t, "Read", err, net.ErrClosed)
			})
			send(t, client, "ping")
			recv(t, client, "pong")
			_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) {
				others.Wait()
				return 0, nil
			})
		})
	})
	t.Run("suspends the tasks of other loops, and not these loops", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
				client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
				_, err := asyncio.RunOn(ctx, g.Loop(1), func(ctx context.Context) (int, error) {
					readers := [2]*asyncio.Task[struct{}]{}
					for i := range readers {
						readers[i] = asyncio.Go(ctx, func(context.Context) error {
							_, err := io.ReadFull(server, make([]byte, 1))
							return err
						})
					}
					_ = asyncio.Sleep(ctx, time.Millisecond) // this loop goes on
					readers[0].Cancel()
					_, err := readers[0].Await(ctx)
					expectError(t, "the Read that was canceled", err, asyncio.ErrCanceled)
					send(t, client, "x")
					_, err = readers[1].Await(ctx)
					return 0, err
				})
				return err
			})
		})
	})
	t.Run("is closed while other goroutines do everything with it", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			var goroutines sync.WaitGroup
			run(t, func(ctx context.Context) error {
				a, b := pair(ctx, t, "tcp", "127.0.0.1:0")
				for range 4 {
					goroutines.Go(func() { _, _ = a.Write(make([]byte, 8<<20)) })
					goroutines.Go(func() { _, _ = b.Read(make([]byte, 1<<20)) })
					goroutines.Go(func() {
						for range 20 {
							_ = a.SetDeadline(time.Now().Add(time.Hour))
							_ = a.SetNoDelay(true)
						}
					})
				}
				_ = asyncio.Sleep(ctx, time.Millisecond)
				goroutines.Go(func() { _ = errors.Join(a.Close(), b.Close(), a.Close(), a.CloseWrite()) })
				return nil
			})
			goroutines.Wait() // none is left waiting
		})
	})
	t.Run("that was left open is reported in debug mode", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			var reported []string
			var left net.Addr
			report := asyncio.OnException(func(c asyncio.ExceptionContext) { reported = append(reported, c.Message) })
			for _, debug := range []bool{false, true} {
				run(t, func(ctx context.Context) error {
					client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
					left = server.LocalAddr()
					return client.Close()
				}, report, asyncio.Debug(debug))
			}
			if len(reported) != 1 || !strings.HasPrefix(reported[0], "a connection was left open, tcp "+left.String()+" to ") {
				t.Errorf("reported: %q", reported)
			}
		})
	})
	t.Run("is closed with its loop", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			var client, server *streams.Conn
			run(t, func(ctx context.Context) error {
				client, server = pair(ctx, t, "tcp", "127.0.0.1:0")
				return nil
			})
			for name, conn := range map[string]*streams.Conn{"client": client, "server": server} {
				_, err := conn.Read(make([]byte, 1))
				expectError(t, name+".Read", err, net.ErrClosed)
				_, err = conn.Write(make([]byte, 1))
				expectError(t, name+".Write", err, net.ErrClosed)
				expectError(t, name+".SetDeadline", conn.SetDeadline(time.Time{}), net.ErrClosed)
				expectError(t, name+".Close", conn.Close(), nil)
			}
		})
	})
}
