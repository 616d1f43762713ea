package streams_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/streams"
)

var (
	_ io.WriteCloser = (*streams.Writer)(nil)
	_ io.ReaderFrom  = (*streams.Writer)(nil)
)

// onWire explores a function of a Writer and the other end of its connection.
func onWire(t *testing.T, fn func(ctx context.Context, w *streams.Writer, far net.Conn)) {
	t.Helper()
	asynciotest.Explore(t, func(ctx context.Context) {
		near, far := asynciotest.Pipe(ctx)
		fn(ctx, streams.NewWriter(near), far)
		_ = far.Close()
		_ = near.Close()
	}, asynciotest.Runs(20))
}

// pipeRoom is what an asynciotest.Pipe takes without a reader.
const pipeRoom = 64 << 10

// A tape is an io.Writer that keeps all, and may fail.
type tape struct {
	bytes.Buffer
	fails   error // with which Write fails
	refuses error // with which Close fails
	ended   int   // calls of CloseWrite
	closed  int   // calls of Close
}

func (p *tape) Write(b []byte) (int, error) {
	if p.fails != nil {
		return 0, p.fails
	}
	return p.Buffer.Write(b)
}

func (p *tape) CloseWrite() error { p.ended++; return nil }
func (p *tape) Close() error      { p.closed++; return p.refuses }

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(w, text); n != len(text) || err != nil {
		t.Errorf("writing %d bytes: %d, %v", len(text), n, err)
	}
}

func expectError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestWriterWrite(t *testing.T) {
	t.Run("writes at once what the stream takes", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var to tape
			w := streams.NewWriter(&to)
			for _, want := range []string{"one", "onetwo"} {
				write(t, w, want[to.Len():])
				if to.String() != want || w.Buffered() != 0 {
					t.Errorf("it has written %q and keeps %d", to.String(), w.Buffered())
				}
			}
		})
	})
	t.Run("never waits, and keeps the rest in order", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			var all strings.Builder
			for i := range 30 {
				part := strings.Repeat(fmt.Sprintf("%02d", i), 5_000)
				all.WriteString(part)
				write(t, w, part)
			}
			// What is in the middle of being written counts in full.
			if n := all.Len() - pipeRoom; w.Buffered() < n || w.Buffered() > n+pipeRoom {
				t.Errorf("it keeps %d bytes, want %d", w.Buffered(), n)
			}
			_ = w.Close()
			got, err := io.ReadAll(far)
			if string(got) != all.String() || err != nil {
				t.Errorf("%d of %d bytes have come, %v", len(got), all.Len(), err)
			}
			expectError(t, "closing", w.WaitClosed(ctx), nil)
		})
	})
	t.Run("copies what it keeps", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			p := make([]byte, 10_000)
			for i := range 20 {
				for j := range p {
					p[j] = byte(i)
				}
				_, _ = w.Write(p)
			}
			_ = w.Close()
			got, _ := io.ReadAll(far)
			for i := range 20 {
				if n := bytes.Count(got, []byte{byte(i)}); n != len(p) {
					t.Errorf("%d of %d bytes", n, len(p))
				}
			}
			_ = w.WaitClosed(ctx)
		})
	})
	t.Run("has written what it could when the loop ends", func(t *testing.T) {
		var to tape
		asynciotest.Run(t, func(ctx context.Context) {
			w := streams.NewWriter(&to)
			write(t, w, "bye")
			_ = w.Close()
		})
		if to.String() != "bye" || to.closed != 1 {
			t.Errorf("it has written %q, and closed %d times", to.String(), to.closed)
		}
	})
	t.Run("works in callbacks", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			w := streams.NewWriter(near)
			asyncio.RunningLoop(ctx).CallSoon(func() {
				write(t, w, strings.Repeat("x", 2*pipeRoom))
				_ = w.Close()
			})
			got, err := io.ReadAll(far)
			if len(got) != 2*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	})
	t.Run("returns the error of the stream from then on", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			to := &tape{fails: errBroken}
			w := streams.NewWriter(to)
			for range 2 {
				n, err := w.Write([]byte("x"))
				if n != 0 || err != errBroken || w.Buffered() != 0 {
					t.Errorf("%d, %v; it keeps %d", n, err, w.Buffered())
				}
			}
			expectError(t, "draining", w.Drain(ctx), errBroken)
			expectError(t, "ending", w.WriteEOF(), errBroken)
			expectError(t, "waiting", w.WaitClosed(ctx), errBroken)
			expectError(t, "closing", w.Close(), errBroken)
			if to.closed != 1 {
				t.Errorf("it was closed %d times", to.closed)
			}
		})
	})
	t.Run("returns io.ErrShortWrite for a stream that takes less and does not say why", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			_, err := streams.NewWriter(&narrow{room: 3}).Write([]byte("1234"))
			expectError(t, "writing", err, io.ErrShortWrite)
		})
	})
	t.Run("does nothing for no bytes", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n, err := streams.NewWriter(&tape{fails: errBroken}).Write(nil)
			if n != 0 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		})
	})
}

