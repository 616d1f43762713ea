package asynctest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// PanicOf returns what fn panics with.
func PanicOf(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}

// ExpectPanic calls fn, which has to panic, and returns what it panics with.
func ExpectPanic(t *testing.T, fn func()) (value any) {
	t.Helper()
	if value = PanicOf(fn); value == nil {
		t.Error("there was no panic")
	}
	return value
}

// ExpectAdvice expects a panic of fn whose message says all these words.
func ExpectAdvice(t *testing.T, fn func(), words ...string) {
	t.Helper()
	ExpectAdviceIn(t, PanicOf(fn), words...)
}

// ExpectAdviceIn expects that something panicked with this value, whose message
// says all these words.
func ExpectAdviceIn(t *testing.T, value any, words ...string) {
	t.Helper()
	if value == nil {
		t.Error("it did not panic")
		return
	}
	for _, w := range words {
		if message := fmt.Sprint(value); !strings.Contains(message, w) {
			t.Errorf("it panicked with %q, which does not say %q", message, w)
		}
	}
}

// PanicElsewhere runs fn on another goroutine while the loop is busy, and
// returns what fn panicked with.
func PanicElsewhere(ctx context.Context, fn func()) (value any) {
	var over atomic.Bool
	ended := make(chan any, 1)
	go func() {
		defer func() {
			ended <- recover()
			over.Store(true)
		}()
		fn()
	}()
	for !over.Load() {
		_ = asyncio.Yield(ctx)
	}
	return <-ended //asyncio:ok channel the goroutine has said that it is over
}
