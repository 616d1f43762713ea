package streams_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// BenchmarkReadLine reads lines of 64 bytes that the caller may keep, beside
// bufio, which copies each.
func BenchmarkReadLine(b *testing.B) {
	text := bytes.Repeat([]byte(strings.Repeat("x", 63)+"\n"), 10_000)
	b.Run("streams", func(b *testing.B) {
		b.SetBytes(64)
		r := streams.NewReader(nil, 0)
		for i := 0; b.Loop(); i++ {
			if i%10_000 == 0 {
				r = streams.NewReader(bytes.NewReader(text), 0)
			}
			if _, err := r.ReadLine(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bufio", func(b *testing.B) {
		b.SetBytes(64)
		var r *bufio.Reader
		for i := 0; b.Loop(); i++ {
			if i%10_000 == 0 {
				r = bufio.NewReader(bytes.NewReader(text))
			}
			if _, err := r.ReadBytes('\n'); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkReadExactly reads messages of 16 KiB with a head of 4 bytes.
func BenchmarkReadExactly(b *testing.B) {
	const size = 16 << 10
	text := make([]byte, 100*(size+4))
	b.Run("streams", func(b *testing.B) {
		b.SetBytes(size)
		r := streams.NewReader(nil, 0)
		for i := 0; b.Loop(); i++ {
			if i%100 == 0 {
				r = streams.NewReader(bytes.NewReader(text), 0)
			}
			_, _ = r.ReadExactly(4)
			if _, err := r.ReadExactly(size); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bufio", func(b *testing.B) {
		b.SetBytes(size)
		var r *bufio.Reader
		for i := 0; b.Loop(); i++ {
			if i%100 == 0 {
				r = bufio.NewReader(bytes.NewReader(text))
			}
			_, _ = io.ReadFull(r, make([]byte, 4))
			if _, err := io.ReadFull(r, make([]byte, size)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEcho sends 64 bytes to a server on a loop, and waits for them, on
// each of 100 connections of package net: once with a protocol, and once with a
// task for each connection. The clients take their share of the time.
func BenchmarkEcho(b *testing.B) {
	b.Run("protocol", func(b *testing.B) {
		echoes(b, func(ctx context.Context, l *streams.Listener) error {
			return streams.ServeProtocol(ctx, l, func() streams.Protocol { return new(mirror) })
		})
	})
	b.Run("task", func(b *testing.B) {
		echoes(b, func(ctx context.Context, l *streams.Listener) error {
			return streams.Serve(ctx, l, func(_ context.Context, conn net.Conn) error {
				p := make([]byte, 64<<10)
				for {
					n, err := conn.Read(p)
					if err != nil {
						return nil
					}
					if _, err := conn.Write(p[:n]); err != nil {
						return err
					}
				}
			})
		})
	})
}

// echoes measures a server with clients on goroutines of their own.
func echoes(b *testing.B, serve func(ctx context.Context, l *streams.Listener) error) {
	err := asyncio.Run(b.Context(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return serve(ctx, l) })
		_, err = asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, askAll(b, l.Addr().String()) })
		_ = l.Close()
		_, failed := server.Await(ctx)
		return errors.Join(err, failed)
	})
	if err != nil {
		b.Fatal(err)
	}
}

func askAll(b *testing.B, address string) error {
	const clients = 100
	var conns [clients]net.Conn
	for i := range conns {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer c.Close()
		conns[i] = c
	}
	p := make([]byte, 64)
	b.ResetTimer()
	for b.Loop() {
		for _, c := range conns {
			if _, err := c.Write(p); err != nil {
				return err
			}
		}
		for _, c := range conns {
			if _, err := io.ReadFull(c, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkClient sends 100 bytes to an echo server of goroutines and reads them back:
// in a task on a connection of Dial, in a task and in a goroutine on one of DialShared, and
// in a goroutine on one of package net.
func BenchmarkClient(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go sendBack(c)
		}
	}()
	exchange := func(b *testing.B, c net.Conn, err error) error {
		buf := make([]byte, 100)
		for err == nil && b.Loop() {
			if _, err = c.Write(buf); err == nil {
				_, err = io.ReadFull(c, buf)
			}
		}
		if c != nil {
			_ = c.Close()
		}
		return err
	}
	address := l.Addr().String()
	offLoop := func(ctx context.Context, b *testing.B, dial func() (net.Conn, error)) error {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			c, err := dial()
			return 0, exchange(b, c, err)
		})
		return err
	}
	for name, client := range map[string]func(ctx context.Context, b *testing.B) error{
		"task, Dial": func(ctx context.Context, b *testing.B) error {
			c, err := streams.DialContext(ctx, "tcp", address)
			return exchange(b, c, err)
		},
		"task, DialShared": func(ctx context.Context, b *testing.B) error {
			c, err := streams.DialShared(ctx)(ctx, "tcp", address)
			return exchange(b, c, err)
		},
		"goroutine, DialShared": func(ctx context.Context, b *testing.B) error {
			dial := streams.DialShared(ctx)
			return offLoop(ctx, b, func() (net.Conn, error) { return dial(context.Background(), "tcp", address) })
		},
		"goroutine, package net": func(ctx context.Context, b *testing.B) error {
			return offLoop(ctx, b, func() (net.Conn, error) { return net.Dial("tcp", address) })
		},
	} {
		b.Run(name, func(b *testing.B) {
			err := asyncio.Run(context.Background(), func(ctx context.Context) error { return client(ctx, b) })
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
