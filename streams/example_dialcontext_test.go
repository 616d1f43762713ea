package streams_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// An http.Client whose connections belong to the loop: they are counted, limited
// and closed with it. The client blocks, so it runs on a thread.
func ExampleDialContext() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello, ", r.URL.Path)
	}))
	defer server.Close()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		client := &http.Client{Transport: &http.Transport{DialContext: streams.DialContext}}
		defer client.CloseIdleConnections()
		body, err := asyncio.ToThread(ctx, func(ctx context.Context) ([]byte, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/gopher", nil)
			if err != nil {
				return nil, err
			}
			response, err := client.Do(request)
			if err != nil {
				return nil, err
			}
			defer response.Body.Close()
			return io.ReadAll(response.Body)
		})
		fmt.Printf("%s\n", body)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello, /gopher
}

// A packet to one address and back.
func ExampleDialPacket() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		server, err := streams.ListenPacket(ctx, "udp", "localhost:0")
		if err != nil {
			return err
		}
		defer server.Close()
		asyncio.Go(ctx, func(context.Context) error { // answers one packet
			buf := make([]byte, 64)
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return err
			}
			_, err = server.WriteTo(append(buf[:n], " yourself"...), from)
			return err
		})

		conn, err := streams.DialPacket(ctx, "udp", server.LocalAddr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Write([]byte("hello")); err != nil {
			return err
		}
		buf := make([]byte, 64)
		n, err := conn.Read(buf)
		fmt.Printf("%s\n", buf[:n])
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello yourself
}
