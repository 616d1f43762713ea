package asynciotest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// A host that ends the test stops the others; that they did not return by themselves is
// no failure of theirs.
func TestHostEndsTheTest(t *testing.T) {
	f := on(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.Host("other", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			n.Host("ender", func(ctx context.Context) error {
				f.Fatal("seen enough")
				return nil
			})
			// As a test that has deferred work: the hosts end before it.
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
			}
		})
	})
	if out := f.output(); !strings.Contains(out, "seen enough") || strings.Contains(out, "main returned") {
		t.Errorf("it says\n%s", out)
	}
}

// A crash ends a wait in a group that is not canceled, as that of a server at its end.
func TestCrashInAGroupThatIsNotCanceled(t *testing.T) {
	for name, within := range map[string]func(ctx context.Context, body func(ctx context.Context) error) error{
		"WithTaskGroup": func(ctx context.Context, body func(ctx context.Context) error) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error { return body(ctx) })
		},
		"WithTimeout": func(ctx context.Context, body func(ctx context.Context) error) error {
			return asyncio.WithTimeout(ctx, time.Hour, body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				var err error
				host := asynciotest.Net(ctx).Host("host", func(ctx context.Context) error {
					defer func() {
						err = within(context.WithoutCancel(ctx), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
					}()
					return asyncio.Sleep(ctx, time.Minute)
				})
				_ = asynciotest.WaitAllBlocked(ctx)
				host.Crash()
				took := elapsed(ctx)
				_ = asynciotest.WaitAllBlocked(ctx)
				if !errors.Is(err, asynciotest.ErrHostCrashed) || took() != 0 {
					t.Errorf("after %v: %v", took(), err)
				}
			})
		})
	}
}
