package asynciotest

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio/internal/explore"
)

// Run runs fn in the main task of a loop on virtual time, in the test's
// goroutine, and returns when the loop has ended.
//
// The test fails if fn returns while another task still waits, if an error is left that
// no one has looked at, and if a task or a callback panics. It fails at once on a
// deadlock: when no task is ready, no timer is set, and nothing outside the loop is known
// that could wake a task. After a deadlock only the deferred functions of the test run.
// Run cancels tasks that are left and waits for them, also after FailNow.
//
// A step is what a task does between two suspensions. A step that blocks, for example in
// time.Sleep, takes no virtual time, and the test fails after a second of real time (see
// asyncio.SlowStep). If it waits for another goroutine, which may be late on a busy
// machine, the test fails after five seconds. A step that computes for long is only
// logged.
func Run(t testing.TB, fn func(ctx context.Context), opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	newSession(t, c, explore.NewRun(explore.Seed{Base: c.seed})).run(fn)
}
