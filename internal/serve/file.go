package serve

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// A File of a page is compressed once, for all clients.
type File struct {
	Kind        string // its type, for browsers
	Plain       []byte
	gzipped     []byte // nil: it would not become shorter
	tag, gzipID string // strong ETags: one for each form
}

// Files returns the files of a folder by their path below it, which begins with a slash.
func Files(from fs.FS, folder string) (map[string]*File, error) {
	files := map[string]*File{}
	err := fs.WalkDir(from, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, name)
		files[strings.TrimPrefix(name, folder)] = NewFile(name, text)
		return err
	})
	return files, err
}

// NewFile returns a file with a name, which tells its type, and a text.
func NewFile(name string, text []byte) *File {
	sum := sha256.Sum256(text)
	id := hex.EncodeToString(sum[:16])
	f := &File{Kind: kindOf(name), Plain: text, tag: fmt.Sprintf("%q", id), gzipID: fmt.Sprintf("%q", id+"-gzip")}
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

// ServeHTTP answers with the file, or says that the client has it.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.Kind)
	h.Set("Cache-Control", "no-cache") // asks each time, and is told 304
	h.Add("Vary", "Accept-Encoding")
	text, tag := f.Plain, f.tag
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
