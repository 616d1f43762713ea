package ecosystem

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
	coderws "github.com/coder/websocket"
	gorillaws "github.com/gorilla/websocket"
)

func TestHTTPServerOnLoop(t *testing.T) {
	Case{Library: httpServer, Way: onLoop, Note: "handlers run on the loop; a package of this project",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := asyncioServer(ctx, t, s, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
				text, err := io.ReadAll(r.Body)
				if err != nil {
					return err
				}
				answer, err := s.AnswerOnLoop(ctx, string(text))
				if err != nil {
					return err
				}
				_, err = io.WriteString(w, answer)
				return err
			})
			return endsWith(plainHTTPClient(address), end)
		}}.Test(t)
}

func TestGorillaOnLoop(t *testing.T) {
	Case{Library: gorilla + ", server", Way: onLoop, OwnErrors: true, Note: "one task reads, one writes",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := asyncioServer(ctx, t, s, conversation(s.AnswerOnLoop))
			d := gorillaDialer(*gorillaws.DefaultDialer, "ws://"+address)
			return endsWith(oneConnection(ctx, t, dialInThread(d), askGorillaInThread), end)
		}}.Test(t)
}

// ANCHOR: websocket
// conversation returns a handler that answers what a browser sends, in a task: Upgrade hijacks
// the connection, and reading and writing it suspend the task.
func conversation(answer func(ctx context.Context, text string) (string, error)) asynciohttp.HandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		var up gorillaws.Upgrader
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return err
		}
		defer c.Close()
		for {
			kind, text, err := c.ReadMessage()
			if err != nil {
				return nil // the browser has gone
			}
			reply, err := answer(ctx, string(text))
			if err != nil {
				return err
			}
			if err := c.WriteMessage(kind, []byte(reply)); err != nil {
				return nil
			}
		}
	}
}

// ANCHOR_END: websocket

func TestCoderOnLoop(t *testing.T) {
	Case{Library: coder + ", server", Way: onLoop,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := asyncioServer(ctx, t, s, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
				c, err := coderws.Accept(w, r, nil)
				if err != nil {
					return err
				}
				defer c.CloseNow()
				for {
					kind, text, err := c.Read(ctx)
					if err != nil {
						return nil // the client has gone
					}
					answer, err := s.AnswerOnLoop(ctx, string(text))
					if err != nil {
						return err
					}
					if err := c.Write(ctx, kind, []byte(answer)); err != nil {
						return nil
					}
				}
			})
			d := coderDialer(&http.Transport{}, address)
			return endsWith(oneConnection(ctx, t, dialInThread(d), askInThread(askCoder)), end)
		}}.Test(t)
}

// asyncioServer is a server of package net, whose handlers run on the loop. Its end is that
// of the task that serves.
func asyncioServer(ctx context.Context, t *testing.T, s *Scene, fn asynciohttp.HandlerFunc) (address string, end func(ctx context.Context) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: asynciohttp.Handler(ctx, fn), ErrorLog: log.New(io.Discard, "", 0)}
	serving := asyncio.Go(ctx, func(ctx context.Context) error { return asynciohttp.Serve(ctx, server, l) })
	proxy := NewProxy(t, l.Addr().String())
	s.Kill = proxy.Kill
	return proxy.Addr(), func(ctx context.Context) error {
		s.Open()
		serving.Cancel()
		if _, err := serving.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			return err
		}
		return nil
	}
}
