package asynctest

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Value is a coroutine that returns v at once.
func Value[T any](v T) asyncio.Coro[T] {
	return func(context.Context) (T, error) { return v, nil }
}

// Fail is a coroutine that returns err at once.
func Fail[T any](err error) asyncio.Coro[T] {
	return func(context.Context) (v T, _ error) { return v, err }
}

// Later is a coroutine that returns v after d, or the error of its sleep.
func Later[T any](d time.Duration, v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) { return v, asyncio.Sleep(ctx, d) }
}

// FailLater is a coroutine that returns err after d, or the error of its sleep.
func FailLater[T any](d time.Duration, err error) asyncio.Coro[T] {
	return func(ctx context.Context) (v T, _ error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return v, err
		}
		return v, err
	}
}

// Stubborn is a coroutine that returns v even when it is canceled.
func Stubborn[T any](v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) {
		_ = asyncio.Sleep(ctx, time.Hour)
		return v, nil
	}
}

// CleansUp is a coroutine that waits for ever and, when it is canceled, needs
// the time of cleanup to clean up.
func CleansUp(d *Logbook, name string, cleanup time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		err := SleepForever(ctx)
		_ = asyncio.Sleep(context.WithoutCancel(ctx), cleanup)
		d.Add("%s is clean", name)
		return name, err
	}
}

// Sleeper is a coroutine that sleeps and says what became of it.
func Sleeper(d *Logbook, name string, length time.Duration) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, length)
		d.Add("%s: %v", name, err)
		return err
	}
}

// WaitForever waits until its context is canceled, without a timer. It is for tests in
// which other goroutines take part: where time is virtual and nothing else happens on
// the loop, the longest sleep ends at once.
func WaitForever(ctx context.Context) error { return new(asyncio.Event).Wait(ctx) }

// SleepForever waits until its context is canceled.
func SleepForever(ctx context.Context) error { return asyncio.Sleep(ctx, 1<<62) }