func TestWriterDrain(t *testing.T) {
	t.Run("does not wait below the high-water mark", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", pipeRoom+streams.DefaultHighWater))
			before := asyncio.RunningLoop(ctx).Stats().Passes
			expectError(t, "draining", w.Drain(ctx), nil)
			if passes := asyncio.RunningLoop(ctx).Stats().Passes; passes != before {
				t.Errorf("it took %d passes", passes-before)
			}
			_ = w.Abort()
		})
	})
	t.Run("waits above the high-water mark until the low one is reached", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			const low, high = 1_000, 5_000
			w.SetWaterMarks(low, high)
			write(t, w, strings.Repeat("x", pipeRoom+high+1))
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				p := make([]byte, 10_000)
				for {
					if err := asyncio.Sleep(ctx, time.Second); err != nil {
						return err
					}
					if _, err := far.Read(p); err != nil {
						return nil
					}
				}
			})
			start := asyncio.RunningLoop(ctx).Now()
			expectError(t, "draining", w.Drain(ctx), nil)
			if w.Buffered() > low || asyncio.RunningLoop(ctx).Now() == start {
				t.Errorf("after %v it keeps %d", asyncio.RunningLoop(ctx).Now().Sub(start), w.Buffered())
			}
			_ = w.Close()
			_, _ = reader.Await(ctx)
		})
	})
	t.Run("keeps memory bounded for a peer that never reads", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			most := 0
			writer := asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					write(t, w, strings.Repeat("x", 1_000))
					most = max(most, w.Buffered())
					if err := w.Drain(ctx); err != nil {
						return err
					}
				}
			})
			_ = asyncio.Sleep(ctx, time.Hour)
			if most > streams.DefaultHighWater+1_000 {
				t.Errorf("it kept %d bytes", most)
			}
			writer.Cancel()
			_, err := writer.Await(ctx)
			expectError(t, "writing", err, asyncio.ErrCanceled)
			_ = w.Abort()
		})
	})
	t.Run("wakes all who wait, in order", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			w := streams.NewWriter(near)
			write(t, w, strings.Repeat("x", 3*pipeRoom))
			var woken []int
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range 3 {
					tg.Go(func(ctx context.Context) error {
						err := w.Drain(ctx)
						woken = append(woken, i)
						return err
					})
				}
				_ = asynciotest.WaitAllBlocked(ctx)
				if len(woken) > 0 {
					t.Errorf("woken too early: %v", woken)
				}
				_, err := io.ReadFull(far, make([]byte, 3*pipeRoom))
				return err
			})
			if err != nil || !slices.Equal(woken, []int{0, 1, 2}) {
				t.Errorf("woken: %v, %v", woken, err)
			}
			_ = w.Close()
		})
	})
	t.Run("lets none of several writers starve", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			w := streams.NewWriter(near)
			var turns [3]int
			var tasks []*asyncio.Task[struct{}]
			for i := range turns {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					for {
						write(t, w, strings.Repeat("x", 2*streams.DefaultHighWater))
						if err := w.Drain(ctx); err != nil {
							return err
						}
						turns[i]++
					}
				}))
			}
			_, _ = io.ReadFull(far, make([]byte, 50*streams.DefaultHighWater))
			if slices.Min(turns[:]) < 3 {
				t.Errorf("the turns are %v", turns)
			}
			for _, task := range tasks {
				task.Cancel()
				_, _ = task.Await(ctx)
			}
			_ = w.Abort()
		})
	})
	t.Run("loses nothing when it is canceled", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			text := strings.Repeat("0123456789", 3*pipeRoom/10)
			write(t, w, text)
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return w.Drain(ctx)
			})
			expectError(t, "draining", err, asyncio.ErrTimeout)
			_ = w.Close()
			got, err := io.ReadAll(far)
			if string(got) != text || err != nil {
				t.Errorf("%d of %d bytes, %v", len(got), len(text), err)
			}
			expectError(t, "closing", w.WaitClosed(ctx), nil)
		})
	})
	t.Run("returns at once on a canceled context", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			w := streams.NewWriter(&tape{})
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			expectError(t, "draining", w.Drain(ctx), context.Canceled)
			expectError(t, "waiting", w.WaitClosed(ctx), context.Canceled)
		})
	})
	t.Run("returns the error with which the stream fails meanwhile", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 3*pipeRoom))
			closer := asyncio.Go(ctx, func(context.Context) error { return far.Close() })
			expectError(t, "draining", w.Drain(ctx), io.ErrClosedPipe)
			_, _ = closer.Await(ctx)
			_, err := w.Write([]byte("x"))
			expectError(t, "writing", err, io.ErrClosedPipe)
			if w.Buffered() != 0 {
				t.Errorf("it keeps %d", w.Buffered())
			}
		})
	})
}

