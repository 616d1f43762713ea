package console

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/serve"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A listener follows /v1/live.
type listener struct {
	*bufio.Scanner
	close func()
}

func listen(t *testing.T, client *http.Client, url string, header map[string]string) *listener {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("it answers %s, %s", answer.Status, answer.Header.Get("Content-Type"))
	}
	return &listener{bufio.NewScanner(answer.Body), func() { answer.Body.Close() }}
}

// event returns the lines of the next event.
func (l *listener) event() (lines []string) {
	for l.Scan() {
		if l.Text() == "" {
			return lines
		}
		lines = append(lines, l.Text())
	}
	return lines
}

func expectEvent(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("the event is %q, want %q", got, want)
		return
	}
	for i, line := range want {
		if !strings.HasPrefix(got[i], line) {
			t.Errorf("line %d of the event is %q, want %q", i, got[i], line)
		}
	}
}

var localClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func liveOf(t *testing.T, opts ...Option) (url string) {
	t.Helper()
	return "http://" + started(t, append(opts, TCP("127.0.0.1:0"))...)[0].String() + "/v1/live"
}

func TestLive(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	l := listen(t, localClient, liveOf(t), nil)
	expectEvent(t, l.event(), "retry: ")
	f.frames <- &wire.State{Full: true}
	expectEvent(t, l.event(), "event: state", `data: {"loopID":0,`)
	f.frames <- &wire.LiveFrame{N: 8, Text: []string{"a\nb"}}
	expectEvent(t, l.event(), "event: frame", "id: 8", `data: {"n":8,`)
	f.frames <- &wire.LiveFrame{N: 9}
	expectEvent(t, l.event(), "event: frame", "id: 9", `data: {"n":9,`)
	close(f.frames) // the loop has ended
	if more := l.event(); more != nil || l.Err() != nil {
		t.Errorf("after the end: %q, %v", more, l.Err())
	}
}

// Who comes back is told how much it has missed.
func TestLiveAgain(t *testing.T) {
	f := useFake(t)
	url := liveOf(t)
	for _, c := range []struct {
		last string
		n    uint64
		lost string
	}{
		{"5", 9, `"lost":103`}, // 6, 7 and 8, and 100 of the frame itself
		{"8", 9, `"lost":100`},
		{"20", 9, `"lost":100`}, // it was another program
		{"x", 9, `"lost":100`},
		{"", 9, `"lost":100`},
	} {
		l := listen(t, localClient, url, header("Last-Event-ID: "+c.last))
		l.event()
		frame := &wire.LiveFrame{N: c.n, Lost: 100}
		f.frames <- frame
		if e := strings.Join(l.event(), "\n"); !strings.Contains(e, c.lost) {
			t.Errorf("after %q: %s, want %s", c.last, e, c.lost)
		}
		if frame.Lost != 100 {
			t.Error("the frame has changed for the other clients")
		}
		f.frames <- &wire.LiveFrame{N: c.n + 1}
		if e := strings.Join(l.event(), "\n"); strings.Contains(e, `"lost"`) {
			t.Errorf("the second frame after %q: %s", c.last, e)
		}
		l.close()
		asynctest.Eventually(t, "the client is forgotten", func() bool { return f.subscribed() == 0 })
	}
}

func TestTooManyClients(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	url := liveOf(t)
	var first *listener
	for range maxClients {
		l := listen(t, localClient, url, nil)
		if first == nil {
			first = l
		}
	}
	answer, err := localClient.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(errorOf(t, body), "16 clients") {
		t.Errorf("one more gets %s %s, %v", answer.Status, body, err)
	}
	if status, _ := get(t, localClient, strings.TrimSuffix(url, "live")+"hello"); status != 200 {
		t.Errorf("hello is answered %d meanwhile", status)
	}
	first.close()
	asynctest.Eventually(t, "a place is free", func() bool { return f.subscribed() < maxClients })
	listen(t, localClient, url, nil)
}

// A client that does not read is dropped, and does not hold up the others.
func TestSlowClient(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	at := started(t, TCP("127.0.0.1:0"))[0].String()
	deaf := deafClient(t, at, "/v1/live")
	asynctest.Eventually(t, "a client", func() bool { return f.subscribed() == 1 })
	long := &wire.LiveFrame{Text: []string{strings.Repeat("x", 256<<10)}}
	asynctest.Eventually(t, "it is dropped", func() bool {
		select {
		case f.frames <- long:
		default:
		}
		return f.subscribed() == 0
	})
	expectCut(t, deaf)
}

// So is one that asks for something long and does not read that.
func TestSlowReader(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	f.endless = make(chan error, 1)
	at := started(t, TCP("127.0.0.1:0"))[0].String()
	deaf := deafClient(t, at, "/v1/dump")
	if err := asynctest.Receive(t, f.endless); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the answer has ended with %v", err)
	}
	expectCut(t, deaf)
}

// deafClient sends a request, and does not read.
func deafClient(t *testing.T, at, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return c
}

// expectCut expects that a connection ends within an answer.
func expectCut(t *testing.T, c net.Conn) {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err == nil {
		t.Error("the answer looks complete")
	}
}

func TestOutbox(t *testing.T) {
	o := newOutbox()
	long := bytes.Repeat([]byte("x"), maxQueued)
	if !o.put(append(long, 'x')) {
		t.Error("an event that is too long by itself does not go alone")
	}
	if text, more := taken(o); len(text) != maxQueued+1 || !more {
		t.Errorf("%d bytes came out, more %v", len(text), more)
	}
	if !o.put([]byte("a")) || !o.put(append(long, 'x')) || !o.put([]byte("z")) {
		t.Error("what comes before or after an event that is too long was refused")
	}
	if text, more := taken(o); len(text) != maxQueued+3 || !more {
		t.Errorf("%d bytes came out, more %v", len(text), more)
	}
	if !o.put(long[1:]) || !o.put([]byte("x")) {
		t.Error("what is short enough was refused")
	}
	if o.overflown() || o.put([]byte("x")) || !o.overflown() {
		t.Error("one byte more than allowed was taken")
	}
	if text, more := taken(o); len(text) > 0 || more {
		t.Errorf("after that %d bytes came out, more %v", len(text), more)
	}
}

// A stream that is silent sends comments.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*heartbeat+heartbeat/2)
		defer cancel()
		w := httptest.NewRecorder()
		if !deliver(ctx, serve.NewPatientWriter(w), newOutbox()) {
			t.Error("the client counts as slow")
		}
		if n := strings.Count(w.Body.String(), ": the console is still here\n\n"); n != 2 {
			t.Errorf("%d comments were sent, want 2: %s", n, w.Body)
		}
	})
}

// Something around the handler that keeps answers back cannot carry events, and is told
// so.
func TestLiveWithoutFlush(t *testing.T) {
	s := serverOf(t)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/v1/live", nil)
	r.Host, r.RemoteAddr = "localhost", "127.0.0.1:4242"
	s.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	if !strings.Contains(w.Body.String(), "http.TimeoutHandler") {
		t.Errorf("it answers %d %s", w.Code, w.Body)
	}
}

// taken is all that is in an outbox.
func taken(o *outbox) (text []byte, more bool) {
	parts, more := o.take()
	return bytes.Join(parts, nil), more
}
