// What the tests that hold CPython's own test cases have in common. COVERAGE.md
// says which test holds which case.

package cpython

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
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
	var heard asynctest.Reports
	all := append([]asyncio.Option{virtual.Time(), heard.Option()}, opts...)
	if err := asyncio.Run(t.Context(), main, all...); err != nil {
		t.Errorf("Run returned %v", err)
	}
	heard.ExpectErrors(t)
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
