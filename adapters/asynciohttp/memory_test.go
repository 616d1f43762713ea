package asynciohttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// In a test of a user, a server and its client are on the network in memory, and a handler
// that sleeps takes no time.
func TestOnANetworkInMemory(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l, err := streams.Listen(ctx, "tcp", "localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				return err
			}
			_, err := fmt.Fprint(w, "hello ", r.URL.Path)
			return err
		})}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return asynciohttp.Serve(ctx, server, l) })
		transport := &http.Transport{DialContext: streams.DialContext}
		for i := range 3 {
			body, err := asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
				request, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprint("http://localhost/", i), nil)
				if err != nil {
					return "", err
				}
				response, err := transport.RoundTrip(request)
				if err != nil {
					return "", err
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				return string(body), err
			})
			if want := fmt.Sprint("hello /", i); body != want || err != nil {
				t.Errorf("it got %q, %v; want %q", body, err, want)
			}
		}
		serving.Cancel()
		if _, err := serving.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	}, asynciotest.Patience(time.Minute)) // which is not used up
}
