package blocks

import (
	"context"
	"net/http"
	"time"

	"github.com/asyncio-go/asyncio"
)

type client struct{ http http.Client }

func (c *client) fetch(url string) error {
	_, err := c.http.Get(url)
	return err
}

func fetchAll(c *client) error { return c.fetch("a") }

// ping and pong call each other.
func ping(n int) {
	if n > 0 {
		pong(n - 1)
	}
}

func pong(n int) {
	time.Sleep(1)
	ping(n)
}

func bad(ctx context.Context, c *client) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			time.Sleep(time.Second)    // want `^time.Sleep blocks the event loop in the function that bad gives to asyncio.TaskGroup.Go: use asyncio.Sleep \(asyncio-blocks\)$`
			defer time.Sleep(1)        // want `time.Sleep blocks`
			func() { time.Sleep(1) }() // want `time.Sleep blocks`
			return fetchAll(c)         // want `^fetchAll blocks the event loop in .*: fetchAll → blocks.client.fetch → http.Client.Get; call it in ToThread \(asyncio-blocks\)$`
		})
		ping(1) // want `ping → blocks.pong → time.Sleep`
		return nil
	})
}

// declared is a function that suspends, and so runs on a loop.
func declared(ctx context.Context) error {
	time.Sleep(1) // want `time.Sleep blocks the event loop in declared`
	return asyncio.Sleep(ctx, 1)
}

func coroutine() asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		time.Sleep(1) // want `in the function that coroutine gives to a Coro`
		return 0, nil
	}
}

func callbacks(l *asyncio.Loop) {
	tick := func() { time.Sleep(1) } // want `time.Sleep blocks`
	l.CallSoon(tick)
}

func good(ctx context.Context, c *client, pool *asyncio.WorkerPool) error {
	time.AfterFunc(1, func() { time.Sleep(1) })
	go time.Sleep(1)
	http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { time.Sleep(1) })
	if err := pool.Submit(func() { time.Sleep(1) }); err != nil {
		return err
	}
	err := asyncio.ToThreadFunc(ctx, func(context.Context) error { return fetchAll(c) })
	if err != nil {
		return err
	}
	return asyncio.Sleep(ctx, time.Second)
}

func outside() { time.Sleep(1) }
