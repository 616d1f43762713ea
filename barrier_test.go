package asyncio_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// arrive starts tasks that come to a barrier and note how they leave it.
func arrive(ctx context.Context, d *logbook, b *asyncio.Barrier, names ...string) (tasks []*asyncio.Task[struct{}]) {
	for _, name := range names {
		tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
			i, err := b.Wait(ctx)
			if err != nil {
				d.add("%s: %v", name, err)
			} else {
				d.add("%s %d", name, i)
			}
			return nil
		}))
	}
	settle(ctx)
	return tasks
}

func TestBarrier(t *testing.T) {
	broken := func(name string) string { return fmt.Sprintf("%s: %v", name, asyncio.ErrBrokenBarrier) }

	t.Run("lets all go when they have come, and says how many had come before", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(3)
			expectEqual(t, "parties", b.Parties(), 3)
			arrive(ctx, &d, b, "a", "b")
			expectEqual(t, "waiting", b.Waiting(), 2)
			d.expect(t)
			arrive(ctx, &d, b, "c")
			d.expect(t, "c 2", "a 0", "b 1")
			expectEqual(t, "waiting", b.Waiting(), 0)
		})
	})

	t.Run("can be used again", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(2)
			arrive(ctx, &d, b, "a", "b", "c", "d", "e")
			expectEqual(t, "left", len(d.lines), 4)
			expectEqual(t, "waiting", b.Waiting(), 1)
			arrive(ctx, &d, b, "f")
			expectEqual(t, "left", len(d.lines), 6)
		})
	})

	t.Run("for one does not suspend", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			b := asyncio.NewBarrier(1)
			expectEqual(t, "passes", passes(ctx, func() {
				for range 3 {
					i, err := b.Wait(ctx)
					expectNil(t, err)
					expectEqual(t, "index", i, 0)
				}
			}), 0)
		})
	})

	t.Run("who is canceled leaves, and nothing is broken", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(2)
			tasks := arrive(ctx, &d, b, "a")
			tasks[0].Cancel()
			settle(ctx)
			expectEqual(t, "waiting", b.Waiting(), 0)
			expectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "b", "c")
			d.expect(t, "a: asyncio: canceled", "c 1", "b 0")
		})
	})

	t.Run("Reset sends away who waits, and then it can be used", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(3)
			arrive(ctx, &d, b, "a", "b")
			b.Reset()
			expectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "c", "d", "e")
			d.expect(t, broken("a"), broken("b"), "e 2", "c 0", "d 1")
		})
	})

	t.Run("Reset of an empty one does nothing", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(2)
			b.Reset()
			arrive(ctx, &d, b, "a", "b")
			d.expect(t, "b 1", "a 0")
		})
	})

	t.Run("Abort sends away who waits and who comes, until Reset", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			b := asyncio.NewBarrier(2)
			arrive(ctx, &d, b, "a")
			b.Abort()
			expectEqual(t, "broken", b.Broken(), true)
			arrive(ctx, &d, b, "b")
			d.expect(t, broken("a"), broken("b"))
			b.Reset()
			expectEqual(t, "broken", b.Broken(), false)
			arrive(ctx, &d, b, "c", "d")
			d.expect(t, broken("a"), broken("b"), "d 1", "c 0")
		})
	})

	t.Run("for no one panics", func(t *testing.T) {
		expectPanic(t, func() { asyncio.NewBarrier(0) })
	})
}
