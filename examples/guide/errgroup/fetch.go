// Package errgroup holds the code of docs/guide/errgroup.md: the same small programs with
// errgroup and goroutines, and with asyncio.
package errgroup

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/asyncio-go/asyncio"
)

// A Fetcher gets what is at a URL.
type Fetcher func(ctx context.Context, url string) (string, error)

// ANCHOR: before
func sizesWithErrgroup(ctx context.Context, urls []string, fetch Fetcher) (map[string]int, error) {
	var mu sync.Mutex
	sizes := map[string]int{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(10)
	for _, url := range urls {
		g.Go(func() error {
			text, err := fetch(ctx, url)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			sizes[url] = len(text)
			return nil
		})
	}
	return sizes, g.Wait()
}

// ANCHOR_END: before

// ANCHOR: after
func sizes(ctx context.Context, urls []string, fetch Fetcher) (map[string]int, error) {
	sizes := map[string]int{}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for _, url := range urls {
			tg.Go(func(ctx context.Context) error {
				text, err := fetch(ctx, url)
				if err != nil {
					return err
				}
				sizes[url] = len(text)
				return nil
			})
		}
		return nil
	}, asyncio.Limit(10))
	return sizes, err
}

// ANCHOR_END: after

// ANCHOR: gather
func all(ctx context.Context, urls []string, fetch Fetcher) ([]string, error) {
	var pages []asyncio.Awaitable[string]
	for _, url := range urls {
		pages = append(pages, asyncio.Coro[string](func(ctx context.Context) (string, error) {
			return fetch(ctx, url)
		}))
	}
	return asyncio.Gather(ctx, pages...)
}

// ANCHOR_END: gather
