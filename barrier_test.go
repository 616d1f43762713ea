package asyncio_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// arrive starts tasks that come to a barrier and note how they leave it.
func arrive(ctx context.Context, d *asynctest.Logbook, b *asyncio.Barrier, names ...string) (tasks []*asyncio.Task[struct{}]) {
	for _, name := range names {
		tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
			i, err := b.Wait(ctx)
			if err != nil {
				d.Add("%s: %v", name, err)
			} else {
				d.Add("%s %d", name, i)
			}
			return nil
		}))
	}
	asynctest.Settle(ctx)
	return tasks
}

func TestBarrier(t *testing.T) {
	broken := func(name string) string { return fmt.Sprintf("%s: %v", name, asyncio.ErrBrokenBarrier) }

	t.Run("lets all go when they have come, and says how many had come before", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(3)
			asynctest.ExpectEqual(t, "parties", b.Parties(), 3)
			arrive(ctx, &d, b, "a", "b")
			asynctest.ExpectEqual(t, "waiting", b.Waiting(), 2)
			d.Expect(t)
			arrive(ctx, &d, b, "c")
			d.Expect(t, "c 2", "a 0", "b 1")
			asynctest.ExpectEqual(t, "waiting", b.Waiting(), 0)
		})
	})

	t.Run("can be used again", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(2)
			arrive(ctx, &d, b, "a", "b", "c", "d", "e")
			asynctest.ExpectEqual(t, "left", len(d.Lines()), 4)
			asynctest.ExpectEqual(t, "waiting", b.Waiting(), 1)
			arrive(ctx, &d, b, "f")
			asynctest.ExpectEqual(t, "left", len(d.Lines()), 6)
		})
	})

	t.Run("for one does not suspend", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			b := asyncio.NewBarrier(1)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				for range 3 {
					i, err := b.Wait(ctx)
					asynctest.ExpectNil(t, err)
					asynctest.ExpectEqual(t, "index", i, 0)
				}
			}), 0)
		})
	})

	t.Run("who is canceled leaves, and nothing is broken", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(2)
			tasks := arrive(ctx, &d, b, "a")
			tasks[0].Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "waiting", b.Waiting(), 0)
			asynctest.ExpectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "b", "c")
			d.Expect(t, "a: asyncio: canceled", "c 1", "b 0")
		})
	})

	t.Run("Reset sends away who waits, and then it can be used", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(3)
			arrive(ctx, &d, b, "a", "b")
			b.Reset()
			asynctest.ExpectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "c", "d", "e")
			d.Expect(t, broken("a"), broken("b"), "e 2", "c 0", "d 1")
		})
	})

	t.Run("Reset of an empty one does nothing", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(2)
			b.Reset()
			arrive(ctx, &d, b, "a", "b")
			d.Expect(t, "b 1", "a 0")
		})
	})

	t.Run("Abort sends away who waits and who comes, until Reset", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			b := asyncio.NewBarrier(2)
			arrive(ctx, &d, b, "a")
			b.Abort()
			asynctest.ExpectEqual(t, "broken", b.Broken(), true)
			arrive(ctx, &d, b, "b")
			d.Expect(t, broken("a"), broken("b"))
			b.Reset()
			asynctest.ExpectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "c", "d")
			d.Expect(t, broken("a"), broken("b"), "d 1", "c 0")
		})
	})

	t.Run("for no one panics", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.NewBarrier(0) })
	})
}
