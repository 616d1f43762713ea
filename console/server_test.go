package console

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const secret = "0123456789abcdef"

// An ask is a request that a test makes by hand.
type ask struct {
	method, url, host string
	header            map[string]string
	body              string
	local             net.Addr // where it has arrived; nil: not known
	from              string   // empty: this machine
}

func (q ask) to(h http.Handler) *httptest.ResponseRecorder {
	if q.method == "" {
		q.method = http.MethodGet
	}
	r := httptest.NewRequest(q.method, q.url, strings.NewReader(q.body))
	if r.RemoteAddr = "127.0.0.1:4242"; q.from != "" {
		r.RemoteAddr = q.from
	}
	if r.Host = "localhost:7070"; q.host != "" {
		r.Host = q.host
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	if q.local != nil {
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, q.local))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// serverOf returns a server as Handler makes it, without its watch on loops.
func serverOf(t *testing.T, opts ...Option) *server {
	t.Helper()
	c := newSettings(opts)
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	return newServer(c, useFake(t))
}

func header(lines ...string) map[string]string {
	h := map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = value
	}
	return h
}

var (
	action = header("Content-Type: application/json", "X-Asyncio: 1")
	unix   = &net.UnixAddr{Name: "/tmp/s", Net: "unix"}
	loop4  = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7070}
	lan    = &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 7070}
)

func with(h map[string]string, lines ...string) map[string]string {
	both := header(lines...)
	for name, value := range h {
		if _, set := both[name]; !set {
			both[name] = value
		}
	}
	return both
}

