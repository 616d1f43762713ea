package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// server is a local web server on which everything goes wrong.
type server struct {
	*httptest.Server
	hanging  chan struct{} // gets a value for each request that hangs
	released chan struct{} // closed by /release

	mu     sync.Mutex // protects the following
	visits map[string]int
	agents []string
}

const greeting = "hello"

func newServer(t *testing.T) *server {
	s := &server{
		hanging:  make(chan struct{}, 100),
		released: make(chan struct{}),
		visits:   map[string]int{},
	}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/ok":         ok,
		"/empty":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"/big":        func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, io.LimitReader(zeros{}, big)) },
		"/missing":    http.NotFound,
		"/broken":     failed,
		"/flaky":      s.firstThen(failed, ok),
		"/busy":       s.firstThen(busy("0"), ok),
		"/busy-long":  busy("3600"),
		"/hang":       s.hang,
		"/hang-once":  s.firstThen(s.hang, ok),
		"/cut":        cut,
		"/cut-once":   s.firstThen(cut, ok),
		"/slow":       s.slow,
		"/release":    s.release,
		"/redirect":   redirect("/ok"),
		"/twice":      redirect("/redirect"),
		"/loop":       redirect("/loop"),
		"/to-ftp":     redirect("ftp://127.0.0.1/"),
		"/to-nowhere": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
	} {
		mux.HandleFunc(path, handler)
	}
	s.Server = httptest.NewServer(s.recording(mux))
	t.Cleanup(s.Close)
	return s
}

// recording notes each request before next answers it.
func (s *server) recording(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.visits[r.URL.Path]++
		s.agents = append(s.agents, r.UserAgent())
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// visited says how often a path was requested.
func (s *server) visited(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visits[path]
}

// firstThen answers the first request for its path with one handler and all
// others with the other.
func (s *server) firstThen(first, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.visited(r.URL.Path) == 1 {
			first(w, r)
		} else {
			then(w, r)
		}
	}
}

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, greeting) }

func failed(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "oh", http.StatusInternalServerError)
}

func busy(retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// hang does not answer before the client has gone.
func (s *server) hang(_ http.ResponseWriter, r *http.Request) {
	s.hanging <- struct{}{}
	<-r.Context().Done()
}

// cut closes the connection in the middle of the body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, greeting)
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// slow sends the second half of its body after somebody else has asked for
// /release.
func (s *server) slow(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, greeting)
	http.NewResponseController(w).Flush()
	select {
	case <-s.released:
		io.WriteString(w, greeting)
	case <-r.Context().Done():
	}
}

func (s *server) release(w http.ResponseWriter, r *http.Request) {
	close(s.released)
	ok(w, r)
}

// big is the size of a body that does not fit into one buffer.
const big = 3_000_000

// zeros is endless.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// urls returns the paths as URLs of the server. What has a scheme stays.
func (s *server) urls(paths ...string) []string {
	all := make([]string, len(paths))
	for i, p := range paths {
		if all[i] = p; strings.HasPrefix(p, "/") {
			all[i] = s.URL + p
		}
	}
	return all
}

// unreachable is the URL of a server that was there and is no more.
func unreachable() string {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	return fmt.Sprint(s.URL, "/")
}
