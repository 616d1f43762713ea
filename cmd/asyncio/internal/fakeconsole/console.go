// Package fakeconsole is a console for tests: it speaks the format of internal/wire, and
// says what it is told to say. No program stands behind it.
package fakeconsole

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// A Console answers what its fields say. They are set before it listens.
type Console struct {
	Hello     wire.Hello
	Snapshots map[int]*wire.Snapshot
	Details   map[uint64]*wire.TaskDetail
	Dump      string
	Recording string // what /v1/trace answers, behind its parameters
	Token     string
	NoLive    bool // all places of /v1/live are taken

	mu       sync.Mutex
	canceled []wire.Cancel
	states   chan *wire.State
}

// New returns a console with the state of one loop.
func New(hello wire.Hello, s *wire.Snapshot) *Console {
	return &Console{Hello: hello, Snapshots: map[int]*wire.Snapshot{1: s}, states: make(chan *wire.State)}
}

// Listen makes the console answer at a socket, until the test ends or stop is called.
func (c *Console) Listen(t testing.TB, path string) (stop func()) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stop = c.Serve(l)
	t.Cleanup(stop)
	return stop
}

// Serve makes it answer at a listener, until stop is called, once or more often.
func (c *Console) Serve(l net.Listener) (stop func()) {
	server := httptest.NewUnstartedServer(c)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	return sync.OnceFunc(func() { server.CloseClientConnections(); server.Close() })
}

// ListenTCP makes it answer on a port of this machine, and returns its host and port.
func (c *Console) ListenTCP(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(c)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return strings.TrimPrefix(server.URL, "http://")
}

// Folder makes XDG_RUNTIME_DIR a folder of the test, with one for consoles in it, and
// returns the latter. Its path is short, as that of a socket has to be.
func Folder(t testing.TB) string {
	t.Helper()
	xdg, err := os.MkdirTemp("/tmp", "xdg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(xdg) })
	t.Setenv("XDG_RUNTIME_DIR", xdg)
	dir := filepath.Join(xdg, "asyncio")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Tell sends a state to one who listens to /v1/live, and waits until it is sent. Nil
// ends the stream.
func (c *Console) Tell(s *wire.State) { c.states <- s }

// Canceled returns the orders that have come.
func (c *Console) Canceled() []wire.Cancel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.canceled
}

func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.Token != "" && r.Header.Get("Authorization") != "Bearer "+c.Token {
		refuse(w, http.StatusUnauthorized, "this console wants its token")
		return
	}
	if r.Host != "localhost" && !strings.HasPrefix(r.Host, "127.0.0.1:") {
		refuse(w, http.StatusMisdirectedRequest, "this console is not known as "+r.Host)
		return
	}
	if r.URL.Path == "/v1/hello" {
		answer(w, c.Hello)
		return
	}
	if r.URL.Path == "/v1/cancel" {
		c.cancel(w, r)
		return
	}
	loop, _ := strconv.Atoi(r.URL.Query().Get("loop"))
	s := c.Snapshots[max(loop, 1)]
	if s == nil {
		refuse(w, http.StatusNotFound, fmt.Sprintf("there is no loop %d", loop))
		return
	}
	c.about(w, r, s)
}

// about answers a question about a loop.
func (c *Console) about(w http.ResponseWriter, r *http.Request, s *wire.Snapshot) {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	if id, ok := strings.CutPrefix(path, "task/"); ok {
		n, _ := strconv.ParseUint(id, 10, 64)
		if detail := c.Details[n]; detail != nil {
			answer(w, detail)
			return
		}
		refuse(w, http.StatusNotFound, "there is no task "+id)
		return
	}
	switch path {
	case "snapshot":
		if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && limit < len(s.Tasks) {
			part := *s
			part.Tasks, part.Truncated = s.Tasks[:limit], len(s.Tasks)-limit
			s = &part
		}
		answer(w, s)
	case "live":
		c.live(w, r)
	case "dump":
		io.WriteString(w, c.Dump)
	case "trace":
		io.WriteString(w, r.URL.Query().Encode()+"\n"+c.Recording)
	default:
		refuse(w, http.StatusNotFound, "there is no "+r.URL.Path)
	}
}

// live sends what Tell is given, and a frame before each, which a reader of states has
// to pass over.
func (c *Console) live(w http.ResponseWriter, r *http.Request) {
	if c.NoLive {
		refuse(w, http.StatusServiceUnavailable, "16 clients follow this console")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	io.WriteString(w, "retry: 1000\n\n")
	w.(http.Flusher).Flush()
	for {
		select {
		case s := <-c.states:
			if s == nil {
				return
			}
			text, err := json.Marshal(s)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(w, ": a comment\n\nevent: frame\nid: 1\ndata: {}\n\nevent: state\ndata: %s\n\n", text)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (c *Console) cancel(w http.ResponseWriter, r *http.Request) {
	var order wire.Cancel
	switch {
	case r.Method != http.MethodPost || r.Header.Get("X-Asyncio") != "1" || r.Header.Get("Content-Type") != "application/json":
		refuse(w, http.StatusForbidden, "an action has to be meant")
	case !c.Hello.Actions:
		refuse(w, http.StatusForbidden, "this console only shows")
	case json.NewDecoder(r.Body).Decode(&order) != nil:
		refuse(w, http.StatusBadRequest, "this is no order")
	default:
		c.mu.Lock()
		c.canceled = append(c.canceled, order)
		c.mu.Unlock()
		answer(w, struct{}{})
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // who has gone does not hear it
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	answer(w, wire.Error{Error: text})
}
