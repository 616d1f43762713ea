package asyncio_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// isLabeled reports whether a goroutine has a label with the value, and no other one.
func isLabeled(value string) bool {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	return strings.Contains(b.String(), `# labels: {"k":"`+value+`"}`)
}

func label(value string) pprof.LabelSet { return pprof.Labels("k", value) }

func TestLabels(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	expect := func(t *testing.T, value string, want bool) {
		t.Helper()
		asynctest.ExpectEqual(t, "a goroutine has the label "+value, isLabeled(value), want)
	}
	t.Run("are those of the context a task was created with", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			create := map[string]func(ctx context.Context, fn func(ctx context.Context) error) *asyncio.Task[struct{}]{
				"go": func(ctx context.Context, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
					return asyncio.Go(ctx, fn)
				},
				"eager": func(ctx context.Context, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
					return asyncio.Go(ctx, fn, asyncio.Eager())
				},
			}
			for name, create := range create {
				var task *asyncio.Task[struct{}]
				pprof.Do(ctx, label("task of "+name), func(ctx context.Context) { task = create(ctx, asynctest.SleepForever) })
				asynctest.Settle(ctx)
				expect(t, "task of "+name, true)
				task.Cancel()
				_, _ = task.Await(ctx)
				expect(t, "task of "+name, false)
			}
		})
	})
	t.Run("end with the task that has set them", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			first := asyncio.Go(ctx, func(ctx context.Context) error {
				pprof.SetGoroutineLabels(pprof.WithLabels(ctx, label("first")))
				err := asyncio.Yield(ctx)
				expect(t, "first", true)
				return err
			})
			second := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := first.Await(ctx)
				third := asyncio.Go(ctx, asynctest.SleepForever)
				asynctest.Settle(ctx)
				expect(t, "first", false)
				third.Cancel()
				return err
			})
			_, err := second.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})
	t.Run("of the context of Run are those of its tasks", func(t *testing.T) {
		err := asyncio.Run(pprof.WithLabels(t.Context(), label("run")), func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, func(context.Context) error {
				expect(t, "run", true)
				return nil
			}).Await(ctx)
			return err
		})
		asynctest.ExpectNil(t, err)
	})
	t.Run("of who runs a coroutine on a loop are those of its task", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			err := asyncio.RunOnFunc(pprof.WithLabels(t.Context(), label("run on")), l, func(context.Context) error {
				expect(t, "run on", true)
				return nil
			})
			asynctest.ExpectNil(t, err)
		})
	})
	t.Run("go along into threads and executors, and end there", func(t *testing.T) {
		pool := poolFor(t, 1)
		asynctest.EndWell(t, func(ctx context.Context) error {
			var err error
			pprof.Do(ctx, label("caller"), func(ctx context.Context) {
				_, err = asyncio.Go(ctx, func(ctx context.Context) error {
					asynctest.ExpectNil(t, onThread(ctx, func() { expect(t, "caller", true) }))
					_, err := asyncio.RunInExecutor(ctx, pool, func(context.Context) (int, error) {
						expect(t, "caller", true)
						return 0, nil
					}).Await(ctx)
					return err
				}).Await(ctx)
			})
			asynctest.ExpectNil(t, err)
			_, err = asyncio.RunInExecutor(ctx, pool, func(context.Context) (int, error) {
				// A goroutine may still be on its way out of a function whose result is there.
				asynctest.Eventually(t, "no goroutine has the label", func() bool { return !isLabeled("caller") })
				return 0, nil
			}).Await(ctx)
			return err
		})
	})
}
