package console

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/consolepage"
)

func TestPage(t *testing.T) {
	s := serverOf(t, Token(secret))
	index := ask{url: "/"}.to(s)
	if index.Code != 200 || index.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(strings.ToLower(index.Body.String()), "<!doctype html>") {
		t.Errorf("the page is %d %v", index.Code, index.Header())
	}
	if index.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("it is cached: %v", index.Header())
	}
	for name, f := range consolepage.Files() {
		w := ask{url: name}.to(s)
		if w.Code != 200 || w.Header().Get("Content-Type") != f.Kind || f.Kind == "application/octet-stream" || sha256.Sum256(w.Body.Bytes()) != sha256.Sum256(f.Plain) {
			t.Errorf("%s: %d, %s", name, w.Code, w.Header().Get("Content-Type"))
		}
	}
}
