package cpython

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A crowd is tasks that wait at a barrier, and what they came back with.
type crowd struct {
	barrier *asyncio.Barrier
	indexes []int
	broken  int
	cut     int
}

func newCrowd(parties int) *crowd { return &crowd{barrier: asyncio.NewBarrier(parties)} }

// wait is one visit to the barrier.
func (c *crowd) wait(ctx context.Context) error {
	index, err := c.barrier.Wait(ctx)
	switch {
	case err == nil:
		c.indexes = append(c.indexes, index)
	case errors.Is(err, asyncio.ErrBrokenBarrier):
		c.broken++
	default:
		c.cut++
	}
	return err
}

// come lets n tasks arrive.
func (c *crowd) come(ctx context.Context, n int) []*asyncio.Task[none] {
	var tasks []*asyncio.Task[none]
	for range n {
		tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error { _ = c.wait(ctx); return nil }))
	}
	passes(ctx, 1)
	return tasks
}

// expect expects how many went through, how many were sent away, and how many
// are in the barrier.
func (c *crowd) expect(t *testing.T, through, broken, waiting int) {
	t.Helper()
	asynctest.ExpectEqual(t, "went through", len(c.indexes), through)
	asynctest.ExpectEqual(t, "were sent away", c.broken, broken)
	asynctest.ExpectEqual(t, "wait", c.barrier.Waiting(), waiting)
}

func TestCPythonBarrier(t *testing.T) {
	const n = 5
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"lets a crowd through, again and again": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			for round := range 3 {
				c.come(ctx, n-1)
				c.expect(t, round*n, 0, n-1)
				c.come(ctx, 1)
				passes(ctx, 3)
				c.expect(t, (round+1)*n, 0, 0)
			}
		},
		"is for at least one": func(t *testing.T, ctx context.Context) {
			panics(t, "at least one party", func() { asyncio.NewBarrier(0) })
			panics(t, "at least one party", func() { asyncio.NewBarrier(-4) })
			asynctest.ExpectEqual(t, "parties", asyncio.NewBarrier(n).Parties(), n)
		},
		"of one lets through at once, and again": func(t *testing.T, ctx context.Context) {
			b := asyncio.NewBarrier(1)
			for range 2 {
				index, err := b.Wait(ctx)
				is(t, "Wait", err, nil)
				asynctest.ExpectEqual(t, "index", index, 0)
				asynctest.ExpectEqual(t, "waiting", b.Waiting(), 0)
			}
		},
		"fills task by task": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			for i := range n - 1 {
				c.come(ctx, 1)
				c.expect(t, 0, 0, i+1)
			}
			c.come(ctx, 1)
			passes(ctx, 2)
			c.expect(t, n, 0, 0)
		},
		"lets tasks that come twice through twice": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			for range n {
				asyncio.Go(ctx, func(ctx context.Context) error { _ = c.wait(ctx); return c.wait(ctx) })
			}
			passes(ctx, 10)
			c.expect(t, 2*n, 0, 0)
		},
		"tells each how many came before": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.come(ctx, n)
			passes(ctx, 3)
			slices.Sort(c.indexes)
			equalAll(t, "indexes", c.indexes, []int{0, 1, 2, 3, 4})
		},
		"counts no one as waiting while a crowd leaves": func(t *testing.T, ctx context.Context) {
			var seen []int
			b := asyncio.NewBarrier(n)
			for range n {
				asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := b.Wait(ctx)
					seen = append(seen, b.Waiting())
					return err
				})
			}
			passes(ctx, 10)
			equalAll(t, "waiting", seen, []int{0, 0, 0, 0, 0})
			asynctest.ExpectEqual(t, "broken", b.Broken(), false)
		},
		"keeps the next crowd outside while one leaves": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.come(ctx, n-1)
			c.come(ctx, n) // the first of them completes the first crowd
			passes(ctx, 10)
			c.expect(t, n, 0, n-1)
			c.come(ctx, 1)
			passes(ctx, 10)
			c.expect(t, 2*n, 0, 0)
		},
		"who is canceled leaves it as if it had not come": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			tasks := c.come(ctx, n-1)
			tasks[1].Cancel()
			passes(ctx, 3)
			c.expect(t, 0, 0, n-2)
			asynctest.ExpectEqual(t, "canceled", c.cut, 1)
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), false)
			c.come(ctx, 2)
			passes(ctx, 5)
			c.expect(t, n, 0, 0)
		},
	})
}

