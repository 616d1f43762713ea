// Cancellation at every suspension point of every combinator: a scenario is
// run once to count the points at which it suspends, and then again for each
// of them, canceled there. Each time it has to end canceled, at once, with
// nothing of it left and no error lost.

package cancelpoints

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
)

// ms is the unit of most delays.
const ms = time.Millisecond

// longTime is a delay that nothing waits for to its end.
const longTime = 1000 * ms

// A scenario is what the canceled task does. It always ends with a
// suspension, so that a cancellation which came too late to cut its last
// operation is seen all the same.
type scenario struct {
	name   string
	run    func(ctx context.Context, s *stage) error
	leaves bool // children that outlive their combinator, as they should
	slow   bool // waits for threads, which take passes without number
}

// A temper is how a child answers its cancellation.
type temper int

const (
	obedient temper = iota // ends canceled
	slow                   // ends canceled, after a cleanup that waits
	spiteful               // fails with an error of its own
	stubborn               // returns a value
	allTempers
)

func (t temper) String() string {
	return [...]string{"obedient", "slow", "spiteful", "stubborn"}[t]
}

// A stage is what one run of a scenario happens on.
type stage struct {
	temper  temper
	repeat  bool // cancel again in every pass after the first time
	cancel  int  // at which suspension point; 0: before the first step; -1: never
	clock   *stepClock
	loop    *asyncio.Loop
	target  *asyncio.Task[struct{}]
	points  int     // suspensions of the target so far
	fresh   bool    // it has suspended since the last tick
	ready   int     // events of this pass
	running int     // children that have begun and not ended
	leftAt  int     // children that ran when the target ended
	errs    []error // of spiteful children; none may be lost
	others  []error // that a scenario makes itself, and may drop
	reports []error // that went to the exception handler
	began   bool
	ended   bool // the target
	over    bool
	passes  int
	limit   int // for passes
}

// child is a coroutine that takes some time, and answers its cancellation
// according to the stage's temper.
func (s *stage) child(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		s.running++
		defer func() { s.running-- }()
		err := asyncio.Sleep(ctx, d)
		if err == nil {
			return name, nil
		}
		switch s.temper {
		case slow:
			clean := context.WithoutCancel(ctx)
			err = errors.Join(err, asyncio.Yield(clean), asyncio.Sleep(clean, 2*ms))
		case spiteful:
			err = fmt.Errorf("child %s does not like to be canceled", name)
			s.errs = append(s.errs, err)
		case stubborn:
			return name, nil
		}
		return "", err
	}
}

// stepClock is a world for a loop that never rests: the tick of a stage moves
// it when there is nothing else to do. Its poller is asked only when the tick
// has stopped, and then it jumps as a virtual clock does.
type stepClock struct {
	now  atomic.Int64 // the watchdog asks for it on a goroutine of its own
	wake chan struct{}
}

func (c *stepClock) Now() time.Duration { return time.Duration(c.now.Load()) }
func (c *stepClock) Close() error       { return nil }

func (c *stepClock) Wait(timeout time.Duration) error {
	if timeout < 0 {
		<-c.wake
		return nil
	}
	c.now.Add(int64(timeout))
	return nil
}

func (c *stepClock) Wake() error {
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

// tick is the first event of every pass, for it makes itself ready before
// anything else can. So it comes after a suspension and before the earliest
// resumption.
func (s *stage) tick() {
	if s.over {
		return
	}
	if s.passes++; s.passes > s.limit {
		panic("the scenario does not end")
	}
	if s.fresh {
		s.fresh = false
		s.points++
	}
	if s.points == s.cancel || s.repeat && s.cancel >= 0 && s.points > s.cancel {
		s.target.Cancel()
	}
	if s.ready == 1 {
		runtime.Gosched() // a thread may have something to say
		s.clock.now.Add(int64(ms))
	}
	s.loop.CallSoon(s.tick)
}

func (s *stage) isTarget(e asyncio.HookEvent) bool { return e.Task.Name == "target" }

func (s *stage) hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		PassBegin: func(e asyncio.HookEvent) { s.ready = e.Ready },
		StepEnd: func(e asyncio.HookEvent) {
			s.fresh = s.fresh || s.isTarget(e) && !s.ended
		},
		TaskDone: func(e asyncio.HookEvent) {
			if s.isTarget(e) {
				s.leftAt, s.ended = s.running, true
			}
		},
	}
}

