package simnet_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

const window = 64 << 10

func TestEnds(t *testing.T) {
	t.Run("of a connection that is closed: the other reads the end, and its second write fails", func(t *testing.T) {
		onPair(t, func(_ context.Context, client, server *streams.Conn) {
			expect(t, "Write", write(client, "last"), nil)
			expect(t, "Close", client.Close(), nil)
			expect(t, "the first Read", read(server), nil)
			expect(t, "the second Read", read(server), io.EOF)
			expect(t, "the first Write", write(server, "x"), nil)
			expect(t, "the second Write", write(server, "x"), syscall.EPIPE)
			expect(t, "Read", read(server), io.EOF)
			expect(t, "Read of what is closed", read(client), net.ErrClosed)
			expect(t, "Write to what is closed", write(client, "x"), net.ErrClosed)
			expect(t, "Close again", client.Close(), net.ErrClosed)
		})
	})
	t.Run("one half at a time", func(t *testing.T) {
		onPair(t, func(_ context.Context, client, server *streams.Conn) {
			expect(t, "CloseWrite", client.CloseWrite(), nil)
			expect(t, "Write after it", write(client, "x"), syscall.EPIPE)
			expect(t, "Read", read(server), io.EOF)
			expect(t, "Write the other way", write(server, "answer"), nil)
			expect(t, "Read the other way", read(client), nil)
			expect(t, "CloseRead", server.CloseRead(), nil)
			expect(t, "CloseWrite the other way", server.CloseWrite(), nil)
			expect(t, "Read at the end", read(client), io.EOF)
			expect(t, "CloseWrite of what has ended both ways", client.CloseWrite(), syscall.ENOTCONN)
			expect(t, "Close", server.Close(), nil)
		})
	})
	t.Run("with a reset, if something was not read", func(t *testing.T) {
		onPair(t, func(_ context.Context, client, server *streams.Conn) {
			expect(t, "Write", write(client, "not read"), nil)
			expect(t, "Write back", write(server, "kept"), nil)
			expect(t, "Close", server.Close(), nil)
			expect(t, "Read of what came before", read(client), nil)
			err := read(client)
			expect(t, "Read after the reset", err, syscall.ECONNRESET)
			expectText(t, err, "read tcp "+client.LocalAddr().String()+"->"+client.RemoteAddr().String()+": read: connection reset by peer")
			expect(t, "the next Read", read(client), io.EOF)
			expect(t, "Write", write(client, "x"), syscall.EPIPE)
			expect(t, "CloseWrite", client.CloseWrite(), syscall.ENOTCONN)
		})
	})
	t.Run("with a reset, after SetLinger(0)", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			reader := later(ctx, func(context.Context) error { return read(client) })
			_ = asyncio.Yield(ctx)
			expect(t, "SetLinger", server.SetLinger(0), nil)
			expect(t, "Close", server.Close(), nil)
			expect(t, "Read", reader(), syscall.ECONNRESET)
			expect(t, "Write", write(client, "x"), syscall.EPIPE)
		})
	})
	t.Run("gracefully", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			all := bytes.Repeat([]byte("0123456789"), window/4)
			writer := later(ctx, func(ctx context.Context) error {
				w := streams.NewWriter(client)
				_, _ = w.Write(all)
				return client.CloseGracefully(ctx)
			})
			got, err := io.ReadAll(server)
			expect(t, "ReadAll", err, nil)
			if !bytes.Equal(got, all) {
				t.Errorf("%d bytes came of %d", len(got), len(all))
			}
			expect(t, "Close", server.Close(), nil)
			expect(t, "CloseGracefully", writer(), nil)
		})
	})
}

func TestWindow(t *testing.T) {
	t.Run("lets a Write wait when it is full, until it is read", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			written := 0
			writer := later(ctx, func(context.Context) error {
				n, err := client.Write(make([]byte, window))
				written = n
				if err == nil {
					n, err = client.Write([]byte("x"))
					written += n
				}
				return err
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			if written != window {
				t.Errorf("%d bytes were written, want %d", written, window)
			}
			expect(t, "Read", read(server), nil)
			expect(t, "Write", writer(), nil)
			if written != window+1 {
				t.Errorf("%d bytes were written, want one more", written)
			}
		})
	})
	t.Run("says how much was written when the wait is canceled, or the deadline passes", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			var n int
			err := asyncio.WithTimeout(ctx, time.Hour, func(context.Context) (err error) {
				n, err = client.Write(make([]byte, 2*window))
				return err
			})
			expect(t, "Write", err, asyncio.ErrTimeout)
			_ = client.SetWriteDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Hour))
			m, err := client.Write([]byte("x"))
			expect(t, "Write", err, os.ErrDeadlineExceeded)
			_ = client.SetWriteDeadline(time.Time{})
			_ = client.CloseWrite()
			if got, err := io.Copy(io.Discard, server); n != window || m != 0 || got != window || err != nil {
				t.Errorf("%d and %d bytes were written, and %d came, %v", n, m, got, err)
			}
		})
	})
	t.Run("ends the wait when the other end is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			writer := later(ctx, func(context.Context) error {
				_, err := client.Write(make([]byte, 2*window))
				return err
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			_ = server.Close()
			expect(t, "Write", writer(), syscall.ECONNRESET)
		})
	})
	t.Run("is what SetReadBuffer says", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			expect(t, "SetReadBuffer", server.SetReadBuffer(10), nil)
			n := 0
			err := asyncio.WithTimeout(ctx, time.Second, func(context.Context) (err error) {
				n, err = client.Write(make([]byte, 100))
				return err
			})
			if n != 10 {
				t.Errorf("%d bytes were written, %v", n, err)
			}
		})
	})
}

func TestWaits(t *testing.T) {
	t.Run("are cut by a cancellation, and nothing is lost", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			err := asyncio.WithTimeout(ctx, time.Minute, func(context.Context) error { return read(server) })
			expect(t, "Read", err, asyncio.ErrTimeout)
			expect(t, "Write", write(client, "kept"), nil)
			expect(t, "Read", read(server), nil)
		})
	})
	t.Run("end at a deadline of the loop's clock, which jumps", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			loop := asyncio.RunningLoop(ctx)
			began := loop.Now()
			_ = server.SetReadDeadline(began.Add(time.Hour))
			expect(t, "Read", read(server), os.ErrDeadlineExceeded)
			if d := loop.Now().Sub(began); d != time.Hour {
				t.Errorf("it took %v", d)
			}
		})
	})
	t.Run("end when their end is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			reader := later(ctx, func(context.Context) error { return read(server) })
			_ = asynciotest.WaitAllBlocked(ctx)
			expect(t, "Close", server.Close(), nil)
			expect(t, "Read", reader(), net.ErrClosed)
		})
	})
	t.Run("say what for", func(t *testing.T) {
		onPair(t, func(ctx context.Context, client, server *streams.Conn) {
			task := asyncio.Go(ctx, func(context.Context) error { return read(client) })
			_ = asynciotest.WaitAllBlocked(ctx)
			if got, want := task.Info().WaitingOn, "read "+client.RemoteAddr().String(); got != want {
				t.Errorf("it waits for %q, want %q", got, want)
			}
			_ = server.Close()
			_, _ = task.Await(ctx)
		})
	})
}