func TestCPythonBarrierReset(t *testing.T) {
	const n = 5
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"of an empty one changes nothing": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.barrier.Reset()
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), false)
			c.come(ctx, n)
			passes(ctx, 5)
			c.expect(t, n, 0, 0)
		},
		"sends away who waits": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.come(ctx, n-1)
			c.barrier.Reset()
			passes(ctx, 5)
			c.expect(t, 0, n-1, 0)
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), false)
		},
		"sends away who waits, and they may come again": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			for range n - 1 {
				asyncio.Go(ctx, func(ctx context.Context) error { _ = c.wait(ctx); return c.wait(ctx) })
			}
			passes(ctx, 2)
			c.barrier.Reset()
			passes(ctx, 10)
			c.expect(t, 0, n-1, n-1)
			c.come(ctx, 1)
			passes(ctx, 10)
			c.expect(t, n, n-1, 0)
		},
		"while a crowd leaves sends away who has not left": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			disturbed(ctx, c, 2, c.barrier.Reset)
			passes(ctx, 10)
			c.expect(t, 2, n-2, 0)
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), false)
		},
		"while a crowd leaves lets in who waits outside": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			disturbed(ctx, c, 2, c.barrier.Reset)
			for range n {
				asyncio.Go(ctx, func(ctx context.Context) error { _ = c.wait(ctx); return nil })
			}
			passes(ctx, 20)
			c.expect(t, 2+n, n-2, 0)
		},
		"when a crowd has left changes nothing": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			disturbed(ctx, c, n, c.barrier.Reset)
			passes(ctx, 10)
			c.expect(t, n, 0, 0)
			c.come(ctx, n)
			passes(ctx, 10)
			c.expect(t, 2*n, 0, 0)
		},
	})
}

// disturbed lets a crowd come; the task that is the nth to leave disturbs it.
func disturbed(ctx context.Context, c *crowd, nth int, disturb func()) {
	for range c.barrier.Parties() {
		asyncio.Go(ctx, func(ctx context.Context) error {
			if c.wait(ctx) == nil && len(c.indexes) == nth {
				disturb()
			}
			return nil
		})
	}
}

func TestCPythonBarrierAbort(t *testing.T) {
	const n = 5
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"sends away who waits and who comes": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.come(ctx, n-1)
			c.barrier.Abort()
			passes(ctx, 5)
			c.expect(t, 0, n-1, 0)
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), true)
			is(t, "who comes", c.wait(ctx), asyncio.ErrBrokenBarrier)
		},
		"while a crowd leaves sends away the rest and who waits outside": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			disturbed(ctx, c, 2, c.barrier.Abort)
			for range n {
				asyncio.Go(ctx, func(ctx context.Context) error { _ = c.wait(ctx); return nil })
			}
			passes(ctx, 20)
			c.expect(t, 2, n-2+n, 0)
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), true)
		},
		"by a task that fails sends away the others": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			failing := asyncio.Go(ctx, func(context.Context) error {
				c.barrier.Abort()
				return errOops
			})
			c.come(ctx, n-1)
			_, err := failing.Await(ctx)
			is(t, "task", err, errOops)
			passes(ctx, 5)
			c.expect(t, 0, n-1, 0)
		},
		"can be mended by Reset": func(t *testing.T, ctx context.Context) {
			c := newCrowd(n)
			c.come(ctx, n-1)
			c.barrier.Abort()
			passes(ctx, 5)
			c.barrier.Reset()
			asynctest.ExpectEqual(t, "broken", c.barrier.Broken(), false)
			c.come(ctx, n)
			passes(ctx, 5)
			c.expect(t, n, n-1, 0)
		},
	})
}
