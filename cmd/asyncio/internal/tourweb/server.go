package tourweb

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/internal/serve"
)

const (
	mostRequest = 4 << 10  // of a request to run
	mostCode    = 64 << 10 // of a request to run an edited program
)

// A server answers the page.
type server struct {
	guard  *serve.Guard
	token  string
	editor *editor
	ready  func() (*serve.File, error) // lessons.json, made once

	mu     sync.Mutex
	opened string // the ticket that opens the page with the token, once
}

// newServer returns a server that listens at address. What it begins ends with ctx.
func newServer(ctx context.Context, address string, edit bool) *server {
	s := &server{token: secret(), editor: newEditor(ctx, edit)}
	s.guard = serve.NewGuard(serve.Words{
		Self:    "this tour",
		Names:   "open the address that asyncio tour --web has printed",
		Site:    "a page of another site may not use the tour: open the address that asyncio tour --web has printed",
		Missing: "the tour wants its token: open the whole address that asyncio tour --web has printed, with what stands behind #",
		Wrong:   "that is the token of another tour, perhaps of one that has ended: open the address that asyncio tour --web has printed last",
	}, address)
	s.guard.AskFor(s.token)
	s.ready = sync.OnceValues(func() (*serve.File, error) { return catalog(ctx, s.editor) })
	go s.ready() // it is soon asked for
	return s
}

func (s *server) close() { s.editor.close() }

// fragment is the end of the page's address, which a browser keeps to itself.
func (s *server) fragment(lesson string) string {
	if lesson == "" {
		return "#" + s.token
	}
	return "#" + s.token + "/tour/" + lesson
}

// ticket returns the end of an address that leads to the page, and is of no use after
// that. The command that opens a browser has its address on its command line, where all
// users of the machine can read it for as long as the browser runs.
func (s *server) ticket(lesson string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = secret()
	return "open/" + s.opened + "/" + lesson
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.guard.Serve(w, r, s.route)
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	if ticket, ok := strings.CutPrefix(r.URL.Path, "/open/"); ok {
		s.open(w, r, ticket)
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/tour/") {
		s.page(w, r)
		return
	}
	if no := s.guard.CheckToken(r); no != nil {
		no.ServeHTTP(w, r)
		return
	}
	switch r.URL.Path {
	case "/tour/lessons.json":
		if serve.Allowed(w, r, http.MethodGet) {
			s.lessons(w, r)
		}
	case "/tour/run":
		action(w, r, mostRequest, s.run)
	case "/tour/edit":
		action(w, r, mostCode, s.edit)
	default:
		serve.Refusal{Status: http.StatusNotFound, Text: "there is no " + r.URL.Path + ": ask for /tour/lessons.json, /tour/run or /tour/edit"}.ServeHTTP(w, r)
	}
}

// page answers with a file of the page. They hold no data, so nobody is asked for a token.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	f := pageFiles()[r.URL.Path]
	switch {
	case f == nil:
		serve.Refusal{Status: http.StatusNotFound, Text: "the tour has no " + r.URL.Path + ": its page is at /"}.ServeHTTP(w, r)
	case serve.Allowed(w, r, http.MethodGet):
		f.ServeHTTP(w, r)
	}
}

// open leads who has the ticket to the page.
func (s *server) open(w http.ResponseWriter, r *http.Request, path string) {
	if !serve.Allowed(w, r, http.MethodGet) {
		return
	}
	ticket, lesson, _ := strings.Cut(path, "/")
	if _, err := tourdata.Find(lesson); err != nil {
		lesson = ""
	}
	s.mu.Lock()
	valid := s.opened != "" && subtle.ConstantTimeCompare([]byte(ticket), []byte(s.opened)) == 1
	if valid && r.Method == http.MethodGet {
		s.opened = ""
	}
	s.mu.Unlock()
	if !valid {
		serve.Refusal{Status: http.StatusForbidden, Text: "this address opens the tour only once: open the one that asyncio tour --web has printed"}.ServeHTTP(w, r)
		return
	}
	if r.Method == http.MethodHead { // some desktops ask what an address is; the token is told once
		w.Header().Set("Content-Type", "text/html")
		return
	}
	w.Header().Set("Location", "/"+s.fragment(lesson))
	w.WriteHeader(http.StatusSeeOther)
}

func (s *server) lessons(w http.ResponseWriter, r *http.Request) {
	f, err := s.ready()
	if err != nil {
		serve.Refusal{Status: http.StatusInternalServerError, Text: err.Error()}.ServeHTTP(w, r)
		return
	}
	f.ServeHTTP(w, r)
}

// catalog makes lessons.json.
func catalog(ctx context.Context, e *editor) (*serve.File, error) {
	c, err := tourdata.New(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.ready(); err != nil {
		c.CanEditWhy = err.Error()
	} else {
		c.CanEdit = true
	}
	text, err := json.Marshal(c)
	return serve.NewFile("lessons.json", text), err
}

// action answers a request to do something with what do returns.
func action[T any](w http.ResponseWriter, r *http.Request, most int64, do func(context.Context, T) (any, error)) {
	if !serve.Allowed(w, r, http.MethodPost) {
		return
	}
	if no := serve.CheckAction(r); no != nil {
		no.ServeHTTP(w, r)
		return
	}
	var request T
	if no := serve.ReadBody(w, r, &request, most, `{"lesson": "gather", "values": {}}`); no != nil {
		no.ServeHTTP(w, r)
		return
	}
	answer, err := do(r.Context(), request)
	switch {
	case errors.Is(err, errReplaced):
		serve.Refusal{Status: http.StatusConflict, Text: err.Error()}.ServeHTTP(w, r)
	case err != nil:
		serve.Refusal{Status: http.StatusBadRequest, Text: err.Error()}.ServeHTTP(w, r)
	default:
		serve.WriteJSON(w, answer)
	}
}

func (s *server) run(ctx context.Context, request tourdata.Request) (any, error) {
	return tourdata.Run(ctx, request)
}

func (s *server) edit(ctx context.Context, request edit) (any, error) {
	return s.editor.run(ctx, request)
}
