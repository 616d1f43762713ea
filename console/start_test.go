package console

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// started starts a console that the test ends, and returns where it listens.
func started(t *testing.T, opts ...Option) []net.Addr {
	t.Helper()
	var at []net.Addr
	stop, err := Start(t.Context(), append(opts, OnListen(func(a net.Addr) { at = append(at, a) }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return at
}

func TestStartRefuses(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name string
		opts []Option
		says []string
	}{
		{"a short token", []Option{TCP("127.0.0.1:0"), Token("short")}, []string{"has 5 bytes", "at least 16"}},
		{"an empty token", []Option{Token("")}, []string{"has 0 bytes"}},
		{"the network without a token", []Option{TCP("0.0.0.0:0")}, []string{"0.0.0.0:0", "console.Token", "127.0.0.1"}},
		{"all interfaces without a token", []Option{TCP(":0")}, []string{"console.Token"}},
		{"all of IPv6 without a token", []Option{TCP("[::]:0")}, []string{"console.Token"}},
		{"one good address and a bad one", []Option{TCP("127.0.0.1:0"), TCP("192.0.2.1:0")}, []string{"192.0.2.1:0", "console.Token"}},
		{"no port", []Option{TCP("127.0.0.1")}, []string{"HOST:PORT"}},
		{"an empty port", []Option{TCP("127.0.0.1:")}, []string{"HOST:PORT"}},
		{"a port that cannot be", []Option{TCP("127.0.0.1:70000")}, []string{"0 to 65535"}},
		{"a zone", []Option{TCP("[fe80::1%lo]:7070")}, []string{"zone"}},
		{"an address in use", []Option{TCP(taken.Addr().String())}, []string{taken.Addr().String() + " is in use", "another port"}},
		{"an address of another machine", []Option{TCP("192.0.2.1:0"), Token(secret)}, []string{"192.0.2.1:0", "an address of this machine"}},
		{"a negative history", []Option{History(-1)}, []string{"at least 65536"}},
		{"a history that is too short", []Option{History(100)}, []string{"100 bytes", "at least 65536"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop, err := Start(t.Context(), c.opts...)
			if err == nil {
				stop()
				t.Fatal("it was started")
			}
			if stop != nil {
				t.Error("there is something to stop")
			}
			if !strings.HasPrefix(err.Error(), "console: ") {
				t.Errorf("it says %q, which does not say whose error it is", err)
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("it says %q, want %q in it", err, words)
				}
			}
		})
	}
}

func TestMisuse(t *testing.T) {
	useFake(t)
	var none context.Context
	asynctest.ExpectAdvice(t, func() { _, _ = Start(none) }, "context.Background()")
	asynctest.ExpectAdvice(t, func() { _, _ = Start(t.Context(), nil) }, "leave it out")
	asynctest.ExpectAdvice(t, func() { OnListen(nil) }, "leave the option out")
}

// What Start refuses, a Handler says to those who ask.
func TestHandlerRefuses(t *testing.T) {
	w := ask{url: "/v1/hello"}.to(Handler(Token("short")))
	if w.Code != http.StatusInternalServerError || !strings.Contains(errorOf(t, w.Body.Bytes()), "at least 16") {
		t.Errorf("it answers %d %s", w.Code, w.Body)
	}
}

func TestTCP(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	at := started(t, TCP("127.0.0.1:0"), TCP("localhost:0"))
	if len(at) != 2 {
		t.Fatalf("it listens at %v, want two ports and no socket", at)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, a := range at {
		if status, body := get(t, client, "http://"+a.String()+"/v1/hello"); status != 200 {
			t.Errorf("%s answers %d %s", a, status, body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+at[0].String()+"/v1/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a foreign host gets %d", answer.StatusCode)
	}
}

// Who announces a body and does not send it gets an answer, and does not take a place
// among the connections for ever.
func TestBodyThatDoesNotCome(t *testing.T) {
	asynctest.NothingIsLeft(t)
	useFake(t)
	at := started(t, TCP("127.0.0.1:0"), Token(secret))
	c, err := net.Dial("tcp", at[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "POST /v1/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("the connection is still there: %v", err)
	}
	if !strings.HasPrefix(string(all), "HTTP/1.1 401 ") {
		t.Errorf("it answers %s", all)
	}
}

func TestStartWatches(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	tcp := TCP("127.0.0.1:0")
	outside, err := Start(t.Context(), tcp)
	if err != nil {
		t.Fatal(err)
	}
	if loops := f.loops(); len(loops) != 1 || loops[0] != nil {
		t.Errorf("outside of a loop it watches %v, want all that come", loops)
	}
	asynctest.EndWell(t, func(ctx context.Context) error {
		stop, err := Start(ctx, tcp)
		if err != nil {
			return err
		}
		if loops := f.loops(); len(loops) != 2 || loops[1] != engine.LoopOf(ctx) {
			t.Errorf("on a loop it watches %v as well, want that", loops)
		}
		stop()
		stop()
		if loops := f.loops(); len(loops) != 1 || f.closed != 0 {
			t.Errorf("it still watches %v; the collector was closed %d times, and is still used", loops, f.closed)
		}
		return nil
	})
	outside()
}

// A handler watches the loop on which it was made, and all that come, until it is
// garbage.
func TestHandlerWatches(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		h := Handler()
		if loops := f.loops(); len(loops) != 2 || loops[0] != engine.LoopOf(ctx) || loops[1] != nil {
			t.Errorf("it watches %v, want this loop and all that come", loops)
		}
		if w := (ask{url: "/v1/hello"}).to(h); w.Code != 200 {
			t.Errorf("it answers %d %s", w.Code, w.Body)
		}
		return nil
	})
	collect(t, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.closed == 1 })
}

// A handler answers below a prefix, and where its page's address lacks the slash it
// says so.
func TestHandlerBelowAPrefix(t *testing.T) {
	f := useFake(t)
	mux := http.NewServeMux()
	mux.Handle("/debug/console/", http.StripPrefix("/debug/console", Handler()))
	for url, want := range map[string]string{
		"/debug/console/v1/hello": `"v":1`,
		"/debug/console/":         "<!doctype html>",
	} {
		if w := (ask{url: url}).to(mux); w.Code != 200 || !strings.Contains(strings.ToLower(w.Body.String()), want) {
			t.Errorf("%s: %d %s", url, w.Code, w.Body)
		}
	}
	h := Handler()
	bare := http.StripPrefix("/debug/console", h)
	if w := (ask{url: "/debug/console"}).to(bare); w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "console/" {
		t.Errorf("without the slash: %d to %q", w.Code, w.Header().Get("Location"))
	}
	mux, h, bare = nil, nil, nil
	collect(t, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.closed == 1 })
}

