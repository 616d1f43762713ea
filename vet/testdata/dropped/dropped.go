package dropped

import (
	"context"
	"strings"

	"github.com/asyncio-go/asyncio"
)

func fetch(url string) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) { return len(url), nil }
}

func parsed(url string) (asyncio.Coro[int], error) { return fetch(strings.TrimSpace(url)), nil }

type client struct{ urls []string }

func (c *client) ask(i int) asyncio.Coro[string] {
	return func(context.Context) (string, error) { return c.urls[i], nil }
}

func bad(ctx context.Context, c *client) error {
	fetch("a")     // want `^fetch makes a coroutine, which is dropped and never runs: await it, with .Await\(ctx\), or pass it to CreateTask \(asyncio-dropped\)$`
	_ = fetch("b") // want `asyncio-dropped`
	_, used := 1, fetch("c")
	if _, err := used.Await(ctx); err != nil {
		return err
	}
	if c != nil {
		c.ask(0) // want `client.ask makes a coroutine`
	}
	return nil
}

func badToo(ctx context.Context) (int, error) {
	fetch("a")                             // want `asyncio-dropped`
	go fetch("b")                          // want `fetch makes a coroutine, which is dropped`
	defer fetch("c")                       // want `asyncio-dropped`
	parsed("d")                            // want `parsed makes a coroutine`
	if _, err := parsed("e"); err != nil { // want `asyncio-dropped`
		return 0, err
	}
	later := fetch("f")
	_ = later                                                                          // want `^later holds a coroutine, which is dropped and never runs`
	asyncio.Coro[int](func(context.Context) (int, error) { return 1, nil }).Await(ctx) // want `asyncio-lost-error`
	return 0, nil
}

// There is no context to await with.
func without() error {
	fetch("a") // want `asyncio-dropped`
	return nil
}
