package remote

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A serverClock tells the time by the server's clock: jobs carry the server's time at which
// they were submitted, and the clock of this machine may be wrong.
type serverClock struct {
	mu     sync.Mutex
	server time.Time // what the server's clock has said
	here   time.Time // when that was, by the monotonic clock
}

// keep looks at the server's clock now and then, until stop is called.
func (c *serverClock) keep(consumer jetstream.Consumer) (stop func()) {
	c.set(consumer.CachedInfo().TimeStamp, time.Now())
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		for {
			c.look(ctx, consumer)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() { cancel(); ended.Wait() }
}

func (c *serverClock) look(ctx context.Context, consumer jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	before := time.Now()
	if info, err := consumer.Info(ctx); err == nil {
		c.set(info.TimeStamp, before.Add(time.Since(before)/2))
	}
}

func (c *serverClock) set(server, here time.Time) {
	if server.IsZero() {
		server = here
	}
	c.mu.Lock()
	c.server, c.here = server, here
	c.mu.Unlock()
}

func (c *serverClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server.Add(time.Since(c.here))
}
