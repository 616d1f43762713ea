package asynciohttp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// run runs main on a loop, expects that it returns nil, and that nothing is left.
func run(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	asynctest.NothingIsLeft(t)
	defer time.AfterFunc(asynctest.Patience, func() { panic(t.Name() + " hangs") }).Stop()
	if err := asyncio.Run(t.Context(), main, opts...); err != nil {
		t.Error(err)
	}
}

// server is one whose handlers run on the loop.
func server(ctx context.Context, t *testing.T, fn HandlerFunc, opts ...HandlerOption) *httptest.Server {
	t.Helper()
	return start(t, httptest.NewUnstartedServer(Handler(ctx, fn, opts...)))
}

func start(t *testing.T, s *httptest.Server) *httptest.Server {
	s.Config.ErrorLog = testLog(t)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// request makes a request in a thread, and returns the status and the body.
func request(ctx context.Context, method, url, body string) (status int, answer string, err error) {
	type result struct {
		status int
		body   string
	}
	r, err := asyncio.ToThread(ctx, func(ctx context.Context) (result, error) {
		request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
		if err != nil {
			return result{}, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return result{}, err
		}
		defer response.Body.Close()
		defer http.DefaultClient.CloseIdleConnections()
		body, err := io.ReadAll(response.Body)
		return result{response.StatusCode, string(body)}, err
	})
	return r.status, r.body, err
}

func expect(ctx context.Context, t *testing.T, url string, status int, body string) {
	t.Helper()
	gotStatus, got, err := request(ctx, "POST", url, "hello")
	if err != nil || gotStatus != status || got != body {
		t.Errorf("%s was answered with %d, %q, %v; want %d, %q", url, gotStatus, got, err, status, body)
	}
}

func TestHandlersShareTheLoop(t *testing.T) {
	run(t, func(ctx context.Context) error {
		visits, inside := 0, 0
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			if inside++; inside != 1 {
				t.Error("two handlers ran at a time")
			}
			visits++
			inside--
			if ctx != r.Context() {
				t.Error("the context of the request is another than that of the task")
			}
			if r.Context().Value(http.ServerContextKey) == nil {
				t.Error("the context has not the values of the request's")
			}
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			_, err := fmt.Fprint(w, "hello")
			return err
		})
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 20 {
				tg.Go(func(ctx context.Context) error { expect(ctx, t, s.URL, 200, "hello"); return nil })
			}
			return nil
		})
	})
}

func TestErrorsAreAnswered(t *testing.T) {
	secret := errors.New("the password is 1234")
	errs := map[string]error{
		"/nil": nil, "/other": secret, "/timeout": asyncio.ErrTimeout, "/deadline": context.DeadlineExceeded,
		"/status":   fmt.Errorf("wrapped: %w", &StatusError{Status: 404, Text: "no such thing", Err: secret}),
		"/canceled": asyncio.ErrCanceled,
	}
	var reports []string
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			fmt.Fprint(w, "a part")
			if r.URL.Path == "/panic" {
				panic("at the handler")
			}
			if r.URL.Path == "/large" {
				r.Body = http.MaxBytesReader(w, r.Body, 2)
				_, err := io.ReadAll(r.Body)
				return err
			}
			return errs[r.URL.Path]
		})
		expect(ctx, t, s.URL+"/nil", 200, "a part")
		expect(ctx, t, s.URL+"/other", 500, "Internal Server Error\n")
		expect(ctx, t, s.URL+"/timeout", 504, "Gateway Timeout\n")
		expect(ctx, t, s.URL+"/deadline", 504, "Gateway Timeout\n")
		expect(ctx, t, s.URL+"/status", 404, "no such thing\n")
		expect(ctx, t, s.URL+"/canceled", 503, "Service Unavailable\n")
		expect(ctx, t, s.URL+"/large", 413, "Request Entity Too Large\n")
		expect(ctx, t, s.URL+"/panic", 500, "Internal Server Error\n")
		return nil
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c.Err.Error()) }))
	if len(reports) != 2 || reports[0] != secret.Error() || !strings.Contains(reports[1], "at the handler") {
		t.Errorf("reported were %q; want the error of status 500, and the panic", reports)
	}
}

func TestOnError(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(context.Context, http.ResponseWriter, *http.Request) error {
			return errors.New("teapot")
		}, OnError(func(w http.ResponseWriter, r *http.Request, err error) {
			w.WriteHeader(418)
			fmt.Fprint(w, r.Method, " ", err)
		}))
		expect(ctx, t, s.URL, 418, "POST teapot")
		return nil
	}, noReports(t))
}

// noReports fails the test at each report to the exception handler but stalls.
func noReports(t *testing.T) asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) {
		if c.Duration == 0 {
			t.Errorf("reported: %v", c)
		}
	})
}

