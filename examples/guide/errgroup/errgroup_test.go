package errgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

var urls = []string{"a", "bb", "ccc"}

// slow answers with the URL itself, after a while in the time of the loop.
func slow(ctx context.Context, url string) (string, error) {
	return url, asyncio.Sleep(ctx, time.Second)
}

func fast(_ context.Context, url string) (string, error) { return url, nil }

func TestBothCountTheSame(t *testing.T) {
	before, err := sizesWithErrgroup(t.Context(), urls, fast)
	if err != nil {
		t.Fatal(err)
	}
	asynciotest.Explore(t, func(ctx context.Context) {
		after, err := sizes(ctx, urls, slow)
		if err != nil || !maps.Equal(before, after) {
			t.Errorf("%v, %v, want %v", after, err, before)
		}
	})
}

func TestGatherKeepsTheOrder(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		if pages, err := all(ctx, urls, slow); err != nil || !slices.Equal(pages, urls) {
			t.Error(pages, err)
		}
	})
}

func TestOneFetchForAll(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		fetches := 0
		c := &cache{pages: map[string]*asyncio.Task[string]{}, fetch: func(ctx context.Context, url string) (string, error) {
			fetches++
			return slow(ctx, url)
		}}
		get := asyncio.Coro[string](func(ctx context.Context) (string, error) { return c.get(ctx, "a") })
		impatient := asyncio.Coro[string](func(ctx context.Context) (string, error) {
			return asyncio.WaitFor(ctx, get, time.Millisecond)
		})
		results, err := asyncio.GatherSettled(ctx, impatient, get, get)
		if err != nil || fetches != 1 || !errors.Is(results[0].Err, asyncio.ErrTimeout) || results[1].Value != "a" || results[2].Value != "a" {
			t.Error(results, err, fetches)
		}
	})
}

func TestMissing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist} })
			tg.Go(func(context.Context) error { return errors.New("the disk is full") })
			return nil
		})
		files, rest := missing(err)
		if !slices.Equal(files, []string{"x"}) || rest == nil {
			t.Error(files, rest)
		}
	})
}

func Example() {
	// ANCHOR: errorgroup
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return errors.New("no such host") }, asyncio.Name("dns"))
			tg.Go(func(context.Context) error { return errors.New("the disk is full") }, asyncio.Name("disk"))
			return nil
		})
	})
	fmt.Println(err)
	// ANCHOR_END: errorgroup
	// Output:
	// unhandled errors in a TaskGroup (2 sub-exceptions): [dns] no such host; [disk] the disk is full
}