func TestWriterWaterMarks(t *testing.T) {
	t.Run("are 64 KiB and a quarter of it", func(t *testing.T) {
		if low, high := streams.NewWriter(&tape{}).WaterMarks(); low != 16<<10 || high != 64<<10 {
			t.Errorf("they are %d and %d", low, high)
		}
	})
	t.Run("of 0 make Drain wait for everything", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			w.SetWaterMarks(0, 0)
			write(t, w, strings.Repeat("x", pipeRoom+1))
			reader := asyncio.Go(ctx, func(context.Context) error {
				_, err := io.ReadFull(far, make([]byte, pipeRoom))
				return err
			})
			expectError(t, "draining", w.Drain(ctx), nil)
			if w.Buffered() != 0 {
				t.Errorf("it keeps %d", w.Buffered())
			}
			_, _ = reader.Await(ctx)
		})
	})
	t.Run("that are raised let those go on who wait", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 2*pipeRoom+1))
			raiser := asyncio.Go(ctx, func(context.Context) error {
				w.SetWaterMarks(pipeRoom+1, 1<<20)
				return nil
			})
			expectError(t, "draining", w.Drain(ctx), nil)
			if w.Buffered() != pipeRoom+1 {
				t.Errorf("it keeps %d", w.Buffered())
			}
			_, _ = raiser.Await(ctx)
			_ = w.Abort()
		})
	})
	t.Run("that make no sense panic", func(t *testing.T) {
		for _, marks := range [][2]int{{-1, 5}, {6, 5}} {
			want := fmt.Sprintf("streams: Writer.SetWaterMarks(%d, %d): it has to be 0 <= low <= high", marks[0], marks[1])
			expectPanic(t, want, func() { streams.NewWriter(&tape{}).SetWaterMarks(marks[0], marks[1]) })
		}
	})
}

