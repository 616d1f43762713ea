package asyncio_test

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// TestSeamUnderRandomUse watches loops that come and go in all ways at once. It is for the
// race detector, and for what hangs.
func TestSeamUnderRandomUse(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Parallel()
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	w := &watchedLoops{running: make([]context.Context, 3)}
	var watchers, loops sync.WaitGroup
	over := make(chan struct{})
	for seed := range uint64(4) {
		watchers.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for {
				select {
				case <-over:
					return
				default:
					w.watch(t, r)
					runtime.Gosched() // where there is one thread, nothing else runs otherwise
				}
			}
		})
	}
	for i := range w.running {
		loops.Go(func() {
			for range rounds {
				if err := asyncio.Run(context.Background(), func(ctx context.Context) error { return w.work(ctx, i) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	loops.Wait()
	close(over)
	watchers.Wait()
}

type watchedLoops struct {
	mu      sync.Mutex
	running []context.Context
}

// any returns the context of a loop that runs, or has run.
func (w *watchedLoops) any(r *rand.Rand) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running[r.IntN(len(w.running))]
}

// work is a program that has something of everything.
func (w *watchedLoops) work(ctx context.Context, i int) error {
	w.mu.Lock()
	w.running[i] = ctx
	w.mu.Unlock()
	var lock asyncio.Lock
	lock.SetName("lock")
	queue := asyncio.NewQueue[int](1)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for n := range 60 {
			tg.Go(func(ctx context.Context) error {
				return lock.With(ctx, func() error { return asyncio.Sleep(ctx, time.Duration(n)*time.Microsecond) })
			})
		}
		tg.Go(func(ctx context.Context) error {
			for n := range 50 {
				if err := queue.Put(ctx, n); err != nil {
					return err
				}
			}
			return nil
		})
		tg.Go(func(ctx context.Context) error {
			for range 50 {
				if _, err := queue.Get(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		tg.Go(func(ctx context.Context) error {
			return asyncio.ToThreadFunc(ctx, func(context.Context) error { return nil })
		})
		for range 200 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return nil
	}, asyncio.Limit(20))
}

// watch watches one of the loops for a while, in one of many ways.
func (w *watchedLoops) watch(t *testing.T, r *rand.Rand) {
	ctx := w.any(r)
	if ctx == nil {
		return
	}
	core := engine.LoopOf(ctx)
	switch r.IntN(4) {
	case 0:
		_ = asyncio.DumpTasks(ctx, io.Discard)
	case 1:
		_ = core.Post(posted(func() { core.Snapshot(func(*engine.Snapshot) {}) }))
	case 2:
		_ = core.Post(posted(func() { core.SnapshotNow(nil) }))
	default:
		w.stream(t, r, core)
	}
}

// stream attaches a stream, takes what comes and detaches it, or leaves that to the end of
// the loop.
func (w *watchedLoops) stream(t *testing.T, r *rand.Rand, core *engine.Loop) {
	s := engine.NewStream(1+r.IntN(8), engine.Pushed, engine.PassBegun)
	if r.IntN(2) == 0 {
		s.Exact()
	}
	if core.Post(posted(func() { core.Attach(s) })) != nil {
		return
	}
	for range r.IntN(10) {
		for _, c := range s.Take() {
			for h := range c.All {
				if h.Kind == 0 || h.At < h.From {
					t.Errorf("a record is %+v", h)
				}
			}
			if r.IntN(2) == 0 {
				c.Release()
			}
		}
		time.Sleep(time.Duration(r.IntN(200)) * time.Microsecond)
	}
	if r.IntN(3) > 0 {
		_ = core.Post(posted(func() { core.Detach(s) }))
	}
}

// posted is a function as an event.
type posted func()

func (f posted) Fire() { f() }
