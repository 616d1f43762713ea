package dropped

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func good(ctx context.Context) error {
	c := fetch("a")
	if _, err := c.Await(ctx); err != nil {
		return err
	}
	asyncio.CreateTask(ctx, fetch("b"))
	again, err := parsed("c")
	if err != nil {
		return err
	}
	if _, err := asyncio.Gather(ctx, again, fetch("d")); err != nil {
		return err
	}
	_, err = fetch("c").Await(ctx)
	return err
}

// It makes sure that a function is a coroutine.
var _ = asyncio.Coro[int](fetchOne)

func fetchOne(context.Context) (int, error) { return 1, nil }

// unused implements an interface, whose other implementations use the parameter.
func unused(c asyncio.Coro[int]) { _ = c }

func assured() { _ = asyncio.Coro[int](fetchOne) }

func several(ctx context.Context, urls []string) error {
	var all []asyncio.Awaitable[int]
	for _, url := range urls {
		all = append(all, fetch(url))
	}
	_, err := asyncio.Gather(ctx, all...)
	return err
}
