package streams_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

// A duplex is what a shared connection for a stream has.
type duplex interface {
	net.Conn
	syscall.Conn
	io.ReaderFrom
	CloseRead() error
	CloseWrite() error
}

// A sharedPair is a shared connection and its peer, which is package net's and belongs to
// goroutines.
type sharedPair struct {
	conn duplex
	peer net.Conn
}

// sharedBy says where a connection is dialed.
type sharedBy bool

const (
	dialedInTask    sharedBy = false
	dialedElsewhere sharedBy = true
)

// dialShared makes a pair.
func dialShared(ctx context.Context, t *testing.T, by sharedBy, network string) sharedPair {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = unixAddress(t)
	}
	l := must(net.Listen(network, address))(t)
	defer l.Close()
	dial := streams.DialShared(ctx)
	var c net.Conn
	if by == dialedInTask {
		c = must(dial(ctx, network, l.Addr().String()))(t)
	} else {
		c = offLoop(t, func() (net.Conn, error) { return dial(context.Background(), network, l.Addr().String()) })
	}
	peer := must(l.Accept())(t)
	t.Cleanup(func() { _, _ = c.Close(), peer.Close() })
	return sharedPair{c.(duplex), peer}
}

// offLoop makes a call on a goroutine, and blocks the loop until it has returned: if the
// call needed the loop, that would be for ever.
func offLoop[T any](t *testing.T, call func() (T, error)) T {
	t.Helper()
	type outcome struct {
		value T
		err   error
	}
	c := make(chan outcome, 1)
	go func() {
		value, err := call()
		c <- outcome{value, err}
	}()
	o := asynctest.Receive(t, c)
	return must(o.value, o.err)(t)
}

// offLoopError is offLoop for a call with nothing but an error.
func offLoopError(t *testing.T, call func() error) error {
	t.Helper()
	c := make(chan error, 1)
	go func() { c <- call() }()
	return asynctest.Receive(t, c)
}

// beside starts a call on a goroutine.
func beside[T any](call func() (T, error)) <-chan error {
	c := make(chan error, 1)
	go func() {
		_, err := call()
		c <- err
	}()
	return c
}

// onShared runs a test with a pair, with sockets and with threads, dialed in a task and
// elsewhere.
func onShared(t *testing.T, test func(ctx context.Context, t *testing.T, p sharedPair)) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			onSystem(t, func(t *testing.T) {
				for by, name := range map[sharedBy]string{dialedInTask: "dialed in a task", dialedElsewhere: "dialed elsewhere"} {
					t.Run(name, func(t *testing.T) {
						asynctest.NothingIsLeft(t)
						run(t, func(ctx context.Context) error {
							p := dialShared(ctx, t, by, network)
							test(ctx, t, p)
							_, _ = p.conn.Close(), p.peer.Close()
							return nil
						})
					})
				}
			})
		})
	}
}

// inTask starts a call in a task.
func inTask[T any](ctx context.Context, call func() (T, error)) *asyncio.Task[T] {
	return asyncio.CreateTask(ctx, func(context.Context) (T, error) { return call() })
}

// letWait lets a task that was started begin to wait.
func letWait(ctx context.Context) {
	for range 5 {
		_ = asyncio.Sleep(ctx, 0)
	}
}

// sendBack returns what comes. It hides what it copies, so that package net does not splice,
// which takes its time when both ends are one, and keeps pipes.
func sendBack(c net.Conn) {
	_, _ = io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
}

func readOne(c net.Conn) func() (int, error) {
	return func() (int, error) { return c.Read(make([]byte, 1)) }
}

