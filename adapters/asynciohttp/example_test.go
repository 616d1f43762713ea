package asynciohttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
)

// get makes a request in a thread, as every call of http.Client belongs there.
func get(ctx context.Context, url string) (string, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
		request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
		if err != nil {
			return "", err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return response.Status + ": " + string(body), err
	})
}

// Handlers share a counter without a lock, and the server ends with its task.
func Example() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		visits := 0
		handler := asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			visits++
			fmt.Fprint(w, "visits: ", visits)
			return nil
		})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		serving := asyncio.Go(ctx, func(ctx context.Context) error {
			return asynciohttp.Serve(ctx, &http.Server{Handler: handler}, l)
		})
		for range 2 {
			fmt.Println(get(ctx, "http://"+l.Addr().String()))
		}
		serving.Cancel() // as SIGTERM would; see asyncio.Signals
		_, err = serving.Await(ctx)
		fmt.Println(errors.Is(err, asyncio.ErrCanceled))
		return nil
	})
	fmt.Println(err)
	// Output:
	// 200 OK: visits: 1 <nil>
	// 200 OK: visits: 2 <nil>
	// true
	// <nil>
}

// Errors say how a request is to be answered.
func ExampleStatusError() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		users := map[string]string{"1": "Ada"}
		mux := http.NewServeMux()
		mux.Handle("/user/{id}", asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			name, ok := users[r.PathValue("id")]
			if !ok {
				return &asynciohttp.StatusError{Status: http.StatusNotFound, Text: "no such user"}
			}
			_, err := fmt.Fprint(w, name)
			return err
		}))
		mux.Handle("/slow", asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			return asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				return asyncio.Sleep(ctx, time.Hour)
			})
		}))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		asyncio.Go(ctx, func(ctx context.Context) error { return asynciohttp.Serve(ctx, &http.Server{Handler: mux}, l) })
		for _, path := range []string{"/user/1", "/user/2", "/slow"} {
			fmt.Println(get(ctx, "http://"+l.Addr().String()+path))
		}
		return nil
	})
	// Output:
	// 200 OK: Ada <nil>
	// 404 Not Found: no such user
	//  <nil>
	// 504 Gateway Timeout: Gateway Timeout
	//  <nil>
}
