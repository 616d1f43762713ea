package asyncio_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var errDetected = errors.New("a deadlock was detected")

// runUntilDetected runs main until a deadlock is reported.
func runUntilDetected(t *testing.T, main mainFunc, opts ...asyncio.Option) asyncio.ExceptionContext {
	t.Helper()
	asynctest.NothingIsLeft(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	var report asyncio.ExceptionContext
	reports := 0
	err := asyncio.Run(ctx, main, append(opts, asyncio.OnException(func(c asyncio.ExceptionContext) {
		reports++
		report = c
		cancel(errDetected)
	}))...)
	if reports != 1 {
		t.Errorf("there were %d reports", reports)
	}
	asynctest.ExpectCanceled(t, err)
	return report
}

func waitsForItself(ctx context.Context) error {
	var l asyncio.Lock
	return l.With(ctx, func() error { return l.With(ctx, func() error { return nil }) })
}

func TestDetectDeadlock(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	for name, option := range map[string]asyncio.Option{"by its option": asyncio.DetectDeadlock(), "in debug mode": asyncio.Debug(true)} {
		t.Run("reports what each task waits for, "+name, func(t *testing.T) {
			c := runUntilDetected(t, func(ctx context.Context) error {
				asyncio.Go(ctx, new(asyncio.Event).Wait) // has no frame of the program
				_, err := asyncio.Go(ctx, waitsForItself, asyncio.Name("culprit")).Await(ctx)
				return err
			}, option)
			if !strings.HasPrefix(c.Message, "deadlock, unless another goroutine") || !strings.Contains(c.Message, "3 tasks wait") {
				t.Errorf("the message is %q", c.Message)
			}
			for _, words := range []string{"Task-1 waits for task \"culprit\"", "culprit waits for lock", "waitsForItself", "deadlock_test.go:"} {
				if !strings.Contains(c.Details, words) {
					t.Errorf("it does not say %q:\n%s", words, c.Details)
				}
			}
			for _, noise := range []string{"goroutine ", "iter.", "internal/engine"} {
				if strings.Contains(c.Details, noise) {
					t.Errorf("it says %q:\n%s", noise, c.Details)
				}
			}
		})
	}
	t.Run("takes what is on its way for no deadlock", func(t *testing.T) {
		onAnotherGoroutine(t, func(other *asyncio.Loop) { expectNoDeadlock(t, other) })
	})
}

// expectNoDeadlock runs loops that sleep for long enough to be looked at.
func expectNoDeadlock(t *testing.T, other *asyncio.Loop) {
	loops := map[string]mainFunc{
		"a timer": func(ctx context.Context) error {
			return asyncio.Sleep(ctx, 1500*time.Millisecond)
		},
		"a function in a thread": func(ctx context.Context) error {
			return asyncio.ToThreadFunc(ctx, func(context.Context) error { time.Sleep(1500 * time.Millisecond); return nil })
		},
		"a deadline of package context": func(ctx context.Context) error {
			inner, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
			defer cancel()
			_ = new(asyncio.Event).Wait(inner)
			return nil
		},
		"a coroutine on another loop": func(ctx context.Context) error {
			_, err := asyncio.RunOn(ctx, other, asynctest.Later(1500*time.Millisecond, 1))
			return err
		},
	}
	var all sync.WaitGroup
	for name, main := range loops {
		all.Go(func() {
			err := asyncio.Run(t.Context(), main, asyncio.DetectDeadlock(),
				asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("%s: reported: %v", name, c) }))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Go(func() {
		err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, _ *asyncio.LoopGroup) error {
			return asyncio.Sleep(ctx, 1500*time.Millisecond)
		}, asyncio.DetectDeadlock(), asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("of a group: reported: %v", c) }))
		asynctest.ExpectNil(t, err)
	})
	all.Wait()
}

func TestDebugByEnvironment(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	debugs := func(opts ...asyncio.Option) (on bool) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			on = len(asyncio.Go(ctx, asyncio.Yield).Info().Created) > 0
			return nil
		}, opts...)
		return on
	}
	for value, want := range map[string]bool{"": false, "0": false, "1": true, "yes": true} {
		t.Setenv("ASYNCIODEBUG", value)
		if got := debugs(); got != want {
			t.Errorf("ASYNCIODEBUG=%s: debug mode is %v", value, got)
		}
		if debugs(asyncio.Debug(false)) || !debugs(asyncio.Debug(true)) {
			t.Errorf("ASYNCIODEBUG=%s counts more than the option", value)
		}
	}
	_ = os.Unsetenv("ASYNCIODEBUG") // Setenv has noted what was there
	if debugs() {
		t.Error("debug mode is on")
	}
}
