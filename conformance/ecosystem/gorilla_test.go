package ecosystem

import (
	"context"
	"net/http"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/gorilla/websocket"
)

const gorilla = "gorilla/websocket"

func TestGorilla(t *testing.T) {
	Case{Library: gorilla + ", client", Way: direct, OwnErrors: true,
		Note: "`NetDialContext: streams.DialShared(ctx)`; one task reads, one writes",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			d := websocket.Dialer{NetDialContext: streams.DialShared(ctx)}
			return oneConnection(ctx, t, gorillaDialer(d, "ws://"+handlerServer(t, s, gorillaHandler(s))), askGorilla)
		}}.Test(t)
	Case{Library: gorilla + ", client", Way: toThread, OwnErrors: true,
		Note: "close the connection when ctx is done (`context.AfterFunc`), and wait for the call with `context.WithoutCancel`",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			d := gorillaDialer(*websocket.DefaultDialer, "ws://"+handlerServer(t, s, gorillaHandler(s)))
			return oneConnection(ctx, t, dialInThread(d), askGorillaInThread)
		}}.Test(t)
	Case{Library: gorilla + ", server", Way: serverGoroutine,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address, end := loopServer(ctx, t, s, gorillaHandler(s))
			d := gorillaDialer(*websocket.DefaultDialer, "ws://"+address)
			return endsWith(oneConnection(ctx, t, dialInThread(d), askGorillaInThread), end)
		}, OwnErrors: true}.Test(t)
}

func gorillaDialer(d websocket.Dialer, url string) dial[*websocket.Conn] {
	return func(ctx context.Context) (*websocket.Conn, error) {
		conn, _, err := d.DialContext(ctx, url, nil)
		return conn, err
	}
}

// gorillaHandler is an ordinary one, on a goroutine.
func gorillaHandler(s *Scene) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var up websocket.Upgrader
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			kind, text, err := c.ReadMessage()
			if err != nil {
				return
			}
			answer, _ := s.Answer(context.Background(), string(text))
			if c.WriteMessage(kind, []byte(answer)) != nil {
				return
			}
		}
	}
}

func askGorilla(_ context.Context, c *websocket.Conn, text string) (string, error) {
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		return "", err
	}
	_, answer, err := c.ReadMessage()
	return string(answer), err
}

// ANCHOR: thread
// askGorillaInThread returns when the call has ended, also when it is canceled: the next
// task must not use the connection beside it.
func askGorillaInThread(ctx context.Context, c *websocket.Conn, text string) (string, error) {
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	return asyncio.ToThread(context.WithoutCancel(ctx), func(ctx context.Context) (string, error) {
		return askGorilla(ctx, c, text)
	})
}

// ANCHOR_END: thread