func TestClientGoesAway(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var arrived, gone asyncio.Event
		s := server(ctx, t, func(ctx context.Context, _ http.ResponseWriter, r *http.Request) error {
			if _, err := io.ReadAll(r.Body); err != nil { // the server notices only then
				return err
			}
			arrived.Set()
			defer gone.Set()
			return asynctest.WaitForever(ctx)
		})
		call := asyncio.Go(ctx, func(ctx context.Context) error {
			_, _, err := request(ctx, "POST", s.URL, "hello")
			return err
		})
		if err := arrived.Wait(ctx); err != nil {
			return err
		}
		call.Cancel()
		return gone.Wait(ctx)
	}, noReports(t))
}

func TestBodiesAreStreams(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, size := range []int{0, 16, -1} {
		t.Run(fmt.Sprint("BufferSize ", size), func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
					_, err := io.Copy(w, r.Body)
					return err
				}, BufferSize(size))
				status, got, err := request(ctx, "POST", s.URL, large)
				if status != 200 || got != large || err != nil {
					t.Errorf("of %d bytes, %d came back, status %d, %v", len(large), len(got), status, err)
				}
				return nil
			}, noReports(t))
		})
	}
}

// A slow client suspends its own task only.
func TestSlowClientHoldsNobodyUp(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var writing asyncio.Event
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path == "/fast" {
				fmt.Fprint(w, "fast")
				return nil
			}
			writing.Set()
			block := make([]byte, 1<<20)
			for {
				if _, err := w.Write(block); err != nil {
					return err // the client has gone
				}
			}
		})
		conn, err := net.Dial("tcp", s.Listener.Addr().String()) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
		if err := writing.Wait(ctx); err != nil {
			return err
		}
		for range 3 {
			expect(ctx, t, s.URL+"/fast", 200, "fast")
		}
		return nil
	}, noReports(t))
}

// A timeout around a Write cuts it, as the scope that was opened last. The request then
// ends, although the client takes nothing.
func TestTimeoutCutsAWrite(t *testing.T) {
	run(t, func(ctx context.Context) error {
		ended, returned := make(chan error, 1), make(chan struct{})
		h := Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			err := asyncio.WithTimeout(ctx, 100*time.Millisecond, func(ctx context.Context) error {
				for { // until the client's buffers are full
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return err
					}
				}
			})
			ended <- err
			return nil
		})
		s := start(t, httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(returned)
			h.ServeHTTP(w, r)
		})))
		conn, err := net.Dial("tcp", s.Listener.Addr().String()) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		err, _, cut := asyncio.Receive(ctx, ended)
		if !errors.Is(err, asyncio.ErrTimeout) || cut != nil {
			t.Errorf("the write returned %v, want a timeout; %v", err, cut)
		}
		_, _, err = asyncio.Receive(ctx, returned)
		return err
	}, noReports(t))
}

// A handler may give up reading, and answer.
func TestTimeoutCutsARead(t *testing.T) {
	t.Run("that waits", func(t *testing.T) { cutsARead(t, time.Millisecond) })
	// A task may be canceled before the call for which it waits has begun.
	t.Run("that does not wait yet", func(t *testing.T) { cutsARead(t, 0) })
}

func cutsARead(t *testing.T, after time.Duration) {
	t.Helper()
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			err := asyncio.WithTimeout(ctx, after, func(ctx context.Context) error {
				_, err := io.ReadAll(r.Body)
				return err
			})
			if !errors.Is(err, asyncio.ErrTimeout) {
				t.Errorf("the read returned %v, want a timeout", err)
			}
			return &StatusError{Status: http.StatusRequestTimeout}
		})
		conn, err := net.Dial("tcp", s.Listener.Addr().String()) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
		response, err := asyncio.ToThread(ctx, func(context.Context) (*http.Response, error) {
			return http.ReadResponse(bufio.NewReader(conn), nil)
		})
		if err == nil {
			asynctest.ExpectEqual(t, "the status", response.StatusCode, http.StatusRequestTimeout)
		}
		return err
	}, noReports(t))
}

func TestServerSentEvents(t *testing.T) {
	run(t, func(ctx context.Context) error {
		events := asyncio.NewQueue[string](0)
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Type", "text/event-stream")
			flush := http.NewResponseController(w).Flush
			if err := flush(); err != nil {
				return err
			}
			for event, err := range events.All(ctx) {
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "data: %s\n\n", event)
				if err := flush(); err != nil {
					return err
				}
			}
			return nil
		})
		response, err := asyncio.ToThread(ctx, func(context.Context) (*http.Response, error) { return http.Get(s.URL) })
		if err != nil {
			return err
		}
		defer http.DefaultClient.CloseIdleConnections()
		defer response.Body.Close()
		lines := bufio.NewReader(response.Body)
		for _, event := range []string{"one", "two"} { // one is read before two is sent
			if err := events.Put(ctx, event); err != nil {
				return err
			}
			line, err := asyncio.ToThread(ctx, func(context.Context) (string, error) {
				line, err := lines.ReadString('\n')
				_, _ = lines.Discard(1)
				return line, err
			})
			if want := "data: " + event + "\n"; line != want || err != nil {
				t.Errorf("the client got %q, %v, want %q", line, err, want)
			}
		}
		return nil
	}, noReports(t))
}

