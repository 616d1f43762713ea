package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/examples/internal/serving"
	"github.com/asyncio-go/asyncio/examples/internal/servingtest"
)

// start runs the whole program, as main does.
func start(t *testing.T, config *tls.Config) (address string, stop func()) {
	t.Helper()
	o := options{address: "127.0.0.1:0", grace: servingtest.Patience}
	return servingtest.Start(t, func(ctx context.Context, started func(net.Addr)) error {
		return run(ctx, o, config, started)
	})
}

// startHandler runs a handler of the test's.
func startHandler(t *testing.T, h http.Handler) (url string, stop func()) {
	t.Helper()
	s := newServer(h, nil)
	address, stop := servingtest.Start(t, func(ctx context.Context, started func(net.Addr)) error {
		return serving.Run(ctx, "127.0.0.1:0", serving.Options{
			Grace: servingtest.Patience, Handle: s.serve, Drain: s.drain,
			Started: func(l net.Listener) { started(l.Addr()) },
		})
	})
	return "http://" + address, stop
}

func client(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: servingtest.Patience}
}

func expectAnswer(t *testing.T, r *http.Response, err error, status int, body string) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	if r.StatusCode != status || !strings.Contains(string(got), body) || err != nil {
		t.Errorf("it answered %d %q, %v; want %d %q", r.StatusCode, got, err, status, body)
	}
}

func TestServer(t *testing.T) {
	t.Run("answers an ordinary client, over one connection", func(t *testing.T) {
		var remotes []string // of requests; tasks of one loop write it
		url, stop := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			remotes = append(remotes, r.RemoteAddr)
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Method", r.Method)
			w.Header().Add("Set-Cookie", "a=1")
			w.Header().Add("Set-Cookie", "b=2")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "%s %s", r.URL.Query().Get("q"), body)
		}))
		c := client(t)
		for i := range 3 {
			r, err := c.Post(url+fmt.Sprintf("/?q=%d", i), "text/plain", strings.NewReader("hello"))
			expectAnswer(t, r, err, http.StatusTeapot, fmt.Sprintf("%d hello", i))
			if err == nil && (r.Header.Get("X-Method") != "POST" || len(r.Cookies()) != 2 || r.ContentLength != 7) {
				t.Errorf("headers %v, length %d", r.Header, r.ContentLength)
			}
		}
		stop()
		if len(slices.Compact(remotes)) != 1 {
			t.Errorf("connections from %v", remotes)
		}
	})
	t.Run("lets handlers wait side by side", func(t *testing.T) {
		const together = 50
		var gate asyncio.Event
		waiting := 0
		url, _ := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if waiting++; waiting == together { // no one goes on before all are there
				gate.Set()
			}
			_ = gate.Wait(r.Context())
		}))
		c := client(t)
		var all sync.WaitGroup
		for range together {
			all.Go(func() {
				r, err := c.Get(url)
				expectAnswer(t, r, err, http.StatusOK, "")
			})
		}
		all.Wait()
	})
	t.Run("streams what is flushed, piece by piece", func(t *testing.T) {
		var next asyncio.Semaphore
		url, _ := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/next" {
				next.Release()
				return
			}
			for i := range 3 {
				fmt.Fprintf(w, "piece %d\n", i)
				w.(http.Flusher).Flush()
				_ = next.Acquire(r.Context())
			}
			fmt.Fprint(w, "end")
		}))
		c := client(t)
		r, err := c.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		in := bufio.NewReader(r.Body)
		for i := range 3 { // each is there before the next is written
			if line, err := in.ReadString('\n'); line != fmt.Sprintf("piece %d\n", i) {
				t.Errorf("got %q, %v", line, err)
			}
			answer, err := c.Get(url + "/next")
			expectAnswer(t, answer, err, http.StatusOK, "")
		}
		if rest, err := io.ReadAll(in); string(rest) != "end" || err != nil {
			t.Errorf("then %q, %v", rest, err)
		}
	})
	t.Run("does not hold a long answer in memory", func(t *testing.T) {
		var next asyncio.Event
		url, _ := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/next" {
				next.Set()
				return
			}
			for range 100 {
				_, _ = w.Write(make([]byte, 1<<10))
			}
			_ = next.Wait(r.Context())
		}))
		c := client(t)
		r, err := c.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if _, err := io.ReadFull(r.Body, make([]byte, 1<<16)); err != nil { // before its handler has ended
			t.Error(err)
		}
		answer, err := c.Get(url + "/next")
		expectAnswer(t, answer, err, http.StatusOK, "")
		if rest, err := io.ReadAll(r.Body); len(rest) != 100<<10-1<<16 || err != nil {
			t.Errorf("then came %d bytes, %v", len(rest), err)
		}
	})
	t.Run("says that a body is too long to one who sends it", func(t *testing.T) {
		url, _ := startHandler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for name, length := range map[string]int64{"of a length": mostInBody + 1, "in chunks": -1} {
			request, err := http.NewRequest(http.MethodPost, url, io.LimitReader(endless{}, mostInBody+1))
			if err != nil {
				t.Fatal(err)
			}
			request.ContentLength = length
			r, err := client(t).Do(request)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			expectAnswer(t, r, err, http.StatusRequestEntityTooLarge, "Too Large")
		}
	})
	t.Run("cancels a stream whose client has gone", func(t *testing.T) {
		gone := make(chan error, 1)
		url, _ := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out := http.NewResponseController(w)
			for {
				_, _ = w.Write(make([]byte, 1<<16))
				if err := out.Flush(); err != nil || r.Context().Err() != nil {
					gone <- errors.Join(err, r.Context().Err())
					return
				}
			}
		}))
		r, err := client(t).Get(url)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		select {
		case err := <-gone:
			if !errors.Is(err, asyncio.ErrCanceled) && !errors.Is(err, context.Canceled) && !errors.Is(err, asyncio.ErrQueueShutDown) {
				t.Errorf("the handler was told %v", err)
			}
		case <-time.After(servingtest.Patience):
			t.Error("the handler goes on")
		}
	})
	t.Run("ends the connection of a handler that panics, and no other", func(t *testing.T) {
		url, _ := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/panic" {
				fmt.Fprint(w, "half an answer")
				panic("a panic of the test")
			}
		}))
		c := client(t)
		if r, err := c.Post(url+"/panic", "", nil); err == nil {
			t.Errorf("it answered %v", r.Status)
		}
		r, err := c.Get(url)
		expectAnswer(t, r, err, http.StatusOK, "")
	})
	t.Run("lets a request end when it is stopped, and ends idle connections", func(t *testing.T) {
		begun, goOn := make(chan bool), make(chan bool)
		url, stop := startHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				begun <- true
				_, _ = asyncio.ToThread(r.Context(), func(context.Context) (bool, error) { return <-goOn, nil })
				fmt.Fprint(w, "done")
			}
		}))
		idle := client(t)
		r, err := idle.Get(url)
		expectAnswer(t, r, err, http.StatusOK, "")
		answered := make(chan bool)
		go func() {
			defer close(answered)
			r, err := client(t).Get(url + "/slow")
			expectAnswer(t, r, err, http.StatusOK, "done")
		}()
		<-begun
		stopped := make(chan bool)
		go func() { stop(); close(stopped) }()
		for { // until it listens no more
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				break
			}
			conn.Close()
		}
		close(goOn)
		<-answered
		<-stopped
	})
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestBroadcast(t *testing.T) {
	pair, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for scheme, config := range map[string]*tls.Config{"http": nil, "https": {Certificates: []tls.Certificate{pair}}} {
		t.Run("over "+scheme, func(t *testing.T) {
			address, stop := start(t, config)
			url := scheme + "://" + address
			c := client(t)
			c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}

			r, err := c.Get(url)
			expectAnswer(t, r, err, http.StatusOK, "EventSource")

			var listeners []*bufio.Reader
			for range 3 {
				r, err := c.Get(url + "/events")
				if err != nil {
					t.Fatal(err)
				}
				defer r.Body.Close()
				if got := r.Header.Get("Content-Type"); got != "text/event-stream" {
					t.Errorf("the type is %q", got)
				}
				listeners = append(listeners, bufio.NewReader(r.Body))
			}
			for _, bad := range []string{"", " \n", strings.Repeat("x", mostInLine+1), "\xff"} {
				r, err := c.Post(url+"/say", "", strings.NewReader(bad))
				if err != nil || r.StatusCode/100 != 4 {
					t.Errorf("to %q it answered %v, %v", bad, r, err)
					continue
				}
				r.Body.Close()
			}
			for _, message := range []string{"hello", "two\nlines", "a\r\revent: forged\r\nid: 7"} {
				r, err := c.Post(url+"/say", "", strings.NewReader(message))
				expectAnswer(t, r, err, http.StatusNoContent, "")
			}
			want := "data: hello\n\ndata: two\ndata: lines\n\ndata: a\ndata: \ndata: event: forged\ndata: id: 7\n\n"
			for i, in := range listeners {
				got := make([]byte, len(want))
				if _, err := io.ReadFull(in, got); string(got) != want {
					t.Errorf("listener %d heard %q, %v", i, got, err)
				}
			}
			stop()
			for i, in := range listeners {
				if rest, err := io.ReadAll(in); len(rest) != 0 || err != nil {
					t.Errorf("after the end, listener %d heard %q, %v", i, rest, err)
				}
			}
		})
	}
}

