package govet

import (
	"path/filepath"
	"strings"
	"testing"
)

// What go vet -json prints: an object for each package, as they are ready. The same file is
// in two of them.
const printed = `{
	"example.com/b": {
		"blocks": [
			{"category": "blocks", "posn": "/home/b/b.go:7:3", "end": "/home/b/b.go:7:9", "message": "seven"},
			{"category": "blocks", "posn": "/home/b/b.go:12:1", "message": "twelve"}
		]
	}
}
{}
{"example.com/b [example.com/b.test]": {
	"blocks": [{"posn": "/home/b/b.go:7:3", "message": "seven"}],
	"dropped": [{"posn": "/home/b/b.go:7:3", "message": "and one more"}, {"posn": "/home/a:b/a.go:100:1", "message": "first"}]
}}
`

func TestFindingsAreInOrder(t *testing.T) {
	f, err := read([]byte(printed))
	if err != nil || f.Empty() {
		t.Fatal(f, err)
	}
	want := strings.Join([]string{
		"/home/a:b/a.go:100:1: first",
		"/home/b/b.go:7:3: and one more",
		"/home/b/b.go:7:3: seven",
		"/home/b/b.go:12:1: twelve",
	}, "\n") + "\n"
	if got := f.Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, err := read([]byte(f.JSON()))
	if err != nil || again.Text() != want || again.JSON() != f.JSON() {
		t.Errorf("its JSON, read again: %v\n%s", err, again.Text())
	}
}

func TestNoFindings(t *testing.T) {
	f, err := read([]byte("{}\n{}\n"))
	if err != nil || !f.Empty() || f.Text() != "" || f.JSON() != "{}\n" {
		t.Errorf("%v, %q, %q", err, f.Text(), f.JSON())
	}
}

func TestWhatIsNoFinding(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": {"blocks": {"error": "it failed"}}}`: "a: it failed",
		`{"a": {"blocks": 3}}`:                      "a: ",
		`{"a"`:                                      "no JSON",
	} {
		if _, err := read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestShortNames(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if got := short(here, filepath.Join(here, "a", "b.go")); got != filepath.Join("a", "b.go") {
		t.Error(got)
	}
	if far := filepath.Join(filepath.VolumeName(here)+string(filepath.Separator), "b.go"); short(here, far) != far {
		t.Error(short(here, far))
	}
}

func TestDiffsAreInOrder(t *testing.T) {
	a := "--- /home/a.go (old)\n+++ /home/a.go (new)\n@@ -1 +1 @@\n--- no header\n+x\n"
	b := "--- /home/b.go (old)\n+++ /home/b.go (new)\n@@ -1 +1 @@\n-y\n+z\n"
	if got := sorted(b + a + b); got != a+b {
		t.Errorf("got\n%s", got)
	}
	if got := sorted(""); got != "" {
		t.Errorf("of nothing it makes %q", got)
	}
}