func TestShared(t *testing.T) {
	t.Run("carries bytes in tasks and elsewhere, in turns", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			for range 20 {
				send(t, p.conn, "from a task ")
				offLoop(t, func() (int, error) { return io.WriteString(p.conn, "from a goroutine") })
				recv(t, p.peer, "from a task from a goroutine")
				send(t, p.peer, "to a taskto a goroutine")
				recv(t, p.conn, "to a task")
				offLoop(t, func() (int, error) { recv(t, p.conn, "to a goroutine"); return 0, nil })
			}
		})
	})
	t.Run("suspends only the task that reads", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			reader := inTask(ctx, func() (int, error) { recv(t, p.conn, "late"); return 0, nil })
			letWait(ctx)
			send(t, p.peer, "late")
			_, err := reader.Await(ctx)
			expectError(t, "the reader", err, nil)
		})
	})
	t.Run("lets a goroutine read while a task writes, and the other way round", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			go sendBack(p.peer)
			text := bytes.Repeat([]byte("0123456789"), 100_000)
			for range 2 {
				back := make(chan []byte, 1)
				go func() {
					all := make([]byte, len(text))
					_, _ = io.ReadFull(p.conn, all)
					back <- all
				}()
				_, err := p.conn.Write(text)
				expectError(t, "Write in a task", err, nil)
				if !bytes.Equal(asynctest.Receive(t, back), text) {
					t.Error("something else came back to the goroutine")
				}
				written := beside(func() (int, error) { return p.conn.Write(text) })
				all := make([]byte, len(text))
				_, err = io.ReadFull(p.conn, all)
				expectError(t, "Read in a task", err, nil)
				if !bytes.Equal(all, text) {
					t.Error("something else came back to the task")
				}
				expectError(t, "Write elsewhere", asynctest.Receive(t, written), nil)
			}
		})
	})
	t.Run("hands each byte to one of those that read at once", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			const size = 400_000
			var got atomic.Int64
			readAll := func() (int, error) {
				buf := make([]byte, 1000)
				for {
					n, err := p.conn.Read(buf)
					got.Add(int64(n))
					if err != nil {
						return 0, err
					}
				}
			}
			reader, other := inTask(ctx, readAll), beside(readAll)
			go func() {
				_, _ = p.peer.Write(make([]byte, size))
				_ = p.peer.Close()
			}()
			_, err := reader.Await(ctx)
			expectError(t, "Read in a task", err, io.EOF)
			expectError(t, "Read elsewhere", asynctest.Receive(t, other), io.EOF)
			asynctest.ExpectEqual(t, "bytes read", got.Load(), size)
		})
	})
	t.Run("never mixes the bytes of two Writes", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			const size, writes = 1 << 20, 8
			write := func(b byte) func() (int, error) {
				return func() (int, error) { return p.conn.Write(bytes.Repeat([]byte{b}, size)) }
			}
			var tasks []*asyncio.Task[int]
			var others []<-chan error
			for i := range byte(writes / 2) {
				tasks = append(tasks, inTask(ctx, write('a'+i)))
				others = append(others, beside(write('A'+i)))
			}
			changes := inTask(ctx, func() (int, error) {
				return asyncio.ToThread(ctx, func(context.Context) (changes int, err error) {
					all := make([]byte, writes*size)
					if _, err := io.ReadFull(p.peer, all); err != nil {
						return 0, err
					}
					for i := 1; i < len(all); i++ {
						if all[i] != all[i-1] {
							changes++
						}
					}
					return changes, nil
				})
			})
			for i := range tasks {
				_, err := tasks[i].Await(ctx)
				expectError(t, "Write in a task", err, nil)
			}
			n, err := changes.Await(ctx)
			expectError(t, "the peer", err, nil)
			asynctest.ExpectEqual(t, "changes from one Write to another", n, writes-1)
			for _, c := range others {
				expectError(t, "Write elsewhere", asynctest.Receive(t, c), nil)
			}
		})
	})
	t.Run("tells a second task that reads so", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			reader := inTask(ctx, readOne(p.conn))
			letWait(ctx)
			_, err := p.conn.Read(make([]byte, 1))
			expectError(t, "the second", err, streams.ErrBusy)
			send(t, p.peer, "x")
			_, err = reader.Await(ctx)
			expectError(t, "the first", err, nil)
		})
	})
	t.Run("loses nothing to a cancellation", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			for range 10 {
				err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
					_, err := p.conn.Read(make([]byte, 1))
					return err
				})
				expectError(t, "Read in a task", err, asyncio.ErrTimeout)
				send(t, p.peer, "ab")
				offLoop(t, func() (int, error) { recv(t, p.conn, "a"); return 0, nil })
				recv(t, p.conn, "b")
			}
		})
	})
	t.Run("says how much of a canceled Write was sent, and lets others write", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			written := 0
			err := asyncio.WithTimeout(ctx, 20*time.Millisecond, func(context.Context) (err error) {
				written, err = p.conn.Write(make([]byte, 64<<20))
				return err
			})
			expectError(t, "Write", err, asyncio.ErrTimeout)
			var opErr *net.OpError
			if !errors.As(err, &opErr) && !errors.Is(err, asyncio.ErrTimeout) {
				t.Errorf("the error is %#v", err)
			}
			after := beside(func() (int, error) { return p.conn.Write([]byte("x")) })
			err = offLoopError(t, func() error {
				all := make([]byte, written+1)
				if _, err := io.ReadFull(p.peer, all); err != nil {
					return err
				}
				if i := bytes.IndexByte(all, 'x'); i != written {
					return fmt.Errorf("of %d bytes that it said it had written, %d came", written, i)
				}
				return nil
			})
			expectError(t, "the peer", err, nil)
			expectError(t, "Write elsewhere", asynctest.Receive(t, after), nil)
		})
	})
}

