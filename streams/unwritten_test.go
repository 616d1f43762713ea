package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// much is more than the system takes from who writes to a peer that does not
// read.
const much = 12 << 20

// lostBytes returns how many bytes an error says were lost; -1: none.
func lostBytes(err error) int {
	if e, ok := errors.AsType[*streams.UnwrittenError](err); ok {
		return e.Bytes
	}
	return -1
}

// reports are the errors that come to the exception handler.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) option() asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if c.Err != nil { // no word of the watchdog: on a busy machine any step can take long
			r.errs = append(r.errs, c.Err)
		}
	})
}

// A wrapping is what a handler writes to, on the connection that it is given.
type wrapping func(ctx context.Context, conn net.Conn) (io.Writer, error)

// A client makes what reads from a new connection to a server.
type clientMaker func(ctx context.Context, address string) (net.Conn, error)

func dialPlainly(ctx context.Context, address string) (net.Conn, error) {
	return streams.Dial(ctx, "tcp", address)
}

// TestServeWritesWhatIsKept has handlers that end while a Writer keeps something,
// and clients that read only then.
func TestServeWritesWhatIsKept(t *testing.T) {
	errNoMore := errors.New("no more")
	for name, end := range map[string]func(ctx context.Context, w *streams.Writer) error{
		"returns":              func(context.Context, *streams.Writer) error { return nil },
		"closes the Writer":    func(_ context.Context, w *streams.Writer) error { return w.Close() },
		"ends the stream":      func(_ context.Context, w *streams.Writer) error { return w.WriteEOF() },
		"gives up to drain it": drainForAMoment,
		"fails":                func(context.Context, *streams.Writer) error { return errNoMore },
		"panics":               func(context.Context, *streams.Writer) error { panic(errNoMore) },
	} {
		t.Run("of a handler that "+name, func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				var r reports
				run(t, func(ctx context.Context) error {
					servesSlowReader(ctx, t, onTheConn, dialPlainly, end)
					return nil
				}, r.option())
				for _, err := range r.errs {
					if _, panicked := errors.AsType[*asyncio.PanicError](err); !panicked && err != errNoMore {
						t.Errorf("reported: %v", err)
					}
				}
			})
		})
	}
	serverConfig, clientConfig := certificates(t)
	dialTLS := func(ctx context.Context, address string) (net.Conn, error) {
		return streams.DialTLS(ctx, "tcp", address, clientConfig)
	}
	startTLS := func(ctx context.Context, conn net.Conn) (*tls.Conn, error) {
		return streams.StartTLS(ctx, conn, serverConfig, streams.Server)
	}
	for name, w := range map[string]struct {
		wrap wrapping
		dial clientMaker
	}{
		"a connection with a context": {func(ctx context.Context, conn net.Conn) (io.Writer, error) {
			return conn.(*streams.Conn).WithContext(context.WithoutCancel(ctx)), nil
		}, dialPlainly},
		"TLS": {func(ctx context.Context, conn net.Conn) (io.Writer, error) {
			return startTLS(ctx, conn)
		}, dialTLS},
		"TLS that is read and written at once": {func(ctx context.Context, conn net.Conn) (io.Writer, error) {
			secure, err := startTLS(ctx, conn)
			if err != nil {
				return nil, err
			}
			return streams.Adopt(ctx, secure)
		}, dialTLS},
	} {
		t.Run("to "+name, func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				for how, end := range map[string]func(ctx context.Context, w *streams.Writer) error{
					"returns": func(context.Context, *streams.Writer) error { return nil },
					"closes":  func(_ context.Context, w *streams.Writer) error { return w.Close() },
				} {
					t.Run(how, func(t *testing.T) {
						run(t, func(ctx context.Context) error {
							servesSlowReader(ctx, t, w.wrap, w.dial, end)
							return nil
						})
					})
				}
			})
		})
	}
	t.Run("to a listener of package tls", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				returned := new(asyncio.Event)
				serveTLS(ctx, t, func(_ context.Context, conn net.Conn) error {
					defer returned.Set()
					_, err := streams.NewWriter(conn).Write(make([]byte, much))
					return err
				}, func(address string) {
					conn := must(dialTLS(ctx, address))(t)
					readsSlowly(ctx, t, conn, returned)
				}, streams.GracePeriod(-1)) // how long it takes decides nothing
				return nil
			})
		})
	})
	t.Run("by several Writers", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			servesSlowReader(ctx, t, onTheConn, dialPlainly, func(_ context.Context, w *streams.Writer) error { return nil }, 3)
			return nil
		})
	})
	t.Run("when it is canceled meanwhile", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				returned := new(asyncio.Event)
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				serves := asyncio.Go(ctx, func(ctx context.Context) error {
					return streams.Serve(ctx, l, func(_ context.Context, conn net.Conn) error {
						defer returned.Set()
						_, err := streams.NewWriter(conn).Write(make([]byte, much))
						return err
					}, streams.GracePeriod(patience))
				})
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				_ = returned.Wait(ctx)
				serves.Cancel()
				readsSlowly(ctx, t, conn, returned)
				_, err := serves.Await(ctx)
				expectError(t, "Serve", err, asyncio.ErrCanceled)
				return nil
			})
		})
	})
}

