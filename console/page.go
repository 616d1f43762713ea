package console

import (
	"net/http"
	"strings"

	"github.com/asyncio-go/asyncio/internal/consolepage"
	"github.com/asyncio-go/asyncio/internal/serve"
)

// page answers with a file of the page.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	switch name {
	case "": // below a prefix, without the slash at its end: what the page names would be beside it
		original, _, _ := strings.Cut(r.RequestURI, "?")
		w.Header().Set("Location", original[strings.LastIndexByte(original, '/')+1:]+"/")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	case "/":
		name = "/index.html"
	}
	f := consolepage.Files()[name]
	if f == nil {
		serve.Refusal{Status: http.StatusNotFound, Text: "the console has no " + r.URL.Path + ": its page is at /, and its API at /v1/hello"}.ServeHTTP(w, r)
		return
	}
	if serve.Allowed(w, r, http.MethodGet) {
		f.ServeHTTP(w, r)
	}
}