func TestSharedCanceledIsATimeout(t *testing.T) {
	onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
		for name, call := range map[string]func() (int, error){
			"Read":  readOne(p.conn),
			"Write": func() (int, error) { return p.conn.Write([]byte("a")) },
		} {
			var timeout net.Error
			err := underCanceled(ctx, func(context.Context) error { return second(call()) })
			if !errors.Is(err, asyncio.ErrCanceled) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("%s: the error is %v, which has to be ErrCanceled and a timeout", name, err)
			}
		}
		send(t, p.peer, "ab")
		recv(t, p.conn, "ab")
	})
}

func TestSharedDeadline(t *testing.T) {
	past := time.Unix(1, 0)
	t.Run("cuts those that read, wherever it is set", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			for _, setElsewhere := range []bool{false, true} {
				set := func(t1 time.Time) {
					if setElsewhere {
						expectError(t, "SetReadDeadline", offLoopError(t, func() error { return p.conn.SetReadDeadline(t1) }), nil)
					} else {
						expectError(t, "SetReadDeadline", p.conn.SetReadDeadline(t1), nil)
					}
				}
				reader, other := inTask(ctx, readOne(p.conn)), beside(readOne(p.conn))
				letWait(ctx)
				set(past)
				_, err := reader.Await(ctx)
				expectError(t, "Read in a task", err, os.ErrDeadlineExceeded)
				expectError(t, "Read elsewhere", asynctest.Receive(t, other), os.ErrDeadlineExceeded)
				_, err = p.conn.Read(make([]byte, 1))
				expectError(t, "Read in a task afterwards", err, os.ErrDeadlineExceeded)
				expectError(t, "Read elsewhere afterwards", offLoopError(t, func() error {
					_, err := p.conn.Read(make([]byte, 1))
					return err
				}), os.ErrDeadlineExceeded)

				set(time.Time{})
				send(t, p.peer, "ab")
				recv(t, p.conn, "a") // at once: no event has told the loop
				offLoop(t, func() (int, error) { recv(t, p.conn, "b"); return 0, nil })
			}
		})
	})
	t.Run("that is ahead ends those that read", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			reader, other := inTask(ctx, readOne(p.conn)), beside(readOne(p.conn))
			letWait(ctx)
			expectError(t, "SetDeadline", offLoopError(t, func() error {
				return p.conn.SetDeadline(time.Now().Add(10 * time.Millisecond))
			}), nil)
			_, err := reader.Await(ctx)
			expectError(t, "Read in a task", err, os.ErrDeadlineExceeded)
			expectError(t, "Read elsewhere", asynctest.Receive(t, other), os.ErrDeadlineExceeded)
		})
	})
	t.Run("that is set before a task reads for the first time holds there", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			expectError(t, "SetDeadline", offLoopError(t, func() error { return p.conn.SetDeadline(past) }), nil)
			_, err := p.conn.Read(make([]byte, 1))
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
			_, err = p.conn.Write(make([]byte, 1))
			expectError(t, "Write", err, os.ErrDeadlineExceeded)
			expectError(t, "SetWriteDeadline", p.conn.SetWriteDeadline(time.Time{}), nil)
			send(t, p.conn, "x")
			recv(t, p.peer, "x")
			_, err = p.conn.Read(make([]byte, 1))
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
		})
	})
	t.Run("cuts a goroutine that waits for the Write of a task, while the loop stands still", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			writer := inTask(ctx, func() (int, error) { return p.conn.Write(make([]byte, 64<<20)) })
			letWait(ctx)
			other := beside(func() (int, error) { return p.conn.Write([]byte("x")) })
			time.Sleep(5 * time.Millisecond) //asyncio:ok blocks the loop is to stand still meanwhile
			expectError(t, "SetWriteDeadline", p.conn.SetWriteDeadline(past), nil)
			expectError(t, "Write elsewhere", asynctest.Receive(t, other), os.ErrDeadlineExceeded)
			_, err := writer.Await(ctx)
			expectError(t, "Write in a task", err, os.ErrDeadlineExceeded)
		})
	})
}

