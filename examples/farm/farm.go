package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// A farm is the client's side: what is known of tiles and workers. Only tasks of one loop
// touch it, so it needs no lock.
type farm struct {
	url     string
	picture Picture
	tiles   []*tile
	crew    []*worker
	began   time.Time
	took    time.Duration
	done    int
	again   int           // tiles that were begun more than once
	lost    *tile         // the one in which a worker was killed
	busy    asyncio.Event // it is time for one more worker
	screen  screen
}

// A tile is a job, from the client's side.
type tile struct {
	Tile
	by     *worker // nil: no one has begun it
	rows   int     // that by has done
	pixels []byte  // nil: it is not done
}

func (t Tile) String() string { return fmt.Sprintf("tile %d,%d", t.X/side, t.Y/side) }

func newFarm(url string, p Picture, s screen) *farm {
	f := &farm{url: url, picture: p, screen: s}
	for _, t := range p.tiles() {
		f.tiles = append(f.tiles, &tile{Tile: t})
	}
	return f
}

// run has the picture painted: by two workers, of which one is killed, and a third that
// comes later.
func (f *farm) run(ctx context.Context) error {
	x, err := remote.Connect(ctx, f.url, remote.Prefix(prefix))
	if err != nil {
		return err
	}
	defer x.Close()
	f.began = asyncio.Now(ctx)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, staff *asyncio.TaskGroup) error {
		defer staff.Cancel()
		staff.Go(f.employ)
		staff.Go(f.employ)
		staff.Go(func(ctx context.Context) error {
			if err := f.busy.Wait(ctx); err != nil {
				return err
			}
			return f.employ(ctx)
		})
		staff.Go(f.keepDrawing)
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for _, t := range f.tiles {
				tg.Go(func(ctx context.Context) error { return f.have(ctx, x, t) })
			}
			return nil
		})
		f.took = asyncio.Now(ctx).Sub(f.began)
		return err
	})
}

// have has a tile painted.
func (f *farm) have(ctx context.Context, x *remote.Executor, t *tile) error {
	job, err := paint.Submit(ctx, x, t.Tile)
	if err != nil {
		return err
	}
	defer job.Cancel() // it does nothing if the job is done
	for data, err := range job.Progress(ctx) {
		if err != nil {
			return err
		}
		var p Progress
		if err := json.Unmarshal(data, &p); err != nil {
			return err
		}
		f.hear(t, p)
	}
	painted, err := job.Await(ctx)
	if err != nil {
		return err
	}
	f.take(t, painted, job.Attempts())
	return nil
}

// hear is told how far a tile is. When a quarter of the picture is done, the first worker
// is killed as soon as it has begun a tile.
func (f *farm) hear(t *tile, p Progress) {
	t.by, t.rows = f.worker(p.Worker), p.Rows
	if first := f.crew[0]; t.by == first && first.state == works && p.Rows < side/2 && 4*f.done >= len(f.tiles) {
		f.kill(first, t)
	}
}

// take puts a tile into the picture.
func (f *farm) take(t *tile, p Painted, attempts int) {
	t.by, t.rows, t.pixels = f.worker(p.Worker), side, p.Pixels
	t.by.tiles++
	f.done++
	if attempts > 1 {
		f.again++
		f.tell("%v was begun again, and painted by %s", t.Tile, t.by.name)
	}
	if 5*f.done >= 2*len(f.tiles) {
		f.busy.Set()
	}
}

// pixels returns the picture, row by row, in red, green and blue.
func (f *farm) pixels() []byte {
	all := make([]byte, 3*f.picture.Width*f.picture.Height)
	for _, t := range f.tiles {
		for y := 0; y < side && t.pixels != nil; y++ {
			copy(all[3*((t.Y+y)*f.picture.Width+t.X):], t.pixels[3*y*side:3*(y+1)*side])
		}
	}
	return all
}
