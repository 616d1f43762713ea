package asyncio_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// Tests run in two worlds: the real loop, and the virtual one, where they are
// also explored, unless the order of tasks is their point.

// ordersExplored is in how many orders a test runs.
const ordersExplored = 20

// onLoop runs fn as the main coroutine of a loop: in both worlds, and in many
// orders of the tasks that are ready. The test fails if anything is reported to
// the exception handler, or if a task or a goroutine is left.
func onLoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	inOrder(t, fn)
	before := runtime.NumGoroutine()
	defer expectGoroutines(t, before)
	asynciotest.Explore(t, fn, asynciotest.Runs(ordersExplored))
}

// inOrder runs fn in both worlds, and in the order of the loop, first in,
// first out. Tasks may be left, and Run cancels them.
func inOrder(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	if timePasses := inVirtualTime(t, fn); timePasses || t.Failed() {
		return // the real clock would let it wait, for hours perhaps
	}
	if onRealLoop(t, fn); t.Failed() {
		t.Log("on the real loop")
	}
}

// inVirtualTime runs fn in the virtual world alone, and in order.
func inVirtualTime(t *testing.T, fn func(ctx context.Context)) (timePasses bool) {
	t.Helper()
	var w virtual.World
	expectNil(t, endInWorld(t, noError(fn), w.Option()))
	return w.Now() > 0
}

// onRealLoop runs fn on the real loop alone: for what comes from other
// goroutines, which virtual time does not wait for. No sleep in it may ever end.
func onRealLoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	expectNil(t, endIn(t, context.WithValue(t.Context(), realKey{}, true), noError(fn)))
}

type realKey struct{}

// isReal reports whether onRealLoop runs the test.
func isReal(ctx context.Context) bool { return ctx.Value(realKey{}) != nil }
