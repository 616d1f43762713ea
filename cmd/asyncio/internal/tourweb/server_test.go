package tourweb

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

// An ask is a request that a test makes by hand. Without a token it has that of the
// server.
type ask struct {
	method, path, host string
	header             map[string]string
	body               string
	token              string
}

func (q ask) to(s *server) *httptest.ResponseRecorder {
	if q.method == "" {
		q.method = http.MethodGet
	}
	r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
	if r.RemoteAddr, r.Host = "127.0.0.1:4242", "127.0.0.1:7071"; q.host != "" {
		r.Host = q.host
	}
	if q.token == "" {
		q.token = s.door.Token()
	}
	r.Header.Set("Authorization", "Bearer "+q.token)
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// post is an action as the page sends it.
func post(path, body string) ask {
	return ask{method: "POST", path: path, body: body, header: map[string]string{"Content-Type": "application/json", "X-Asyncio": "1"}}
}

func (q ask) with(name, value string) ask {
	header := map[string]string{name: value}
	for n, v := range q.header {
		if n != name {
			header[n] = v
		}
	}
	q.header = header
	return q
}

// serverOf returns a server that listens nowhere, and compiles nothing.
func serverOf(t *testing.T) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s := newServer(ctx, "127.0.0.1:7071", false)
	t.Cleanup(s.Close)
	return s
}

func TestRules(t *testing.T) {
	s := serverOf(t)
	const gather = `{"lesson":"gather","values":{"A":"3s"}}`
	for _, c := range []struct {
		name   string
		ask    ask
		status int
		says   string
	}{
		{"the page", ask{path: "/"}, 200, "<!doctype html>"},
		{"the page, without the token", ask{path: "/", token: "none"}, 200, "<!doctype html>"},
		{"its script", ask{path: "/tour.js"}, 200, ""},
		{"that of the static site", ask{path: "/export.html"}, 404, "its page is at /"},
		{"what is not there", ask{path: "/../go.mod"}, 404, ""},
		{"the lessons", ask{path: "/tour/lessons.json"}, 200, `"version":1`},
		{"a lesson", post("/tour/run", gather), 200, `"version":1`},
		{"no such path", ask{path: "/tour/delete"}, 404, "/tour/run"},

		{"a wrong token", ask{path: "/tour/lessons.json", token: "0123456789"}, 401, "token of another tour"},
		{"a wrong token, for an action", ask{method: "POST", path: "/tour/edit", token: "x"}, 401, ""},
		{"no token", ask{path: "/tour/lessons.json"}.with("Authorization", ""), 401, "wants its token"},
		{"the token in a query", ask{path: "/tour/lessons.json?token=" + s.door.Token()}.with("Authorization", ""), 401, ""},
		{"a foreign host", post("/tour/run", gather).at("evil.example"), 421, "evil.example"},
		{"a foreign host with our port", post("/tour/edit", gather).at("evil.example:7071"), 421, ""},
		{"a foreign host, for the page", ask{path: "/"}.at("evil.example"), 421, ""},
		{"an address that is not ours", post("/tour/run", gather).at("192.168.1.5:7071"), 421, ""},
		{"a foreign origin", post("/tour/edit", gather).with("Origin", "http://evil.example"), 403, "another site"},
		{"the origin of another port", post("/tour/run", gather).with("Origin", "http://127.0.0.1:8080"), 403, ""},
		{"the origin null", post("/tour/run", gather).with("Origin", "null"), 403, ""},
		{"a foreign page, as newer browsers tell", post("/tour/run", gather).with("Sec-Fetch-Site", "cross-site"), 403, ""},
		{"our own page", post("/tour/run", gather).with("Origin", "http://127.0.0.1:7071"), 200, ""},

		{"GET of an action", ask{path: "/tour/edit"}, 405, "wants POST"},
		{"GET of the other", ask{path: "/tour/run"}, 405, "wants POST"},
		{"POST of the lessons", post("/tour/lessons.json", "{}"), 405, "wants GET"},
		{"a form", post("/tour/edit", gather).with("Content-Type", "application/x-www-form-urlencoded"), 415, ""},
		{"an action that is not meant", post("/tour/edit", gather).with("X-Asyncio", ""), 403, ""},
		{"a body that is too long", post("/tour/run", `{"lesson":"`+strings.Repeat("x", mostRequest)+`"}`), 413, ""},
		{"a program that is too long", post("/tour/edit", `{"lesson":"gather","code":"`+strings.Repeat("x", mostCode)+`"}`), 413, ""},
		{"no JSON", post("/tour/run", "{"), 400, ""},
		{"brackets after the body", post("/tour/run", gather+"]}"), 400, "more follows"},
		{"spaces after the body that are too long", post("/tour/run", gather+strings.Repeat(" ", mostRequest)), 413, ""},
		{"a field that is not known", post("/tour/run", `{"lesson":"gather","speed":2}`), 400, "speed"},
		{"no such lesson", post("/tour/run", `{"lesson":"../gather"}`), 400, "there are: "},
		{"no such parameter", post("/tour/run", `{"lesson":"gather","values":{"x":"1"}}`), 400, "there is no such parameter"},
		{"a value out of bounds", post("/tour/run", `{"lesson":"gather","values":{"A":"10000h"}}`), 400, "A=10000h"},
		{"a program, where none is compiled", post("/tour/edit", `{"lesson":"gather","code":"package gather"}`), 400, "--no-edit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.ask.to(s)
			body := w.Body.String()
			if w.Code != c.status || !strings.Contains(body, c.says) {
				t.Errorf("the answer is %d %.300s, want %d and %q in it", w.Code, body, c.status, c.says)
			}
			var e struct{ Error string }
			if err := json.Unmarshal([]byte(body), &e); w.Code >= 400 && (err != nil || e.Error == "") {
				t.Errorf("it is no sentence: %s", body)
			}
			h := w.Header()
			if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self'") || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers are missing: %v", h)
			}
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("other sites are let in by %s", name)
				}
			}
		})
	}
}

