package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

var (
	errBoom  = errors.New("boom")
	errOther = errors.New("other")
)

func noError(fn func(ctx context.Context)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		fn(ctx)
		return nil
	}
}

// endInWorld runs fn as the main coroutine of a loop and returns its error. The
// test fails if anything is reported to the exception handler, or if a goroutine
// is left.
func endInWorld(t *testing.T, fn func(ctx context.Context) error, opts ...asyncio.Option) error {
	t.Helper()
	return endIn(t, t.Context(), fn, opts...)
}

func endIn(t *testing.T, ctx context.Context, fn func(ctx context.Context) error, opts ...asyncio.Option) error {
	t.Helper()
	unexpected := asyncio.OnException(func(c asyncio.ExceptionContext) {
		t.Errorf("the exception handler was given: %v", c)
	})
	warmUp()
	before := runtime.NumGoroutine()
	defer expectGoroutines(t, before)
	return runHere(ctx, fn, append([]asyncio.Option{unexpected}, opts...)...)
}

// reportsOf is inOrder that returns what the exception handler was given.
func reportsOf(t *testing.T, fn func(ctx context.Context)) (reports []asyncio.ExceptionContext) {
	t.Helper()
	skipElsewhere(t)
	take := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) })
	var w virtual.World
	expectNil(t, endInWorld(t, noError(fn), w.Option(), take))
	if virtually := reports; w.Now() == 0 {
		reports = nil
		expectNil(t, endInWorld(t, noError(fn), take))
		expectEqual(t, "reports on the real loop", len(reports), len(virtually))
	}
	return reports
}

// expectGoroutines waits until there are no more goroutines than that. Those
// of context.AfterFunc end a moment after they have done their work.
func expectGoroutines(t *testing.T, most int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > most; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Errorf("%d goroutines are left, there were %d before\n%s", runtime.NumGoroutine(), most, stacks)
			return
		}
	}
}

func expectEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func expectNil(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("unexpected error: %v", err)
	}
}

func expectIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("the error is %v and not %v", err, target)
	}
}

func expectIsNot(t *testing.T, err, target error) {
	t.Helper()
	if errors.Is(err, target) {
		t.Errorf("the error %v is %v", err, target)
	}
}

// expectCanceled looks for the error of a wait that a scope of ours has cut.
func expectCanceled(t *testing.T, err error) {
	t.Helper()
	expectIs(t, err, asyncio.ErrCanceled)
	expectIs(t, err, context.Canceled)
}

// expectTimeout looks for the error of a timeout of ours.
func expectTimeout(t *testing.T, err error) {
	t.Helper()
	expectIs(t, err, asyncio.ErrTimeout)
	expectIs(t, err, context.DeadlineExceeded)
	expectIsNot(t, err, context.Canceled)
}

// expectGroup returns the group that err has to be, of so many errors.
func expectGroup(t *testing.T, err error, errs ...error) *asyncio.ExceptionGroup {
	t.Helper()
	g, ok := err.(*asyncio.ExceptionGroup)
	if !ok {
		t.Fatalf("the error is not an *ExceptionGroup: %v", err)
	}
	if !slices.Equal(g.Errors, errs) {
		t.Errorf("the group holds %q, want %q", g.Errors, errs)
	}
	return g
}

// expectPanic calls fn and returns what it panics with.
func expectPanic(t *testing.T, fn func()) (value any) {
	t.Helper()
	defer func() {
		if value = recover(); value == nil {
			t.Error("there was no panic")
		}
	}()
	fn()
	return nil
}

// passes counts the passes that fn takes.
func passes(ctx context.Context, fn func()) uint64 {
	l := asyncio.RunningLoop(ctx)
	before := l.Stats().Passes
	fn()
	return l.Stats().Passes - before
}

// settle lets the loop run until all other tasks wait, and for some passes at
// least, in which the end of a context may come from another goroutine.
func settle(ctx context.Context) {
	loop := asyncio.RunningLoop(ctx)
	for n := 0; n < 8 || loop.Stats().Ready > 0; n++ {
		_ = asyncio.Yield(context.WithoutCancel(ctx))
	}
}

// elapsed is the virtual time that fn takes.
func elapsed(ctx context.Context, fn func()) time.Duration {
	l := asyncio.RunningLoop(ctx)
	before := l.Now()
	fn()
	if isReal(ctx) {
		return 0 // as it was on the virtual clock, or the test would not be here
	}
	return l.Now().Sub(before)
}

// value is a coroutine that returns v at once.
func value[T any](v T) asyncio.Coro[T] {
	return func(context.Context) (T, error) { return v, nil }
}

// fail is a coroutine that returns err at once.
func fail[T any](err error) asyncio.Coro[T] {
	return func(context.Context) (v T, _ error) { return v, err }
}

// later is a coroutine that returns v after d, or the error of its sleep.
func later[T any](d time.Duration, v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) { return v, asyncio.Sleep(ctx, d) }
}

// failLater is a coroutine that returns err after d, or the error of its
// sleep.
func failLater[T any](d time.Duration, err error) asyncio.Coro[T] {
	return func(ctx context.Context) (v T, _ error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return v, err
		}
		return v, err
	}
}

// stubborn is a coroutine that returns v even when it is canceled.
func stubborn[T any](v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) {
		_ = asyncio.Sleep(ctx, time.Hour)
		return v, nil
	}
}

// cleansUp is a coroutine that waits for ever and, when it is canceled, needs
// d to clean up.
func cleansUp(d *logbook, name string, cleanup time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		err := asyncio.Sleep(ctx, 100*time.Hour)
		_ = asyncio.Sleep(context.WithoutCancel(ctx), cleanup)
		d.add("%s is clean", name)
		return name, err
	}
}

// sleepForever waits until it is canceled.
func sleepForever(ctx context.Context) error { return asyncio.Sleep(ctx, 1000*time.Hour) }
