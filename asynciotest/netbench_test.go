package asynciotest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// ring passes a token once around hosts.
func ring(ctx context.Context, hosts int) (passed int) {
	n := asynciotest.Net(ctx)
	n.All().Latency(time.Millisecond, 2*time.Millisecond)
	done := asyncio.NewFuture[struct{}](ctx)
	name := func(i int) string { return fmt.Sprint("h", i%hosts) }
	for i := range hosts {
		n.Host(name(i), func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":80")
			if err != nil {
				return err
			}
			if i == 0 {
				if err := passToken(ctx, name(1)); err != nil {
					return err
				}
			}
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				return err
			}
			if passed++; i == 0 {
				return done.SetResult(struct{}{})
			}
			return passToken(ctx, name(i+1))
		})
	}
	_, _ = done.Await(ctx)
	return passed
}

func passToken(ctx context.Context, to string) error {
	c, err := streams.Dial(ctx, "tcp", to+":80")
	if err != nil {
		return err
	}
	_, err = c.Write([]byte{1})
	return errors.Join(err, c.Close())
}

func TestRingOfHosts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		if passed := ring(ctx, 100); passed != 100 {
			t.Errorf("%d hosts had the token", passed)
		}
	})
}

func BenchmarkRingOf1000Hosts(b *testing.B) {
	for b.Loop() {
		asynciotest.Run(b, func(ctx context.Context) { ring(ctx, 1000) })
	}
}

// onEcho benchmarks something on a connection to an echo server on another host.
func onEcho(b *testing.B, latency time.Duration, fn func(ctx context.Context, c net.Conn)) {
	asynciotest.Run(b, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Latency(latency, 2*latency)
		n.Host("server", echo)
		_ = asynciotest.WaitAllBlocked(ctx)
		c, err := streams.Dial(ctx, "tcp", "server:7")
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		b.ReportAllocs()
		fn(ctx, c)
	})
}

var latencies = []time.Duration{0, time.Millisecond}

// A message is one of 100 bytes, to another host and back: two messages.
func BenchmarkMessages(b *testing.B) {
	for _, d := range latencies {
		b.Run(fmt.Sprint("latency=", d), func(b *testing.B) {
			onEcho(b, d, func(_ context.Context, c net.Conn) {
				p := make([]byte, 100)
				for b.Loop() {
					_, _ = c.Write(p)
					if _, err := io.ReadFull(c, p); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		})
	}
}

func BenchmarkMegabyte(b *testing.B) {
	for _, d := range latencies {
		b.Run(fmt.Sprint("latency=", d), func(b *testing.B) {
			onEcho(b, d, func(ctx context.Context, c net.Conn) {
				p := make([]byte, 1<<20)
				b.SetBytes(1 << 20)
				for b.Loop() {
					writer := asyncio.Go(ctx, func(context.Context) error { _, err := c.Write(p); return err })
					if _, err := io.CopyN(io.Discard, c, 1<<20); err != nil {
						b.Fatal(err)
					}
					_, _ = writer.Await(ctx)
				}
			})
		})
	}
}

// three is a test of three hosts, two of which ask the third.
func three(ctx context.Context) error {
	n := asynciotest.Net(ctx)
	n.All().Latency(time.Millisecond, 10*time.Millisecond)
	n.Host("server", echo)
	var clients []asyncio.Awaitable[string]
	for _, name := range []string{"a", "b"} {
		answer := asyncio.NewFuture[string](ctx)
		clients = append(clients, answer)
		n.Host(name, func(ctx context.Context) error {
			c, err := streams.Dial(ctx, "tcp", "server:7")
			for err != nil {
				c, err = streams.Dial(ctx, "tcp", "server:7")
			}
			defer c.Close()
			for range 10 {
				if _, err := ask(c, name); err != nil {
					return err
				}
			}
			return answer.SetResult(name)
		})
	}
	_, err := asyncio.Gather(ctx, clients...)
	return err
}

// The 200 orders are those of a test, with its timeline, which other benchmarks leave out.
func BenchmarkExploreThreeHosts(b *testing.B) {
	for b.Loop() {
		f := &fakeTB{TB: b}
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			if err := three(ctx); err != nil {
				f.Error(err)
			}
		}, []asynciotest.Option{asynciotest.Runs(200)})
		if f.Failed() {
			b.Fatal(f.output())
		}
	}
}

func TestThreeHosts(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		if err := three(ctx); err != nil {
			t.Error(err)
		}
	})
}
