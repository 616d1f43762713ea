package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/asyncio-go/asyncio/internal/serve"
)

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

func refusalOf(err error) serve.Refusal {
	if errors.Is(err, errNoLoop) || errors.Is(err, errNoTask) {
		return serve.Refusal{Status: http.StatusNotFound, Text: err.Error()}
	}
	return serve.Refusal{Status: http.StatusServiceUnavailable, Text: err.Error()}
}

func writeJSON(w http.ResponseWriter, r *http.Request, v any) {
	body, err := marshal(v)
	if err != nil {
		serve.Refusal{Status: http.StatusInternalServerError, Text: "the answer cannot be written as JSON, which is a mistake in package console: report it (" + err.Error() + ")"}.ServeHTTP(w, r)
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
		serve.Refusal{Status: http.StatusBadRequest, Text: q.err.Error()}.ServeHTTP(w, nil)
	}
	return q.err != nil
}

const maxBody = 4 << 10
