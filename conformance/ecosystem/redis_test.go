package ecosystem

import (
	"cmp"
	"context"
	"crypto/rand"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const goRedis = "go-redis 9"

func TestRedis(t *testing.T) {
	testWith(t, servers.Redis, func(url string) []Case {
		return []Case{{
			Library: goRedis, Way: direct, Pool: 5,
			Note: "`Dialer: streams.DialShared(ctx)`, `MaxRetries: -1`, `MaintNotificationsConfig` off, and the semaphore",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return gated(s, redisClient(newRedis(t, s, url, onLoopOptions(ctx))))
			},
		}, {
			Library: goRedis, Way: toThread, Pool: 5, Retries: true, OwnErrors: true,
			Note: "`ContextTimeoutEnabled: true`; a call that is canceled keeps its thread until its own timeout",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return inThread(redisClient(newRedis(t, s, url, inThreadOptions)))
			},
		}, {
			Library: goRedis + ", pub/sub", Way: direct,
			Note: "as without; a task calls `Receive`, which connects and subscribes again",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				c := newRedis(t, s, url, onLoopOptions(ctx))
				serveMessages(t, s, c)
				return redisPubSub(ctx, c)
			},
		}, {
			Library: goRedis + ", pub/sub", Way: callbacks,
			Note: "a goroutine ranges over `Channel` and calls `Loop.CallSoonThreadsafe`; publishing in ToThread",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				c := newRedis(t, s, url, inThreadOptions)
				serveMessages(t, s, c)
				return redisPubSubChannel(ctx, c)
			},
		}}
	})
}

// onLoopOptions are what go-redis needs to work on the loop.
func onLoopOptions(ctx context.Context) func(*redis.Options) {
	return func(o *redis.Options) {
		o.Dialer = streams.DialShared(ctx)
		// go-redis sleeps before it tries again, which would stop the loop.
		o.MaxRetries = -1
		// It holds a mutex while it asks a new connection for these.
		o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	}
}

// inThreadOptions let a timeout end a call, which go-redis does not by default.
func inThreadOptions(o *redis.Options) { o.ContextTimeoutEnabled = true }

// manyConns is how many connections a pool may have that is not small: fewer than there
// are tasks, as in any program, and each takes PostgreSQL a process.
const manyConns = 20

// gated has no more calls at a time than there are connections.
func gated(s *Scene, c *Client) *Client {
	gate := asyncio.NewSemaphore(cmp.Or(s.Pool, manyConns))
	in := *c
	in.Echo = func(ctx context.Context, text string) (answer string, err error) {
		err = gate.With(ctx, func() error {
			answer, err = c.Echo(ctx, text)
			return err
		})
		return answer, err
	}
	in.Hold = func(ctx context.Context) error {
		return gate.With(ctx, func() error { return c.Hold(ctx) })
	}
	return &in
}

// A redisTest is a client, and the name that its connections and keys have.
type redisTest struct {
	*redis.Client
	name      string
	forServer *redis.Options // as the URL has them
}

func newRedis(t *testing.T, s *Scene, url string, set func(*redis.Options)) redisTest {
	t.Helper()
	opts, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	control := newRedisControl(opts)
	forServer := *opts
	opts.ClientName = "ecosystem-" + rand.Text()
	opts.PoolSize = cmp.Or(s.Pool, manyConns)
	set(opts)
	s.Kill = func() { control.kill(t, opts.ClientName) }
	control.serve(t, s, opts.ClientName)
	return redisTest{redis.NewClient(opts), opts.ClientName, &forServer}
}

// redisClient waits for an item of an empty list when it is to be held.
func redisClient(c redisTest) *Client {
	return &Client{
		Echo:  func(ctx context.Context, text string) (string, error) { return c.Client.Echo(ctx, text).Result() },
		Hold:  func(ctx context.Context) error { return c.BLPop(ctx, 0, c.name).Err() },
		Close: func(context.Context) error { return c.Client.Close() },
	}
}
