package console

import (
	"embed"
	"net/http"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/internal/serve"
)

// built is the page as console/page builds it. It is in git and in the binary: who uses
// Go need not have node.
//
//go:embed all:page/dist
var built embed.FS

// pageFiles returns the files of the page by their path.
var pageFiles = sync.OnceValue(func() map[string]*serve.File {
	files, err := serve.Files(built, "page/dist")
	if err != nil {
		panic(err) // an embedded file can be read
	}
	return files
})

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
	f := pageFiles()[name]
	if f == nil {
		serve.Refusal{Status: http.StatusNotFound, Text: "the console has no " + r.URL.Path + ": its page is at /, and its API at /v1/hello"}.ServeHTTP(w, r)
		return
	}
	if serve.Allowed(w, r, http.MethodGet) {
		f.ServeHTTP(w, r)
	}
}
