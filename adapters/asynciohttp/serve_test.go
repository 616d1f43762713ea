package asynciohttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// testLog is where servers write.
func testLog(*testing.T) *log.Logger { return log.New(io.Discard, "", 0) }

// serve starts Serve in a task.
func serve(ctx context.Context, t *testing.T, fn HandlerFunc, opts ...ServeOption) (serving *asyncio.Task[struct{}], url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: Handler(ctx, fn), ErrorLog: testLog(t)}
	return asyncio.Go(ctx, func(ctx context.Context) error { return Serve(ctx, server, l, opts...) }), "http://" + l.Addr().String()
}

// A canceled server answers what it was asked, and then ends.
func TestServeDrains(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var arrived, mayEnd asyncio.Event
		serving, url := serve(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			arrived.Set()
			if err := mayEnd.Wait(ctx); err != nil {
				return err
			}
			_, err := fmt.Fprint(w, "done")
			return err
		}, GracePeriod(-1))
		call := asyncio.Go(ctx, func(ctx context.Context) error { expect(ctx, t, url, 200, "done"); return nil })
		if err := arrived.Wait(ctx); err != nil {
			return err
		}
		serving.Cancel()
		refused(ctx, t, url)
		if serving.Done() {
			t.Error("Serve returned while a request was in progress")
		}
		mayEnd.Set()
		if _, err := call.Await(ctx); err != nil {
			return err
		}
		_, err := serving.Await(ctx)
		asynctest.ExpectCanceled(t, err)
		if !serving.Canceled() {
			t.Errorf("the task of Serve ended with %v, and not canceled", err)
		}
		return nil
	}, noReports(t))
}

// The server does not know of hijacked connections any more; Serve does.
func TestServeWaitsForHijackedConnections(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var arrived, mayEnd asyncio.Event
		ended := false
		serving, url := serve(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			arrived.Set()
			err = mayEnd.Wait(ctx)
			ended = true
			return err
		}, GracePeriod(-1))
		conn, err := net.Dial("tcp", url[len("http://"):]) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err := arrived.Wait(ctx); err != nil {
			return err
		}
		serving.Cancel()
		_, _, err = asyncio.Wait(ctx, []asyncio.Waitable{serving}, asyncio.FirstCompleted, 20*time.Millisecond)
		if err != nil || serving.Done() {
			t.Errorf("Serve has not waited for the handler; %v", err)
		}
		mayEnd.Set()
		_, err = serving.Await(ctx)
		asynctest.ExpectCanceled(t, err)
		if !ended {
			t.Error("Serve returned before the handler")
		}
		return nil
	}, noReports(t))
}

// refused waits until the server accepts no more.
func refused(ctx context.Context, t *testing.T, url string) {
	t.Helper()
	err := asyncio.ToThreadFunc(ctx, func(context.Context) error {
		asynctest.Eventually(t, "connections are refused", func() bool {
			c, err := net.Dial("tcp", url[len("http://"):])
			if err == nil {
				_ = c.Close()
			}
			return err != nil
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// When the grace period is over, requests are canceled, whatever they do.
func TestServeCancelsAtTheEnd(t *testing.T) {
	handlers := map[string]HandlerFunc{
		"a handler that waits": func(ctx context.Context, _ http.ResponseWriter, _ *http.Request) error {
			return asynctest.WaitForever(ctx)
		},
		"a handler that reads": func(ctx context.Context, _ http.ResponseWriter, r *http.Request) error {
			_, err := io.ReadAll(r.Body)
			return err
		},
		"a handler that writes": func(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
			for {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		},
		"a hijacked connection": func(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			_, err = conn.Read(make([]byte, 1))
			return err
		},
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				var arrived asyncio.Event
				serving, url := serve(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
					arrived.Set()
					return handler(ctx, w, r)
				}, GracePeriod(time.Nanosecond))
				conn, err := net.Dial("tcp", url[len("http://"):]) //asyncio:ok blocks the system accepts for the listener
				if err != nil {
					return err
				}
				defer conn.Close()
				fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
				if err := arrived.Wait(ctx); err != nil {
					return err
				}
				serving.Cancel()
				_, err = serving.Await(ctx)
				if !errors.Is(err, asyncio.ErrCanceled) || !errors.Is(err, asyncio.ErrTimeout) {
					t.Errorf("Serve returned %v; want that it was canceled, and had to cancel a request", err)
				}
				return nil
			}, noReports(t))
		})
	}
}

func TestServeOfACanceledTask(t *testing.T) {
	run(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Cancel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			asynctest.ExpectCanceled(t, Serve(ctx, &http.Server{ErrorLog: testLog(t)}, l))
			refused(context.WithoutCancel(ctx), t, "http://"+l.Addr().String())
			return nil
		})
	}, noReports(t))
}

func nothing(context.Context, http.ResponseWriter, *http.Request) error { return nil }

func TestServeEndsByItself(t *testing.T) {
	run(t, func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &http.Server{Handler: Handler(ctx, nothing), ErrorLog: testLog(t)}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return Serve(ctx, server, l) })
		expect(ctx, t, "http://"+l.Addr().String(), 200, "")
		if err := asyncio.ToThreadFunc(ctx, server.Shutdown); err != nil {
			return err
		}
		if _, err := serving.Await(ctx); err != nil {
			t.Errorf("Serve of a server that was shut down returned %v", err)
		}

		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		_ = closed.Close()
		asynctest.ExpectIs(t, Serve(ctx, &http.Server{ErrorLog: testLog(t)}, closed), net.ErrClosed)
		return nil
	}, noReports(t))
}

func TestListenAndServe(t *testing.T) {
	run(t, func(ctx context.Context) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		server := &http.Server{Addr: l.Addr().String()} // which is taken
		if err := ListenAndServe(ctx, server); err == nil {
			t.Error("ListenAndServe on an address that is taken returned nil")
		}
		return nil
	}, noReports(t))
}

// A listener is closed also when the server cannot begin.
func TestServeThatCannotBegin(t *testing.T) {
	run(t, func(ctx context.Context) error {
		closed := func(what string, server *http.Server, isWhy func(error) bool) {
			t.Helper()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if err := Serve(ctx, server, l); err == nil || !isWhy(err) {
				t.Errorf("%s: Serve returned %v", what, err)
			}
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: the listener was still open; %v", what, err)
			}
		}
		closed("no certificate", &http.Server{TLSConfig: new(tls.Config)}, func(error) bool { return true })

		server := new(http.Server)
		serving := asyncio.Go(ctx, func(ctx context.Context) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			return Serve(ctx, server, l)
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		closed("served already", server, func(err error) bool { return errors.Is(err, errServed) })
		serving.Cancel()
		_, err := serving.Await(ctx)
		asynctest.ExpectCanceled(t, err)
		closed("served before", server, func(err error) bool { return errors.Is(err, errServed) })
		return nil
	})
}
