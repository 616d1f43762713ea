package console_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// TestPageInChromium looks at programs that really run, with the tests of the page: every
// view, light and dark, keyboard only. It needs node, what npm ci fetches, and Chromium.
func TestPageInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	node := asynctest.NodeWithBrowser(t, "page")
	for _, program := range []struct {
		name string
		main func(ctx context.Context, tg *asyncio.TaskGroup)
		args []string
	}{
		{"a deadlock", deadlocked, []string{"deadlock", "name=settle-orders"}},
		{"10,000 tasks", crowd, []string{"tasks=10000"}},
	} {
		t.Run(program.name, func(t *testing.T) {
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				v, stop := watch(ctx, t)
				defer stop()
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					program.main(ctx, tg)
					err := asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
						return looked(ctx, t, node, append([]string{strings.TrimSuffix(v.url, "v1/")}, program.args...))
					})
					tg.Cancel()
					return err
				})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// looked runs the tests of the page against a program.
func looked(ctx context.Context, t *testing.T, node string, args []string) error {
	cmd := exec.CommandContext(ctx, node, append([]string{filepath.Join("test", "all.js")}, args...)...)
	cmd.Dir = "page"
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		return fmt.Errorf("the tests of the page: %w", err)
	}
	if strings.HasPrefix(string(out), "skipped") {
		t.Skip(strings.TrimSpace(string(out)))
	}
	return nil
}

// deadlocked has two tasks that take two locks, each in its own order.
func deadlocked(_ context.Context, tg *asyncio.TaskGroup) {
	var db, cache asyncio.Lock
	db.SetName("db")
	cache.SetName("cache")
	take := func(first, second *asyncio.Lock) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			return first.With(ctx, func() error {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				return second.With(ctx, func() error { return nil })
			})
		}
	}
	tg.Go(take(&db, &cache), asyncio.Name("settle-orders"))
	tg.Go(take(&cache, &db), asyncio.Name("warm-cache"))
	beat(tg)
}

// crowd has 10,000 tasks, of which about a thousand go on in a second.
func crowd(_ context.Context, tg *asyncio.TaskGroup) {
	for i := range 10_000 {
		tg.Go(func(ctx context.Context) error {
			for {
				if err := asyncio.Sleep(ctx, 10*time.Second+time.Duration(i)*time.Millisecond); err != nil {
					return err
				}
			}
		})
	}
	beat(tg)
}

// beat adds a task that goes on ten times a second.
func beat(tg *asyncio.TaskGroup) {
	tg.Go(func(ctx context.Context) error {
		for {
			if err := asyncio.Sleep(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
	}, asyncio.Name("beat"))
}