func TestSharedClose(t *testing.T) {
	for _, where := range []string{"in a task", "elsewhere"} {
		t.Run(where+" cuts both worlds", func(t *testing.T) {
			onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
				reader, other := inTask(ctx, readOne(p.conn)), beside(readOne(p.conn))
				writer := inTask(ctx, func() (int, error) { return p.conn.Write(make([]byte, 64<<20)) })
				letWait(ctx)
				waiting := beside(func() (int, error) { return p.conn.Write([]byte("x")) })
				if where == "elsewhere" {
					expectError(t, "Close", offLoopError(t, p.conn.Close), nil)
				} else {
					expectError(t, "Close", p.conn.Close(), nil)
				}
				_, err := reader.Await(ctx)
				expectError(t, "Read in a task", err, net.ErrClosed)
				_, err = writer.Await(ctx)
				expectError(t, "Write in a task", err, net.ErrClosed)
				expectError(t, "Read elsewhere", asynctest.Receive(t, other), net.ErrClosed)
				expectError(t, "Write elsewhere", asynctest.Receive(t, waiting), net.ErrClosed)
				expectError(t, "Close again", p.conn.Close(), net.ErrClosed)
				_, err = p.conn.Read(make([]byte, 1))
				expectError(t, "Read in a task", err, net.ErrClosed)
				_, err = p.conn.Write(make([]byte, 1))
				expectError(t, "Write in a task", err, net.ErrClosed)
			})
		})
	}
	t.Run("is told to the peer while the loop stands still", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			send(t, p.conn, "x") // so that the loop has an end
			recv(t, p.peer, "x")
			expectError(t, "Close", offLoopError(t, p.conn.Close), nil)
			_, err := p.peer.Read(make([]byte, 1)) // blocks the loop
			expectError(t, "Read of the peer", err, io.EOF)
		})
	})
	t.Run("of one half is for all", func(t *testing.T) {
		onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
			send(t, p.conn, "x")
			expectError(t, "CloseWrite", offLoopError(t, p.conn.CloseWrite), nil)
			recv(t, p.peer, "x")
			_, err := p.peer.Read(make([]byte, 1))
			expectError(t, "Read of the peer", err, io.EOF)
			if _, err := p.conn.Write([]byte("y")); err == nil {
				t.Error("a task can still write")
			}
			reader := inTask(ctx, readOne(p.conn))
			letWait(ctx)
			expectError(t, "CloseWrite of the peer", p.peer.(interface{ CloseWrite() error }).CloseWrite(), nil)
			_, err = reader.Await(ctx)
			expectError(t, "Read", err, io.EOF)
		})
	})
}

func TestSharedAfterTheLoop(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var p sharedPair
		run(t, func(ctx context.Context) error {
			p = dialShared(ctx, t, dialedInTask, "tcp")
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
				_, err := p.conn.Read(make([]byte, 1))
				return err
			})
			expectError(t, "Read", err, asyncio.ErrTimeout)
			return nil
		}, asyncio.Debug(true))
		send(t, p.conn, "ping")
		recv(t, p.peer, "ping")
		send(t, p.peer, "pong")
		recv(t, p.conn, "pong")
		run(t, func(context.Context) error { // another loop
			send(t, p.peer, "pong")
			recv(t, p.conn, "pong")
			return nil
		})
		expectError(t, "SetDeadline", p.conn.SetDeadline(time.Unix(1, 0)), nil)
		_, err := p.conn.Read(make([]byte, 1))
		expectError(t, "Read", err, os.ErrDeadlineExceeded)
		expectError(t, "Close", p.conn.Close(), nil)
		_ = p.peer.Close()
	})
}

