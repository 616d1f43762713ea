package simnet_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// get makes a request and returns the body of the answer.
func get(ctx context.Context, client *http.Client, url string) (string, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
		r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
		if err != nil {
			return "", err
		}
		resp, err := client.Do(r)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	})
}

// skipOnJS is for what goroutines of package http do: where all of them share one thread with
// the loop, none can be seen to wait for it.
func skipOnJS(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("skipped: on js, goroutines share one thread with the loop")
	}
}

// Package http on top: its goroutines hand their calls to the loop, and the clock jumps as soon
// as all of them wait for that. It need not use up the patience.
func TestHTTP(t *testing.T) {
	skipOnJS(t)
	for _, thinks := range []time.Duration{0, time.Hour} {
		t.Run(fmt.Sprintf("a server that thinks for %v", thinks), func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				l := must(streams.Listen(ctx, "tcp", "localhost:8080"))(t)
				server := &http.Server{
					BaseContext: func(net.Listener) context.Context { return ctx },
					Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						err := asyncio.RunOnFunc(r.Context(), asyncio.RunningLoop(ctx), func(ctx context.Context) error {
							return asyncio.Sleep(ctx, thinks)
						})
						fmt.Fprint(w, "hello ", r.URL.Path, err)
					}),
				}
				serving := asyncio.Go(ctx, func(context.Context) error { return server.Serve(l) })
				transport := &http.Transport{DialContext: streams.DialContext}
				client := &http.Client{Transport: transport}
				for i := range 5 {
					body, err := get(ctx, client, fmt.Sprintf("http://localhost:8080/%d", i))
					if want := fmt.Sprintf("hello /%d<nil>", i); body != want || err != nil {
						t.Errorf("it got %q, %v; want %q", body, err, want)
					}
				}
				transport.CloseIdleConnections()
				_ = must(asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, server.Shutdown(context.Background()) }))(t)
				_, err := serving.Await(ctx)
				expect(t, "Serve", err, http.ErrServerClosed)
			}, asynciotest.Patience(time.Hour))
		})
	}
}

// A server of httptest on a listener of package streams, with TLS, in many orders.
func TestHTTPTest(t *testing.T) {
	skipOnJS(t)
	asynciotest.Explore(t, func(ctx context.Context) {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "hello ", r.URL.Path)
		}))
		_ = server.Listener.Close()
		server.Listener = must(streams.Listen(ctx, "tcp", "localhost:0"))(t)
		server.StartTLS()
		transport := &http.Transport{DialContext: streams.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		for i := range 3 {
			body, err := get(ctx, &http.Client{Transport: transport}, fmt.Sprintf("%s/%d", server.URL, i))
			if want := fmt.Sprintf("hello /%d", i); body != want || err != nil {
				t.Errorf("it got %q, %v; want %q", body, err, want)
			}
		}
		transport.CloseIdleConnections()
		_ = must(asyncio.ToThread(ctx, func(context.Context) (int, error) { // it waits for its goroutines
			server.Close()
			return 0, nil
		}))(t)
	}, asynciotest.Runs(20), asynciotest.Patience(time.Hour))
}
