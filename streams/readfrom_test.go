package streams_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// copied returns what arrives when something is copied into a connection.
func copied(ctx context.Context, t *testing.T, client, server *streams.Conn, copy func() (int64, error)) []byte {
	t.Helper()
	sender := asyncio.CreateTask(ctx, func(context.Context) (int64, error) {
		defer client.Close()
		return copy()
	})
	got, err := io.ReadAll(server)
	expectError(t, "ReadAll", err, nil)
	n, err := sender.Await(ctx)
	if n != int64(len(got)) || err != nil {
		t.Errorf("the copy returned %d, %v; %d bytes came", n, err, len(got))
	}
	return got
}

func TestReadFrom(t *testing.T) {
	content := []byte(strings.Repeat("0123456789", 300_000))
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]func(f *os.File) io.Reader{
		"a file":             func(f *os.File) io.Reader { return f },
		"a part of a file":   func(f *os.File) io.Reader { return io.LimitReader(f, 1_234_567) },
		"a file from within": func(f *os.File) io.Reader { _, _ = f.Seek(2_000_000, io.SeekStart); return f },
		"more than a file":   func(f *os.File) io.Reader { return io.LimitReader(f, 1<<40) },
		"any reader":         func(f *os.File) io.Reader { return struct{ io.Reader }{f} },
	} {
		t.Run("sends "+name, func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				f := must(os.Open(path))(t)
				defer f.Close()
				from := source(f)
				want := content
				switch name {
				case "a part of a file":
					want = content[:1_234_567]
				case "a file from within":
					want = content[2_000_000:]
				}
				got := copied(ctx, t, client, server, func() (int64, error) { return io.Copy(client, from) })
				if !bytes.Equal(got, want) {
					t.Errorf("%d bytes came, which are not the %d that were sent", len(got), len(want))
				}
				if at, err := f.Seek(0, io.SeekCurrent); at != int64(bytes.Index(content, want[:1])+len(want)) && name != "a file from within" || err != nil {
					t.Errorf("the file is at %d, %v", at, err)
				}
			})
		})
	}
	t.Run("waits for a peer that is slow, until the connection is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, _ *streams.Conn) {
			f := must(os.Create(filepath.Join(t.TempDir(), "large")))(t)
			defer f.Close()
			if err := f.Truncate(64 << 20); err != nil { // more than the system keeps for a peer
				t.Fatal(err)
			}
			sender := asyncio.CreateTask(ctx, func(context.Context) (int64, error) { return client.ReadFrom(f) })
			_ = asyncio.Sleep(ctx, 20*time.Millisecond)
			if sender.Done() {
				t.Error("it did not wait")
			}
			_ = client.Close()
			_, err := sender.Await(ctx)
			expectError(t, "ReadFrom", err, net.ErrClosed)
		})
	})
	t.Run("goes on where it was cut", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			const size = 32 << 20
			f := must(os.Create(filepath.Join(t.TempDir(), "large")))(t)
			defer f.Close()
			if err := f.Truncate(size); err != nil {
				t.Fatal(err)
			}
			var sent int64
			err := asyncio.WithTimeout(ctx, 20*time.Millisecond, func(context.Context) (err error) {
				sent, err = client.ReadFrom(f)
				return err
			})
			expectError(t, "ReadFrom", err, asyncio.ErrTimeout)
			at := must(f.Seek(0, io.SeekCurrent))(t)
			if sent <= 0 || sent > at {
				t.Errorf("it says that it sent %d bytes, and the file is at %d", sent, at)
			}
			_, _ = f.Seek(sent, io.SeekStart)
			got := copied(ctx, t, client, server, func() (int64, error) {
				n, err := client.ReadFrom(f)
				return sent + n, err
			})
			if len(got) != size {
				t.Errorf("%d bytes came, want %d", len(got), size)
			}
		})
	})
	t.Run("takes its turn with those who write", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			f := must(os.Open(path))(t)
			defer f.Close()
			before := strings.Repeat("x", 8<<20)
			writer := asyncio.Go(ctx, func(context.Context) error { return second(io.WriteString(client, before)) })
			sender := asyncio.Go(ctx, func(context.Context) error {
				_, err := io.Copy(client, f)
				return errors.Join(err, client.CloseWrite())
			})
			_ = asyncio.Yield(ctx)
			got, err := io.ReadAll(server)
			if string(got) != before+string(content) || err != nil {
				t.Errorf("%d bytes came, and they are mixed; %v", len(got), err)
			}
			expectError(t, "writing", second(writer.Await(ctx)), nil)
			expectError(t, "copying", second(sender.Await(ctx)), nil)
		})
	})
	t.Run("from a file that is closed fails", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			f := must(os.Open(path))(t)
			_ = f.Close()
			_, err := client.ReadFrom(f)
			expectError(t, "ReadFrom", err, os.ErrClosed)
		})
	})
}

func TestReadFromOverTLS(t *testing.T) {
	const size = 8 << 20
	f := must(os.Create(filepath.Join(t.TempDir(), "large")))(t)
	defer f.Close()
	text := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	must(f.Write(text))(t)
	t.Run("sends a file, and a part of one, between other writes", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			secureClient, secureServer := handshake(ctx, t, client, server)
			sender := asyncio.Go(ctx, func(context.Context) error {
				defer secureClient.Close()
				send(t, secureClient, "before")
				must(f.Seek(0, io.SeekStart))(t)
				n := must(io.Copy(secureClient, f))(t)
				send(t, secureClient, "between")
				must(f.Seek(100, io.SeekStart))(t)
				n += must(io.CopyN(secureClient, f, 1000))(t)
				send(t, secureClient, "after")
				if n != size+1000 {
					t.Errorf("it copied %d bytes", n)
				}
				return nil
			})
			got, err := io.ReadAll(secureServer)
			want := slices.Concat([]byte("before"), text, []byte("between"), text[100:1100], []byte("after"))
			if !bytes.Equal(got, want) || err != nil {
				t.Errorf("%d bytes came, want %d; %v", len(got), len(want), err)
			}
			expectError(t, "the sender", second(sender.Await(ctx)), nil)
		})
	})
	t.Run("fails when the peer hangs up", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			secureClient, secureServer := handshake(ctx, t, client, server)
			must(f.Seek(0, io.SeekStart))(t)
			asyncio.Go(ctx, func(context.Context) error {
				_, err := io.ReadFull(secureServer, make([]byte, 1024))
				_ = server.SetLinger(0)
				return errors.Join(err, server.Close())
			})
			n, err := io.Copy(secureClient, f)
			if n < 1024 || n == size || !errors.Is(err, errReset) && !errors.Is(err, errHungUp) {
				t.Errorf("it sent %d bytes, %v", n, err)
			}
		})
	})
}