func TestSharedBySeveralLoops(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		run(t, func(ctx context.Context) error {
			p := dialShared(ctx, t, dialedInTask, "tcp")
			go sendBack(p.peer)
			send(t, p.conn, "home")
			recv(t, p.conn, "home")
			for range 3 {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					return 0, asyncio.Run(context.Background(), func(ctx context.Context) error {
						reader := inTask(ctx, func() (int, error) { recv(t, p.conn, "abroad"); return 0, nil })
						letWait(ctx) // it would not come to this if reading blocked the other loop
						send(t, p.conn, "abroad")
						_, err := reader.Await(ctx)
						return err
					})
				})
				expectError(t, "another loop", err, nil)
			}
			_, _ = p.conn.Close(), p.peer.Close()
			return nil
		})
	})
}

func TestSharedDial(t *testing.T) {
	t.Run("needs no context of the loop", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			c := must(streams.DialShared(ctx)(context.Background(), "tcp", l.Addr().String()))(t)
			return c.Close()
		})
	})
	t.Run("suspends the task, and is canceled with its scope", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			address := silentAddress(ctx, t)
			dial := streams.DialShared(ctx)
			for _, given := range []context.Context{nil, context.Background()} {
				err := asyncio.WithTimeout(ctx, 5*time.Millisecond, func(ctx context.Context) error {
					if given == nil {
						given = ctx
					}
					_, err := dial(given, "tcp", address)
					return err
				})
				expectError(t, "dial", err, asyncio.ErrTimeout)
			}
			canceled, cancel := context.WithCancel(context.Background())
			task := inTask(ctx, func() (net.Conn, error) { return dial(canceled, "tcp", address) })
			letWait(ctx)
			cancel()
			_, err := task.Await(ctx)
			expectError(t, "dial with another context", err, context.Canceled)
			return nil
		})
	})
	t.Run("fails as net.Dial does", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			address := closedPort(t)
			dial := streams.DialShared(ctx)
			_, err := dial(ctx, "tcp", address)
			expectError(t, "dial in a task", err, syscall.ECONNREFUSED)
			_, netErr := net.Dial("tcp", address)
			asynctest.ExpectEqual(t, "the error", err.Error(), netErr.Error())
			err = offLoopError(t, func() error { _, err := dial(ctx, "tcp", address); return err })
			expectError(t, "dial elsewhere", err, syscall.ECONNREFUSED)
			_, err = dial(ctx, "tcpp", address)
			expectError(t, "a network that there is not", err, net.UnknownNetworkError("tcpp"))
			return nil
		})
	})
	t.Run("resolves with ResolveWith, and tries all addresses", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			dial := streams.DialShared(ctx, streams.FallbackDelay(-1), streams.ResolveWith(func(context.Context, string, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.1")}, nil
			}))
			c := must(dial(ctx, "tcp", net.JoinHostPort("anywhere", port)))(t)
			asynctest.ExpectEqual(t, "the address", c.RemoteAddr().String(), l.Addr().String())
			_ = c.Close()
			err := offLoopError(t, func() error {
				_, err := dial(ctx, "tcp", net.JoinHostPort("anywhere", "1"))
				return err
			})
			expectError(t, "dial", err, syscall.ECONNREFUSED)
			return nil
		})
	})
	t.Run("with a nil context panics", func(t *testing.T) {
		expectPanic(t, "streams: DialShared(nil): pass the context of a task of the loop", func() {
			var none context.Context
			streams.DialShared(none)
		})
	})
	t.Run("on a network in memory", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", "localhost:0"))(t)
			dial := streams.DialShared(ctx)
			for _, given := range []context.Context{ctx, context.Background()} {
				c := must(dial(given, "tcp", l.Addr().String()))(t)
				peer := must(l.Accept())(t)
				send(t, c, "x")
				recv(t, peer, "x")
				_, _ = c.Close(), peer.Close()
			}
			err := offLoopError(t, func() error { _, err := dial(ctx, "tcp", l.Addr().String()); return err })
			if err == nil {
				t.Error("dialing elsewhere has found something")
			}
			return l.Close()
		}, simnet.InMemory())
	})
}

