package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// built is the page as console/page builds it. It is in git and in the binary: who uses
// Go need not have node.
//
//go:embed all:page/dist
var built embed.FS

// A file of the page is compressed once, for all clients.
type file struct {
	kind        string
	plain       []byte
	gzipped     []byte // nil: it would not become shorter
	tag, gzipID string // strong ETags: one for each form
}

// pageFiles returns the files of the page by their path.
var pageFiles = sync.OnceValue(func() map[string]*file {
	files, err := filesOf(built, "page/dist")
	if err != nil {
		panic(err) // an embedded file can be read
	}
	return files
})

func filesOf(from fs.FS, folder string) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(from, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, name)
		files[strings.TrimPrefix(name, folder)] = newFile(name, text)
		return err
	})
	return files, err
}

func newFile(name string, text []byte) *file {
	sum := sha256.Sum256(text)
	id := hex.EncodeToString(sum[:16])
	f := &file{kind: kindOf(name), plain: text, tag: fmt.Sprintf("%q", id), gzipID: fmt.Sprintf("%q", id+"-gzip")}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	_, _ = z.Write(text) // a buffer takes everything
	_ = z.Close()
	if packed.Len() < len(text) {
		f.gzipped = packed.Bytes()
	}
	return f
}

// kindOf returns the type of a file. Package mime would ask the system, which may not
// know better.
func kindOf(name string) string {
	switch filepath.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}

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
		refusal{http.StatusNotFound, "the console has no " + r.URL.Path + ": its page is at /, and its API at /v1/hello"}.ServeHTTP(w, r)
		return
	}
	if allowed(w, r, http.MethodGet) {
		f.serve(w, r)
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache") // asks each time, and is told 304
	h.Add("Vary", "Accept-Encoding")
	text, tag := f.plain, f.tag
	if f.gzipped != nil && acceptsGzip(r) {
		text, tag = f.gzipped, f.gzipID
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
		}
	}
	return false
}
