package asynciotest

import (
	"context"
	"errors"
	"flag"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/explore"
)

var replayFlag = flag.String("asyncio.replay", "", "the `schedule` that Explore is to replay, as a failure printed it")

// Explore runs fn as [Run] does, again and again, each time in another order of the tasks
// that are ready. The loop's own order is first in, first out, but a program that is
// right only in that order breaks when a timer, a socket or a thread comes a little
// later. Explore stops at the first failure, and prints how to replay it and what led to
// it; the whole timeline is also written to t.ArtifactDir. If there are hosts, it draws
// them as well: see Net.
//
// If the test has failed already, Explore does nothing. If fn changes anything outside of
// itself, it has to reset that.
func Explore(t *testing.T, fn func(ctx context.Context), opts ...Option) {
	t.Helper()
	exploreTB(t, fn, opts)
}

func exploreTB(t testing.TB, fn func(ctx context.Context), opts []Option) {
	t.Helper()
	x := &exploration{t: t, fn: fn, config: newConfig(opts), call: callOf(t), began: time.Now()}
	switch {
	case t.Failed():
	case *replayFlag != "":
		x.replay(*replayFlag)
	default:
		x.runAll()
	}
}

// An exploration is one call of Explore.
type exploration struct {
	t      testing.TB
	fn     func(ctx context.Context)
	config *config
	call   uint64
	search *explore.Search // nil: this is a replay
	began  time.Time
}

func (x *exploration) runAll() {
	x.t.Helper()
	x.search = explore.NewSearch(x.config.scheduler.strategy(), x.config.seed)
	most, bounded := x.search.Most()
	if !bounded {
		most = x.config.runs
	}
	for x.mayGoOn(most) && !x.t.Failed() {
		r := x.search.Next()
		if r == nil {
			break
		}
		x.run(r)
		if d := x.search.Diverged(); d != "" {
			x.t.Errorf("a run did not follow the one before: %s; it depends on something that the schedule does not hold", d)
		}
	}
	if bounded && !x.t.Failed() {
		x.tellWhetherAll(x.search.Left())
	}
}

// mayGoOn reports whether there may be another run. With a negative limit, the test's
// own time is the limit; a tenth of it is left for what comes after.
func (x *exploration) mayGoOn(most int) bool {
	if most >= 0 {
		return x.search.Runs() < most
	}
	t, ok := x.t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return true
	}
	end, ok := t.Deadline()
	return !ok || time.Until(end) > end.Sub(x.began)/10
}

func (x *exploration) tellWhetherAll(left int) {
	x.t.Helper()
	if left > 0 {
		x.t.Logf("explored %d orders; there are at least %d more", x.search.Runs(), left)
	} else {
		x.t.Logf("explored all %d orders", x.search.Runs())
	}
}

// run runs the function in one order.
func (x *exploration) run(r *explore.Run) {
	x.t.Helper()
	s := newSession(x.t, x.config, r)
	over := false
	defer func() {
		x.t.Helper()
		if x.t.Failed() || !over && !x.t.Skipped() { // FailNow, too, ends here
			made := r.Schedule()
			made.Call = x.call
			x.explain(made, s.line)
		}
	}()
	s.run(x.fn)
	over = true
}

var errNoSchedule = errors.New("asynciotest: -asyncio.replay is not what Explore has printed: copy the whole word")

// replay runs the function once, as the schedule says, if it is one of this
// call of Explore.
func (x *exploration) replay(word string) {
	x.t.Helper()
	s, err := explore.ParseSchedule(word)
	if err != nil {
		x.t.Fatal(errNoSchedule)
	}
	if s.Call != x.call {
		x.t.Logf("not replayed: the schedule is of call %d of Explore in this test", s.Call+1)
		return
	}
	r := explore.NewReplay(s)
	defer func() {
		x.t.Helper()
		if d := r.Divergence(); d != "" {
			x.t.Errorf("the replay went another way than the recording: %s; has the program changed, or does it depend on something that the schedule does not hold?", d)
		}
	}()
	x.run(r)
}