func TestSharedPackets(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		run(t, func(ctx context.Context) error {
			peer := must(net.ListenPacket("udp", "127.0.0.1:0"))(t)
			defer peer.Close()
			c := must(streams.DialShared(ctx)(ctx, "udp", peer.LocalAddr().String()))(t)
			defer c.Close()
			packets, ok := c.(net.PacketConn)
			if !ok {
				t.Fatalf("%T is not a net.PacketConn", c)
			}
			for _, text := range []string{"one", "", "three"} {
				send(t, c, text)
				expectPacket(t, peer, text, c.LocalAddr())
				offLoop(t, func() (int, error) { return c.Write([]byte(text)) })
				expectPacket(t, peer, text, c.LocalAddr())
				for range 2 {
					_, err := peer.WriteTo([]byte(text), c.LocalAddr())
					expectError(t, "WriteTo", err, nil)
				}
				expectPacket(t, packets, text, peer.LocalAddr())
				offLoop(t, func() (int, error) { expectPacket(t, packets, text, peer.LocalAddr()); return 0, nil })
			}
			reader := inTask(ctx, readOne(c))
			letWait(ctx)
			expectError(t, "SetDeadline", offLoopError(t, func() error { return c.SetDeadline(time.Unix(1, 0)) }), nil)
			_, err := reader.Await(ctx)
			expectError(t, "Read", err, os.ErrDeadlineExceeded)
			expectError(t, "SetDeadline", c.SetDeadline(time.Time{}), nil)
			reader = inTask(ctx, readOne(c))
			letWait(ctx)
			expectError(t, "Close", offLoopError(t, c.Close), nil)
			_, err = reader.Await(ctx)
			expectError(t, "Read", err, net.ErrClosed)
			return nil
		})
	})
}

func TestSharedTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(nil) // for its certificate
	s.StartTLS()
	defer s.Close()
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: s.TLS.Certificates}))(t)
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err == nil {
					_, _ = io.Copy(c, c)
					_ = c.Close()
				}
			}()
			c := must(streams.DialShared(ctx)(ctx, "tcp", l.Addr().String()))(t)
			secure := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
			expectError(t, "the handshake", secure.HandshakeContext(ctx), nil)
			send(t, secure, "in a task")
			offLoop(t, func() (int, error) { recv(t, secure, "in a task"); return 0, nil })
			offLoop(t, func() (int, error) { return io.WriteString(secure, "elsewhere") })
			recv(t, secure, "elsewhere")
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
				_, err := secure.Read(make([]byte, 1))
				return err
			})
			expectError(t, "Read", err, asyncio.ErrTimeout)
			send(t, secure, "on")
			recv(t, secure, "on")
			return secure.Close()
		})
	})
}

func TestSharedRawConn(t *testing.T) {
	onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
		raw := must(p.conn.SyscallConn())(t)
		look := func() error { return raw.Read(func(uintptr) bool { return true }) }
		for range 2 {
			expectError(t, "a look in a task", look(), nil)
			expectError(t, "a look elsewhere", offLoopError(t, look), nil)
			reading := beside(readOne(p.conn))
			expectError(t, "Control", raw.Control(func(uintptr) {}), nil)
			send(t, p.peer, "x")
			expectError(t, "Read", asynctest.Receive(t, reading), nil)
		}
		calls := 0
		waiting := inTask(ctx, func() (int, error) {
			return 0, raw.Read(func(uintptr) bool { calls++; return calls == 2 })
		})
		letWait(ctx)
		send(t, p.peer, "x")
		_, err := waiting.Await(ctx)
		expectError(t, "RawConn.Read", err, nil)
		err = raw.Write(func(uintptr) bool { return true })
		expectError(t, "RawConn.Write", err, nil)
	})
}

