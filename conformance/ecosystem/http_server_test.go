package ecosystem

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

const httpServer = "net/http server"

// listen is a listener of the loop, and a proxy before it.
func listen(ctx context.Context, t *testing.T, s *Scene) (l *streams.Listener, address string) {
	l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	proxy := NewProxy(t, l.Addr().String())
	s.Kill = proxy.Kill
	return l, proxy.Addr()
}

// plainHTTPClient is a client that has nothing to do with the loop.
func plainHTTPClient(address string) *Client {
	return inThread(httpClient(&http.Transport{MaxIdleConnsPerHost: manyIdle}, "http://"+address))
}

func TestHTTPServerInGoroutine(t *testing.T) {
	Case{Library: httpServer, Way: serverGoroutine, Note: "`Shutdown` in ToThread",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := loopServer(ctx, t, s, echoHandler(s))
			return endsWith(plainHTTPClient(address), end)
		}}.Test(t)
}

func TestHTTPServerInTask(t *testing.T) {
	Case{Library: httpServer, Way: serverTask, Note: "Serve ends when its task is canceled; `Shutdown` in ToThread",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			l, address := listen(ctx, t, s)
			server := &http.Server{Handler: echoHandler(s)}
			serving := asyncio.Go(ctx, func(context.Context) error { return unlessClosed(server.Serve(l)) })
			return endsWith(plainHTTPClient(address), func(ctx context.Context) error {
				serving.Cancel()
				if _, err := serving.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
					t.Errorf("Serve in a task that is canceled returned %v", err)
				}
				return asyncio.ToThreadFunc(ctx, server.Shutdown)
			})
		}}.Test(t)
}

func TestHTTPTest(t *testing.T) {
	Case{Library: "net/http/httptest", Way: serverGoroutine, Note: "`Listener: l` of `streams.Listen`; `Close` in ToThread",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			l, address := listen(ctx, t, s)
			server := httptest.NewUnstartedServer(echoHandler(s))
			_ = server.Listener.Close()
			server.Listener = l
			server.Start()
			if !strings.Contains(server.URL, l.Addr().String()) {
				t.Errorf("httptest's URL is %s, and the listener's address %v", server.URL, l.Addr())
			}
			return endsWith(plainHTTPClient(address), func(ctx context.Context) error {
				return asyncio.ToThreadFunc(ctx, func(context.Context) error { server.Close(); return nil })
			})
		}}.Test(t)
}

// loopServer is an http.Server in a goroutine, on a listener of the loop.
func loopServer(ctx context.Context, t *testing.T, s *Scene, handler http.Handler) (address string, end func(ctx context.Context) error) {
	l, address := listen(ctx, t, s)
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	return address, func(ctx context.Context) error {
		if err := asyncio.ToThreadFunc(ctx, server.Shutdown); err != nil {
			return err
		}
		err, _, _ := asyncio.Receive(ctx, served)
		return unlessClosed(err)
	}
}

// handlerServer is an http.Server that has nothing to do with the loop.
func handlerServer(t *testing.T, s *Scene, handler http.Handler) (address string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	proxy := NewProxy(t, strings.TrimPrefix(server.URL, "http://"))
	s.Kill = proxy.Kill
	return proxy.Addr()
}

// endsWith lets the end of a client end its server, too.
func endsWith(client *Client, end func(ctx context.Context) error) *Client {
	closeClient := client.Close
	client.Close = func(ctx context.Context) error { return errors.Join(closeClient(ctx), end(ctx)) }
	return client
}

func unlessClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
