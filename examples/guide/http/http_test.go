package http

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

func TestRoom(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		loop := asyncio.RunningLoop(ctx)
		server := asyncio.Go(ctx, func(ctx context.Context) error { return serve(ctx, l) })
		// The browser: what it does blocks.
		err = asyncio.ToThreadFunc(ctx, func(context.Context) error {
			at := "http://" + l.Addr().String()
			if r, err := http.PostForm(at+"/say", nil); err != nil || r.StatusCode != http.StatusBadRequest {
				t.Error(r, err)
			}
			events, err := http.Get(at + "/events") // returns when the handler has flushed once
			if err != nil {
				return err
			}
			defer events.Body.Close()
			if r, err := http.PostForm(at+"/say", url.Values{"text": {"hello"}}); err != nil || r.StatusCode != http.StatusOK {
				t.Error(r, err)
			}
			lines := bufio.NewReader(events.Body)
			if line, err := lines.ReadString('\n'); err != nil || line != "data: \"hello\"\n" {
				t.Errorf("%q, %v", line, err)
			}
			loop.CallSoonThreadsafe(func() { server.Cancel() })
			if rest, err := io.ReadAll(lines); err != nil || string(rest) != "\n" { // the server ends the stream
				t.Errorf("%q, %v", rest, err)
			}
			return nil
		})
		server.Cancel()
		if _, err := server.Await(ctx); !server.Canceled() {
			t.Errorf("it ended with %v", err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestClient(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" {
			<-hold
		}
		fmt.Fprint(w, `{"Degrees": 21}`)
	}))
	defer server.Close()
	defer close(hold)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		if w, err := ask(ctx, server.URL); err != nil || w.Degrees != 21 {
			t.Error(w, err)
		}
		err := asyncio.WithTimeout(ctx, 10*time.Millisecond, func(ctx context.Context) error {
			_, err := ask(ctx, server.URL+"/never")
			return err
		})
		if !errors.Is(err, asyncio.ErrTimeout) {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
