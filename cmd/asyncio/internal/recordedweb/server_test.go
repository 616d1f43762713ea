package recordedweb

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/recorded"
	"github.com/asyncio-go/asyncio/trace"
)

// small is a recording of a task that has ended, on the second of two loops.
const small = `{"asyncio":1,"start":0,"length":50,"loops":[{"id":1},{"id":2}],"labels":[],"places":[],
"blocks":[{"loop":2,"events":[[1,10,0,1,0,0,0,1],[7,30,20,1],[10,30,0,1]],"texts":["<b>main</b>"]}]}`

func serverOf(t *testing.T) *server {
	t.Helper()
	r, err := trace.ReadJSON(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	return newServer(recorded.New(r, "small.json"), "127.0.0.1:7071")
}

// ask sends a request with lines of its header; without them it is that of the page.
func ask(s *server, method, path string, lines ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:4242", "127.0.0.1:7071"
	r.Header.Set("Cookie", "asyncio_token_7071="+s.door.Token())
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	s := serverOf(t)
	const none = "Cookie: a=b"
	for _, c := range []struct {
		name, path string
		header     string
		status     int
		says       string
	}{
		{"the page", "/recording", "", 200, "<!doctype html>"},
		{"the page, without the token", "/recording", none, 200, "<!doctype html>"},
		{"its script", "/page.js", none, 200, ""},
		{"what is not there", "/page/../x", "", 404, "the page is at /recording"},
		{"hello", "/v1/hello", "", 200, `"program":"small.json"`},
		{"all of the first loop", "/v1/recording", "", 200, `"loopID":1`},
		{"all of a loop", "/v1/recording?loop=2", "", 200, `\u003cb\u003emain\u003c/b\u003e`},
		{"a task", "/v1/task/1?loop=2", "", 200, `"outcome":"returned"`},
		{"as a file", "/v1/trace?format=json", "", 200, `{"asyncio":1`},
		{"for Perfetto", "/v1/trace?format=perfetto", "", 200, "main"},

		{"no such loop", "/v1/recording?loop=3", "", 404, "no loop 3"},
		{"a loop that is no number", "/v1/recording?loop=x", "", 400, "a number"},
		{"no such task", "/v1/task/2?loop=2", "", 404, "no task 2"},
		{"a task that is no number", "/v1/task/x?loop=2", "", 400, "no number of a task"},
		{"no such format", "/v1/trace?format=pdf", "", 400, "json or perfetto"},
		{"no such path", "/v1/live", "", 404, "/v1/recording"},

		{"no token", "/v1/hello", none, 401, "wants its token"},
		{"a wrong token", "/v1/recording", "Cookie: asyncio_token_7071=x", 401, "token of another recording"},
		{"the token in a query", "/v1/task/1?token=" + s.door.Token(), none, 401, ""},
		{"a foreign host", "/v1/hello", "Host: evil.example", 421, "evil.example"},
		{"a foreign host, for the page", "/recording", "Host: evil.example:7071", 421, ""},
		{"a foreign origin", "/v1/recording", "Origin: http://evil.example", 403, "another site"},
		{"the origin of another port", "/v1/recording", "Origin: http://127.0.0.1:80", 403, ""},
		{"a foreign page, as newer browsers tell", "/v1/hello", "Sec-Fetch-Site: cross-site", 403, ""},
		{"our own page", "/v1/hello", "Origin: http://127.0.0.1:7071", 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(s, http.MethodGet, c.path, c.header)
			body := w.Body.String()
			if w.Code != c.status || !strings.Contains(body, c.says) {
				t.Errorf("the answer is %d %.300s, want %d and %q in it", w.Code, body, c.status, c.says)
			}
			var e struct{ Error string }
			if err := json.Unmarshal([]byte(body), &e); w.Code >= 400 && (err != nil || e.Error == "") {
				t.Errorf("it is no sentence: %s", body)
			}
			if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self'") {
				t.Errorf("headers are missing: %v", w.Header())
			}
		})
	}
	if w := ask(s, http.MethodPost, "/v1/hello"); w.Code != 405 {
		t.Errorf("POST is answered by %d", w.Code)
	}
	if w := ask(s, http.MethodGet, "/"); w.Code != 307 || w.Header().Get("Location") != "/recording" {
		t.Errorf("/ is answered by %d, %v", w.Code, w.Header())
	}
}

// The browser that the command opens comes in once.
func TestTicket(t *testing.T) {
	s := serverOf(t)
	ticket := "/" + s.Ticket()
	if strings.Contains(ticket, s.door.Token()) {
		t.Fatal("the token is on the command line of the browser")
	}
	if w := ask(s, http.MethodGet, ticket); w.Code != 303 || w.Header().Get("Location") != "/"+s.Page() {
		t.Errorf("it is answered by %d and leads to %v", w.Code, w.Header())
	}
	if w := ask(s, http.MethodGet, ticket); w.Code != 403 || !strings.Contains(w.Body.String(), "asyncio view") {
		t.Errorf("the second time it is answered by %d %s", w.Code, w.Body)
	}
}