func TestWriterClose(t *testing.T) {
	t.Run("closes at once when nothing is kept, and once", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			to := &tape{refuses: errBroken}
			w := streams.NewWriter(to)
			if w.IsClosing() {
				t.Error("it is closing")
			}
			for range 2 {
				expectError(t, "closing", w.Close(), errBroken)
				if to.closed != 1 || !w.IsClosing() {
					t.Errorf("it was closed %d times; is closing: %v", to.closed, w.IsClosing())
				}
			}
			expectError(t, "waiting", w.WaitClosed(ctx), errBroken)
		})
	})
	t.Run("writes what is kept before, while WaitClosed waits", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			expectError(t, "closing", w.Close(), nil)
			_, err := w.Write([]byte("late"))
			expectError(t, "writing", err, net.ErrClosed)
			expectError(t, "ending", w.WriteEOF(), net.ErrClosed)
			read := 0
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Sleep(ctx, time.Second)
				got, err := io.ReadAll(far)
				read = len(got)
				return err
			})
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
			expectError(t, "draining", w.Drain(ctx), net.ErrClosed)
			_, err = reader.Await(ctx)
			if read != 2*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", read, err)
			}
		})
	})
	t.Run("goes on when WaitClosed is canceled", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			_ = w.Close()
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return w.WaitClosed(ctx)
			})
			expectError(t, "waiting", err, asyncio.ErrTimeout)
			got, err := io.ReadAll(far)
			if len(got) != 2*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	})
	t.Run("returns the first error", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			w := streams.NewWriter(&tape{fails: errBroken, refuses: io.ErrClosedPipe})
			_, err := w.Write([]byte("x"))
			expectError(t, "writing", err, errBroken)
			expectError(t, "closing", w.Close(), errBroken)
		})
	})
	t.Run("works on what cannot be closed", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var to bytes.Buffer
			w := streams.NewWriter(&to)
			write(t, w, "text")
			expectError(t, "closing", w.Close(), nil)
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
		})
	})
	t.Run("lets WaitClosed return the error with which the stream fails", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			waiter := asyncio.Go(ctx, func(ctx context.Context) error { return w.WaitClosed(ctx) })
			_ = asyncio.Yield(ctx)
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			_ = far.Close()
			_, err := waiter.Await(ctx)
			expectError(t, "waiting", err, io.ErrClosedPipe)
			_ = w.Close()
		})
	})
	t.Run("needs no loop when there is none", func(t *testing.T) {
		to := &tape{refuses: errBroken}
		w := streams.NewWriter(to)
		expectError(t, "closing", w.Close(), errBroken)
		expectError(t, "closing", w.Close(), errBroken)
		if to.closed != 1 {
			t.Errorf("it was closed %d times", to.closed)
		}
	})
}

func TestWriterAbort(t *testing.T) {
	t.Run("drops what is kept and closes", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 3*pipeRoom))
			drainer := asyncio.Go(ctx, func(ctx context.Context) error { return w.Drain(ctx) })
			_ = asyncio.Yield(ctx)
			expectError(t, "aborting", w.Abort(), nil)
			if w.Buffered() != 0 {
				t.Errorf("it keeps %d", w.Buffered())
			}
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
			_, err := drainer.Await(ctx)
			expectError(t, "draining", err, net.ErrClosed)
			got, err := io.ReadAll(far)
			if len(got) != pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	})
	t.Run("ends a Close that takes too long", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			write(t, w, strings.Repeat("x", 3*pipeRoom))
			_ = w.Close()
			_ = asyncio.Sleep(ctx, time.Second)
			_ = w.Abort()
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
		})
	})
}

