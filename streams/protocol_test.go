package streams_test

import (
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
	"github.com/asyncio-go/asyncio/streams"
)

// A diary is a protocol that writes down its callbacks, and does in them what
// it is told to.
type diary struct {
	loop   *asyncio.Loop
	t      *streams.Transport
	events []string
	got    strings.Builder
	lost   asyncio.Event
	err    error
	keep   bool // the connection open after the end of the stream
	on     map[string]func()
}

func newDiary(ctx context.Context) *diary {
	return &diary{loop: asyncio.RunningLoop(ctx), on: map[string]func(){}}
}

func (d *diary) note(event string) {
	d.events = append(d.events, event)
	if do := d.on[event]; do != nil {
		do()
	}
}

func (d *diary) ConnectionMade(t *streams.Transport) {
	d.t = t
	d.note("made")
}

func (d *diary) DataReceived(p []byte) {
	d.got.Write(p)
	if len(d.events) == 0 || d.events[len(d.events)-1] != "data" { // how it is divided does not matter
		d.note("data")
	} else if do := d.on["data"]; do != nil {
		do()
	}
}

func (d *diary) EOFReceived() bool {
	d.note("eof")
	return d.keep
}

func (d *diary) ConnectionLost(err error) {
	d.err = err
	d.note("lost")
	d.lost.Set()
}

func (d *diary) PauseWriting() { d.note("pause") }

func (d *diary) ResumeWriting() {
	if _, high := d.t.WaterMarks(); d.t.Buffered() > high {
		d.note("too early")
	}
	d.note("resume")
}

func (d *diary) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.events, want) {
		t.Errorf("it was told %q, want %q", d.events, want)
	}
}

// onProtocol explores a function of a diary on one end of a connection, and of
// the other end.
func onProtocol(t *testing.T, fn func(ctx context.Context, d *diary, far net.Conn), opts ...asynciotest.Option) {
	t.Helper()
	asynciotest.Explore(t, func(ctx context.Context) {
		near, far := asynciotest.Pipe(ctx)
		d := newDiary(ctx)
		if _, err := streams.StartProtocol(ctx, near, d); err != nil {
			t.Fatal(err)
		}
		fn(ctx, d, far)
		_ = far.Close()
		_ = d.lost.Wait(ctx)
	}, append(opts, asynciotest.Runs(20))...)
}

func TestProtocol(t *testing.T) {
	t.Run("is told of the connection, the data, the end and the loss, in this order", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			d.expect(t, "made")
			if d.t.Conn().RemoteAddr().String() != "pipe" || d.t.Protocol() != d {
				t.Errorf("it is %v on %v", d.t.Protocol(), d.t.Conn().RemoteAddr())
			}
			_, _ = far.Write([]byte("hel"))
			_, _ = far.Write([]byte("lo"))
			_ = far.Close()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "data", "eof", "lost")
			if d.got.String() != "hello" || d.err != nil || !d.t.IsClosing() {
				t.Errorf("it got %q, and was lost with %v", d.got.String(), d.err)
			}
		})
	})
	t.Run("can write in every callback", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			for _, event := range []string{"data", "eof"} {
				d.on[event] = func() { write(t, d.t, event+" ") }
			}
			_, _ = far.Write([]byte("x"))
			got := make([]byte, 5)
			n, err := far.Read(got)
			expect(t, got[:n], err, "data ", nil)
			_ = far.(interface{ CloseWrite() error }).CloseWrite()
			all, err := io.ReadAll(far)
			expect(t, all, err, "eof ", nil)
		})
	})
	t.Run("may keep the connection open after the end of the stream", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			d.keep = true
			_ = far.(interface{ CloseWrite() error }).CloseWrite()
			_ = asyncio.Sleep(ctx, time.Hour)
			d.expect(t, "made", "eof")
			if d.t.IsReading() || d.t.IsClosing() {
				t.Errorf("reading: %v, closing: %v", d.t.IsReading(), d.t.IsClosing())
			}
			write(t, d.t, "answer")
			_ = d.t.Close()
			got, err := io.ReadAll(far)
			expect(t, got, err, "answer", nil)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "eof", "lost")
		})
	})
	t.Run("may end its own side", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			write(t, d.t, "last")
			expectError(t, "ending", d.t.WriteEOF(), nil)
			got, err := io.ReadAll(far)
			expect(t, got, err, "last", nil)
			_, _ = far.Write([]byte("answer"))
			_ = far.Close()
			_ = d.lost.Wait(ctx)
			if d.got.String() != "answer" {
				t.Errorf("it got %q", d.got.String())
			}
		})
	})
	t.Run("is told of the error of the connection", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			defer far.Close()
			d := newDiary(ctx)
			_, _ = streams.StartProtocol(ctx, &failing{near, errBroken}, d)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "lost")
			expectError(t, "losing", d.err, errBroken)
			_, err := d.t.Write([]byte("x"))
			expectError(t, "writing", err, net.ErrClosed)
		})
	})
	t.Run("is told of the error of a write", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			write(t, d.t, strings.Repeat("x", 3*pipeRoom))
			d.t.PauseReading() // the end of the other stream would close it as well
			_ = far.Close()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "lost")
			expectError(t, "losing", d.err, io.ErrClosedPipe)
		})
	})
	t.Run("can be replaced", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			second := newDiary(ctx)
			d.t.SetProtocol(second)
			_, _ = far.Write([]byte("x"))
			_ = far.Close()
			_ = second.lost.Wait(ctx)
			second.expect(t, "data", "eof", "lost")
			d.expect(t, "made")
			d.lost.Set()
			expectPanic(t, "streams: a nil Protocol: pass what is to be told what happens on the connection", func() { d.t.SetProtocol(nil) })
		})
	})
	t.Run("need not care for everything", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			var p struct{ streams.BaseProtocol }
			transport, _ := streams.StartProtocol(ctx, near, p)
			write(t, transport, strings.Repeat("x", 3*pipeRoom))
			_, _ = far.Write([]byte("x"))
			_ = far.(interface{ CloseWrite() error }).CloseWrite()
			got, err := io.ReadAll(far)
			if len(got) != 3*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	})
}

