// Package asynctest is what the tests of this module have in common: a harness
// that runs a test in two worlds, what a test writes down and expects, and
// coroutines to test with. It is for external tests alone: it imports what it
// tests.
//
// The two worlds are the real loop and the virtual one. In the virtual one, a
// test runs in many orders as well, unless the order of tasks is its point.
// OnLoop and InOrder take a function through both. Other tests, those of Run and
// of what is outside the loop, call Run or NewRunner of this package in place of
// package asyncio's; RunInOtherWorlds then runs them once more for each world, in
// a process of their own.
package asynctest

import (
	"context"
	"runtime"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// ordersExplored is in how many orders OnLoop runs a test.
const ordersExplored = 20

// OnLoop runs fn as the main coroutine of a loop: in both worlds, and in many
// orders of the tasks that are ready. The test fails if anything is reported to
// the exception handler, or if a task or a goroutine is left.
func OnLoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	InOrder(t, fn)
	before := runtime.NumGoroutine()
	defer ExpectGoroutines(t, before)
	asynciotest.Explore(t, fn, asynciotest.Runs(ordersExplored))
}

// InOrder runs fn in both worlds, and in the order of the loop, first in, first
// out. Tasks may be left, and Run cancels them.
func InOrder(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	SkipInOtherWorlds(t)
	if timePasses := InVirtualTime(t, fn); timePasses || t.Failed() {
		return // the real clock would let it wait, for hours perhaps
	}
	if OnRealLoop(t, fn); t.Failed() {
		t.Log("on the real loop")
	}
}

// InVirtualTime runs fn in the virtual world alone, and in order. It reports
// whether fn has let time pass.
func InVirtualTime(t *testing.T, fn func(ctx context.Context)) (timePasses bool) {
	t.Helper()
	var w virtual.World
	ExpectNil(t, EndInWorld(t, returnsNil(fn), w.Option()))
	return w.Now() > 0
}

// OnRealLoop runs fn on the real loop alone: for what comes from other
// goroutines, which virtual time does not wait for. No sleep in it may ever end.
func OnRealLoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	SkipInOtherWorlds(t)
	ExpectNil(t, endIn(t, context.WithValue(t.Context(), realKey{}, true), returnsNil(fn)))
}

type realKey struct{}

// IsReal reports whether OnRealLoop runs the test.
func IsReal(ctx context.Context) bool { return ctx.Value(realKey{}) != nil }

// EndInWorld runs fn as the main coroutine of a loop in the world of this
// process, and returns its error. The test fails if anything is reported to the
// exception handler, or if a goroutine is left.
func EndInWorld(t *testing.T, fn func(ctx context.Context) error, opts ...asyncio.Option) error {
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
	defer ExpectGoroutines(t, before)
	return Run(ctx, fn, append([]asyncio.Option{unexpected}, opts...)...)
}

// ReportsOf is InOrder that returns what the exception handler was given.
func ReportsOf(t *testing.T, fn func(ctx context.Context)) (reports []asyncio.ExceptionContext) {
	t.Helper()
	SkipInOtherWorlds(t)
	take := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) })
	var w virtual.World
	ExpectNil(t, EndInWorld(t, returnsNil(fn), w.Option(), take))
	if virtually := reports; w.Now() == 0 {
		reports = nil
		ExpectNil(t, EndInWorld(t, returnsNil(fn), take))
		ExpectEqual(t, "reports on the real loop", len(reports), len(virtually))
	}
	return reports
}

func returnsNil(fn func(ctx context.Context)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		fn(ctx)
		return nil
	}
}

// EndWell runs main in the world of this process, and expects no error and no
// report.
func EndWell(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	var heard Reports
	if err := Run(t.Context(), main, append(opts, heard.Option())...); err != nil {
		t.Errorf("Run returned %v", err)
	}
	heard.Expect(t)
}

// MustEnd is EndWell that expects, too, that nothing is left when the test has
// ended.
func MustEnd(t *testing.T, main func(ctx context.Context) error, opts ...asyncio.Option) {
	t.Helper()
	NothingIsLeft(t)
	EndWell(t, main, opts...)
}
