package asynciotest

import (
	"context"
	"errors"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
)

// AssertCancelable runs fn as [Run] does, again and again: first to its end, then with a
// cancellation at its first suspension, at its second, and so on, until fn ends before
// the next one. Suspensions of the tasks that fn starts and waits for count as well.
//
// The test fails if fn, once canceled, does not return an error that is ErrCanceled. It
// also fails for the reasons of Run: a task that is left, an error that is lost, a
// deadlock. Other losses only the program can know, such as an item that was taken from a
// queue and not processed; fn checks for these itself, in a deferred function. Every run
// begins with a new call of fn.
func AssertCancelable(t testing.TB, fn func(ctx context.Context) error, opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	for point := 0; !t.Failed(); point++ {
		a := &attempt{t: t, fn: fn, point: point}
		s := newSession(t, c, explore.NewRun(explore.Seed{Base: c.seed}))
		s.hooks = a.watch(s.line)
		a.in(s)
		if point > 0 && !a.reached {
			t.Logf("canceled at %s", plural(point-1, "suspension", "suspensions"))
			return
		}
	}
}

// An attempt is one run with a cancellation at one point.
type attempt struct {
	t       testing.TB
	fn      func(ctx context.Context) error
	point   int // which suspension is canceled, from 1; 0: none
	task    *asyncio.Task[struct{}]
	passed  int // how many suspensions there were
	reached bool
	where   string
}

// watch adds the hook that cancels to those of a timeline.
func (a *attempt) watch(l *explore.Timeline) *asyncio.Hooks {
	hooks := l.Hooks()
	hooks.StepEnd = func(e asyncio.HookEvent) {
		l.StepEnd(e)
		if a.task != nil && e.Task.ID >= a.task.Info().ID && e.Task.State != asyncio.TaskDone {
			a.suspended(l.Last())
		}
	}
	return hooks
}

// suspended is called while a task suspends. A hook must not do much, but it may
// cancel: the wait has begun, and nothing else can come before the cancellation.
func (a *attempt) suspended(s *explore.Step) {
	if a.passed++; a.passed == a.point && !a.task.Done() {
		a.reached = true
		a.where = s.Task + " " + s.String()
		a.task.Cancel()
	}
}

// in runs the function, and says at which point it was canceled if the test has
// failed.
func (a *attempt) in(s *session) {
	a.t.Helper()
	defer func() { // FailNow ends this goroutine
		a.t.Helper()
		if a.reached && a.t.Failed() {
			a.t.Logf("that was when it was canceled at suspension %d (%s)", a.point, a.where)
		}
	}()
	s.run(a.run)
}

func (a *attempt) run(ctx context.Context) {
	a.t.Helper()
	a.task = asyncio.Go(ctx, a.fn, asyncio.Name("function"))
	_, err := asyncio.Shield(ctx, a.task)
	switch {
	case !a.reached && err != nil:
		a.t.Errorf("the function failed, without being canceled: %v", err)
	case a.reached && err == nil:
		a.t.Errorf("the function was canceled, and returned no error: what called it believes that it is done")
	case a.reached && !errors.Is(err, asyncio.ErrCanceled):
		a.t.Errorf("the function was canceled, and returned an error that is not ErrCanceled: %v", err)
	}
}
