package web

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/internal/serve"
)

// A Door lets a browser in that the command has opened. The address of the page has the
// token, and the command line of a browser can be read by all users of the machine for as
// long as it runs. So the browser is given an address that works only once.
type Door struct {
	token string // of the page

	mu     sync.Mutex
	opened string // the ticket that is good; "": none
}

// NewDoor returns a door, with a new token.
func NewDoor() *Door { return &Door{token: secret()} }

// Token returns the token of the page: 26 letters and digits, which nobody can guess.
func (d *Door) Token() string { return d.token }

// Ticket returns the end of an address that leads once to the page, and to a place on it.
func (d *Door) Ticket(place string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = secret()
	return "open/" + d.opened + "/" + place
}

// Open redirects a browser that has the ticket to where page says that the place is. It
// reports whether the request was for the door.
func (d *Door) Open(w http.ResponseWriter, r *http.Request, page func(place string) string, refusal string) bool {
	path, ok := strings.CutPrefix(r.URL.Path, "/open/")
	if !ok {
		return false
	}
	if !serve.Allowed(w, r, http.MethodGet) {
		return true
	}
	ticket, place, _ := strings.Cut(path, "/")
	switch {
	case !d.take(ticket, r.Method):
		serve.Refusal{Status: http.StatusForbidden, Text: refusal}.ServeHTTP(w, r)
	case r.Method == http.MethodHead: // some desktops ask what an address is; the token is told once
		w.Header().Set("Content-Type", "text/html")
	default:
		w.Header().Set("Location", "/"+page(place))
		w.WriteHeader(http.StatusSeeOther)
	}
	return true
}

// take reports whether a ticket is good. One that is used by GET no longer is.
func (d *Door) take(ticket, method string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	good := d.opened != "" && subtle.ConstantTimeCompare([]byte(ticket), []byte(d.opened)) == 1
	if good && method == http.MethodGet {
		d.opened = ""
	}
	return good
}

func secret() string { return rand.Text() }