// At the end of Run, all tasks are canceled: Serve and its handlers at once. (So
// are those that write in the background, where the loop cannot wait for sockets.)
func TestServeWritesWhatIsKeptAtTheEndOfRun(t *testing.T) {
	needSockets(t)
	canceled := make(chan struct{})
	read := make(chan int64)
	run(t, func(ctx context.Context) error {
		returned := new(asyncio.Event)
		l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
		asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(_ context.Context, conn net.Conn) error {
				defer returned.Set()
				_, err := streams.NewWriter(conn).Write(make([]byte, much))
				return err
			}, streams.GracePeriod(patience))
		})
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer close(canceled)
			return asyncio.Sleep(ctx, time.Hour)
		})
		conn := must(net.Dial("tcp", l.Addr().String()))(t) //asyncio:ok blocks the system accepts for the listener
		go func() {
			defer conn.Close()
			<-canceled
			n, _ := io.Copy(io.Discard, conn)
			read <- n
		}()
		return returned.Wait(ctx)
	})
	if n := <-read; n != much {
		t.Errorf("%d of %d bytes came", n, much)
	}
}

func onTheConn(_ context.Context, conn net.Conn) (io.Writer, error) { return conn, nil }

// drainForAMoment waits no longer than it takes to see that it would have to.
func drainForAMoment(ctx context.Context, w *streams.Writer) error {
	_ = asyncio.WithTimeout(ctx, 0, w.Drain)
	return nil
}

// servesSlowReader serves a client that reads nothing until the handler has
// returned, and then everything.
func servesSlowReader(ctx context.Context, t *testing.T, wrap wrapping, dial clientMaker, end func(ctx context.Context, w *streams.Writer) error, writers ...int) {
	t.Helper()
	returned := new(asyncio.Event)
	n := append(writers, 1)[0]
	err := serving(ctx, t, func(ctx context.Context, conn net.Conn) error {
		defer returned.Set()
		to, err := wrap(ctx, conn)
		if err != nil {
			return err
		}
		var w *streams.Writer
		for range n {
			w = streams.NewWriter(to)
			if _, err := w.Write(make([]byte, much/n)); err != nil {
				return err
			}
		}
		if w.Buffered() == 0 {
			t.Error("nothing is kept: this test tests nothing")
		}
		return end(ctx, w)
	}, func(ctx context.Context, address string) {
		readsSlowly(ctx, t, must(dial(ctx, address))(t), returned)
	}, streams.GracePeriod(patience))
	expectError(t, "Serve", err, asyncio.ErrCanceled)
}

func readsSlowly(ctx context.Context, t *testing.T, conn net.Conn, returned *asyncio.Event) {
	t.Helper()
	defer conn.Close()
	_ = returned.Wait(ctx)
	if n, err := io.Copy(io.Discard, conn); n != much || err != nil {
		t.Errorf("%d of %d bytes came, %v", n, much, err)
	}
}

