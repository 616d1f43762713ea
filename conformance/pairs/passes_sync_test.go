// The rows of the table "passes to resume" that are about locks, queues and
// the like; they follow passRows.

package pairs

import (
	"context"
	"errors"
	"slices"

	"github.com/asyncio-go/asyncio"
)

// A pairOf is what waits in a primitive, and what wakes it.
type pairOf struct {
	wait func(ctx context.Context) error
	act  func()
}

// woken: from what a callback does to a primitive to the task that waits in
// it.
func woken(prepare func(ctx context.Context) (pairOf, error)) trial {
	return func(ctx context.Context, f *fixture) error {
		p, err := prepare(ctx)
		if err != nil {
			return err
		}
		t := asyncio.Go(ctx, f.stopAfter(p.wait))
		if err := inPasses(ctx, 2); err != nil {
			return err
		}
		f.loop.CallSoon(func() {
			f.start()
			p.act()
		})
		_, err = t.Await(ctx)
		return err
	}
}

func eventSet(context.Context) (pairOf, error) {
	event := new(asyncio.Event)
	return pairOf{event.Wait, event.Set}, nil
}

func released(newGuard func() guard) func(ctx context.Context) (pairOf, error) {
	return func(ctx context.Context) (pairOf, error) {
		g := newGuard()
		return pairOf{g.Acquire, g.Release}, g.Acquire(ctx)
	}
}

func itemPut(context.Context) (pairOf, error) {
	q := asyncio.NewQueue[int](0)
	get := func(ctx context.Context) error {
		_, err := q.Get(ctx)
		return err
	}
	return pairOf{get, func() { q.TryPut(1) }}, nil
}

func itemTaken(context.Context) (pairOf, error) {
	q := asyncio.NewQueue[int](1)
	put := func(ctx context.Context) error { return q.Put(ctx, 2) }
	return pairOf{put, func() { q.TryGet() }}, q.TryPut(1)
}

func itemsDone(ctx context.Context) (pairOf, error) {
	q := asyncio.NewQueue[int](0)
	err := q.TryPut(1)
	_, err2 := q.Get(ctx)
	return pairOf{q.Join, q.TaskDone}, errors.Join(err, err2)
}

func shutDown(context.Context) (pairOf, error) {
	q := asyncio.NewQueue[int](0)
	get := func(ctx context.Context) error {
		if _, err := q.Get(ctx); !errors.Is(err, asyncio.ErrQueueShutDown) {
			return err
		}
		return nil
	}
	return pairOf{get, func() { q.Shutdown(false) }}, nil
}

func notified(ctx context.Context) (pairOf, error) {
	cond := new(asyncio.Condition)
	wait := func(ctx context.Context) error {
		if err := cond.Acquire(ctx); err != nil {
			return err
		}
		return cond.Wait(ctx)
	}
	notify := func() {
		cond.Notify(1)
		cond.Release()
	}
	asyncio.Go(ctx, func(ctx context.Context) error {
		return errors.Join(asyncio.Yield(ctx), cond.Acquire(ctx))
	})
	return pairOf{wait, notify}, nil
}

func allArrived(ctx context.Context) (pairOf, error) {
	bar := asyncio.NewBarrier(2)
	wait := func(ctx context.Context) error {
		_, err := bar.Wait(ctx)
		return err
	}
	return pairOf{wait, func() { asyncio.Go(ctx, wait, asyncio.Eager()) }}, nil
}

var syncPassRows = []passRow{
	{"event set to its waiter", 1, woken(eventSet)},
	{"lock released to its waiter", 1, woken(released(func() guard { return new(asyncio.Lock) }))},
	{"semaphore released to its waiter", 1, woken(released(func() guard { return asyncio.NewSemaphore(1) }))},
	{"item put to the getter", 1, woken(itemPut)},
	{"item taken to the putter", 1, woken(itemTaken)},
	{"last item done to who joins", 1, woken(itemsDone)},
	{"queue shut down to the getter", 1, woken(shutDown)},
	{"notified to the waiter of a condition", 1, woken(notified)},
	{"last one arrives to who waits at a barrier", 1, woken(allArrived)},
}

// tickingRows are all rows whose counter ticks from the beginning.
var tickingRows = slices.Concat(passRows, syncPassRows)