// A failing is a connection that cannot be read.
type failing struct {
	net.Conn
	err error
}

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestProtocolReading(t *testing.T) {
	t.Run("stops while it is paused, and loses nothing", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			d.on["data"] = d.t.PauseReading
			_, _ = far.Write([]byte("one"))
			_ = asyncio.Sleep(ctx, time.Second)
			_, _ = far.Write([]byte("two"))
			_ = far.(interface{ CloseWrite() error }).CloseWrite()
			_ = asyncio.Sleep(ctx, time.Second)
			d.expect(t, "made", "data")
			if d.got.String() != "one" || d.t.IsReading() {
				t.Errorf("it got %q; reading: %v", d.got.String(), d.t.IsReading())
			}
			d.on["data"] = nil
			for range 2 {
				d.t.ResumeReading()
			}
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "data", "eof", "lost")
			if d.got.String() != "onetwo" {
				t.Errorf("it got %q", d.got.String())
			}
		})
	})
	t.Run("does not begin before ConnectionMade has returned", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			_, _ = far.Write([]byte("early"))
			d := newDiary(ctx)
			d.on["made"] = func() {
				d.t.PauseReading()
				d.t.ResumeReading()
			}
			_, _ = streams.StartProtocol(ctx, near, d)
			_ = far.Close()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "data", "eof", "lost")
		})
	})
	t.Run("ends with Close and with Abort", func(t *testing.T) {
		for _, end := range []func(*streams.Transport) error{(*streams.Transport).Close, (*streams.Transport).Abort} {
			onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
				d.on["data"] = func() { _ = end(d.t) }
				_, _ = far.Write([]byte(strings.Repeat("x", 20_000))) // more than is read at once
				_ = d.lost.Wait(ctx)
				got := d.got.Len()
				d.t.ResumeReading()
				_ = asyncio.Sleep(ctx, time.Second)
				d.expect(t, "made", "data", "lost")
				if d.err != nil || d.got.Len() != got {
					t.Errorf("lost with %v; it got %d bytes, and then %d", d.err, got, d.got.Len())
				}
			})
		}
	})
	t.Run("may go into memory of the protocol's own", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			d := &bufferedDiary{diary: newDiary(ctx), room: 3}
			_, _ = streams.StartProtocol(ctx, near, d)
			_, _ = far.Write([]byte("12345678"))
			_ = far.Close()
			_ = d.lost.Wait(ctx)
			if !slices.Equal(d.filled, []string{"123", "456", "78"}) {
				t.Errorf("it got %q", d.filled)
			}
			d.expect(t, "made", "eof", "lost")
		})
	})
	t.Run("can be ended, or paused, by who is asked for a buffer", func(t *testing.T) {
		for name, end := range map[string]func(*streams.Transport){
			"close": func(t *streams.Transport) { _ = t.Close() },
			"abort": func(t *streams.Transport) { _ = t.Abort() },
			"pause": (*streams.Transport).PauseReading,
		} {
			run(t, func(ctx context.Context) error {
				near, far := pair(ctx, t, "tcp", "127.0.0.1:0")
				defer far.Close()
				d := &bufferedDiary{diary: newDiary(ctx)}
				var asked asyncio.Event
				d.on["buffer"] = func() {
					end(d.t)
					asked.Set()
				}
				transport := must(streams.StartProtocol(ctx, near, d))(t)
				send(t, far, "x")
				_ = asked.Wait(ctx)
				_ = transport.Close()
				_ = d.lost.Wait(ctx)
				if len(d.filled) > 0 || d.err != nil {
					t.Errorf("%s: it got %q, and was lost with %v", name, d.filled, d.err)
				}
				return nil
			})
		}
	})
	t.Run("needs a buffer that is not empty", func(t *testing.T) {
		reports := 0
		handler := asyncio.OnException(func(asyncio.ExceptionContext) { reports++ })
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			d := &bufferedDiary{diary: newDiary(ctx)}
			_, _ = streams.StartProtocol(ctx, near, d)
			_, _ = far.Write([]byte("x"))
			_ = d.lost.Wait(ctx)
			var p *asyncio.PanicError
			if reports != 1 || !errors.As(d.err, &p) || !strings.Contains(fmt.Sprint(p.Value), "empty buffer") {
				t.Errorf("%d reports, lost with %v", reports, d.err)
			}
		}, asynciotest.LoopOptions(handler))
	})
}

