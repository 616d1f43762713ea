package streams_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

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
