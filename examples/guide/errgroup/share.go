package errgroup

import (
	"context"
	"errors"
	"io/fs"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: singleflight
// A cache fetches each URL once, however many tasks ask for it meanwhile.
type cache struct {
	fetch Fetcher
	pages map[string]*asyncio.Task[string]
}

func (c *cache) get(ctx context.Context, url string) (string, error) {
	page, ok := c.pages[url]
	if !ok {
		page = asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			return c.fetch(ctx, url)
		})
		c.pages[url] = page
	}
	return asyncio.Shield(ctx, page) // one who gives up does not cancel it for the others
}

// ANCHOR_END: singleflight

// ANCHOR: errors
func missing(err error) (files []string, rest error) {
	paths, rest := asyncio.ExceptAs[*fs.PathError](err)
	for _, path := range paths {
		if !errors.Is(path, fs.ErrNotExist) {
			rest = errors.Join(rest, path)
			continue
		}
		files = append(files, path.Path)
	}
	return files, rest
}

// ANCHOR_END: errors
