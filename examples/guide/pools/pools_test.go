package pools

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// A meter notes how many are in at a time.
type meter struct{ now, most int }

func (m *meter) in(n int) (out func()) {
	m.now += n
	m.most = max(m.most, m.now)
	return func() { m.now -= n }
}

// work takes a second.
func (m *meter) work(ctx context.Context, weight int) error {
	defer m.in(weight)()
	return asyncio.Sleep(ctx, time.Second)
}

func (m *meter) atMost(t *testing.T, n int) {
	t.Helper()
	if m.most != n || m.now != 0 {
		t.Errorf("at most %d at a time, and %d in the end; want %d and 0", m.most, m.now, n)
	}
}

func TestLimitOfAGroup(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var m meter
		fetch := func(ctx context.Context, _ string) error { return m.work(ctx, 1) }
		urls := make([]string, 10)
		// ANCHOR: group
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, url := range urls {
				tg.Go(func(ctx context.Context) error { return fetch(ctx, url) })
			}
			return nil
		}, asyncio.Limit(3))
		// ANCHOR_END: group
		if err != nil {
			t.Error(err)
		}
		m.atMost(t, 3)
	})
}

// ANCHOR: gate
// A client asks a database whose pool has some connections.
type client struct {
	pool *asyncio.Semaphore
	ask  func(ctx context.Context, query string) (string, error)
}

func (c *client) query(ctx context.Context, query string) (answer string, err error) {
	err = c.pool.With(ctx, func() error {
		answer, err = c.ask(ctx, query)
		return err
	})
	return answer, err
}

// ANCHOR_END: gate

func TestGate(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var m meter
		c := &client{pool: asyncio.NewSemaphore(2), ask: func(ctx context.Context, query string) (string, error) {
			return query, m.work(ctx, 1)
		}}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 5 {
				tg.Go(func(ctx context.Context) error {
					answer, err := c.query(ctx, "select 1")
					if err == nil && answer != "select 1" {
						t.Error(answer)
					}
					return err
				})
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		m.atMost(t, 2)
	})
}

func TestWeights(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var m meter
		resize := func(ctx context.Context, megabytes int) error { return m.work(ctx, megabytes) }
		// ANCHOR: weights
		memory := asyncio.NewBoundedSemaphore(100) // megabytes
		convert := func(ctx context.Context, megabytes int) error {
			if err := memory.AcquireN(ctx, megabytes); err != nil {
				return err // ErrSemaphoreLimit, if that is more than there is
			}
			defer memory.ReleaseN(megabytes)
			return resize(ctx, megabytes)
		}
		// ANCHOR_END: weights
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, megabytes := range []int{60, 40, 30, 70} {
				tg.Go(func(ctx context.Context) error { return convert(ctx, megabytes) })
			}
			return nil
		})
		if err != nil || m.now != 0 || m.most > 100 {
			t.Error(err, m)
		}
		if err := convert(ctx, 101); !errors.Is(err, asyncio.ErrSemaphoreLimit) {
			t.Error(err)
		}
	})
}

func TestBackPressure(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		read := make([]int, 10)
		var m meter
		store := func(ctx context.Context, _ int) error { return m.work(ctx, 1) }
		// ANCHOR: backpressure
		lines := asyncio.NewQueue[int](4)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				for line, err := range lines.All(ctx) {
					if err != nil {
						return err
					}
					if err := store(ctx, line); err != nil {
						return err
					}
				}
				return nil
			})
			for _, line := range read {
				if err := lines.Put(ctx, line); err != nil { // waits while four are in the queue
					return err
				}
			}
			lines.Shutdown(false)
			return nil
		})
		// ANCHOR_END: backpressure
		if err != nil {
			t.Error(err)
		}
		m.atMost(t, 1)
	})
}