// stop may be called on the loop while a client waits for an answer.
func TestStopOnTheLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	f := useFake(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		var at net.Addr
		stop, err := Start(ctx, TCP("127.0.0.1:0"), OnListen(func(a net.Addr) { at = a }))
		if err != nil {
			return err
		}
		live, err := http.Get("http://" + at.String() + "/v1/live")
		if err != nil {
			return err
		}
		defer live.Body.Close()
		asynctest.Eventually(t, "a client", func() bool { return f.subscribed() == 1 })
		stop()
		if n := f.subscribed(); n != 0 {
			t.Errorf("%d clients are left", n)
		}
		if _, err := net.Dial("tcp", at.String()); err == nil {
			t.Error("it still listens")
		}
		return nil
	})
}

func TestVariableThatMakesNoSense(t *testing.T) {
	for value, says := range map[string]string{
		"yes":                  "write 1, unix:PATH or tcp:HOST:PORT",
		"2":                    "write 1",
		"unix:":                "unix:PATH",
		"tcp:":                 "tcp:HOST:PORT",
		"tcp:7070":             "HOST:PORT",
		"tcp:localhost:x":      "0 to 65535",
		"udp:127.0.0.1:7070":   "tcp:HOST:PORT",
		"tcp:0.0.0.0:7070":     "console.Token",
		"http://127.0.0.1:80/": "tcp:HOST:PORT",
	} {
		err := startByEnvironment(value)
		if err == nil || !strings.Contains(err.Error(), says) || strings.HasPrefix(err.Error(), "console:") {
			t.Errorf("%s: %v, want %q in it", value, err, says)
		}
	}
}

// collect collects garbage until something holds.
func collect(t *testing.T, holds func() bool) {
	t.Helper()
	asynctest.Eventually(t, "the handler becomes garbage", func() bool {
		runtime.GC()
		return holds()
	})
}
