package asynciotest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// onPipe explores a function of the two ends.
func onPipe(t *testing.T, fn func(ctx context.Context, a, b net.Conn)) {
	t.Helper()
	asynciotest.Explore(t, func(ctx context.Context) {
		a, b := asynciotest.Pipe(ctx)
		defer b.Close()
		defer a.Close()
		fn(ctx, a, b)
	}, asynciotest.Runs(50))
}

// expectError expects an error that is this one.
func expectError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestPipeCarries(t *testing.T) {
	sent := bytes.Repeat([]byte("0123456789"), 50_000) // more than the buffer holds
	onPipe(t, func(ctx context.Context, a, b net.Conn) {
		writer := asyncio.Go(ctx, func(context.Context) error {
			_, err := a.Write(sent)
			return errors.Join(err, a.Close())
		})
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if _, err := writer.Await(ctx); err != nil {
			t.Error(err)
		}
		_, err = b.Write([]byte("x"))
		expectError(t, "writing to a closed end", err, io.ErrClosedPipe)
		_, err = a.Read(make([]byte, 1))
		expectError(t, "reading from a closed end", err, io.ErrClosedPipe)
	})
}

func TestPipeDoesNotMixWrites(t *testing.T) {
	onPipe(t, func(ctx context.Context, a, b net.Conn) {
		const size = 100_000
		for _, letter := range []string{"a", "b"} {
			asyncio.Go(ctx, func(context.Context) error {
				_, err := a.Write(bytes.Repeat([]byte(letter), size))
				return err
			})
		}
		got := make([]byte, 2*size)
		if _, err := io.ReadFull(b, got); err != nil {
			t.Error(err)
		}
		if n := bytes.Count(got[:size], got[:1]); n != size {
			t.Errorf("mixed after %d bytes", n)
		}
	})
}

func TestPipeHalfClose(t *testing.T) {
	onPipe(t, func(ctx context.Context, a, b net.Conn) {
		_, _ = a.Write([]byte("question"))
		_ = a.(interface{ CloseWrite() error }).CloseWrite()
		got, err := io.ReadAll(b)
		if string(got) != "question" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		_, _ = b.Write([]byte("answer"))
		_ = b.Close()
		got, err = io.ReadAll(a)
		if string(got) != "answer" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestPipeDeadlines(t *testing.T) {
	onPipe(t, func(ctx context.Context, a, _ net.Conn) {
		loop := asyncio.RunningLoop(ctx)
		for _, byLoop := range []bool{true, false} {
			start, deadline := loop.Now(), loop.Now().Add(time.Hour)
			if !byLoop {
				deadline = time.Now().Add(time.Hour)
			}
			_ = a.SetReadDeadline(deadline)
			_, err := a.Read(make([]byte, 1))
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("reading: %v", err)
			}
			// The real clock has gone on a little when the deadline is read.
			if d := loop.Now().Sub(start); d > time.Hour || byLoop && d != time.Hour || d < 59*time.Minute {
				t.Errorf("it took %v", d)
			}
		}
		_ = a.SetWriteDeadline(loop.Now().Add(time.Second))
		n, err := a.Write(make([]byte, 1<<20))
		expectError(t, "writing", err, os.ErrDeadlineExceeded)
		if n == 0 || n == 1<<20 {
			t.Errorf("%d bytes were written", n)
		}
		_ = a.SetDeadline(time.Time{})
		expectError(t, "reading", a.SetDeadline(time.Unix(1, 0)), nil)
		_, err = a.Read(make([]byte, 1))
		expectError(t, "reading late", err, os.ErrDeadlineExceeded)
	})
}

func TestPipeWaitsOnTheInnermostScope(t *testing.T) {
	onPipe(t, func(ctx context.Context, a, b net.Conn) {
		err := asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error {
			_, err := a.Read(make([]byte, 1))
			return err
		})
		expectError(t, "reading in a timeout", err, asyncio.ErrTimeout)
		reader := asyncio.Go(ctx, func(context.Context) error {
			_, err := a.Read(make([]byte, 1))
			return err
		})
		_ = asynciotest.WaitAllBlocked(ctx)
		reader.Cancel()
		_, err = reader.Await(ctx)
		expectError(t, "reading in a canceled task", err, asyncio.ErrCanceled)
		_, _ = b.Write([]byte("kept"))
		got := make([]byte, 4)
		if _, err := io.ReadFull(a, got); err != nil || string(got) != "kept" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestPipeClosedWhileReading(t *testing.T) {
	onPipe(t, func(ctx context.Context, a, _ net.Conn) {
		reader := asyncio.Go(ctx, func(context.Context) error {
			_, err := a.Read(make([]byte, 1))
			return err
		})
		_ = asynciotest.WaitAllBlocked(ctx)
		_ = a.Close()
		_, err := reader.Await(ctx)
		expectError(t, "reading", err, io.ErrClosedPipe)
	})
}

func TestPipeFromOtherGoroutines(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := asynciotest.Pipe(ctx)
		defer b.Close()
		asyncio.RunningLoop(ctx).CallSoon(func() { _ = b.SetDeadline(time.Time{}) })
		echo := asyncio.Go(ctx, func(context.Context) error {
			_, err := io.Copy(b, b)
			return err
		})
		got, err := asyncio.ToThread(ctx, func(context.Context) (string, error) {
			defer a.Close()
			if _, err := a.Write([]byte("hello")); err != nil {
				return "", err
			}
			buf := make([]byte, 5)
			_, err := io.ReadFull(a, buf)
			return string(buf), err
		})
		if err != nil || got != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := echo.Await(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestPipeAfterTheLoop(t *testing.T) {
	var a net.Conn
	asynciotest.Run(t, func(ctx context.Context) { a, _ = asynciotest.Pipe(ctx) })
	_, err := a.Read(make([]byte, 1))
	expectError(t, "reading", err, io.ErrClosedPipe)
	expectError(t, "closing", a.Close(), nil)
}

func TestPipeInACallback(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, _ := asynciotest.Pipe(ctx)
		asyncio.RunningLoop(ctx).CallSoon(func() {
			defer func() {
				if advice, _ := recover().(string); !strings.Contains(advice, "cannot suspend") {
					t.Errorf("it says %q", advice)
				}
			}()
			_, _ = a.Read(make([]byte, 1))
		})
		_ = asyncio.Yield(ctx)
	})
}
