package asynctest

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// worldVariable tells the test binary in which world its tests run: "" is the
// real one, "virtual" the virtual one, in the order of the loop, and a number
// the virtual one in the order that this seed makes.
const worldVariable = "ASYNCIO_TEST_WORLD"

func otherWorld() string { return os.Getenv(worldVariable) }

// SkipInOtherWorlds is for a test that has to do with one world only, or that
// has been in the others by itself.
func SkipInOtherWorlds(t *testing.T) {
	t.Helper()
	if w := otherWorld(); w != "" {
		t.Skip("not in the world " + w)
	}
}

// SkipInRandomOrder is for a test whose point is the order of tasks, or with so
// many that to pick one of them takes long.
func SkipInRandomOrder(t *testing.T) {
	t.Helper()
	if w := otherWorld(); w != "" && w != "virtual" {
		t.Skip("not in an order of chance")
	}
}

// RunInOtherWorlds runs the tests of the binary again, once for each of the
// other worlds. The test that calls it does nothing else.
func RunInOtherWorlds(t *testing.T) {
	SkipInOtherWorlds(t)
	if testing.Short() {
		t.Skip("it runs most tests again")
	}
	for _, world := range []string{"virtual", "1", "2", "3"} {
		t.Run(world, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), executable(t), "-test.count=1", "-test.timeout=5m")
			cmd.Env = append(os.Environ(), worldVariable+"="+world)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("with %s=%s: %v\n%s", worldVariable, world, err, out)
			}
		})
	}
}

// Run is asyncio.Run in the world of this process.
func Run(ctx context.Context, main func(ctx context.Context) error, opts ...asyncio.Option) error {
	return asyncio.Run(ctx, main, inThisWorld(opts)...)
}

// RunValue is asyncio.RunValue in the world of this process.
func RunValue[T any](ctx context.Context, main asyncio.Coro[T], opts ...asyncio.Option) (T, error) {
	return asyncio.RunValue(ctx, main, inThisWorld(opts)...)
}

// NewRunner is asyncio.NewRunner in the world of this process.
func NewRunner(opts ...asyncio.Option) *asyncio.Runner {
	return asyncio.NewRunner(inThisWorld(opts)...)
}

// inThisWorld adds the world of this process, and takes the watchdog away: what is
// reported is counted, and on a machine that is busy with something else any step can
// take long.
func inThisWorld(opts []asyncio.Option) []asyncio.Option {
	ours := []asyncio.Option{asyncio.SlowStep(-1)}
	if otherWorld() != "" {
		ours = append(ours, VirtualTime())
	}
	return append(ours, opts...)
}

// VirtualTime is virtual.Time in the order of the world of this process.
func VirtualTime() asyncio.Option {
	var w virtual.World
	if seed, err := strconv.ParseUint(otherWorld(), 10, 64); err == nil {
		w.Picker = picker{rand.New(rand.NewPCG(seed, 0))}
	}
	return w.Option()
}

// A picker picks tasks by chance.
type picker struct{ *rand.Rand }

func (p picker) Pick(ready []*engine.Task) int { return p.IntN(len(ready)) }

// childVariable tells the test binary that it is the child of a test.
const childVariable = "ASYNCIO_TEST_CHILD"

// InChild reports whether the test runs in a process of its own.
func InChild() bool { return os.Getenv(childVariable) != "" }

// Child is a command that runs the current test in a process of its own.
func Child(t *testing.T) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*Patience)
	t.Cleanup(cancel)
	parts := strings.Split(t.Name(), "/")
	for i := range parts {
		parts[i] = "^" + parts[i] + "$"
	}
	cmd := exec.CommandContext(ctx, executable(t), "-test.run="+strings.Join(parts, "/"), "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	return cmd
}

// executable is the test binary. Where there is no way to run it again, the test
// is skipped.
func executable(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	return exe
}