func TestWriteEOF(t *testing.T) {
	t.Run("ends the stream after what is kept, and leaves the other direction open", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			defer far.Close()
			w := streams.NewWriter(near)
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			for range 2 {
				expectError(t, "ending", w.WriteEOF(), nil)
			}
			_, err := w.Write([]byte("late"))
			if err == nil || !strings.Contains(err.Error(), "after WriteEOF") {
				t.Errorf("it says %v", err)
			}
			got, err := io.ReadAll(far)
			if len(got) != 2*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			_, _ = far.Write([]byte("answer"))
			answer := make([]byte, 6)
			n, err := near.Read(answer)
			expect(t, answer[:n], err, "answer", nil)
			_ = w.Close()
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
		}, asynciotest.Runs(20))
	})
	t.Run("is sent once", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			to := new(tape)
			w := streams.NewWriter(to)
			_ = w.WriteEOF()
			_ = w.WriteEOF()
			_ = w.Close()
			if to.ended != 1 || to.closed != 1 {
				t.Errorf("ended %d times, closed %d times", to.ended, to.closed)
			}
		})
	})
	t.Run("is not sent after Abort", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			to := &counted{Conn: near}
			w := streams.NewWriter(to)
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			_ = w.WriteEOF()
			_ = w.Abort()
			expectError(t, "waiting", w.WaitClosed(ctx), nil)
			if to.ended != 0 || to.closed != 1 {
				t.Errorf("ended %d times, closed %d times", to.ended, to.closed)
			}
			_ = far.Close()
		})
	})
	t.Run("needs a stream with a CloseWrite", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			expectError(t, "ending", streams.NewWriter(io.Discard).WriteEOF(), errors.ErrUnsupported)
		})
	})
}

func TestWriterReadFrom(t *testing.T) {
	t.Run("copies with back-pressure", func(t *testing.T) {
		onWire(t, func(ctx context.Context, w *streams.Writer, far net.Conn) {
			text := strings.Repeat("0123456789", 30_000)
			most := 0
			copier := asyncio.Go(ctx, func(context.Context) error {
				defer w.Close()
				n, err := io.Copy(w, &watched{strings.NewReader(text), func() { most = max(most, w.Buffered()) }})
				if n != int64(len(text)) {
					t.Errorf("it copied %d bytes", n)
				}
				return err
			})
			got, err := io.ReadAll(far)
			if string(got) != text || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if most > 2*streams.DefaultHighWater {
				t.Errorf("it kept %d bytes", most)
			}
			_, err = copier.Await(ctx)
			expectError(t, "copying", err, nil)
		})
	})
	t.Run("returns the errors of both sides, and of the wait", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			w := streams.NewWriter(&tape{})
			n, err := w.ReadFrom(sourceOf("1234", errBroken))
			if n != 4 || err != errBroken {
				t.Errorf("%d, %v", n, err)
			}
			_, err = streams.NewWriter(&tape{fails: errBroken}).ReadFrom(sourceOf("1234"))
			expectError(t, "copying", err, errBroken)
			near, far := asynciotest.Pipe(ctx)
			defer far.Close()
			w = streams.NewWriter(near)
			err = asyncio.WithTimeout(ctx, time.Second, func(context.Context) error {
				_, err := io.Copy(w, &counter{of: 'x'})
				return err
			})
			expectError(t, "copying", err, asyncio.ErrTimeout)
			_ = w.Abort()
		})
	})
	t.Run("panics in a callback", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				expectPanic(t, "streams: Writer.ReadFrom in a callback, which cannot suspend: create a task there and copy in it", func() {
					_, _ = streams.NewWriter(&tape{}).ReadFrom(sourceOf("x"))
				})
			})
			_ = asyncio.Yield(ctx)
		})
	})
}

// watched calls a function before each Read.
type watched struct {
	io.Reader
	before func()
}

func (w *watched) Read(p []byte) (int, error) {
	w.before()
	return w.Reader.Read(p)
}