func (q ask) at(host string) ask {
	q.host = host
	return q
}

// A browser is told an address that others may read, so it is good for one time.
func TestTicket(t *testing.T) {
	s := serverOf(t)
	ticket := "/" + s.door.Ticket("gather")
	if strings.Contains(ticket, s.door.Token()) {
		t.Fatal("the token is on the command line of the browser")
	}
	if w := (ask{path: "/open/wrong/gather"}).to(s); w.Code != 403 {
		t.Errorf("a wrong one is answered by %d", w.Code)
	}
	if w := (ask{method: "HEAD", path: ticket}).to(s); w.Code != 200 || strings.Contains(w.Header().Get("Location"), s.door.Token()) {
		t.Errorf("HEAD is answered by %d, %v: it must not tell the token, as it leaves the ticket good", w.Code, w.Header())
	}
	if w := (ask{path: ticket}).at("evil.example").to(s); w.Code != 421 {
		t.Errorf("a foreign host is answered by %d", w.Code)
	}
	w := ask{path: ticket, token: "none"}.to(s)
	if at := w.Header().Get("Location"); w.Code != 303 || at != "/#"+s.door.Token()+"/tour/gather" {
		t.Errorf("it is answered by %d and leads to %q", w.Code, at)
	}
	if w := (ask{path: ticket}).to(s); w.Code != 403 || w.Header().Get("Location") != "" {
		t.Errorf("the second time it is answered by %d, %v", w.Code, w.Header())
	}
	if w := (ask{path: "/open//"}).to(s); w.Code != 403 {
		t.Errorf("no ticket is answered by %d", w.Code)
	}
	ticket = "/" + s.door.Ticket("//evil.example")
	if at := (ask{path: ticket}).to(s).Header().Get("Location"); at != "/#"+s.door.Token() {
		t.Errorf("it leads to %q", at)
	}
}

func TestLessons(t *testing.T) {
	s := serverOf(t)
	var c tourdata.Catalog
	if err := json.Unmarshal(ask{path: "/tour/lessons.json"}.to(s).Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	if c.CanEdit || !strings.Contains(c.CanEditWhy, "--no-edit") || len(c.Lessons) < 14 {
		t.Errorf("%d lessons; edit: %v, %q", len(c.Lessons), c.CanEdit, c.CanEditWhy)
	}
	for i, l := range c.Lessons {
		if l.Number != i+1 || l.Title == "" || len(l.Go) == 0 || len(l.Python) == 0 || len(l.Params) > 0 && l.Try == "" {
			t.Errorf("lesson %d: %+v", i+1, l)
		}
		if lines := strings.Split(l.GoFile, "\n"); lines[l.GoOffset] != l.Go[0] {
			t.Errorf("lesson %s: line %d of the file is %q, want %q", l.Name, l.GoOffset, lines[l.GoOffset], l.Go[0])
		}
		var r struct {
			Lesson string
			Events []json.RawMessage
		}
		if err := json.Unmarshal(l.Recording, &r); err != nil || r.Lesson != l.Name || len(r.Events) < 3 {
			t.Errorf("lesson %s: its recording is of %q, with %d events, %v", l.Name, r.Lesson, len(r.Events), err)
		}
	}
}

// A changed parameter changes the recording, and the defaults give that of the lessons.
func TestRun(t *testing.T) {
	s := serverOf(t)
	first := post("/tour/run", `{"lesson":"gather","values":{}}`).to(s).Body.Bytes()
	slower := post("/tour/run", `{"lesson":"gather","values":{"A":"3s"}}`).to(s).Body.Bytes()
	lessons := ask{path: "/tour/lessons.json"}.to(s).Body.Bytes()
	if !bytes.Contains(lessons, first) {
		t.Errorf("the lessons have another recording than %s", first)
	}
	if !bytes.Contains(first, []byte(`"length":2000000000`)) || !bytes.Contains(slower, []byte(`"length":3000000000`)) {
		t.Errorf("they are %.200s and %.200s", first, slower)
	}
}

// The whole server, as the command starts it.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, Options{Address: "localhost:0", Lesson: "gather", Out: w})
		w.Close()
	}()
	line := make([]byte, 200)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	_, rest, _ := strings.Cut(string(line[:n]), "The tour is at ")
	address, _, _ := strings.Cut(rest, "\n")
	u, err := url.Parse(address)
	if err != nil || !strings.HasSuffix(u.Fragment, "/tour/gather") || len(u.Fragment) < 20 {
		t.Fatalf("the address is %q, %v", address, err)
	}
	token, _, _ := strings.Cut(u.Fragment, "/")
	u.Fragment = ""
	q, err := http.NewRequestWithContext(ctx, "GET", u.JoinPath("tour/lessons.json").String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 || !json.Valid(text) {
		t.Errorf("the lessons are %d, %.100s, %v", answer.StatusCode, text, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it has ended with %v", err)
	}
}

func TestAddressesThatAreNotServed(t *testing.T) {
	for address, says := range map[string]string{
		"0.0.0.0:0":    "through ssh -L",
		":7071":        "through ssh -L",
		"[::]:0":       "through ssh -L",
		"192.0.2.1:0":  "through ssh -L",
		"7071":         "write one such as 127.0.0.1:7071",
		"127.0.0.1:-1": "write one such as 127.0.0.1:7071",
	} {
		err := Serve(t.Context(), Options{Address: address, Out: io.Discard})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", address, err, says)
		}
	}
}