func TestRules(t *testing.T) {
	type opts = []Option
	for _, c := range []struct {
		name   string
		opts   opts
		ask    ask
		status int
		says   string // in the sentence
	}{
		{"localhost", nil, ask{url: "/v1/hello"}, 200, ""},
		{"localhost in capitals", nil, ask{url: "/v1/hello", host: "LocalHost"}, 200, ""},
		{"127.0.0.1", nil, ask{url: "/v1/hello", host: "127.0.0.1:7070"}, 200, ""},
		{"[::1]", nil, ask{url: "/v1/hello", host: "[::1]:7070"}, 200, ""},
		{"[::1] without a port", nil, ask{url: "/v1/hello", host: "[::1]"}, 200, ""},
		{"a foreign host", nil, ask{url: "/v1/hello", host: "evil.example"}, 421, "console.TCP(address)"},
		{"a foreign host with our port", nil, ask{url: "/v1/hello", host: "evil.example:7070"}, 421, "evil.example"},
		{"a foreign host, for the page", nil, ask{url: "/", host: "evil.example"}, 421, "evil.example"},
		{"a host that begins like ours", nil, ask{url: "/v1/hello", host: "localhost.evil.example"}, 421, ""},
		{"a host that ends like ours", nil, ask{url: "/v1/hello", host: "evil.localhost"}, 421, ""},
		{"an address that is not ours", nil, ask{url: "/v1/hello", host: "10.0.0.1", local: loop4}, 421, ""},
		{"another of the machine", nil, ask{url: "/v1/hello", host: "127.0.0.2", local: loop4}, 421, ""},
		{"the address that was asked for", opts{TCP("console.internal:7070")}, ask{url: "/v1/hello", host: "console.internal:7070"}, 200, ""},
		{"the address at which it arrives", opts{TCP(":7070"), Token(secret)}, ask{url: "/v1/hello", host: "192.168.1.5:7070", local: lan, header: header("Authorization: Bearer " + secret)}, 200, ""},
		{"another address than that", opts{TCP(":7070"), Token(secret)}, ask{url: "/v1/hello", host: "192.168.1.6:7070", local: lan, header: header("Authorization: Bearer " + secret)}, 421, ""},
		{"some host over a Unix socket", nil, ask{url: "/v1/hello", host: "asyncio", local: unix}, 200, ""},
		{"the same over TCP", nil, ask{url: "/v1/hello", host: "asyncio", local: loop4}, 421, ""},
		{"a site over a Unix socket, through ssh", nil, ask{url: "/v1/hello", host: "evil.example:7070", local: unix}, 421, ""},
		{"over the network, without a token", nil, ask{url: "/v1/hello", host: "localhost", local: lan}, 403, "console.Token"},
		{"the same, where the server does not say at which address", nil, ask{url: "/v1/hello", from: "203.0.113.7:4242"}, 403, "console.Token"},
		{"the same, from nobody knows where", nil, ask{url: "/v1/hello", from: "@"}, 403, "console.Token"},
		{"from this machine, where the server does not say at which address", nil, ask{url: "/v1/hello", from: "[::1]:4242"}, 200, ""},

		{"our origin", nil, ask{url: "/v1/hello", header: header("Origin: http://localhost:7070")}, 200, ""},
		{"our origin behind TLS", nil, ask{url: "/v1/hello", header: header("Origin: https://localhost:7070")}, 200, ""},
		{"a foreign origin", nil, ask{url: "/v1/hello", header: header("Origin: http://evil.example")}, 403, "another site"},
		{"a foreign origin, for the page", nil, ask{url: "/", header: header("Origin: http://evil.example")}, 403, ""},
		{"the origin of another port", nil, ask{url: "/v1/hello", header: header("Origin: http://localhost:8080")}, 403, ""},
		{"the origin null", nil, ask{url: "/v1/hello", header: header("Origin: null")}, 403, ""},
		{"an empty origin", nil, ask{url: "/v1/hello", header: header("Origin: ")}, 403, ""},
		{"an origin of another kind", nil, ask{url: "/v1/hello", header: header("Origin: file://localhost:7070")}, 403, ""},
		{"a script of another site", nil, ask{url: "/v1/hello", header: header("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors")}, 403, ""},
		{"a script of another port", nil, ask{url: "/v1/hello", header: header("Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors")}, 403, ""},
		{"a link on another site", nil, ask{url: "/", header: header("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")}, 200, ""},
		{"our script", nil, ask{url: "/v1/hello", header: header("Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors")}, 200, ""},

		{"no token", opts{Token(secret)}, ask{url: "/v1/hello"}, 401, "Authorization: Bearer"},
		{"no token, for a path that is not there", opts{Token(secret)}, ask{url: "/v1/x"}, 401, ""},
		{"a wrong token", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: Bearer 0123456789abcdeX")}, 401, "not the token"},
		{"the beginning of the token", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: Bearer 0123456789")}, 401, ""},
		{"an empty token", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: Bearer ")}, 401, ""},
		{"the token", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: Bearer " + secret)}, 200, ""},
		{"the token, bearer in small letters", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: bearer " + secret)}, 200, ""},
		{"the token as a password", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Authorization: Basic " + secret)}, 401, ""},
		{"the token as a cookie", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Cookie: asyncio_token=" + secret)}, 200, ""},
		{"an escaped token as a cookie", opts{Token("0123456789 abcdef;")}, ask{url: "/v1/hello", header: header("Cookie: asyncio_token=0123456789%20abcdef%3B")}, 200, ""},
		{"the token as the cookie of the port", opts{Token(secret)}, ask{url: "/v1/hello", host: "127.0.0.1:7070", header: header("Cookie: asyncio_token=other-console-0123; asyncio_token_7070=" + secret)}, 200, ""},
		{"the cookie of another port", opts{Token(secret)}, ask{url: "/v1/hello", host: "127.0.0.1:7070", header: header("Cookie: asyncio_token_7071=" + secret)}, 401, ""},
		{"a wrong cookie", opts{Token(secret)}, ask{url: "/v1/hello", header: header("Cookie: asyncio_token=0")}, 401, ""},
		{"the token in the query", opts{Token(secret)}, ask{url: "/v1/hello?token=" + secret + "&asyncio_token=" + secret}, 401, ""},
		{"the page without the token", opts{Token(secret)}, ask{url: "/"}, 200, ""},
		{"a token that nobody wants", nil, ask{url: "/v1/hello", header: header("Authorization: Bearer x")}, 200, ""},

		{"an action", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1}`}, 200, ""},
		{"an action with a charset", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: with(action, "Content-Type: Application/JSON; charset=utf-8"), body: `{"task":1}`}, 200, ""},
		{"an action without Actions", nil, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1}`}, 403, "console.Actions()"},
		{"a form", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: with(action, "Content-Type: text/plain"), body: `{"task":1}`}, 415, "Content-Type: application/json"},
		{"no type", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: header("X-Asyncio: 1"), body: `{"task":1}`}, 415, ""},
		{"no header", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: header("Content-Type: application/json"), body: `{"task":1}`}, 403, "X-Asyncio: 1"},
		{"an action of a foreign page", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: with(action, "Origin: http://evil.example"), body: `{"task":1}`}, 403, "another site"},
		{"an action without the token", opts{Actions(), Token(secret)}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1}`}, 401, ""},
		{"an action by GET", opts{Actions()}, ask{url: "/v1/cancel", header: action}, 405, "POST"},
		{"a long body", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1` + strings.Repeat(" ", maxBody) + `}`}, 413, "4096 bytes"},
		{"no body", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action}, 400, `{"task": 7}`},
		{"a body with more", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1}{}`}, 400, ""},
		{"a body with an unknown field", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"tsk":1}`}, 400, "tsk"},
		{"no task", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{}`}, 400, "which task"},
		{"a task that is not there", opts{Actions()}, ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":9}`}, 404, "task 9"},

		{"a snapshot", nil, ask{url: "/v1/snapshot?loop=1&limit=5"}, 200, ""},
		{"a snapshot by POST", nil, ask{method: "POST", url: "/v1/snapshot"}, 405, "GET"},
		{"a snapshot of no loop", nil, ask{url: "/v1/snapshot?loop=2"}, 404, "loop 2"},
		{"a loop that is no number", nil, ask{url: "/v1/snapshot?loop=x"}, 400, "loop=1"},
		{"a negative limit", nil, ask{url: "/v1/snapshot?limit=-1"}, 400, "limit=1"},
		{"a task", nil, ask{url: "/v1/task/1"}, 200, ""},
		{"a task that has gone", nil, ask{url: "/v1/task/9?loop=1"}, 404, "task 9"},
		{"a task without a number", nil, ask{url: "/v1/task/"}, 400, "/v1/task/7"},
		{"a task with a name", nil, ask{url: "/v1/task/A"}, 400, ""},
		{"a task below a task", nil, ask{url: "/v1/task/1/1"}, 400, ""},
		{"deadlocks", nil, ask{url: "/v1/deadlocks"}, 200, ""},
		{"a trace", nil, ask{url: "/v1/trace?seconds=5"}, 200, ""},
		{"a trace for Perfetto", nil, ask{url: "/v1/trace?format=perfetto"}, 200, ""},
		{"a trace of an unknown format", nil, ask{url: "/v1/trace?format=xml"}, 400, "format=perfetto"},
		{"a trace of no loop", nil, ask{url: "/v1/trace?loop=2"}, 404, "loop 2"},
		{"a dump", nil, ask{url: "/v1/dump"}, 200, ""},
		{"a dump of no loop", nil, ask{url: "/v1/dump?loop=2"}, 404, ""},
		{"live, of no loop", nil, ask{url: "/v1/live?loop=2"}, 404, ""},
		{"live, with a loop that is no number", nil, ask{url: "/v1/live?loop=-2"}, 400, ""},
		{"the header of hello", nil, ask{method: "HEAD", url: "/v1/hello"}, 200, ""},
		{"the header of a dump", nil, ask{method: "HEAD", url: "/v1/dump"}, 200, ""},
		{"hello by OPTIONS", nil, ask{method: "OPTIONS", url: "/v1/hello"}, 405, ""},
		{"the page by POST", nil, ask{method: "POST", url: "/"}, 405, ""},
		{"a path that is not there", nil, ask{url: "/v1/x"}, 404, "/v1/hello"},
		{"a file that is not there", nil, ask{url: "/x.js"}, 404, "/v1/hello"},
		{"a file outside", nil, ask{url: "/../page.go"}, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.ask.to(serverOf(t, c.opts...))
			if w.Code != c.status {
				t.Errorf("the status is %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if w.Code >= 400 {
				if text := errorOf(t, w.Body.Bytes()); !strings.Contains(text, c.says) {
					t.Errorf("it says %q, want %q in it", text, c.says)
				}
			}
			expectHeaders(t, w.Result().Header)
		})
	}
}

