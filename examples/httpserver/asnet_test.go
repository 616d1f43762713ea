package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/examples/internal/servingtest"
)

// aHandler does what handlers may do to a response.
func aHandler() http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, fn http.HandlerFunc) { mux.HandleFunc(path, fn) }
	pieces := func(w http.ResponseWriter) {
		for range 3 {
			fmt.Fprint(w, "piece ")
			w.(http.Flusher).Flush()
		}
	}
	handle("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	handle("/empty", func(http.ResponseWriter, *http.Request) {})
	handle("/stream", func(w http.ResponseWriter, _ *http.Request) { pieces(w) })
	handle("/stream/length", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "18")
		pieces(w)
	})
	handle("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	handle("/late", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "hello")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Late", "yes")
	})
	handle("/later", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("X-Late", "yes")
	})
	handle("/trailer", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum, X-Unit")
		pieces(w)
		w.Header().Set("X-Sum", "3")
		w.Header().Set("X-Unit", "apple")
	})
	handle("/nothing", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		_, err := fmt.Fprint(w, "hello")
		if err != http.ErrBodyNotAllowed {
			panic(err)
		}
	})
	handle("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	handle("/abort/late", func(w http.ResponseWriter, _ *http.Request) {
		pieces(w)
		panic(http.ErrAbortHandler)
	})
	handle("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/hello", http.StatusFound) })
	handle("/file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.txt", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	})
	handle("/request", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintln(w, r.Method, r.RequestURI, r.Host, r.Proto, string(body), err)
		_ = r.Header.WriteSubset(w, map[string]bool{"Content-Length": true})
	})
	return mux
}

// requests are what a client may ask with GET, and with HEAD.
var requests = []string{
	"/hello HTTP/1.1\r\nHost: x\r\n\r\n", "/empty HTTP/1.1\r\nHost: x\r\n\r\n", "/nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
	"/stream HTTP/1.1\r\nHost: x\r\n\r\n", "/stream/length HTTP/1.1\r\nHost: x\r\n\r\n", "/large HTTP/1.1\r\nHost: x\r\n\r\n",
	"/late HTTP/1.1\r\nHost: x\r\n\r\n", "/later HTTP/1.1\r\nHost: x\r\n\r\n", "/trailer HTTP/1.1\r\nHost: x\r\n\r\n",
	"/nothing HTTP/1.1\r\nHost: x\r\n\r\n", "/redirect HTTP/1.1\r\nHost: x\r\n\r\n",
	"/abort HTTP/1.1\r\nHost: x\r\n\r\n", "/abort/late HTTP/1.1\r\nHost: x\r\n\r\n",
	"/hello HTTP/1.0\r\n\r\n", "/stream HTTP/1.0\r\n\r\n", "/stream/length HTTP/1.0\r\n\r\n", "/large HTTP/1.0\r\n\r\n",
	"/hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	"/file HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\n\r\n", "/file HTTP/1.1\r\nHost: x\r\nRange: bytes=20-\r\n\r\n",
	"/file HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n\r\n",
	"/request?q=1 HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nAccept: y\r\nX: 1\r\nX: 2\r\n\r\n",
	"/request HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 10_000) + "\r\n\r\n",
	"/hello HTTP/1.1\r\n\r\n", "/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "hello HTTP/1.1\r\nHost: x\r\n\r\n",
	"/hello\r\n\r\n", "/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
	"/hello HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 2<<20) + "\r\n\r\n",
}

// TestServerIsAsPackageHTTP compares what the server answers with what that of
// package net/http does, byte for byte of the body, and in what clients go by.
func TestServerIsAsPackageHTTP(t *testing.T) {
	var said strings.Builder
	log.SetOutput(&said)
	defer log.SetOutput(os.Stderr)
	theirs := httptest.NewServer(aHandler())
	defer theirs.Close()
	ours, stop := startHandler(t, aHandler())
	for _, request := range append(posts(), gets()...) {
		name := fmt.Sprintf("%.60q", request)
		t.Run(name, func(t *testing.T) {
			got, want := answerTo(t, ours, request), answerTo(t, theirs.URL, request)
			if got != want {
				t.Errorf("it answered\n\t%s\nand package net/http\n\t%s", got, want)
			}
		})
	}
	stop()
	if said.Len() > 0 {
		t.Errorf("it reported\n%s", said.String())
	}
}

func gets() (all []string) {
	for _, r := range requests {
		all = append(all, "GET "+r, "HEAD "+r)
	}
	return all
}

func posts() []string {
	head := "POST /request HTTP/1.1\r\nHost: x\r\n"
	return []string{
		head + "Content-Length: 3\r\n\r\nabc",
		head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
		head + "Content-Length: -3\r\n\r\nabc",
		head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n",
		head + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
	}
}

// answerTo sends a request and tells, in one line, what has come: how it is
// framed where that makes a difference, and whether the connection goes on.
func answerTo(t *testing.T, url, request string) string {
	t.Helper()
	conn := servingtest.Dial(t, strings.TrimPrefix(url, "http://"))
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }()
	method, _, _ := strings.Cut(request, " ")
	in := bufio.NewReader(conn)
	var interim string
	for {
		r, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			return "nothing"
		}
		if r.StatusCode == http.StatusContinue {
			interim = "continue, "
			continue
		}
		body, err := io.ReadAll(r.Body)
		if r.StatusCode >= http.StatusBadRequest {
			body = nil // each says it in its own words
		}
		if method == http.MethodHead {
			r.Trailer = nil // there is nothing that it could follow
		}
		_, dated := r.Header["Date"]
		return fmt.Sprintf("%s%d %v %d bytes %.100q, %v, dated %v, closes %v; %v",
			interim, r.StatusCode, headersOf(r), len(body), body, err, dated || r.StatusCode >= http.StatusBadRequest, closes(conn, r, request), r.Trailer)
	}
}

// headersOf returns those which say what the answer is, and not how it comes.
func headersOf(r *http.Response) http.Header {
	h := r.Header.Clone()
	for _, key := range []string{"Date", "Connection", "Content-Length", "Trailer", "X-Content-Type-Options"} {
		h.Del(key)
	}
	return h
}

// closes reports whether another request on the connection is not answered.
func closes(conn net.Conn, r *http.Response, request string) bool {
	if r.Close || strings.Contains(request, "HTTP/1.0\r\n\r\n") {
		return true
	}
	_, _ = io.WriteString(conn, "GET /empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	rest, _ := io.ReadAll(conn)
	return len(rest) == 0
}
