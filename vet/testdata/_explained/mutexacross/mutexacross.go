package mutexacross

import (
	"context"
	"sync"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(ctx context.Context, results *asyncio.Queue[int]) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := results.Get(ctx) // want `\(asyncio-mutex-across\)$`
	c.n += n
	return err
}

// ANCHOR_END: before

// ANCHOR: after

func (c *counter) addOne(ctx context.Context, results *asyncio.Queue[int]) error {
	n, err := results.Get(ctx)
	c.n += n // nothing else runs between two waits: no lock is needed
	return err
}

// ANCHOR_END: after