func TestWriterMisuse(t *testing.T) {
	t.Run("without a loop is an error", func(t *testing.T) {
		w := streams.NewWriter(&tape{})
		_, err := w.Write([]byte("x"))
		expectError(t, "writing", err, asyncio.ErrNoRunningLoop)
		expectError(t, "ending", w.WriteEOF(), asyncio.ErrNoRunningLoop)
		expectError(t, "draining", w.Drain(t.Context()), asyncio.ErrNoRunningLoop)
		expectError(t, "waiting", w.WaitClosed(t.Context()), asyncio.ErrNoRunningLoop)
	})
	t.Run("after the loop's end is an error, and Close closes", func(t *testing.T) {
		to := new(tape)
		w := streams.NewWriter(to)
		asynciotest.Run(t, func(ctx context.Context) { write(t, w, "x") })
		_, err := w.Write([]byte("x"))
		expectError(t, "writing", err, asyncio.ErrNoRunningLoop)
		expectError(t, "closing", w.Close(), nil)
		if to.closed != 1 {
			t.Errorf("closed %d times", to.closed)
		}
	})
	t.Run("from another goroutine panics", func(t *testing.T) {
		if !coro.CheapID {
			t.Skip("where a goroutine does not know itself cheaply, only debug mode finds it")
		}
		asynciotest.Run(t, func(ctx context.Context) {
			w := streams.NewWriter(&tape{})
			write(t, w, "x")
			for name, call := range map[string]func(){
				"Write":         func() { _, _ = w.Write([]byte("x")) },
				"SetWaterMarks": func() { w.SetWaterMarks(1, 2) },
			} {
				_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) {
					defer func() {
						if advice, _ := recover().(string); !strings.Contains(advice, "Writer."+name+" from a goroutine that does not run the loop") {
							t.Errorf("it says %q", advice)
						}
					}()
					call()
					return 0, nil
				})
			}
		})
	})
}

func TestWriterAtTheEndOfTheLoop(t *testing.T) {
	t.Run("what is kept is lost, which is reported, and the stream closed", func(t *testing.T) {
		var reports []string
		to := new(counted)
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			to.Conn, _ = asynciotest.Pipe(ctx) // and no one reads at the other end
			w := streams.NewWriter(to)
			write(t, w, strings.Repeat("x", pipeRoom+5))
			return w.Close()
		}, asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c.String()) }), noWatchdog)
		if err != nil || to.closed != 1 {
			t.Errorf("%v; closed %d times", err, to.closed)
		}
		if len(reports) != 1 || !strings.Contains(reports[0], "the loop ended before a Writer had written the last 5 bytes") {
			t.Errorf("it reported %q", reports)
		}
	})
	t.Run("an error that no one has looked at is reported", func(t *testing.T) {
		var reports []string
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			near, far := asynciotest.Pipe(ctx)
			w := streams.NewWriter(near)
			write(t, w, strings.Repeat("x", 2*pipeRoom))
			_ = far.Close()
			return asyncio.Sleep(ctx, time.Millisecond)
		}, asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c.String()) }), noWatchdog)
		if err != nil || len(reports) != 1 || !strings.Contains(reports[0], io.ErrClosedPipe.Error()) {
			t.Errorf("%v; it reported %q", err, reports)
		}
	})
}

// counted counts calls.
type counted struct {
	net.Conn
	ended  int // of CloseWrite
	closed int // of Close
}

func (c *counted) CloseWrite() error {
	c.ended++
	return nil
}

func (c *counted) Close() error {
	c.closed++
	return c.Conn.Close()
}