func TestProtocolOnDeafConn(t *testing.T) {
	t.Run("leaves no task behind", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			other, _ := asynciotest.Pipe(ctx)
			d := newDiary(ctx)
			_, _ = streams.StartProtocol(ctx, &deaf{near, other}, d)
			_ = asyncio.Yield(ctx)
			_ = d.t.Close()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "lost")
			_ = far.Close()
		})
	})
}

// A deaf is a connection whose Read does not hear that it was closed.
type deaf struct {
	net.Conn
	other net.Conn
}

func (d *deaf) Read(p []byte) (int, error) { return d.other.Read(p) }

// A bufferedDiary reads into memory of its own.
type bufferedDiary struct {
	*diary
	room   int
	buf    []byte
	filled []string
}

func (d *bufferedDiary) GetBuffer() []byte {
	if do := d.on["buffer"]; do != nil {
		do()
	}
	d.buf = make([]byte, d.room)
	return d.buf
}

func (d *bufferedDiary) BufferUpdated(n int) { d.filled = append(d.filled, string(d.buf[:n])) }

func TestProtocolWriting(t *testing.T) {
	t.Run("is paused and resumed in turns", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			d.t.SetWaterMarks(1_000, 2_000)
			if low, high := d.t.WaterMarks(); low != 1_000 || high != 2_000 {
				t.Errorf("the marks are %d and %d", low, high)
			}
			p := make([]byte, 200_000)
			for range 3 {
				write(t, d.t, strings.Repeat("x", pipeRoom))
				write(t, d.t, strings.Repeat("x", 2_001))
				write(t, d.t, "more")
				if d.t.Buffered() < 2_005 {
					t.Errorf("it keeps %d", d.t.Buffered())
				}
				_, _ = io.ReadFull(far, p[:pipeRoom+2_005])
				_ = asyncio.Sleep(ctx, time.Second)
			}
			d.expect(t, "made", "pause", "resume", "pause", "resume", "pause", "resume")
		})
	})
	t.Run("is not resumed when there is too much again meanwhile", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			writer := asyncio.Go(ctx, func(ctx context.Context) error {
				for range 20 {
					write(t, d.t, strings.Repeat("x", pipeRoom))
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return d.t.Close()
			})
			got, err := io.ReadAll(far)
			if len(got) != 20*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			_, _ = writer.Await(ctx)
			_ = d.lost.Wait(ctx)
			checkTurns(t, d.events)
			if slices.Contains(d.events, "too early") {
				t.Errorf("it was resumed too early: %q", d.events)
			}
		})
	})
	t.Run("goes on at Close until everything is written", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			write(t, d.t, strings.Repeat("x", 3*pipeRoom))
			_ = d.t.Close()
			_, err := d.t.Write([]byte("late"))
			expectError(t, "writing", err, net.ErrClosed)
			_ = asyncio.Sleep(ctx, time.Second)
			d.expect(t, "made", "pause")
			got, err := io.ReadAll(far)
			if len(got) != 3*pipeRoom || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "resume", "lost")
		})
	})
	t.Run("ends at Abort", func(t *testing.T) {
		onProtocol(t, func(ctx context.Context, d *diary, far net.Conn) {
			write(t, d.t, strings.Repeat("x", 3*pipeRoom))
			_ = d.t.Abort()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "lost")
			if d.err != nil || d.t.Buffered() != 0 {
				t.Errorf("lost with %v; it keeps %d", d.err, d.t.Buffered())
			}
		})
	})
}

