package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// A Refusal is an answer that is an error: a status and a sentence that says what to do.
type Refusal struct {
	Status int
	Text   string
}

// ServeHTTP answers with the refusal.
func (no Refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(wire.Error{Error: no.Text})
	if err != nil {
		panic(err) // a string is always JSON
	}
	h := w.Header()
	SetHeaders(h)
	h.Del("Content-Disposition")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(no.Status)
	_, _ = w.Write(body)
}

// SetHeaders sets the headers of every answer: a browser must load nothing from other
// sites, must not show the page inside another site, and must not guess the type of the
// content.
func SetHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// Allowed reports whether the request has the method that its path wants, and refuses it
// if not. HEAD is allowed where GET is.
func Allowed(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method || method == http.MethodGet && r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", method)
	Refusal{http.StatusMethodNotAllowed, fmt.Sprintf("%s wants %s, and this is %s: send the other", r.URL.Path, method, r.Method)}.ServeHTTP(w, r)
	return false
}
