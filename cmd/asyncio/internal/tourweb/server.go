package tourweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/web"
	"github.com/asyncio-go/asyncio/internal/serve"
)

const (
	mostRequest = 4 << 10  // of a request to run
	mostCode    = 64 << 10 // of a request to run an edited program
)

// A server answers the page.
type server struct {
	guard  *serve.Guard
	door   *web.Door
	first  string // the lesson with which the page begins; "": none
	editor *editor
	ready  func() (*serve.File, error) // lessons.json, made once
}

// newServer returns a server that listens at address. What it begins ends with ctx.
func newServer(ctx context.Context, address string, edit bool) *server {
	s := &server{door: web.NewDoor(), editor: newEditor(ctx, edit)}
	s.guard = serve.NewGuard(serve.Words{
		Self:    "this tour",
		Names:   "open the address that asyncio tour --web has printed",
		Site:    "a page of another site may not use the tour: open the address that asyncio tour --web has printed",
		Missing: "the tour wants its token: open the whole address that asyncio tour --web has printed, with what stands behind #",
		Wrong:   "that is the token of another tour, perhaps of one that has ended: open the address that asyncio tour --web has printed last",
	}, address)
	s.guard.AskFor(s.door.Token())
	s.ready = sync.OnceValues(func() (*serve.File, error) { return catalog(ctx, s.editor) })
	go s.ready() // it is soon asked for
	return s
}

// Close makes a server a web.Site, as Page and Ticket do.
func (s *server) Close() { s.editor.close() }

// Page is the address of the first lesson; see web.Site.
func (s *server) Page() string { return s.fragment(s.first) }

// Ticket leads there once.
func (s *server) Ticket() string { return s.door.Ticket(s.first) }

// fragment is the end of the page's address, which a browser keeps to itself.
func (s *server) fragment(lesson string) string {
	if _, err := tourdata.Find(lesson); lesson == "" || err != nil {
		return "#" + s.door.Token()
	}
	return "#" + s.door.Token() + "/tour/" + lesson
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.guard.Serve(w, r, s.route)
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	if s.door.Open(w, r, s.fragment, "this address opens the tour only once: open the one that asyncio tour --web has printed") {
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
