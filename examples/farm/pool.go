package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
)

// inOneProcess paints the same picture with a WorkerPool: no server, no other process. It
// returns the tiles in the order of Picture.tiles.
func inOneProcess(ctx context.Context, p Picture, done func()) ([][]byte, error) {
	pool := asyncio.NewWorkerPool(runtime.GOMAXPROCS(0))
	defer pool.Shutdown(context.WithoutCancel(ctx))
	var tiles []asyncio.Awaitable[[]byte]
	for _, t := range p.tiles() {
		tiles = append(tiles, asyncio.Coro[[]byte](func(ctx context.Context) ([]byte, error) {
			pixels, err := asyncio.RunInExecutor(ctx, pool, func(ctx context.Context) ([]byte, error) {
				return t.paint(ctx, func(int) {})
			}).Await(ctx)
			done()
			return pixels, err
		}))
	}
	return asyncio.Gather(ctx, tiles...)
}

// compare paints the picture once more, says what it took, and looks whether it is the same.
func (f *farm) compare(ctx context.Context) error {
	began, painted := asyncio.Now(ctx), 0
	alone, err := inOneProcess(ctx, f.picture, func() {
		if painted++; f.screen.terminal {
			fmt.Fprintf(f.screen.to, "\r%s and now with a WorkerPool", bar(painted, len(f.tiles)))
		}
	})
	if err != nil {
		return err
	}
	took := asyncio.Now(ctx).Sub(began)
	if f.screen.terminal {
		fmt.Fprint(f.screen.to, "\r\x1b[K")
	} else {
		fmt.Fprint(f.screen.to, letters(f.pixels(), f.picture))
	}
	fmt.Fprintf(f.screen.to, "%d jobs in %.1f s:", len(f.tiles), f.took.Seconds())
	for _, w := range f.crew {
		fmt.Fprintf(f.screen.to, " %s %d,", w.name, w.tiles)
	}
	fmt.Fprintf(f.screen.to, " %d begun twice.\n", f.again)
	fmt.Fprintf(f.screen.to, "The same in this process, with a WorkerPool of %d: %.1f s.\n", runtime.GOMAXPROCS(0), took.Seconds())
	for i, t := range f.tiles {
		if !bytes.Equal(t.pixels, alone[i]) {
			return fmt.Errorf("%v is not the same in both", t.Tile)
		}
	}
	return nil
}

// samples returns how many samples a picture needs, so that painting it takes about so long
// on one core.
func samples(p Picture, wanted time.Duration) int {
	p.Samples = 1
	began := time.Now()
	for _, t := range p.tiles() {
		_, _ = t.paint(context.Background(), func(int) {}) // nothing ends it
	}
	return max(1, int(math.Sqrt(float64(wanted)/float64(time.Since(began)))))
}