// TestServeTellsWhatIsLost has clients that do not take what is written.
func TestServeTellsWhatIsLost(t *testing.T) {
	kept := 0
	writes := func(_ context.Context, conn net.Conn) error {
		w := streams.NewWriter(conn)
		_, err := w.Write(make([]byte, much))
		kept = w.Buffered()
		return err
	}
	serve := func(t *testing.T, client func(ctx context.Context, conn *streams.Conn), opts ...streams.ServeOption) error {
		t.Helper()
		var r reports
		before := openDescriptors(t)
		run(t, func(ctx context.Context) error {
			err := serving(ctx, t, writes, func(ctx context.Context, address string) {
				client(ctx, must(streams.Dial(ctx, "tcp", address))(t))
			}, opts...)
			expectError(t, "Serve", err, asyncio.ErrCanceled)
			return nil
		}, r.option())
		awaitDescriptors(t, before)
		if len(r.errs) != 1 {
			t.Fatalf("reported: %v", r.errs)
		}
		return r.errs[0]
	}
	awaitEnd := func(ctx context.Context, conn *streams.Conn) {
		for len(asyncio.AllTasks(ctx)) > 2 { // more than this one and Serve
			_ = asyncio.Sleep(ctx, time.Millisecond)
		}
		_ = conn.Close()
	}
	t.Run("one that never reads", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			err := serve(t, func(ctx context.Context, conn *streams.Conn) {
				_, _ = conn.Read(make([]byte, 1)) // the handler has begun, and so has ended
				awaitEnd(ctx, conn)
			}, streams.GracePeriod(time.Millisecond))
			expectError(t, "the report", err, asyncio.ErrTimeout)
			if n := lostBytes(err); n <= 0 || n > kept {
				t.Errorf("it says that %d bytes are lost, and %d were kept: %v", n, kept, err)
			}
		})
	})
	t.Run("one that goes away", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			err := serve(t, func(ctx context.Context, conn *streams.Conn) {
				_, _ = conn.Read(make([]byte, 1))
				_ = conn.Close()
				awaitEnd(ctx, conn)
			}, streams.GracePeriod(patience))
			if n := lostBytes(err); n <= 0 || n > kept {
				t.Errorf("it says that %d bytes are lost, and %d were kept: %v", n, kept, err)
			}
		})
	})
	t.Run("without a limit, when the handler is canceled", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			var r reports
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, writes, streams.GracePeriod(-1)) })
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				_, err := conn.Read(make([]byte, 1))
				return err
			}, r.option())
			expectError(t, "Run", err, nil)
			if len(r.errs) != 1 || lostBytes(r.errs[0]) <= 0 {
				t.Errorf("reported: %v", r.errs)
			}
		})
	})
	t.Run("while another task goes on writing", func(t *testing.T) {
		writes = func(ctx context.Context, conn net.Conn) error {
			w := streams.NewWriter(conn)
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return nil
					}
					kept = w.Buffered()
					if err := w.Drain(ctx); err != nil {
						return nil
					}
				}
			})
			for kept = 0; kept == 0; {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		err := serve(t, func(ctx context.Context, conn *streams.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			awaitEnd(ctx, conn)
		}, streams.GracePeriod(time.Millisecond))
		if lostBytes(err) <= 0 {
			t.Errorf("reported: %v", err)
		}
	})
}