// expectHeaders expects what every answer has to say to a browser.
func expectHeaders(t *testing.T, h http.Header) {
	t.Helper()
	if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %q", csp)
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") == "" {
		t.Errorf("headers are missing: %v", h)
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("other sites are let in by %s", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	s := serverOf(t, Actions())
	for _, c := range []struct{ url, kind, body string }{
		{"/v1/hello", "application/json", `"clients":16},"actions":true}`},
		{"/v1/snapshot?limit=3", "application/json", `"truncated":3`},
		{"/v1/task/1", "application/json", `"name":"A"`},
		{"/v1/trace?seconds=5&format=perfetto", "application/octet-stream", `{"seconds":5,"format":"perfetto"}`},
		{"/v1/trace", "application/json", `{"seconds":0,"format":"json"}`},
		{"/v1/dump", "text/plain; charset=utf-8", "task A"},
		{"/v1/deadlocks", "application/json", `{"deadlocks":[]}`},
	} {
		w := ask{url: c.url}.to(s)
		if got := w.Header().Get("Content-Type"); got != c.kind || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %s %s, want %s and %s", c.url, got, w.Body, c.kind, c.body)
		}
	}
	w := ask{method: "POST", url: "/v1/cancel", header: action, body: `{"task":1}`}.to(s)
	if canceled := s.backend.(*fake).canceled; w.Body.String() != "{}" || len(canceled) != 1 || canceled[0] != 1 {
		t.Errorf("canceled are %v, and the answer is %s", canceled, w.Body)
	}
}

