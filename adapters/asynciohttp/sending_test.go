package asynciohttp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A lazyClient asks, and reads nothing until it is told to.
type lazyClient struct{ conn net.Conn }

func ask(t *testing.T, address string) *lazyClient {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	return &lazyClient{conn}
}

// body reads the answer, in a thread.
func (c *lazyClient) body(ctx context.Context) ([]byte, error) {
	return asyncio.ToThread(ctx, func(context.Context) ([]byte, error) {
		response, err := http.ReadResponse(bufio.NewReader(c.conn), nil)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(response.Body)
	})
}

// A handler may go on after a Write that was cut, with what that has not written.
func TestCutWritesLoseNothing(t *testing.T) {
	run(t, func(ctx context.Context) error {
		const size, part = 24 << 20, 1000
		var stuck asyncio.Event
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			all := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz\n"), size/37)
			for len(all) > 0 {
				n := 0
				err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) (err error) {
					n, err = w.Write(all[:min(part, len(all))])
					return err
				})
				all = all[n:]
				if errors.Is(err, asyncio.ErrTimeout) {
					stuck.Set()
				} else if err != nil {
					return err
				}
			}
			return http.NewResponseController(w).Flush()
		})
		client := ask(t, s.Listener.Addr().String())
		if err := stuck.Wait(ctx); err != nil {
			return err
		}
		got, err := client.body(ctx)
		if want := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz\n"), size/37); !bytes.Equal(got, want) {
			t.Errorf("of %d bytes %d came, or others; %v", len(want), len(got), err)
		}
		return err
	})
}

// A Flush waits for what a Write that was cut has left, and can be cut as well.
func TestFlushAfterACutWrite(t *testing.T) {
	run(t, func(ctx context.Context) error {
		ended := asyncio.NewFuture[error](ctx)
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			limited := func(fn func() error) error {
				return asyncio.WithTimeout(ctx, 10*time.Millisecond, func(context.Context) error { return fn() })
			}
			err := error(nil)
			for err == nil { // until the client's buffers are full
				_ = limited(func() error { _, err := w.Write(make([]byte, 1<<20)); return err })
				err = limited(http.NewResponseController(w).Flush)
			}
			ended.SetResult(err)
			return nil
		})
		ask(t, s.Listener.Addr().String())
		err, cut := ended.Await(ctx)
		asynctest.ExpectIs(t, err, asyncio.ErrTimeout)
		return cut
	})
}

// Tasks that write at once are a matter of their own order; nothing is lost, or sent twice.
func TestSeveralTasksWrite(t *testing.T) {
	run(t, func(ctx context.Context) error {
		const tasks, lines = 10, 100
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range tasks {
					tg.Go(func(context.Context) error {
						for j := range lines {
							fmt.Fprintf(w, "%d %d\n", i, j)
							if err := http.NewResponseController(w).Flush(); err != nil {
								return err
							}
						}
						return nil
					})
				}
				return nil
			})
		}, BufferSize(20))
		_, got, err := request(ctx, "GET", s.URL, "")
		if n := strings.Count(got, "\n"); n != tasks*lines {
			t.Errorf("%d lines came, want %d", n, tasks*lines)
		}
		for i := range tasks {
			next := 0
			for line := range strings.Lines(got) {
				if line == fmt.Sprintf("%d %d\n", i, next) {
					next++
				}
			}
			if next != lines {
				t.Errorf("of task %d, %d lines came in order, want %d", i, next, lines)
			}
		}
		return err
	})
}

// Trailers that were declared are no headers, although the answer is not sent yet.
func TestTrailers(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Trailer", "X-Sum")
			_, err := io.WriteString(w, "hello")
			w.Header().Set("X-Sum", "5")
			return err
		})
		return asyncio.ToThreadFunc(ctx, func(context.Context) error {
			defer http.DefaultClient.CloseIdleConnections()
			response, err := http.Get(s.URL)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			asynctest.ExpectEqual(t, "the body", string(body), "hello")
			asynctest.ExpectEqual(t, "the header", response.Header.Get("X-Sum"), "")
			asynctest.ExpectEqual(t, "the trailer", response.Trailer.Get("X-Sum"), "5")
			return err
		})
	})
}

// A handler that writes more than it has declared is told so, or its loop is.
func TestMoreThanDeclared(t *testing.T) {
	var reported error
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Length", "2")
			_, err := io.WriteString(w, "abc")
			return err
		})
		if _, got, err := request(ctx, "GET", s.URL, ""); err == nil {
			t.Errorf("the answer is %q", got)
		}
		return asyncio.Yield(ctx)
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { reported = c.Err }))
	asynctest.ExpectIs(t, reported, http.ErrContentLength)
}