// TestCloseUnderWriter closes a stream while a Writer keeps something for it.
func TestCloseUnderWriter(t *testing.T) {
	// fill returns a Writer that keeps something, and how much that is.
	fill := func(t *testing.T, to io.Writer) (*streams.Writer, int) {
		t.Helper()
		w := streams.NewWriter(to)
		if _, err := w.Write(make([]byte, much)); err != nil {
			t.Fatal(err)
		}
		return w, w.Buffered()
	}
	expectLost := func(t *testing.T, what string, err error, want int) {
		t.Helper()
		if n := lostBytes(err); n != want || n <= 0 {
			t.Errorf("%s: it says that %d bytes are lost, want %d: %v", what, n, want, err)
		}
	}
	t.Run("on the loop", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, kept := fill(t, client.WithContext(ctx))
			err := client.Close()
			expectLost(t, "Close", err, kept)
			if errors.Is(err, net.ErrClosed) {
				t.Errorf("Close says that there was nothing to do: %v", err)
			}
			expectError(t, "Close again", client.Close(), net.ErrClosed)
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			_ = w.Close()
			err = w.WaitClosed(ctx)
			expectError(t, "WaitClosed", err, net.ErrClosed)
			if n := lostBytes(err); n <= 0 || n > kept {
				t.Errorf("WaitClosed: it says that %d bytes are lost, want at most %d: %v", n, kept, err)
			}
		})
	})
	t.Run("gracefully, after what it keeps", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_, _ = fill(t, client)
			closes := asyncio.Go(ctx, client.CloseGracefully)
			n, err := io.Copy(io.Discard, server)
			if n != much || err != nil {
				t.Errorf("%d of %d bytes came, %v", n, much, err)
			}
			expectError(t, "Close of the other side", server.Close(), nil)
			expectError(t, "CloseGracefully", second(closes.Await(ctx)), nil)
		})
	})
	t.Run("gracefully, and not for ever", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_, kept := fill(t, client)
			var err error
			_ = asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				err = client.CloseGracefully(ctx)
				return err
			})
			expectError(t, "CloseGracefully", err, asyncio.ErrCanceled)
			if n := lostBytes(err); n <= 0 || n > kept {
				t.Errorf("it says that %d bytes are lost, and %d were kept: %v", n, kept, err)
			}
		})
	})
	t.Run("by half", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, kept := fill(t, client)
			expectLost(t, "CloseWrite", client.CloseWrite(), kept)
			_, _ = io.Copy(io.Discard, server)
			if err := w.Drain(ctx); err == nil {
				t.Error("Drain returned no error")
			}
		})
	})
	t.Run("on another goroutine", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, kept := fill(t, client)
			closed := make(chan error)
			go func() { closed <- client.Close() }()
			expectLost(t, "Close", <-closed, kept) //asyncio:ok channel Close on another goroutine needs no loop, which is what is tested
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			expectError(t, "Drain", w.Drain(ctx), net.ErrClosed)
		})
	})
	t.Run("beneath TLS", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			secure, _ := handshake(ctx, t, client, server)
			w, kept := fill(t, secure)
			expectLost(t, "Close", secure.Close(), kept)
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			expectError(t, "Drain", w.Drain(ctx), net.ErrClosed)
		})
	})
	t.Run("of TLS that is read and written at once", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			secure, _ := handshake(ctx, t, client, server)
			duplex := must(streams.Adopt(ctx, secure))(t)
			w, kept := fill(t, duplex)
			expectLost(t, "Close", duplex.Close(), kept)
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			expectError(t, "Drain", w.Drain(ctx), net.ErrClosed)
		})
	})
	t.Run("by another Writer", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, kept := fill(t, client)
			other := streams.NewWriter(client)
			expectLost(t, "Close", other.Close(), kept)
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			expectError(t, "Drain", w.Drain(ctx), net.ErrClosed)
		})
	})
	t.Run("that is a pipe", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			_, to := newPipe(ctx, t)
			w, kept := fill(t, to)
			expectLost(t, "Close", to.Close(), kept)
			for w.Buffered() > 0 {
				_ = asyncio.Yield(ctx)
			}
			if n := lostBytes(w.Drain(ctx)); n <= 0 || n > kept {
				t.Errorf("Drain says that %d bytes are lost, and %d were kept: %v", n, kept, w.Drain(ctx))
			}
		})
	})
	t.Run("that has given up", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, _ := fill(t, client)
			expectError(t, "Abort", w.Abort(), nil)
			if err := client.Close(); lostBytes(err) >= 0 {
				t.Errorf("Close says %v", err)
			}
		})
	})
	t.Run("that has written everything", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			w, _ := fill(t, client)
			w.SetWaterMarks(0, 0)
			reads := asyncio.Go(ctx, func(context.Context) error {
				_, err := io.CopyN(io.Discard, server, much)
				return err
			})
			expectError(t, "Drain", w.Drain(ctx), nil)
			expectError(t, "Close", client.Close(), nil)
			expectError(t, "reading", second(reads.Await(ctx)), nil)
		})
	})
}

// A flooder writes more than a client takes that does not read.
type flooder struct {
	streams.BaseProtocol
	kept int
	lost error
}

func (f *flooder) ConnectionMade(t *streams.Transport) {
	_, _ = t.Write(make([]byte, much))
	f.kept = t.Buffered()
}

func (f *flooder) ConnectionLost(err error) { f.lost = err }

func TestServeProtocolTellsWhatIsLost(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			f := new(flooder)
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			serves := asyncio.Go(ctx, func(ctx context.Context) error {
				return streams.ServeProtocol(ctx, l, func() streams.Protocol { return f }, streams.GracePeriod(time.Millisecond))
			})
			conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
			_ = must(conn.Read(make([]byte, 1)))(t) // it has written
			_ = l.Close()
			_, err := serves.Await(ctx)
			if n := lostBytes(f.lost); n <= 0 || n > f.kept {
				t.Errorf("it says that %d bytes are lost, and %d were kept: %v", n, f.kept, f.lost)
			}
			return errors.Join(err, conn.Close())
		})
	})
}
