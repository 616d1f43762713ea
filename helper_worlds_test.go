package asyncio_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// Tests run in two worlds: the real loop, and the virtual one, in many orders
// unless the order of tasks is their point.
//
// What onLoop and inOrder run, they run there. Other tests, those of Run and of
// what is outside the loop, run on the real loop, and once more for each world
// in a process of their own: see TestInOtherWorlds.

// ordersExplored is in how many orders onLoop runs a test.
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
	skipElsewhere(t)
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
	skipElsewhere(t)
	expectNil(t, endIn(t, context.WithValue(t.Context(), realKey{}, true), noError(fn)))
}

type realKey struct{}

// isReal reports whether onRealLoop runs the test.
func isReal(ctx context.Context) bool { return ctx.Value(realKey{}) != nil }

// worldVariable tells the test binary in which world its tests run: "" is the
// real one, "virtual" the virtual one, in the order of the loop, and a number
// the virtual one in the order that this seed makes.
const worldVariable = "ASYNCIO_TEST_WORLD"

func otherWorld() string { return os.Getenv(worldVariable) }

// skipElsewhere is for a test that has to do with one world only, or that has
// been in the others by itself.
func skipElsewhere(t *testing.T) {
	t.Helper()
	if w := otherWorld(); w != "" {
		t.Skip("not in the world " + w)
	}
}

// skipInSomeOrder is for a test whose point is the order of tasks, or with so
// many that to pick one of them takes long.
func skipInSomeOrder(t *testing.T) {
	t.Helper()
	if w := otherWorld(); w != "" && w != "virtual" {
		t.Skip("not in an order of chance")
	}
}

func runHere(ctx context.Context, main mainFunc, opts ...asyncio.Option) error {
	return asyncio.Run(ctx, main, inThisWorld(opts)...)
}

func runValueHere[T any](ctx context.Context, main asyncio.Coro[T], opts ...asyncio.Option) (T, error) {
	return asyncio.RunValue(ctx, main, inThisWorld(opts)...)
}

func newRunnerHere(opts ...asyncio.Option) *asyncio.Runner {
	return asyncio.NewRunner(inThisWorld(opts)...)
}

func inThisWorld(opts []asyncio.Option) []asyncio.Option {
	if otherWorld() == "" {
		return opts
	}
	return append([]asyncio.Option{virtualTime()}, opts...)
}

// virtualTime is virtual.Time in the order of this world.
func virtualTime() asyncio.Option {
	var w virtual.World
	if seed, err := strconv.ParseUint(otherWorld(), 10, 64); err == nil {
		w.Picker = picker{rand.New(rand.NewPCG(seed, 0))}
	}
	return w.Option()
}

type picker struct{ *rand.Rand }

func (p picker) Pick(ready []*engine.Task) int { return p.IntN(len(ready)) }

func TestInOtherWorlds(t *testing.T) {
	skipElsewhere(t)
	if testing.Short() {
		t.Skip("it runs most tests again")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	for _, world := range []string{"virtual", "1", "2", "3"} {
		t.Run(world, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), exe, "-test.count=1", "-test.timeout=5m")
			cmd.Env = append(os.Environ(), worldVariable+"="+world)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("with %s=%s: %v\n%s", worldVariable, world, err, out)
			}
		})
	}
}
