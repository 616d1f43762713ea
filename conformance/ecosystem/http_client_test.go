package ecosystem

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/streams"
)

const (
	http1Client = "net/http client, HTTP/1.1"
	http2Client = "net/http client, HTTP/2, TLS"
	// manyIdle lets a client keep a connection for each task.
	manyIdle = tasks
)

func TestHTTPClient(t *testing.T) {
	for _, library := range []string{http1Client, http2Client} {
		isHTTP2 := library == http2Client
		t.Run(library, func(t *testing.T) {
			Case{Library: library, Way: toThread, Pool: 4,
				Open: func(_ context.Context, t *testing.T, s *Scene) *Client {
					return inThread(httpClientAndServer(t, s, isHTTP2, nil))
				}}.Test(t)
			Case{Library: library, Way: direct, Blocks: "a call waits on channels for goroutines of the transport" + neverEnds,
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					return httpClientAndServer(t, s, isHTTP2, streams.DialShared(ctx))
				}}.Test(t)
		})
	}
}

// neverEnds is what a case says that blocks the loop although its connections are those of
// streams.DialShared, which do not need it.
const neverEnds = "; with connections of `streams.DialContext` it would never end"

type dialContext = func(ctx context.Context, network, address string) (net.Conn, error)

// httpClientAndServer is all package net's, unless there is another way to dial.
func httpClientAndServer(t *testing.T, s *Scene, http2 bool, dial dialContext) *Client {
	server := httptest.NewUnstartedServer(echoHandler(s))
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that are killed
	if http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	scheme, address, _ := strings.Cut(server.URL, "://")
	proxy := NewProxy(t, address)
	s.Kill = proxy.Kill
	transport := server.Client().Transport.(*http.Transport).Clone()
	if dial != nil {
		transport.DialContext = dial
	}
	transport.MaxConnsPerHost = s.Pool
	transport.MaxIdleConnsPerHost = manyIdle
	return httpClient(transport, scheme+"://"+proxy.Addr())
}

// echoHandler answers with the body of the request.
func echoHandler(s *Scene) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		answer, err := s.Answer(r.Context(), string(text))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, answer)
	}
}

// httpClient makes requests as any program does.
func httpClient(transport *http.Transport, url string) *Client {
	c := &http.Client{Transport: transport}
	client := echoClient(func(ctx context.Context, text string) (string, error) {
		request, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(text))
		if err != nil {
			return "", err
		}
		response, err := c.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", response.Status, body)
		}
		return string(body), err
	})
	client.Close = func(context.Context) error { c.CloseIdleConnections(); return nil }
	return client
}
