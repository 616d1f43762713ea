package embedded

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func pipe(t *testing.T) (client, server net.Conn) {
	here, there := net.Pipe()
	client = newBuffered(here)
	t.Cleanup(func() { _, _ = client.Close(), there.Close() })
	return client, there
}

// isFull reports whether Write waits for room.
func (b *buffered) isFull() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)+b.writing == pipeLimit
}

func TestPipe(t *testing.T) {
	t.Run("writes without a reader, and what is written arrives after Close", func(t *testing.T) {
		client, server := pipe(t)
		want := bytes.Repeat([]byte("0123456789"), 100_000)
		for rest := want; len(rest) > 0; rest = rest[10_000:] {
			if n, err := client.Write(rest[:10_000]); n != 10_000 || err != nil {
				t.Fatalf("Write: %d, %v", n, err)
			}
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		// The server writes before it reads: nobody waits for what it writes.
		if _, err := server.Write(want); err != nil {
			t.Errorf("the server's Write after the client's Close: %v", err)
		}
		if got, err := io.ReadAll(server); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the server has read %d bytes, %v, want %d", len(got), err, len(want))
		}
	})
	t.Run("waits while the buffer is full, at most until the deadline", func(t *testing.T) {
		client, server := pipe(t)
		type result struct {
			n   int
			err error
		}
		write := func(p []byte) <-chan result {
			done := make(chan result, 1)
			go func() {
				n, err := client.Write(p)
				done <- result{n, err}
			}()
			return done
		}
		first := write(make([]byte, 2*pipeLimit))
		for !client.(*buffered).isFull() {
			time.Sleep(time.Millisecond)
		}
		if err := client.SetDeadline(time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if r := <-first; !errors.Is(r.err, os.ErrDeadlineExceeded) || r.n != pipeLimit {
			t.Errorf("Write that waits when the deadline is set: %d, %v, want %d and a timeout", r.n, r.err, pipeLimit)
		}
		if err := client.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if r := <-write([]byte("more")); !errors.Is(r.err, os.ErrDeadlineExceeded) || r.n != 0 {
			t.Errorf("Write without room: %d, %v, want 0 and a timeout", r.n, r.err)
		}
		if err := client.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		last := write([]byte("end"))
		got := make([]byte, pipeLimit+len("end"))
		if _, err := io.ReadFull(server, got); err != nil || string(got[pipeLimit:]) != "end" {
			t.Errorf("the server has read %q at the end, %v", got[pipeLimit:], err)
		}
		if r := <-last; r.err != nil {
			t.Errorf("Write when there is room again: %v", r.err)
		}
	})
	t.Run("Close ends a Read and a Write that wait", func(t *testing.T) {
		client, _ := pipe(t)
		ended := make(chan error)
		go func() {
			_, err := client.Read(make([]byte, 1))
			ended <- err
		}()
		go func() {
			_, err := client.Write(make([]byte, 2*pipeLimit))
			ended <- err
		}()
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("it ended with %v, want net.ErrClosed", err)
			}
		}
	})
	t.Run("the server's end ends Read with io.EOF, and then Write", func(t *testing.T) {
		client, server := pipe(t)
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("Read: %v, want io.EOF", err)
		}
		if _, err := client.Write(make([]byte, 2*pipeLimit)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Write: %v, want io.ErrClosedPipe", err)
		}
	})
}
