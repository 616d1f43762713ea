package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// beFetch in the environment makes the test binary the command itself, so
// that tests can send it signals and give it a terminal.
const beFetch = "TEST_BE_FETCH"

func TestMain(m *testing.M) {
	if os.Getenv(beFetch) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// ran is what a run of the command left behind.
type ran struct {
	status   int
	out, err string
}

// fetch runs the command within the test.
func fetch(t *testing.T, input string, args ...string) ran {
	t.Helper()
	var out, err bytes.Buffer
	status := execute(t.Context(), args, stdio{strings.NewReader(input), &out, &err})
	return ran{status, out.String(), err.String()}
}

// fetchJSON runs the command with --json and returns its rows.
func fetchJSON(t *testing.T, input []string, args ...string) (int, []jsonRow) {
	t.Helper()
	r := fetch(t, strings.Join(input, "\n"), append(args, "--json")...)
	if r.err != "" {
		t.Errorf("standard error has %q, want nothing", r.err)
	}
	return r.status, decode(t, r.out)
}

func decode(t *testing.T, text string) []jsonRow {
	t.Helper()
	var rows []jsonRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatalf("output is not JSON: %v\n%s", err, text)
	}
	return rows
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string // in standard error
	}{
		{"unknown flag", []string{"--nope"}, "--nope"},
		{"two files", []string{"a", "b"}, "at most 1"},
		{"missing file", []string{filepath.Join(t.TempDir(), "none")}, "none"},
		{"not a number", []string{"--limit", "many"}, "--limit"},
		{"no slot", []string{"--limit", "0"}, "at least 1"},
		{"no time", []string{"--timeout", "0s"}, "--timeout 0s"},
		{"retries", []string{"--retries", "-1"}, "--retries -1"},
		{"backoff", []string{"--backoff", "-1s"}, "--backoff -1s"},
		{"max wait", []string{"--max-wait", "-1s"}, "--max-wait -1s"},
		{"redirects", []string{"--max-redirects", "-1"}, "--max-redirects -1"},
		{"user agent", []string{"--user-agent", "a\r\nb: c"}, "control characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := fetch(t, "", tt.args...)
			if r.status != exitUsage {
				t.Errorf("exit status %d, want %d", r.status, exitUsage)
			}
			if !strings.Contains(r.err, tt.want) || !strings.Contains(r.err, "fetch --help") {
				t.Errorf("standard error %q, want %q and advice", r.err, tt.want)
			}
			if r.out != "" {
				t.Errorf("standard output has %q, want nothing", r.out)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	r := fetch(t, "", "--help")
	if r.status != exitOK || r.err != "" {
		t.Errorf("exit status %d, standard error %q; want 0 and nothing", r.status, r.err)
	}
	for _, flag := range []string{"--limit", "--timeout", "--retries", "--backoff", "--max-wait",
		"--max-redirects", "--user-agent", "--json", "--no-progress"} {
		if !strings.Contains(r.out, flag) {
			t.Errorf("help does not mention %s", flag)
		}
	}
}

func TestNothingToFetch(t *testing.T) {
	if r := fetch(t, "# nothing\n\n", "--json"); r.status != exitOK || r.out != "[]\n" {
		t.Errorf("exit status %d and %q, want 0 and []", r.status, r.out)
	}
	if r := fetch(t, ""); r.status != exitOK || !strings.Contains(r.out, "0 URLs: 0 ok") {
		t.Errorf("exit status %d and %q, want 0 and 0 URLs", r.status, r.out)
	}
}

func TestInputFromFile(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "urls")
	if err := os.WriteFile(file, []byte(s.URL+"/ok\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, rows := fetchJSON(t, nil, file); status != exitOK || len(rows) != 1 {
		t.Errorf("from a file: exit status %d, rows %v", status, rows)
	}
	if status, rows := fetchJSON(t, []string{s.URL + "/ok"}, "-"); status != exitOK || len(rows) != 1 {
		t.Errorf("from -: exit status %d, rows %v", status, rows)
	}
}

// brokenPipe is an output that takes nothing and an input that gives nothing.
type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error)  { return 0, io.ErrClosedPipe }
func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenInputAndOutput(t *testing.T) {
	var out, err bytes.Buffer
	if got := execute(context.Background(), []string{}, stdio{brokenPipe{}, &out, &err}); got != exitUsage {
		t.Errorf("input cannot be read: exit status %d, want %d", got, exitUsage)
	}
	for _, args := range [][]string{{}, {"--json"}} {
		err.Reset()
		got := execute(context.Background(), args, stdio{strings.NewReader(""), brokenPipe{}, &err})
		if got != exitFailed || !strings.Contains(err.String(), io.ErrClosedPipe.Error()) {
			t.Errorf("output cannot be written with %v: exit status %d, %q", args, got, err.String())
		}
	}
}
