package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// ServeHTTP answers with the refusal.
func (no refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(wire.Error{Error: no.text})
	if err != nil {
		panic(err) // a string is always JSON
	}
	h := w.Header()
	setHeaders(h)
	h.Del("Content-Disposition")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(no.status)
	_, _ = w.Write(body)
}

// answer returns a function that writes what a method of the backend returns.
func answer(w http.ResponseWriter, r *http.Request) func(v any, err error) {
	return func(v any, err error) {
		if err != nil {
			refusalOf(err).ServeHTTP(w, r)
			return
		}
		writeJSON(w, r, v)
	}
}

func refusalOf(err error) refusal {
	if errors.Is(err, errNoLoop) || errors.Is(err, errNoTask) {
		return refusal{http.StatusNotFound, err.Error()}
	}
	return refusal{http.StatusServiceUnavailable, err.Error()}
}

func writeJSON(w http.ResponseWriter, r *http.Request, v any) {
	body, err := marshal(v)
	if err != nil {
		refusal{http.StatusInternalServerError, "the answer cannot be written as JSON, which is a mistake in package console: report it (" + err.Error() + ")"}.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// stream writes an answer as it comes. An error is an answer of its own as long as
// nothing was written. Afterwards only the end of the connection tells the client that
// it has not got all.
func stream(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) {
	if r.Method == http.MethodHead {
		return
	}
	out := &counter{w: w}
	switch err := write(out); {
	case err == nil:
	case out.n == 0:
		refusalOf(err).ServeHTTP(w, r)
	default:
		panic(http.ErrAbortHandler)
	}
}

type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += n
	return n, err
}

// A query is the parameters of a request, and what is wrong with them.
type query struct {
	values url.Values
	err    error
}

func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

// number returns a parameter; zero if it is not there.
func (q *query) number(name string) int {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		q.err = fmt.Errorf("%s=%s is no number: write digits, such as %s=1, or leave it out", name, text, name)
	}
	return n
}

// refused reports whether something is wrong, and answers so.
func (q *query) refused(w http.ResponseWriter) bool {
	if q.err != nil {
		refusal{http.StatusBadRequest, q.err.Error()}.ServeHTTP(w, nil)
	}
	return q.err != nil
}

const maxBody = 4 << 10

// readBody reads a body of JSON, which is short and comes soon: see hurryBody.
func readBody(w http.ResponseWriter, r *http.Request, v any) *refusal {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.More() {
		err = errors.New("more follows")
	}
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes: send only the task, {\"task\": 7}", maxBody)}
	case err != nil:
		return &refusal{http.StatusBadRequest, fmt.Sprintf("the body is not the JSON of an action (%v): send {\"task\": 7}", err)}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return nil
}