// Clients that ask and never read must not keep others out.
func TestClientsThatNeverRead(t *testing.T) {
	const limit = 3
	s := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 32<<10))
	}), nil)
	s.patience = time.Millisecond
	address, _ := servingtest.Start(t, func(ctx context.Context, started func(net.Addr)) error {
		return serving.Run(ctx, "127.0.0.1:0", serving.Options{
			Grace: servingtest.Patience, Limit: limit, Handle: s.serve, Drain: s.drain,
			Started: func(l net.Listener) { started(l.Addr()) },
		})
	})
	requests := strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1000) // 32 MB to read
	for range limit {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() { _, _ = io.WriteString(c, requests) }()
	}
	r, err := client(t).Get("http://" + address)
	expectAnswer(t, r, err, http.StatusOK, "")
}

func TestHub(t *testing.T) {
	t.Run("drops a listener who is too far behind, and waits for none", func(t *testing.T) {
		slow, quick := &listener{asyncio.NewQueue[string](2)}, &listener{asyncio.NewQueue[string](10)}
		h := &hub{listeners: []*listener{slow, quick}}
		for range 5 {
			h.broadcast("x")
		}
		if len(h.listeners) != 1 || quick.messages.Len() != 5 || slow.messages.Len() != 0 {
			t.Errorf("%d listeners; the quick one has %d messages", len(h.listeners), quick.messages.Len())
		}
	})
}
