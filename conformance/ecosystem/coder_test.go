package ecosystem

import (
	"context"
	"net/http"
	"testing"

	"github.com/asyncio-go/asyncio/streams"
	"github.com/coder/websocket"
)

const coder = "coder/websocket"

func TestCoder(t *testing.T) {
	Case{Library: coder + ", client", Way: direct,
		Note: "dialed in ToThread, with a transport whose `DialContext` is `streams.DialShared(ctx)`; read and written on the loop",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address := handlerServer(t, s, coderHandler(s))
			d := coderDialer(&http.Transport{DialContext: streams.DialShared(ctx)}, address)
			return oneConnection(ctx, t, dialInThread(d), askCoder)
		}}.Test(t)
	Case{Library: coder + ", client", Way: toThread,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			d := coderDialer(&http.Transport{}, handlerServer(t, s, coderHandler(s)))
			return oneConnection(ctx, t, dialInThread(d), askInThread(askCoder))
		}}.Test(t)
	Case{Library: coder + ", server", Way: serverGoroutine,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := loopServer(ctx, t, s, coderHandler(s))
			d := coderDialer(&http.Transport{}, address)
			return endsWith(oneConnection(ctx, t, dialInThread(d), askInThread(askCoder)), end)
		}}.Test(t)
}

func coderDialer(transport *http.Transport, address string) dial[coderConn] {
	return func(ctx context.Context) (coderConn, error) {
		c, _, err := websocket.Dial(ctx, "ws://"+address, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		return coderConn{c}, err
	}
}

// coderConn has the Close that others have, too.
type coderConn struct{ *websocket.Conn }

func (c coderConn) Close() error {
	_ = c.CloseNow() // it may be closed already
	return nil
}

func coderHandler(s *Scene) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			kind, text, err := c.Read(r.Context())
			if err != nil {
				return
			}
			answer, _ := s.Answer(context.Background(), string(text))
			if c.Write(r.Context(), kind, []byte(answer)) != nil {
				return
			}
		}
	}
}

func askCoder(ctx context.Context, c coderConn, text string) (string, error) {
	if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return "", err
	}
	_, answer, err := c.Read(ctx)
	return string(answer), err
}
