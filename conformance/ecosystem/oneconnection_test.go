package ecosystem

import (
	"context"
	"io"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// A dial makes a connection of a library whose client is one.
type dial[C io.Closer] func(ctx context.Context) (C, error)

// An ask sends a text on a connection and returns the answer.
type ask[C io.Closer] func(ctx context.Context, conn C, text string) (string, error)

// oneConnection is a client that is one connection, on which one task at a time asks.
// After an error it is of no more use, and is dialed again.
func oneConnection[C io.Closer](ctx context.Context, t *testing.T, dial dial[C], ask ask[C]) *Client {
	conn, err := dial(ctx)
	if err != nil {
		t.Fatalf("dialing: %v", err)
	}
	var turn asyncio.Lock
	client := echoClient(func(ctx context.Context, text string) (answer string, err error) {
		err = turn.With(ctx, func() error {
			answer, err = ask(ctx, conn, text)
			return err
		})
		return answer, err
	})
	client.Redial = func(ctx context.Context) error {
		_ = conn.Close()
		conn, err = dial(ctx)
		return err
	}
	client.Close = func(context.Context) error { _ = conn.Close(); return nil } // closed already, after an error
	return client
}

func dialInThread[C io.Closer](d dial[C]) dial[C] {
	return func(ctx context.Context) (C, error) { return asyncio.ToThread(ctx, d) }
}

func askInThread[C io.Closer](a ask[C]) ask[C] {
	return func(ctx context.Context, conn C, text string) (string, error) {
		return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) { return a(ctx, conn, text) })
	}
}