func TestWriterOnConn(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		t.Run("keeps its bytes apart from those of a task that writes", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				near, far := pair(ctx, t, "tcp", "127.0.0.1:0")
				defer far.Close()
				const size = 10 << 20 // more than the system takes
				w := streams.NewWriter(near)
				writer := asyncio.Go(ctx, func(context.Context) error {
					_, err := near.Write(bytes.Repeat([]byte("a"), size))
					return err
				})
				_ = asyncio.Sleep(ctx, time.Millisecond)
				write(t, w, strings.Repeat("b", size))
				write(t, w, strings.Repeat("b", size))
				got := make([]byte, 3*size)
				if _, err := io.ReadFull(far, got); err != nil {
					t.Error(err)
				}
				if n := bytes.Count(got[:size], []byte("a")); n != size {
					t.Errorf("mixed after %d bytes", n)
				}
				_, err := writer.Await(ctx)
				return errors.Join(err, w.Close(), w.WaitClosed(ctx))
			})
		})
		t.Run("loses what is kept when the loop ends, which is reported", func(t *testing.T) {
			var reports []string
			handler := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c.String()) })
			run(t, func(ctx context.Context) error {
				near, _ := pair(ctx, t, "tcp", "127.0.0.1:0")
				w := streams.NewWriter(near)
				write(t, w, strings.Repeat("x", 20<<20))
				return nil
			}, handler)
			if len(reports) != 1 || !strings.Contains(reports[0], "the loop ended before a Writer had written the last") {
				t.Errorf("it reported %q", reports)
			}
		})
		t.Run("writes in the background, and holds Drain to its marks", func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				near, far := pair(ctx, t, "tcp", "127.0.0.1:0")
				defer far.Close()
				const parts, size = 100, 200_000
				writer := asyncio.Go(ctx, func(ctx context.Context) error {
					w := streams.NewWriter(near)
					for i := range parts {
						write(t, w, strings.Repeat(string(rune(i)), size))
						if err := w.Drain(ctx); err != nil {
							return err
						}
						if w.Buffered() > streams.DefaultHighWater {
							t.Errorf("it keeps %d", w.Buffered())
						}
					}
					return errors.Join(w.Close(), w.WaitClosed(ctx))
				})
				got := make([]byte, size)
				for i := range parts {
					if _, err := io.ReadFull(far, got); err != nil {
						t.Fatal(err)
					}
					if n := bytes.Count(got, []byte{byte(i)}); n != size {
						t.Fatalf("part %d has %d bytes of its own", i, n)
					}
				}
				_, err := writer.Await(ctx)
				return err
			})
		})
	})
}

func TestWriterPanics(t *testing.T) {
	t.Run("of the stream are reported, and fail the Writer", func(t *testing.T) {
		reports := 0
		handler := asyncio.OnException(func(asyncio.ExceptionContext) { reports++ })
		asynciotest.Run(t, func(ctx context.Context) {
			to := &bomb{write: true}
			w := streams.NewWriter(to)
			_, err := w.Write([]byte("x"))
			if err == nil || !strings.Contains(err.Error(), "its Write panicked") || reports != 1 {
				t.Errorf("it returned %v, and %d reports", err, reports)
			}
			_ = w.Close()
			if to.closed != 1 {
				t.Errorf("closed %d times", to.closed)
			}
			to = &bomb{}
			w = streams.NewWriter(to)
			expectError(t, "closing", w.Close(), w.WaitClosed(ctx))
			if to.closed != 1 || reports != 2 || w.Close() == nil {
				t.Errorf("closed %d times, and %d reports", to.closed, reports)
			}
		}, asynciotest.LoopOptions(handler))
	})
}

func TestWriterPanicsWhileItCloses(t *testing.T) {
	reports := 0
	handler := asyncio.OnException(func(asyncio.ExceptionContext) { reports++ })
	asynciotest.Run(t, func(ctx context.Context) {
		near, far := asynciotest.Pipe(ctx)
		to := &lateBomb{counted{Conn: near}}
		w := streams.NewWriter(to)
		_, _ = near.Write([]byte("x"))
		write(t, w, strings.Repeat("x", pipeRoom)) // of which the last byte waits
		_ = w.Close()
		got, err := io.ReadAll(far)
		if len(got) != pipeRoom+1 || err != nil || to.closed != 1 || reports != 1 {
			t.Errorf("%d bytes, %v; closed %d times; %d reports", len(got), err, to.closed, reports)
		}
		if err := w.WaitClosed(ctx); err == nil {
			t.Error("there was no error")
		}
	}, asynciotest.LoopOptions(handler))
}

// A lateBomb panics when it has written.
type lateBomb struct{ counted }

func (b *lateBomb) Write(p []byte) (int, error) {
	_, _ = b.Conn.Write(p)
	panic("boom")
}

// A bomb panics.
type bomb struct {
	tape
	write bool // in Write, otherwise in Close
}

func (b *bomb) Write(p []byte) (int, error) { panic("boom") }

func (b *bomb) Close() error {
	b.closed++
	if !b.write {
		panic("boom")
	}
	return nil
}
