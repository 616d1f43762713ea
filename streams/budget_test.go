package streams_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// mostInAStep is how many operations a task may do before the others have a turn:
// one that has waited, and 64 that need not.
const mostInAStep = 65

// A ready is an operation that need not wait, as often as it is done: its peer is
// always ahead.
type ready struct {
	do    func() error
	close func()
}

// manyTimes is more often than any step may do it.
const manyTimes = 1000

// readyOnes make one of each kind.
func readyOnes(t *testing.T) map[string]func(ctx context.Context) ready {
	all := map[string]func(ctx context.Context) ready{
		"asynciotest.Pipe": func(ctx context.Context) ready {
			a, b := asynciotest.Pipe(ctx)
			return carrying(a, b)
		},
		"Pipe": func(ctx context.Context) ready {
			r, w := newPipe(ctx, t)
			return carrying(w, r)
		},
		"PacketConn": func(ctx context.Context) ready {
			c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			return ready{func() error {
				_, err := c.WriteTo([]byte("x"), c.LocalAddr())
				if err == nil {
					_, _, err = c.ReadFrom(make([]byte, 1))
				}
				return err
			}, func() { mustClose(t, c) }}
		},
		"adopted net.Conn": func(ctx context.Context) ready {
			a, b := net.Pipe()
			go func() { _, _ = b.Write(make([]byte, 2*manyTimes)) }()
			c := must(streams.Adopt(ctx, a))(t)
			return ready{readerOf(c), func() {
				_ = b.Close()
				mustClose(t, c)
			}}
		},
		"adopted tls.Conn": func(ctx context.Context) ready {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			x, y := shakeUntimed(ctx, t, client, server)
			send(t, y, strings.Repeat("x", 2*manyTimes))
			c := must(streams.Adopt(ctx, x))(t)
			return ready{readerOf(c), func() {
				_ = y.Close()
				mustClose(t, c)
			}}
		},
		"Reader of memory on a Conn": func(ctx context.Context) ready {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			r := streams.NewReader(io.MultiReader(strings.NewReader("in memory\n"), server), 0)
			send(t, client, strings.Repeat("x\n", 2*manyTimes))
			return ready{func() error { return second(r.ReadLine()) }, closing(client, server)}
		},
	}
	for name, open := range map[string]func(ctx context.Context) (w io.Writer, close func()){
		"a Conn": func(ctx context.Context) (io.Writer, func()) {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			return client, closing(client, server)
		},
		"a tls.Conn": func(ctx context.Context) (io.Writer, func()) {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			x, y := shakeUntimed(ctx, t, client, server)
			return x, closing(x, y)
		},
		"a Pipe": func(ctx context.Context) (io.Writer, func()) {
			r, w := newPipe(ctx, t)
			return w, closing(r, w)
		},
	} {
		all["Writer to "+name] = func(ctx context.Context) ready {
			to, close := open(ctx)
			w := streams.NewWriter(to)
			return ready{func() error {
				if _, err := w.Write([]byte("x")); err != nil {
					return err
				}
				return w.Drain(ctx)
			}, close}
		}
	}
	for network, address := range networks(t) {
		all["Conn on "+network] = func(ctx context.Context) ready {
			client, server := pair(ctx, t, network, address)
			return carrying(client, server)
		}
	}
	for name, read := range map[string]func(r *streams.Reader) error{
		"ReadLine":    func(r *streams.Reader) error { return second(r.ReadLine()) },
		"ReadUntil":   func(r *streams.Reader) error { return second(r.ReadUntil([]byte("\n"))) },
		"ReadExactly": func(r *streams.Reader) error { return second(r.ReadExactly(1)) },
		"Peek":        func(r *streams.Reader) error { _, err := r.Peek(1); _, _ = r.ReadByte(); return err },
		"Read":        func(r *streams.Reader) error { return second(r.Read(make([]byte, 1))) },
		"ReadByte":    func(r *streams.Reader) error { return second(r.ReadByte()) },
	} {
		all["Reader."+name] = func(ctx context.Context) ready {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			send(t, client, strings.Repeat("x\n", 2*manyTimes))
			r := streams.NewReader(server, 0)
			return ready{func() error { return read(r) }, closing(client, server)}
		}
	}
	return all
}

// carrying writes a byte and reads it: two operations.
func carrying(w io.WriteCloser, r io.ReadCloser) ready {
	return ready{func() error {
		_, err := w.Write([]byte("x"))
		if err == nil {
			_, err = r.Read(make([]byte, 1))
		}
		return err
	}, closing(w, r)}
}

func closing(all ...io.Closer) func() {
	return func() {
		for _, c := range all {
			_ = c.Close()
		}
	}
}

