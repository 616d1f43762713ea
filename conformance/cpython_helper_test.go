// What the tests that hold CPython's own test cases have in common. COVERAGE.md
// says which test holds which case.

package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

var (
	errOops  = errors.New("oops")
	errOther = errors.New("something else")
)

type none = struct{}

// onLoop runs main on the virtual clock. Main must return nil, and no error
// may be left without a taker.
func onLoop(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	var heard reports
	all := append([]asyncio.Option{virtual.Time(), heard.option()}, opts...)
	if err := asyncio.Run(t.Context(), main, all...); err != nil {
		t.Errorf("Run returned %v", err)
	}
	heard.expect(t)
}

// reports is what an exception handler was told, from any goroutine.
type reports struct {
	mu  sync.Mutex
	all []asyncio.ExceptionContext
}

func (r *reports) take(c asyncio.ExceptionContext) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
}

func (r *reports) option() asyncio.Option { return asyncio.OnException(r.take) }

// expect expects reports with these errors, in this order, and no others.
func (r *reports) expect(t *testing.T, want ...error) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, c := range r.all {
		if i >= len(want) || !errors.Is(c.Err, want[i]) {
			t.Errorf("report %d is unexpected: %v", i, c)
		}
	}
	if len(r.all) < len(want) {
		t.Errorf("%d reports, want %d", len(r.all), len(want))
	}
}

// A journal is what happened, in order. It belongs to the loop.
type journal struct{ lines []string }

func (j *journal) add(line string) { j.lines = append(j.lines, line) }

// note returns a callback that adds a line.
func (j *journal) note(line string) func() { return func() { j.add(line) } }

// expect expects these lines, written with spaces between them.
func (j *journal) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(j.lines, " "); got != want {
		t.Errorf("it happened %q, want %q", got, want)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equalAll[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// is expects err to be target in the sense of errors.Is; nil is no error.
func is(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: the error is %v, want %v", what, err, target)
	}
}

// members expects an ExceptionGroup of exactly these errors, in this order.
func members(t *testing.T, err error, want ...error) {
	t.Helper()
	group, ok := err.(*asyncio.ExceptionGroup)
	if !ok {
		t.Errorf("got %v, want an ExceptionGroup", err)
		return
	}
	if !slices.EqualFunc(group.Errors, want, errors.Is) {
		t.Errorf("the group holds %v, want %v", group.Errors, want)
	}
}

// panics expects f to panic with words in its message.
func panics(t *testing.T, words string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), words) {
			t.Errorf("it panics with %v, want %q", v, words)
		}
	}()
	f()
}

// after makes a coroutine that returns v when d is over.
func after[T any](d time.Duration, v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) { return v, asyncio.Sleep(ctx, d) }
}

// failAfter makes a coroutine that returns err when d is over.
func failAfter(d time.Duration, err error) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		if cut := asyncio.Sleep(ctx, d); cut != nil {
			return 0, cut
		}
		return 0, err
	}
}

// failsAtOnce makes a coroutine that never suspends and fails.
func failsAtOnce(err error) asyncio.Coro[int] {
	return func(context.Context) (int, error) { return 0, err }
}

// just makes a coroutine that never suspends and returns v.
func just[T any](v T) asyncio.Coro[T] {
	return func(context.Context) (T, error) { return v, nil }
}

// forever waits until it is canceled.
func forever(ctx context.Context) error { return asyncio.Sleep(ctx, 1000*time.Hour) }

// passes lets n passes of the loop go by, whatever is canceled.
func passes(ctx context.Context, n int) {
	for range n {
		_ = asyncio.Yield(context.WithoutCancel(ctx))
	}
}

// stopwatch returns a function that says how long ago it was made, by the
// clock of the loop.
func stopwatch(ctx context.Context) func() time.Duration {
	loop := asyncio.RunningLoop(ctx)
	start := loop.Now()
	return func() time.Duration { return loop.Now().Sub(start) }
}

// virtualTime is the option of onLoop, for tests that call Run themselves.
func virtualTime() asyncio.Option { return virtual.Time() }
