package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// Both programs do the same: this one and the one of goroutines.
func TestService(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: a program cannot be sent SIGTERM here")
	}
	for _, name := range []string{"service", "goroutines"} {
		t.Run(name, func(t *testing.T) { testService(t, map[string]string{"service": "."}[name]) })
	}
}

func testService(t *testing.T, folder string) {
	if folder == "" {
		folder = "./goroutines"
	}
	program := filepath.Join(t.TempDir(), "service")
	if out, err := exec.Command("go", "build", "-o", program, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/up" {
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	file := filepath.Join(t.TempDir(), "sites.db")

	p := startProgram(t, program, file)
	events := p.open(t, "GET", "/events", "")
	if got := p.ask(t, "PUT", "/sites", "ftp://x"); got != "400 url= has to begin with http:// or https://" {
		t.Error(got)
	}
	for _, path := range []string{"/up", "/down"} {
		if got := p.ask(t, "PUT", "/sites", site.URL+path); got != "201" {
			t.Error(got)
		}
	}
	up := map[string]bool{}
	lines := bufio.NewScanner(events.Body)
	for len(up) < 2 && lines.Scan() {
		text, isEvent := strings.CutPrefix(lines.Text(), "data: ")
		if !isEvent {
			continue
		}
		var s backend.Site
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if s.Checked.IsZero() {
			t.Errorf("%s is told as a change before it was checked", s.URL)
		}
		up[strings.TrimPrefix(s.URL, site.URL)] = s.Up
	}
	if !up["/up"] || up["/down"] || len(up) != 2 {
		t.Errorf("events: %v, %v", up, lines.Err())
	}
	if got := p.ask(t, "GET", "/sites", ""); !strings.Contains(got, `"up":true,"detail":"200 OK"`) || !strings.Contains(got, "404 Not Found") {
		t.Error(got)
	}
	if got := p.ask(t, "DELETE", "/sites", site.URL+"/down"); got != "200" {
		t.Error(got)
	}
	if got := p.ask(t, "DELETE", "/sites", site.URL+"/down"); got != "404 this site is not watched" {
		t.Error(got)
	}
	if got := p.ask(t, "GET", "/healthz", ""); !strings.HasPrefix(got, "200 ok: 1 sites") {
		t.Error(got)
	}
	if got := p.ask(t, "GET", "/metrics", ""); !strings.Contains(got, "# HELP ") {
		t.Error(got)
	}
	p.end(t)
	if rest, err := io.ReadAll(events.Body); err != nil { // the stream ends in order
		t.Errorf("%v after %q", err, rest)
	}

	p = startProgram(t, program, file) // what was watched still is
	if got := p.ask(t, "GET", "/sites", ""); !strings.Contains(got, "/up") || strings.Contains(got, "/down") {
		t.Error(got)
	}
	p.end(t)
}

// A running program.
type running struct {
	command *exec.Cmd
	url     string
	errors  strings.Builder
}

func startProgram(t *testing.T, program, file string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	p := &running{command: exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-file", file)}
	p.command.Stderr = &p.errors
	for _, v := range os.Environ() { // the store of this test is the file
		if !strings.HasPrefix(v, "DATABASE_URL=") && !strings.HasPrefix(v, "REDIS_URL=") {
			p.command.Env = append(p.command.Env, v)
		}
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	p.url = strings.TrimPrefix(strings.TrimSpace(line), "listening on ")
	if p.url == "" {
		_ = p.command.Wait()
		t.Fatalf("it does not listen: %s", p.errors.String())
	}
	return p
}

func (p *running) open(t *testing.T, method, path, site string) *http.Response {
	t.Helper()
	target := p.url + path
	if site != "" {
		target += "?url=" + url.QueryEscape(site)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.errors.String())
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// ask returns the status and the body.
func (p *running) ask(t *testing.T, method, path, site string) string {
	t.Helper()
	response := p.open(t, method, path, site)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(response.Status[:3] + " " + string(body))
}

// end sends SIGTERM and expects an end in good order.
func (p *running) end(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.errors.String())
	}
}