func TestSharedReadFrom(t *testing.T) {
	onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
		name := t.TempDir() + "/file"
		text := bytes.Repeat([]byte("0123456789"), 100_000)
		expectError(t, "WriteFile", os.WriteFile(name, text, 0o600), nil)
		back := make(chan bool, 1)
		go func() {
			all := make([]byte, 4*len(text))
			_, err := io.ReadFull(p.peer, all)
			back <- err == nil && bytes.Equal(all, bytes.Repeat(text, 4))
		}()
		for range 2 {
			f := must(os.Open(name))(t)
			n, err := io.Copy(p.conn, f)
			expectError(t, "io.Copy of a file in a task", err, nil)
			asynctest.ExpectEqual(t, "bytes", n, int64(len(text)))
			_, _ = f.Seek(0, io.SeekStart)
			copied := beside(func() (int64, error) { return io.Copy(p.conn, io.LimitReader(f, int64(len(text)))) })
			expectError(t, "io.Copy elsewhere", asynctest.Receive(t, copied), nil)
			_ = f.Close()
		}
		_ = ctx
		if !asynctest.Receive(t, back) {
			t.Error("something else has come")
		}
	})
}

// For tasks, deadlines and timeouts go by the loop's clock, which may be a virtual one.
func TestSharedInVirtualTime(t *testing.T) {
	needSockets(t)
	asynctest.InVirtualTime(t, func(ctx context.Context) {
		p := dialShared(ctx, t, dialedInTask, "tcp")
		expectError(t, "SetReadDeadline", p.conn.SetReadDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Hour)), nil)
		_, err := p.conn.Read(make([]byte, 1))
		expectError(t, "Read", err, os.ErrDeadlineExceeded)
		expectError(t, "SetReadDeadline", p.conn.SetReadDeadline(never), nil)
		err = asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error {
			_, err := p.conn.Read(make([]byte, 1))
			return err
		})
		expectError(t, "Read", err, asyncio.ErrTimeout)
		send(t, p.peer, "x")
		recv(t, p.conn, "x")
		_, _ = p.conn.Close(), p.peer.Close()
	})
}

// A task that is canceled while it waits for the Write of a goroutine gives its turn up.
func TestSharedWritesInTurn(t *testing.T) {
	onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
		const size = 16 << 20 // more than the buffers of both sides
		first := beside(func() (int, error) { return p.conn.Write(make([]byte, size)) })
		time.Sleep(5 * time.Millisecond) //asyncio:ok blocks it has the turn by now, or else the task has, and is cut in it
		written := 0
		err := asyncio.WithTimeout(ctx, 5*time.Millisecond, func(context.Context) (err error) {
			written, err = p.conn.Write(make([]byte, size))
			return err
		})
		expectError(t, "Write in a task", err, asyncio.ErrTimeout)
		read := beside(func() (int64, error) { return io.CopyN(io.Discard, p.peer, size+int64(written)+1) })
		second := inTask(ctx, func() (int, error) { return p.conn.Write([]byte("x")) })
		_, err = second.Await(ctx)
		expectError(t, "Write in another task", err, nil)
		expectError(t, "Write elsewhere", asynctest.Receive(t, first), nil)
		expectError(t, "the peer", asynctest.Receive(t, read), nil)
	})
}

func TestSharedInNoSuspendPanics(t *testing.T) {
	onShared(t, func(ctx context.Context, t *testing.T, p sharedPair) {
		asynctest.ExpectPanic(t, func() {
			asyncio.NoSuspend(ctx, func() { _, _ = p.conn.Read(make([]byte, 1)) })
		})
		asynctest.ExpectPanic(t, func() {
			asyncio.NoSuspend(ctx, func() { _, _ = p.conn.Write(make([]byte, 1)) })
		})
		asynctest.ExpectPanic(t, func() {
			asyncio.NoSuspend(ctx, func() { _, _ = streams.DialShared(ctx)(ctx, "tcp", p.peer.LocalAddr().String()) })
		})
		asyncio.NoSuspend(ctx, func() {
			expectError(t, "SetDeadline", p.conn.SetDeadline(time.Now().Add(time.Hour)), nil)
			expectError(t, "Close", p.conn.Close(), nil)
		})
	})
}