// A server that has ended answers nothing.
func TestEnd(t *testing.T) {
	s := serverOf(t)
	s.end()
	s.wait()
	if w := (ask{url: "/v1/hello"}).to(s); w.Code != http.StatusServiceUnavailable || errorOf(t, w.Body.Bytes()) != errStopped.Error() {
		t.Errorf("it answers %d %s", w.Code, w.Body)
	}
}

// Whatever is asked, a foreign host and a foreign origin get nothing, and nothing
// panics.
func FuzzGuard(f *testing.F) {
	f.Add("GET", "/v1/hello", "localhost:7070", "http://localhost:7070", "Bearer "+secret, "")
	f.Add("GET", "/v1/task/1?loop=1", "[::1]", "", "", "")
	f.Add("POST", "/v1/cancel", "localhost", "", "Bearer "+secret, `{"task":1,"loop":0}`)
	f.Add("POST", "/v1/cancel", "evil.example", "null", "Bearer", "{")
	f.Add("GET", "", "[::1", "http://[::1", "bearer  x", "")
	f.Fuzz(func(t *testing.T, method, path, host, origin, auth, body string) {
		r, err := http.NewRequest(method, "http://x", io.NopCloser(strings.NewReader(body)))
		if err != nil || strings.HasPrefix(path, "/v1/live") { // that would not end
			t.Skip()
		}
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		r.RequestURI, r.Host, r.RemoteAddr = path, host, "127.0.0.1:4242"
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		r.Header.Set("Authorization", auth)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Asyncio", "1")
		asked := &fake{}
		w := httptest.NewRecorder()
		newServer(newSettings([]Option{Token(secret), Actions()}), asked).ServeHTTP(w, r)
		if n := len(asked.canceled); n > 0 && (w.Code != 200 || method != "POST" || asked.canceled[0] != 1) {
			t.Errorf("%d tasks were canceled, and the answer is %d", n, w.Code)
		}
		if w.Code >= 300 {
			return
		}
		if h := (&url.URL{Host: strings.ToLower(host)}).Hostname(); h != "localhost" && h != "127.0.0.1" && net.ParseIP(h).String() != "::1" {
			t.Errorf("the host %q was let in", host)
		}
		if u, err := url.Parse(origin); origin != "" && (err != nil || !strings.EqualFold(u.Host, host)) {
			t.Errorf("the origin %q was let in at %q", origin, host)
		}
		if strings.HasPrefix(r.URL.Path, "/v1/") && !strings.HasSuffix(strings.TrimSpace(auth), secret) {
			t.Errorf("%q was let in without the token", auth)
		}
	})
}
