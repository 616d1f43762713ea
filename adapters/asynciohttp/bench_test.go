package asynciohttp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// BenchmarkRequests compares a handler on the loop with the same on net/http's goroutines,
// turn and turn about, and reports the ratio of their requests per second: the median of
// all turns. 32 clients ask on connections that stay; they run in the same process.
func BenchmarkRequests(b *testing.B) {
	for _, work := range []struct {
		name string
		size int
	}{{"hello", 5}, {"16KiB", 16 << 10}, {"1MiB", 1 << 20}} {
		b.Run(work.name, func(b *testing.B) {
			answer := make([]byte, work.size)
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				plain := listenFor(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(answer) }))
				loop := listenFor(b, Handler(ctx, func(_ context.Context, w http.ResponseWriter, r *http.Request) error {
					_, err := w.Write(answer)
					return err
				}))
				return asyncio.ToThreadFunc(ctx, func(context.Context) error { compare(b, plain, loop, work.size); return nil })
			})
			if err != nil {
				b.Error(err)
			}
		})
	}
}

func listenFor(b *testing.B, h http.Handler) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func compare(b *testing.B, plain, loop string, size int) {
	requests := 4000 / (1 + size>>14) // a turn
	p, l := dialClients(b, plain), dialClients(b, loop)
	var ratios, perSecond []float64
	for b.Loop() {
		theirs, ours := p.ask(b, requests), l.ask(b, requests)
		ratios = append(ratios, theirs.Seconds()/ours.Seconds())
		perSecond = append(perSecond, float64(requests)/ours.Seconds())
	}
	slices.Sort(ratios)
	slices.Sort(perSecond)
	b.ReportMetric(ratios[len(ratios)/2], "of-net/http")
	b.ReportMetric(perSecond[len(perSecond)/2], "requests/s")
	b.ReportMetric(0, "ns/op")
}

type clients []net.Conn

func dialClients(b *testing.B, address string) (all clients) {
	for range 32 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		all = append(all, c)
	}
	return all
}

// ask makes so many requests, and returns how long it took.
func (c clients) ask(b *testing.B, n int) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for _, conn := range c {
		all.Go(func() {
			in := bufio.NewReader(conn)
			for range n / len(c) {
				fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				response, err := http.ReadResponse(in, nil)
				if err == nil {
					_, err = io.Copy(io.Discard, response.Body)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
