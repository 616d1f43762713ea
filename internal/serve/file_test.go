package serve

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestFileForms(t *testing.T) {
	files, err := Files(fstest.MapFS{
		"d/long.js":   {Data: bytes.Repeat([]byte("let a = 1\n"), 100)},
		"d/s/tiny.js": {Data: []byte("1")},
	}, "d")
	if err != nil {
		t.Fatal(err)
	}
	long, tiny := files["/long.js"], files["/s/tiny.js"]
	if len(files) != 2 || long == nil || tiny == nil {
		t.Fatalf("the files are %v", files)
	}
	ask := func(f *File, lines ...string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Set(name, value)
		}
		f.ServeHTTP(w, r)
		return w
	}
	plain := ask(long)
	if plain.Body.String() != string(long.Plain) || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("who does not ask for gzip gets %v", plain.Header())
	}
	packed := ask(long, "Accept-Encoding: br, gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != string(long.Plain) || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("packed it is %d bytes, %v, %v", len(text), err, packed.Header())
	}
	one, other := plain.Header().Get("ETag"), packed.Header().Get("ETag")
	if one == other || !strings.HasPrefix(one, `"`) || !strings.HasPrefix(other, `"`) {
		t.Errorf("the tags are %s and %s, want strong ones that differ", one, other)
	}
	if w := ask(long, "If-None-Match: "+one); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("who has it gets %d and %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(long, "If-None-Match: "+other); w.Code != 200 {
		t.Errorf("who has the other form gets %d", w.Code)
	}
	for _, c := range []struct {
		accepts string
		packed  bool
	}{{"gzip;q=0", false}, {"GZIP", true}, {"deflate, gzip; q=0.5", true}, {"gzip; q=0.0", false}, {"x-gzip", false}, {"", false}} {
		if got := ask(long, "Accept-Encoding: "+c.accepts).Header().Get("Content-Encoding") == "gzip"; got != c.packed {
			t.Errorf("%q: packed %v, want %v", c.accepts, got, c.packed)
		}
	}
	if w := ask(tiny, "Accept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "" || w.Body.String() != "1" {
		t.Errorf("what packing makes longer is sent so: %v", w.Header())
	}
}
