package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

// EnvURL is the environment variable with the URL of the server, for Dial and Connect
// without one. The command asyncio worker sets it.
const EnvURL = "ASYNCIO_NATS"

// Dial connects to a NATS server, or to a cluster with several URLs and commas between
// them. An empty URL stands for that in the environment variable ASYNCIO_NATS, and without
// it for nats://127.0.0.1:4222. The connection connects again by itself for as long as it
// takes. opts go to nats.Connect, and come after what Dial sets itself.
//
// Dial suspends the calling task; the connecting itself is done in a thread. If ctx is
// canceled, it returns an error that is ErrCanceled. If no server answers, its error says
// how to start one. The caller closes the connection.
func Dial(ctx context.Context, url string, opts ...nats.Option) (*nats.Conn, error) {
	url = address(url)
	opts = append([]nats.Option{
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.ReconnectBufSize(-1), // an error at once, and not a job that is thought to be sent
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
	}, opts...)
	return asyncio.ToThread(ctx, func(ctx context.Context) (*nats.Conn, error) {
		nc, err := nats.Connect(url, opts...)
		switch {
		case err != nil:
			return nil, dialError(url, err)
		case ctx.Err() != nil: // nobody takes it any more
			nc.Close()
			return nil, context.Cause(ctx)
		}
		return nc, nil
	})
}

func address(url string) string {
	if url == "" {
		url = os.Getenv(EnvURL)
	}
	if url == "" {
		url = nats.DefaultURL
	}
	return url
}

// dialError hides passwords and tokens, and says what to do.
func dialError(url string, err error) error {
	shown := url
	if before, after, ok := strings.Cut(url, "@"); ok {
		scheme, _, _ := strings.Cut(before, "://")
		shown = scheme + "://…@" + after
	}
	if errors.Is(err, nats.ErrNoServers) {
		return fmt.Errorf("remote: no NATS server answers at %s: start one with "+
			"`go run github.com/nats-io/nats-server/v2@latest -js -sd DIR -a 127.0.0.1`, or inside your program with embedded.Start, "+
			"or set %s to the URL of one that runs: %w", shown, EnvURL, err)
	}
	return fmt.Errorf("remote: NATS server %s: %w", shown, err)
}