// An answer that breaks off must not look like a whole one.
func TestErrorAfterAPart(t *testing.T) {
	secret := errors.New("broken")
	var reported error
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			fmt.Fprint(w, "a part")
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			return secret
		})
		if _, got, err := request(ctx, "GET", s.URL, ""); err == nil {
			t.Errorf("the client got %q, and no error", got)
		}
		return nil
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { reported = c.Err }))
	if !errors.Is(reported, secret) {
		t.Errorf("reported was %v, want %v", reported, secret)
	}
}

func TestAbortHandler(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(context.Context, http.ResponseWriter, *http.Request) error {
			panic(http.ErrAbortHandler)
		})
		if status, _, err := request(ctx, "GET", s.URL, ""); err == nil {
			t.Errorf("the client got status %d, and no error", status)
		}
		return nil
	}, noReports(t))
}

func TestHijackedConnectionIsOfTheLoop(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := w.Write(nil); !errors.Is(err, http.ErrHijacked) {
				t.Errorf("Write after Hijack returned %v", err)
			}
			fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
			if err := rw.Flush(); err != nil {
				return err
			}
			_, err = io.Copy(conn, rw) // suspends; what was sent ahead comes first
			return err
		})
		conn, err := net.Dial("tcp", s.Listener.Addr().String()) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		const switched = "HTTP/1.1 101 Switching Protocols\r\n\r\n"
		return asyncio.ToThreadFunc(ctx, func(context.Context) error {
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nahead")
			answer := make([]byte, len(switched+"ahead"))
			_, err := io.ReadFull(conn, answer)
			fmt.Fprint(conn, " and after")
			_ = conn.(*net.TCPConn).CloseWrite()
			rest, restErr := io.ReadAll(conn)
			if got := string(answer) + string(rest); got != switched+"ahead and after" {
				t.Errorf("the client got %q", got)
			}
			return errors.Join(err, restErr)
		})
	}, noReports(t))
}

// Headers that were written before Hijack are sent, as net/http does.
func TestHijackAfterWriteHeader(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Upgrade", "echo")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			return conn.Close()
		})
		conn, err := net.Dial("tcp", s.Listener.Addr().String()) //asyncio:ok blocks the system accepts for the listener
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		answer, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) { return io.ReadAll(conn) })
		if !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") || !strings.Contains(string(answer), "Upgrade: echo\r\n") {
			t.Errorf("the client got %q", answer)
		}
		return err
	}, noReports(t))
}

func TestEarlyHintsAndStatus(t *testing.T) {
	run(t, func(ctx context.Context) error {
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNoContent)
			w.WriteHeader(http.StatusOK) // too late
			if _, err := fmt.Fprint(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("Write of a body with status 204 returned %v", err)
			}
			return nil
		})
		expect(ctx, t, s.URL, http.StatusNoContent, "")
		return nil
	}, noReports(t))
}

// A handler is of use in a test without a server.
func TestHandlerInATaskWithARecorder(t *testing.T) {
	run(t, func(ctx context.Context) error {
		h := Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			_, err := io.Copy(w, r.Body)
			return err
		})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "POST", "/", strings.NewReader("hello")))
		asynctest.ExpectEqual(t, "the body", w.Body.String(), "hello")
		return nil
	}, noReports(t))
}

func TestAfterTheLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var h http.Handler
	if err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		h = Handler(ctx, func(context.Context, http.ResponseWriter, *http.Request) error { return nil })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	asynctest.ExpectEqual(t, "the status", w.Code, http.StatusServiceUnavailable)
}

// What is used after the handler has returned says so.
func TestUseAfterTheEnd(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var kept http.ResponseWriter
		var body io.Reader
		s := server(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			kept, body = w, r.Body
			_, err := r.Body.Read(make([]byte, 1))
			return err
		})
		expect(ctx, t, s.URL, 200, "")
		if _, err := kept.Write([]byte("late")); err == nil {
			t.Error("Write after the handler's end returned nil")
		}
		if err := http.NewResponseController(kept).Flush(); err == nil {
			t.Error("Flush after the handler's end returned nil")
		}
		if _, err := body.Read(make([]byte, 1)); err == nil {
			t.Error("Read after the handler's end returned nil")
		}
		return nil
	}, noReports(t))
}

func TestMisuse(t *testing.T) {
	asynctest.ExpectAdvice(t, func() { Handler(t.Context(), nil) }, "running event loop", "Run")
	run(t, func(ctx context.Context) error {
		asynctest.ExpectAdvice(t, func() { Handler(ctx, nil) }, "nil function")
		asynctest.ExpectAdvice(t, func() {
			Handler(ctx, func(context.Context, http.ResponseWriter, *http.Request) error { return nil }, nil)
		}, "nil option")
		asynctest.ExpectAdvice(t, func() { OnError(nil) }, "leave the option out")
		return nil
	})
	asynctest.ExpectIs(t, Serve(t.Context(), &http.Server{}, nil), asyncio.ErrNoRunningLoop)
	asynctest.ExpectIs(t, ListenAndServe(t.Context(), &http.Server{}), asyncio.ErrNoRunningLoop)
}
