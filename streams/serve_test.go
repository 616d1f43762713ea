package streams_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// echoAll returns everything.
func echoAll(_ context.Context, conn net.Conn) error {
	_, err := io.Copy(conn, conn)
	return err
}

// serving serves while a function runs, then cancels Serve and returns what it
// returned.
func serving(ctx context.Context, t *testing.T, handler func(context.Context, net.Conn) error, body func(ctx context.Context, address string), opts ...streams.ServeOption) error {
	t.Helper()
	l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
	task := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, handler, opts...) })
	body(ctx, l.Addr().String())
	task.Cancel()
	_, err := task.Await(context.WithoutCancel(ctx))
	return err
}

func TestServe(t *testing.T) {
	t.Run("runs a handler for each connection, and closes it", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				err := serving(ctx, t, echoAll, func(ctx context.Context, address string) {
					for range 3 {
						conn := must(streams.Dial(ctx, "tcp", address))(t)
						send(t, conn, "hello")
						recv(t, conn, "hello")
						_ = conn.CloseWrite()
						_, err := conn.Read(make([]byte, 1))
						expectError(t, "Read", err, io.EOF)
						_ = conn.Close()
					}
				})
				expectError(t, "Serve", err, asyncio.ErrCanceled)
				return nil
			})
		})
	})
	// untilEnd says how its Read has ended.
	untilEnd := func(begun *asyncio.Event, ended *string) func(context.Context, net.Conn) error {
		return func(_ context.Context, conn net.Conn) error {
			begun.Set()
			_, err := conn.Read(make([]byte, 1))
			switch {
			case err == io.EOF:
				*ended = "by itself"
			case errors.Is(err, asyncio.ErrCanceled):
				*ended = "canceled"
			}
			return err
		}
	}
	t.Run("waits for handlers", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				var begun asyncio.Event
				ended := ""
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				serves := asyncio.Go(ctx, func(ctx context.Context) error {
					return streams.Serve(ctx, l, untilEnd(&begun, &ended), streams.GracePeriod(patience))
				})
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				_ = begun.Wait(ctx)
				serves.Cancel()
				somePasses(ctx)
				if serves.Done() || ended != "" {
					t.Errorf("it did not wait: the handler ended %q", ended)
				}
				_ = conn.Close()
				_, err := serves.Await(ctx)
				expectError(t, "Serve", err, asyncio.ErrCanceled)
				if ended != "by itself" {
					t.Errorf("the handler ended %q", ended)
				}
				return nil
			})
		})
	})
	t.Run("cancels handlers that go on", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				var begun asyncio.Event
				ended := ""
				_ = serving(ctx, t, untilEnd(&begun, &ended), func(ctx context.Context, address string) {
					must(streams.Dial(ctx, "tcp", address))(t)
					_ = begun.Wait(ctx)
				}, streams.GracePeriod(time.Millisecond))
				if ended != "canceled" {
					t.Errorf("the handler ended %q", ended)
				}
				return nil
			})
		})
	})
	t.Run("ends without an error when its listener is closed", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			asyncio.RunningLoop(ctx).CallSoon(func() { _ = l.Close() })
			return streams.Serve(ctx, l, echoAll)
		})
	})
	t.Run("reports the errors and panics of handlers, and goes on", func(t *testing.T) {
		var reported []string
		report := asyncio.OnException(func(c asyncio.ExceptionContext) {
			first, _, _ := strings.Cut(c.String(), "\n")
			_, first, _ = strings.Cut(first, " failed: ")
			reported = append(reported, first)
		})
		run(t, func(ctx context.Context) error {
			turn := 0
			_ = serving(ctx, t, func(context.Context, net.Conn) error {
				if turn++; turn == 1 {
					panic("boom")
				}
				return errors.New("no more")
			}, func(ctx context.Context, address string) {
				for range 2 {
					conn := must(streams.Dial(ctx, "tcp", address))(t)
					_, err := conn.Read(make([]byte, 1))
					expectError(t, "Read", err, io.EOF)
				}
			})
			return nil
		}, report)
		if got := strings.Join(reported, ", "); got != "boom, no more" {
			t.Errorf("reported: %s", got)
		}
	})
	t.Run("reports a panic of another task once", func(t *testing.T) {
		for name, work := range map[string]func(ctx context.Context) error{
			"child": func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(context.Context) error { panic("boom") })
					return nil
				})
			},
			"awaited": func(ctx context.Context) error {
				_, err := asyncio.Go(ctx, func(context.Context) error { panic("boom") }).Await(ctx)
				return err
			},
			"wrapped": func(ctx context.Context) error {
				_, err := asyncio.Go(ctx, func(context.Context) error { panic("boom") }).Await(ctx)
				return fmt.Errorf("the child: %w", err)
			},
			"joined": func(ctx context.Context) error {
				_, err := asyncio.Go(ctx, func(context.Context) error { panic("boom") }).Await(ctx)
				return errors.Join(err, err)
			},
			"wrapped group": func(ctx context.Context) error {
				return fmt.Errorf("the children: %w", asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(context.Context) error { panic("boom") })
					return nil
				}))
			},
			"joined with an error": func(ctx context.Context) error {
				_, err := asyncio.Go(ctx, func(context.Context) error { panic("boom") }).Await(ctx)
				return errors.Join(err, errors.New("no more"))
			},
			"thread": func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { panic("boom") })
				return err
			},
			"child and error": func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(context.Context) error { panic("boom") })
					_ = asyncio.Yield(ctx)
					return errors.New("no more")
				})
			},
		} {
			t.Run(name, func(t *testing.T) {
				booms, others := 0, 0
				tally := asyncio.OnException(func(c asyncio.ExceptionContext) {
					if strings.Contains(c.String(), "boom") {
						booms++
					} else {
						others++
					}
				})
				run(t, func(ctx context.Context) error {
					handler := func(ctx context.Context, _ net.Conn) error { return work(ctx) }
					_ = serving(ctx, t, handler, func(ctx context.Context, address string) {
						conn := must(streams.Dial(ctx, "tcp", address))(t)
						_, _ = conn.Read(make([]byte, 1))
					})
					return nil
				}, tally)
				wantOthers := 0
				if strings.HasSuffix(name, "error") {
					wantOthers = 1
				}
				if booms != 1 || others != wantOthers {
					t.Errorf("the panic was reported %d times, and other errors %d times", booms, others)
				}
			})
		}
	})
	t.Run("reports no io.EOF, for that is how a connection ends", func(t *testing.T) {
		errNoMore := errors.New("no more")
		for _, c := range []struct {
			err    error
			report string
		}{
			{io.EOF, ""},
			{fmt.Errorf("reading: %w", io.EOF), ""},
			{&streams.IncompleteReadError{Expected: 4}, ""},
			{errors.Join(io.EOF, io.EOF), ""},
			{io.ErrUnexpectedEOF, "unexpected EOF"},
			{&streams.IncompleteReadError{Partial: []byte("x"), Expected: 4}, "streams: the stream ended after 1 of 4 bytes"},
			{errors.Join(io.EOF, errNoMore), "no more"},
		} {
			var r reports
			run(t, func(ctx context.Context) error {
				_ = serving(ctx, t, func(context.Context, net.Conn) error { return c.err }, func(ctx context.Context, address string) {
					conn := must(streams.Dial(ctx, "tcp", address))(t)
					_, _ = conn.Read(make([]byte, 1))
				})
				return nil
			}, r.option())
			got := ""
			for _, err := range r.errs {
				got += err.Error()
			}
			if got != c.report {
				t.Errorf("of %q it reported %q", c.err, got)
			}
		}
	})
	t.Run("at its limit sees that its listener is closed", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				serves := asyncio.Go(ctx, func(ctx context.Context) error {
					return streams.Serve(ctx, l, echoAll, streams.MaxConnections(1), streams.GracePeriod(time.Millisecond))
				})
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				send(t, conn, "x")
				recv(t, conn, "x")
				_ = l.Close()
				_, err := serves.Await(ctx)
				return err
			})
		})
	})
	t.Run("closes the connections of handlers that never began", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			for range 100 { // a clock may stand still for a while
				if serveNothing(t) {
					return
				}
			}
			t.Error("the handler began each time: this test tests nothing")
		})
	})
	t.Run("limits the connections", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			running, most := 0, 0
			var full asyncio.Event
			_ = serving(ctx, t, func(ctx context.Context, conn net.Conn) error {
				running++
				most = max(most, running)
				defer func() { running-- }()
				if running == 3 {
					full.Set()
				}
				err := asyncio.WithTimeout(ctx, patience, full.Wait)
				return errors.Join(err, echoAll(ctx, conn))
			}, func(ctx context.Context, address string) {
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					for range 10 {
						tg.Go(func(ctx context.Context) error {
							conn := must(streams.Dial(ctx, "tcp", address))(t)
							send(t, conn, "x")
							recv(t, conn, "x")
							return conn.Close()
						})
					}
					return nil
				})
				expectError(t, "the clients", err, nil)
			}, streams.MaxConnections(3))
			if most != 3 {
				t.Errorf("%d handlers ran at once", most)
			}
			return nil
		})
	})
	t.Run("serves a listener of package net", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
				task := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, echoAll) })
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				send(t, conn, "hello")
				recv(t, conn, "hello")
				_ = conn.Close()
				task.Cancel()
				_, err := task.Await(ctx)
				expectError(t, "Serve", err, asyncio.ErrCanceled)
				return nil
			})
		})
	})
}

// serveNothing lets Serve end before the handler of a new connection has had a
// step, and reports whether that went well.
func serveNothing(t *testing.T) bool {
	t.Helper()
	var l *streams.Listener
	spawned := func(e asyncio.HookEvent) {
		if l != nil && strings.Contains(string(e.Task.Created), "streams.handlers.begin") {
			_ = l.Close()
		}
	}
	begun := false
	handler := func(context.Context, net.Conn) error {
		begun = true
		return nil
	}
	run(t, func(ctx context.Context) error {
		before := openDescriptors(t)
		l = must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
		serves := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, handler, streams.GracePeriod(time.Nanosecond))
		})
		conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
		_, err := serves.Await(ctx)
		expectError(t, "Serve", err, nil)
		_, err = conn.Read(make([]byte, 1))
		expectError(t, "Read", err, io.EOF)
		_ = conn.Close()
		expectDescriptors(ctx, t, before)
		return nil
		// Created is there in debug mode only, which has a watchdog for slow steps.
	}, asyncio.Observe(&asyncio.Hooks{TaskSpawned: spawned}), asyncio.Debug(true), asyncio.SlowStep(time.Hour))
	return !begun
}
