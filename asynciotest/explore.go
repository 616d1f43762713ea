package asynciotest

import (
	"context"
	"flag"
	"testing"
	"time"
)

var replayFlag = flag.String("asyncio.replay", "", "the `schedule` that Explore is to replay, as a failure printed it")

// Explore runs fn as [Run] does, again and again, each time in another order of
// the tasks that are ready: the loop's own order is first in, first out, but a
// program that is right only in that order breaks when a timer, a socket or a
// thread comes a little later. It stops at the first failure, and prints how to
// replay it and what led to it; the whole timeline is also written to
// t.ArtifactDir.
//
// A test that has failed before is not explored. What fn changes outside of
// itself it has to reset.
func Explore(t *testing.T, fn func(ctx context.Context), opts ...Option) {
	t.Helper()
	explore(t, fn, opts)
}

func explore(t testing.TB, fn func(ctx context.Context), opts []Option) {
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
	by     explorer
	runs   int
	began  time.Time
}

func (x *exploration) runAll() {
	x.t.Helper()
	x.by = x.config.scheduler.start()
	most := x.config.runs
	all, bounded := x.by.(*depthFirst)
	if bounded {
		most = all.most
	}
	var before []choice
	for x.mayGoOn(most) && !x.t.Failed() {
		seed := seed{x.config.seed, uint64(x.runs)}
		c := x.by.next(seed.rand(forSchedule), before)
		if c == nil {
			break
		}
		x.runs++
		if x.by.steady() {
			seed.run = 0
		}
		before = x.run(seed, c)
		if bounded && all.diverged != "" {
			x.t.Errorf("a run did not follow the one before: %s; it depends on something that the schedule does not hold", all.diverged)
		}
	}
	if bounded && !x.t.Failed() {
		x.tellWhetherAll(all.left(before))
	}
}

// mayGoOn reports whether there may be another run. With a negative limit, the test's
// own time is the limit; a tenth of it is left for what comes after.
func (x *exploration) mayGoOn(most int) bool {
	if most >= 0 {
		return x.runs < most
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
		x.t.Logf("explored %d orders; there are at least %d more", x.runs, left)
	} else {
		x.t.Logf("explored all %d orders", x.runs)
	}
}

// run runs the function in one order and returns the choices that made it.
func (x *exploration) run(seed seed, c chooser) []choice {
	x.t.Helper()
	s := newSession(x.t, x.config, seed)
	p := &picker{choose: c, line: s.line}
	s.pickWith(p)
	over := false
	defer func() {
		x.t.Helper()
		if x.t.Failed() || !over && !x.t.Skipped() { // FailNow, too, ends here
			x.explain(&schedule{x.call, seed, p.made}, s.line)
		}
	}()
	s.run(x.fn)
	over = true
	return p.made
}

// replay runs the function once, as the schedule says, if it is one of this
// call of Explore.
func (x *exploration) replay(word string) {
	x.t.Helper()
	s, err := parseSchedule(word)
	if err != nil {
		x.t.Fatal(err)
	}
	if s.call != x.call {
		x.t.Logf("not replayed: the schedule is of call %d of Explore in this test", s.call+1)
		return
	}
	r := &replay{remaining: s.choices}
	defer func() {
		x.t.Helper()
		if d := r.divergence(); d != "" {
			x.t.Errorf("the replay went another way than the recording: %s; has the program changed, or does it depend on something that the schedule does not hold?", d)
		}
	}()
	x.runs = 1
	x.run(s.seed, r.choose)
}
