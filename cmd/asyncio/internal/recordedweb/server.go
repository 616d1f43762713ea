// Package recordedweb serves a recording to a browser of this machine, on the console's
// page.
package recordedweb

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/recorded"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/web"
	"github.com/asyncio-go/asyncio/internal/consolepage"
	"github.com/asyncio-go/asyncio/internal/serve"
)

// Options are how a recording is served.
type Options struct {
	Address string    // HOST:PORT, of loopback
	Open    bool      // a browser is opened
	Out     io.Writer // is told the address
}

// Serve serves a recording until ctx is done. It returns an error if it cannot listen at
// the address, or may not.
func Serve(ctx context.Context, r *recorded.Recording, o Options) error {
	return web.Serve(ctx, web.Options{
		Address: o.Address, Open: o.Open, Out: o.Out,
		What: "The recording", Why: "a recording says much about its program",
	}, func(_ context.Context, address string) web.Site { return newServer(r, address) })
}

// A server answers the page.
type server struct {
	guard     *serve.Guard
	door      *web.Door
	recording *recorded.Recording
}

func newServer(r *recorded.Recording, address string) *server {
	s := &server{recording: r, door: web.NewDoor()}
	s.guard = serve.NewGuard(serve.Words{
		Self:    "this recording",
		Names:   "open the address that asyncio view has printed",
		Site:    "a page of another site may not read a recording: open the address that asyncio view has printed",
		Missing: "the recording wants its token: open the whole address that asyncio view has printed, with what stands behind #",
		Wrong:   "that is the token of another recording, perhaps of one that is no longer shown: open the address that asyncio view has printed last",
	}, address)
	s.guard.AskFor(s.door.Token())
	return s
}

// page is where the page is: by its name it knows that it shows a recording.
const page = "recording"

// Page makes a server a web.Site.
func (s *server) Page() string { return page + "#" + s.door.Token() }

// Ticket makes a server a web.Site.
func (s *server) Ticket() string { return s.door.Ticket("") }

// Close makes a server a web.Site. It has begun nothing.
func (s *server) Close() {}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.guard.Serve(w, r, s.route)
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.door.Open(w, r, func(string) string { return s.Page() }, "this address opens the recording only once: open the one that asyncio view has printed"):
	case !strings.HasPrefix(r.URL.Path, "/v1/"):
		s.file(w, r)
	case !serve.Allowed(w, r, http.MethodGet):
	default:
		if no := s.guard.CheckToken(r); no != nil {
			no.ServeHTTP(w, r)
			return
		}
		s.answer(w, r)
	}
}

// file answers with a file of the page. They hold no data, so nobody is asked for a token.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if name == "/" {
		w.Header().Set("Location", "/"+page) // a browser keeps what stands behind #
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	if name == "/"+page {
		name = "/index.html"
	}
	f := consolepage.Files()[name]
	switch {
	case f == nil:
		notFound(w, r, "the page is at /"+page+", and what it asks for at /v1/hello, /v1/recording, /v1/task/ID and /v1/trace")
	case serve.Allowed(w, r, http.MethodGet):
		f.ServeHTTP(w, r)
	}
}

func notFound(w http.ResponseWriter, r *http.Request, text string) {
	serve.Refusal{Status: http.StatusNotFound, Text: "there is no " + r.URL.Path + ": " + text}.ServeHTTP(w, r)
}

// answer answers what the page asks for.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/hello" {
		serve.WriteJSON(w, s.recording.Hello())
		return
	}
	number, err := strconv.Atoi(r.URL.Query().Get("loop"))
	if r.URL.Query().Get("loop") != "" && err != nil {
		serve.Refusal{Status: http.StatusBadRequest, Text: "loop has to be a number that /v1/hello names"}.ServeHTTP(w, r)
		return
	}
	loop, err := s.recording.Find(number)
	if err != nil {
		serve.Refusal{Status: http.StatusNotFound, Text: err.Error()}.ServeHTTP(w, r)
		return
	}
	task, isTask := strings.CutPrefix(r.URL.Path, "/v1/task/")
	switch {
	case isTask:
		s.task(w, r, loop, task)
	case r.URL.Path == "/v1/recording":
		s.tell(w, loop)
	case r.URL.Path == "/v1/trace":
		s.save(w, r)
	default:
		notFound(w, r, "ask for /v1/hello, /v1/recording, /v1/task/ID or /v1/trace")
	}
}

func (s *server) task(w http.ResponseWriter, r *http.Request, loop int, text string) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		serve.Refusal{Status: http.StatusBadRequest, Text: strconv.Quote(text) + " is no number of a task"}.ServeHTTP(w, r)
		return
	}
	detail, err := s.recording.Task(loop, id)
	if err != nil {
		serve.Refusal{Status: http.StatusNotFound, Text: err.Error()}.ServeHTTP(w, r)
		return
	}
	serve.WriteJSON(w, detail)
}

// A message is what the page's source tells: one line of the answer.
type message struct {
	Type  string `json:"type"`
	Frame any    `json:"frame,omitempty"`
	State any    `json:"state,omitempty"`
}

// tell writes all of a loop, a message in each line, so that the page can begin before it
// has read the end.
func (s *server) tell(w http.ResponseWriter, loop int) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 64<<10)
	lines := json.NewEncoder(out)
	for f := range s.recording.Frames(loop) {
		if lines.Encode(message{Type: "frame", Frame: f}) != nil {
			return // the page is closed
		}
	}
	_ = lines.Encode(message{Type: "state", State: s.recording.State(loop)})
	_ = out.Flush()
}

// save answers with the recording as a file.
func (s *server) save(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Query().Get("format") {
	case "perfetto":
		w.Header().Set("Content-Type", "application/octet-stream")
		_ = s.recording.WritePerfetto(w) // who does not read it all has a part of it
	case "json", "":
		w.Header().Set("Content-Type", "application/json")
		_ = s.recording.WriteJSON(w)
	default:
		serve.Refusal{Status: http.StatusBadRequest, Text: "there is no such format: ask for json or perfetto"}.ServeHTTP(w, r)
	}
}