// longestStep returns how often do was called at most without a turn of the others
// in between.
func longestStep(ctx context.Context, times int, do func() error) (longest int, err error) {
	l := asyncio.RunningLoop(ctx)
	since, over := 0, false
	var turn func()
	turn = func() {
		since = 0
		if !over {
			l.CallSoon(turn)
		}
	}
	turn()
	for range times {
		if err = do(); err != nil {
			break
		}
		since++
		longest = max(longest, since)
	}
	over = true
	return longest, err
}

func TestAPeerThatIsAlwaysAhead(t *testing.T) {
	for name, open := range readyOnes(t) {
		t.Run(name, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				r := open(ctx)
				defer r.close()
				longest, err := longestStep(ctx, manyTimes, r.do)
				if err != nil || longest > mostInAStep {
					t.Errorf("%d operations in a step, %v", longest, err)
				}
				return nil
			})
		})
	}
}

// The budget is that of the step, and not of each connection.
func TestManyPeersThatAreAlwaysAhead(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var all []ready
		for range 10 {
			a, b := asynciotest.Pipe(ctx)
			c, d := pair(ctx, t, "tcp", "127.0.0.1:0")
			all = append(all, carrying(a, b), carrying(c, d))
		}
		next := 0
		longest, err := longestStep(ctx, manyTimes, func() error {
			next++
			return all[next%len(all)].do()
		})
		if err != nil || longest > mostInAStep {
			t.Errorf("%d operations in a step, %v", longest, err)
		}
		for _, r := range all {
			r.close()
		}
		return nil
	})
}

// A server whose clients come faster than it accepts.
func TestClientsThatAreAlwaysAhead(t *testing.T) {
	run(t, func(ctx context.Context) error {
		l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0", streams.Backlog(1000)))(t)
		defer l.Close()
		const clients = 3 * mostInAStep
		for range clients {
			c := must(net.Dial("tcp", l.Addr().String()))(t) //asyncio:ok blocks the system accepts for the listener
			defer c.Close()
		}
		longest, err := longestStep(ctx, clients, func() error {
			c, err := l.AcceptContext(ctx)
			if err == nil {
				err = c.Close()
			}
			return err
		})
		if err != nil || longest > mostInAStep {
			t.Errorf("%d clients in a step, %v", longest, err)
		}
		return nil
	})
}

// What moves many bytes at once does so less often.
func TestBytesInAStep(t *testing.T) {
	const most = 128 << 10
	run(t, func(ctx context.Context) error {
		a, b := asynciotest.Pipe(ctx)
		defer closing(a, b)()
		buf := make([]byte, most/8)
		longest, err := longestStep(ctx, manyTimes, func() error {
			_, err := a.Write(buf)
			if err == nil {
				_, err = b.Read(buf)
			}
			return err
		})
		if want := most / (2 * len(buf)); err != nil || longest > want {
			t.Errorf("%d times %d bytes there and back in a step, %v; want %d at most", longest, len(buf), err, want)
		}
		return nil
	})
}

func TestReaderThatGivesWay(t *testing.T) {
	lines := strings.Repeat("x\n", manyTimes)
	t.Run("loses nothing, and is for one task meanwhile", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			defer closing(a, b)()
			send(t, a, lines)
			r := streams.NewReader(b, 0)
			busy := 0
			other := asyncio.Go(ctx, func(ctx context.Context) error {
				for range manyTimes / mostInAStep {
					if _, err := r.ReadByte(); errors.Is(err, streams.ErrBusy) {
						busy++
					}
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			})
			var got bytes.Buffer
			for got.Len() < len(lines) {
				line, err := r.ReadLine()
				if err != nil {
					t.Fatal(err)
				}
				got.Write(line)
			}
			other.Cancel()
			_, _ = other.Await(ctx)
			if got.String() != lines || busy == 0 {
				t.Errorf("%d bytes of %d; %d times busy", got.Len(), len(lines), busy)
			}
		})
	})
	t.Run("can be canceled, and read on", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			defer closing(a, b)()
			send(t, a, lines)
			r := streams.NewReader(b, 0)
			n := 0
			reading := asyncio.Go(ctx, func(context.Context) error {
				for {
					if _, err := r.ReadLine(); err != nil {
						return err
					}
					n++
				}
			})
			_ = asyncio.Yield(ctx)
			_ = asyncio.Yield(ctx)
			reading.Cancel()
			expectError(t, "reading", second(reading.Await(ctx)), asyncio.ErrCanceled)
			if n == 0 || n >= manyTimes {
				t.Errorf("it has read %d lines", n)
			}
			for ; n < manyTimes; n++ {
				if _, err := r.ReadLine(); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
	t.Run("does not for what is in memory", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			r := streams.NewReader(strings.NewReader(lines), 0)
			passes := asynctest.CountPasses(ctx, func() { _ = must(r.ReadAll())(t) })
			asynctest.ExpectEqual(t, "passes", passes, 0)
		})
	})
}