// checkTurns expects that writing was paused and resumed in turns.
func checkTurns(t *testing.T, events []string) {
	t.Helper()
	last := "resume"
	for _, e := range events {
		if e != "pause" && e != "resume" {
			continue
		}
		if e == last {
			t.Errorf("two of %q in a row: %q", e, events)
		}
		last = e
	}
}

func TestProtocolPanics(t *testing.T) {
	for _, event := range []string{"made", "data", "eof", "pause", "resume", "lost"} {
		t.Run("are reported, and lose this connection only: "+event, func(t *testing.T) {
			var reports []asyncio.ExceptionContext
			handler := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) })
			asynciotest.Run(t, func(ctx context.Context) {
				near, far := asynciotest.Pipe(ctx)
				d := newDiary(ctx)
				d.on[event] = func() {
					if event == "lost" {
						d.lost.Set()
					}
					panic("oh no")
				}
				_, err := streams.StartProtocol(ctx, near, d)
				if event != "made" {
					expectError(t, "starting", err, nil)
					write(t, d.t, strings.Repeat("x", 3*pipeRoom))
				} else if p, ok := err.(*asyncio.PanicError); !ok || p.Value != "oh no" {
					t.Errorf("starting returned %v", err)
				}
				_, _ = far.Write([]byte("x"))
				_ = far.(interface{ CloseWrite() error }).CloseWrite()
				_, _ = io.ReadAll(far)
				_ = d.lost.Wait(ctx)
				if len(reports) != 1 || reports[0].Message != "panic in a protocol" || len(reports[0].Stack) == 0 {
					t.Errorf("reported: %v", reports)
				}
				if d.events[len(d.events)-1] != "lost" || event != "lost" && !errors.As(d.err, new(*asyncio.PanicError)) {
					t.Errorf("it was told %q, and lost with %v", d.events, d.err)
				}
			}, asynciotest.LoopOptions(handler))
		})
	}
}

func TestStartProtocol(t *testing.T) {
	t.Run("of nothing panics", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, _ := asynciotest.Pipe(ctx)
			for _, start := range []func(){
				func() { _, _ = streams.StartProtocol(ctx, nil, new(diary)) },
				func() { _, _ = streams.StartProtocol(ctx, near, nil) },
			} {
				expectPanic(t, "streams: StartProtocol with a nil connection or protocol: pass what Dial or Accept returns, and what is to be told what happens on it", start)
			}
		})
	})
	t.Run("on a canceled context closes the connection", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			_, err := streams.StartProtocol(canceled, near, newDiary(ctx))
			expectError(t, "starting", err, context.Canceled)
			_, err = far.Read(make([]byte, 1))
			expectError(t, "reading", err, io.EOF)
		})
	})
	t.Run("without a loop is an error", func(t *testing.T) {
		_, err := streams.StartProtocol(t.Context(), nil, new(diary))
		expectError(t, "starting", err, asyncio.ErrNoRunningLoop)
	})
	t.Run("aborts when it is canceled", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := asynciotest.Pipe(ctx)
			d := newDiary(ctx)
			starter := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := streams.StartProtocol(ctx, near, d)
				return err
			}, asyncio.Eager())
			starter.Cancel()
			_, err := starter.Await(ctx)
			expectError(t, "starting", err, asyncio.ErrCanceled)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "lost")
			_, err = far.Write([]byte("x"))
			expectError(t, "writing", err, io.ErrClosedPipe)
		})
	})
}
