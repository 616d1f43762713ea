package simnet_test

import (
	"context"
	"io"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

// benchmark runs a function with both ends of a connection; the server end sends back what
// comes, as long as it is told to.
func benchmark(b *testing.B, echo bool, fn func(client *streams.Conn) error) {
	b.ReportAllocs()
	err := asyncio.Run(b.Context(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		client, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		server, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		asyncio.Go(ctx, func(context.Context) error {
			to := io.Discard
			if echo {
				to = server
			}
			_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{server}, make([]byte, 32<<10))
			return err
		})
		return fn(client)
	}, simnet.InMemory())
	if err != nil {
		b.Error(err)
	}
}

func BenchmarkMessage(b *testing.B) {
	benchmark(b, true, func(client *streams.Conn) error {
		p := make([]byte, 64)
		for b.Loop() {
			if _, err := client.Write(p); err != nil {
				return err
			}
			if _, err := io.ReadFull(client, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkMebibyte(b *testing.B) {
	benchmark(b, false, func(client *streams.Conn) error {
		p := make([]byte, 1<<20)
		for b.Loop() {
			if _, err := client.Write(p); err != nil {
				return err
			}
		}
		return nil
	})
}
