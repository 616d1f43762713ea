package asynciotest

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio/internal/explore"
)

// Run runs fn in the main task of a loop on virtual time, in the test's
// goroutine, and returns when the loop has ended.
//
// The test fails if fn returns while another task still waits, if an error is
// left that no one has looked at, if a task or a callback panics, and, at once,
// on a deadlock: when no task is ready, no timer is set, and nothing is on its
// way outside the loop. After a deadlock nothing of the test goes on but its deferred
// functions. Run cancels what is left over and waits for it, also after FailNow.
//
// A step that blocks, in time.Sleep, say, takes no virtual time, and lets the test
// fail after a second of real time (see asyncio.SlowStep); where it waits for another
// goroutine, which may be late on a busy machine, after five. One that works for long
// is only logged.
func Run(t testing.TB, fn func(ctx context.Context), opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	newSession(t, c, explore.NewRun(explore.Seed{Base: c.seed})).run(fn)
}