// perform runs a scenario on the stage and returns the error of its task.
func (s *stage) perform(ctx context.Context, sc scenario) error {
	var outcome error
	s.limit = 1000
	if sc.slow {
		s.limit = math.MaxInt
	}
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		s.loop = asyncio.RunningLoop(ctx)
		s.loop.CallSoon(s.tick)
		s.target = asyncio.Go(ctx, func(ctx context.Context) error {
			s.began = true
			return errors.Join(sc.run(ctx, s), asyncio.Yield(ctx))
		}, asyncio.Name("target"))
		if s.cancel == 0 {
			s.target.Cancel()
		}
		if err := wait(ctx, s.target); err != nil {
			return err
		}
		_, outcome = s.target.Result()
		s.over = true
		if sc.leaves {
			if err := asyncio.Sleep(ctx, 2*longTime); err != nil {
				return err
			}
		}
		if all := asyncio.AllTasks(ctx); len(all) != 1 {
			return fmt.Errorf("tasks left over: %v", names(all))
		}
		return nil
	}, asyncio.SlowStep(-1), asyncio.Observe(s.hooks()), asyncio.OnException(func(c asyncio.ExceptionContext) {
		s.reports = append(s.reports, c.Err)
	}), config.InWorld(func() config.World { return config.World{Clock: s.clock, Poller: s.clock} }))
	if err != nil {
		return fmt.Errorf("the run itself fails: %w", err)
	}
	return outcome
}

func newStage(t temper, cancel int, repeat bool) *stage {
	return &stage{temper: t, cancel: cancel, repeat: repeat, clock: &stepClock{wake: make(chan struct{}, 1)}}
}

// check looks at what a canceled scenario has left behind.
func (s *stage) check(t *testing.T, sc scenario, outcome error) {
	t.Helper()
	switch {
	case s.cancel == 0 && s.began:
		t.Error("the task ran, though it was canceled before its first step")
	case len(s.errs) == 0 && !s.target.Canceled():
		t.Errorf("the task ended with %v, not canceled", outcome)
	case len(s.errs) > 0 && !canceled(outcome) && !s.isOfChild(outcome):
		t.Errorf("the task ended with %v, which is neither a cancellation nor an error of its children", outcome)
	}
	if s.leftAt > 0 && !sc.leaves {
		t.Errorf("%d children still ran when the task had ended", s.leftAt)
	}
	if s.running > 0 {
		t.Errorf("%d children have never ended", s.running)
	}
	for _, err := range s.errs {
		if !errors.Is(outcome, err) && !errors.Is(errors.Join(s.reports...), err) {
			t.Errorf("lost: %v", err)
		}
	}
	for _, err := range s.reports {
		if !s.isOfChild(err) && !slices.Contains(s.others, err) {
			t.Errorf("reported: %v", err)
		}
	}
}

// isOfChild says whether err is or holds an error of a spiteful child.
func (s *stage) isOfChild(err error) bool {
	for _, e := range s.errs {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func TestCancelAtEverySuspensionPoint(t *testing.T) {
	for _, sc := range cancelScenarios {
		t.Run(sc.name, func(t *testing.T) {
			for temper := range allTempers {
				cancelEverywhere(t, sc, temper)
			}
		})
	}
}

func cancelEverywhere(t *testing.T, sc scenario, temper temper) {
	t.Helper()
	whole := newStage(temper, -1, false)
	if err := whole.perform(t.Context(), sc); err != nil {
		t.Fatalf("not canceled, it fails: %v", err)
	}
	if whole.points < 2 {
		t.Fatalf("it suspends %d times; without the last time, never", whole.points)
	}
	for point := range whole.points + 1 {
		for _, repeat := range []bool{false, true} {
			s := newStage(temper, point, repeat)
			outcome := s.perform(t.Context(), sc)
			if s.check(t, sc, outcome); t.Failed() {
				t.Fatalf("children %v, canceled at point %d of %d, again and again: %v", temper, point, whole.points, repeat)
			}
		}
	}
}

// wait waits until all ts are done.
func wait[W asyncio.Waitable](ctx context.Context, ts ...W) error {
	_, _, err := asyncio.Wait(ctx, ts, asyncio.AllCompleted, 0)
	return err
}

// canceled says whether err is what a canceled wait returns.
func canceled(err error) bool { return errors.Is(err, asyncio.ErrCanceled) }

func names(tasks []asyncio.TaskInfo) (all []string) {
	for _, t := range tasks {
		all = append(all, t.Name)
	}
	return all
}
