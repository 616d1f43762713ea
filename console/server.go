package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/internal/serve"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// maxClients is how many clients may follow /v1/live at a time.
const maxClients = 16

// A server answers requests. It knows nothing of loops: it asks a backend.
type server struct {
	guard   *serve.Guard
	backend backend
	actions bool
	clients chan struct{} // as many as follow /v1/live

	ctx    context.Context // done when the server has ended
	cancel context.CancelFunc

	mu      sync.Mutex
	ended   bool
	answers sync.WaitGroup // that are being given
}

func newServer(c *settings, b backend) *server {
	s := &server{guard: newGuard(c), backend: b, actions: c.actions, clients: make(chan struct{}, maxClients)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// end cuts all answers and lets no more begin; wait waits for them.
func (s *server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.cancel()
}

func (s *server) wait() { s.answers.Wait() }

// begin reports whether an answer may be given.
func (s *server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.answers.Add(1)
	return true
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		serve.Refusal{Status: http.StatusServiceUnavailable, Text: errStopped.Error()}.ServeHTTP(w, r)
		return
	}
	defer s.answers.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	s.guard.Serve(w, r.WithContext(ctx), s.route)
}

// api has what answers below /v1/; "task/" stands for all paths that begin so.
var api = map[string]struct {
	method string
	answer func(*server, http.ResponseWriter, *http.Request)
}{
	"hello":     {http.MethodGet, (*server).hello},
	"snapshot":  {http.MethodGet, (*server).snapshot},
	"task/":     {http.MethodGet, (*server).task},
	"deadlocks": {http.MethodGet, (*server).deadlocks},
	"trace":     {http.MethodGet, (*server).trace},
	"dump":      {http.MethodGet, (*server).dump},
	"live":      {http.MethodGet, (*server).live},
	"cancel":    {http.MethodPost, (*server).cancelTask},
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	name, isAPI := strings.CutPrefix(r.URL.Path, "/v1/")
	if !isAPI {
		s.page(w, r)
		return
	}
	if no := s.guard.CheckToken(r); no != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="asyncio console"`)
		no.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(name, "task/") {
		name = "task/"
	}
	one, known := api[name]
	if !known {
		serve.Refusal{Status: http.StatusNotFound, Text: "there is no " + r.URL.Path + ": ask for /v1/hello, snapshot, task/ID, deadlocks, trace, dump, live or cancel"}.ServeHTTP(w, r)
		return
	}
	if serve.Allowed(w, r, one.method) {
		one.answer(s, w, r)
	}
}

func (s *server) hello(w http.ResponseWriter, r *http.Request) {
	h := s.backend.Hello()
	h.Actions, h.Limits.Clients = s.actions, maxClients
	writeJSON(w, r, h)
}

func (s *server) snapshot(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop, limit := q.number("loop"), q.number("limit")
	if q.refused(w) {
		return
	}
	answer(w, r)(s.backend.Snapshot(r.Context(), loop, limit))
}

func (s *server) task(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop := q.number("loop")
	id, err := strconv.ParseUint(strings.TrimPrefix(r.URL.Path, "/v1/task/"), 10, 64)
	if err != nil || id == 0 {
		q.err = errors.New("a task has a number, from 1: ask for /v1/task/7; /v1/snapshot has the numbers")
	}
	if q.refused(w) {
		return
	}
	answer(w, r)(s.backend.Task(r.Context(), loop, id))
}

func (s *server) deadlocks(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop := q.number("loop")
	if q.refused(w) {
		return
	}
	answer(w, r)(s.backend.Deadlocks(r.Context(), loop))
}

func (s *server) trace(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop, seconds := q.number("loop"), q.number("seconds")
	format := r.URL.Query().Get("format")
	switch format {
	case "", "json":
		format = "json"
		w.Header().Set("Content-Type", "application/json")
	case "perfetto":
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="asyncio.perfetto-trace"`)
	default:
		q.err = fmt.Errorf("there is no format %q: ask for format=json or format=perfetto", format)
	}
	if q.refused(w) {
		return
	}
	stream(w, r, func(w io.Writer) error { return s.backend.WriteTrace(w, loop, seconds, format) })
}

func (s *server) dump(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop := q.number("loop")
	if q.refused(w) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	stream(w, r, func(w io.Writer) error { return s.backend.Dump(r.Context(), loop, w) })
}

// cancelTask cancels a task. Besides the guard, what keeps foreign pages away is the
// type of the body and the header: a page can send neither to another origin without
// asking first, and nobody says yes.
func (s *server) cancelTask(w http.ResponseWriter, r *http.Request) {
	if no := s.checkAction(r); no != nil {
		no.ServeHTTP(w, r)
		return
	}
	var c wire.Cancel
	if no := serve.ReadBody(w, r, &c, maxBody, `{"task": 7}`); no != nil {
		no.ServeHTTP(w, r)
		return
	}
	if c.Task == 0 || c.Loop < 0 {
		serve.Refusal{Status: http.StatusBadRequest, Text: `which task? Send its number, {"task": 7}; /v1/snapshot has the numbers`}.ServeHTTP(w, r)
		return
	}
	answer(w, r)(struct{}{}, s.backend.Cancel(r.Context(), c.Loop, c.Task))
}

func (s *server) checkAction(r *http.Request) *serve.Refusal {
	if !s.actions {
		return &serve.Refusal{Status: http.StatusForbidden, Text: "this console only shows: to let it cancel tasks, start it in the program with console.Start(ctx, console.Actions())"}
	}
	return serve.CheckAction(r)
}
