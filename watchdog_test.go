package asyncio_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A stall blocks the loop until the watchdog has reported it.
type stall struct{ reported, early chan asyncio.ExceptionContext }

func newStall() *stall {
	return &stall{make(chan asyncio.ExceptionContext, 16), make(chan asyncio.ExceptionContext, 1)}
}

// option takes reports of block. On a machine that is busy with something
// else, any step can take long.
func (s *stall) option() asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) {
		if strings.Contains(string(c.Stack), "(*stall).block") {
			s.reported <- c //asyncio:ok channel it has room for the report
			return
		}
		select { // it keeps the last one
		case <-s.early:
		default:
		}
		select {
		case s.early <- c:
		default:
		}
	})
}

// block returns what was reported while it blocked, or else, for a step is reported
// once, what was reported last before that.
//
//go:noinline
func (s *stall) block(t *testing.T) asyncio.ExceptionContext {
	select {
	case c := <-s.reported:
		return c
	case <-time.After(asynctest.Patience):
		return asynctest.Receive(t, s.early)
	}
}

// blockOn keeps the loop in the same step.
//
//go:noinline
func (s *stall) blockOn(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// none expects that nothing else has been reported.
func (s *stall) none(t *testing.T) {
	t.Helper()
	select {
	case c := <-s.reported:
		t.Errorf("there is another report: %v", c)
	default:
	}
}

const threshold = 10 * time.Millisecond

func expectStall(t *testing.T, c asyncio.ExceptionContext, who string) {
	t.Helper()
	if c.Err != nil || c.Duration < threshold || !strings.Contains(c.Message, who+" has kept the loop for") ||
		!strings.Contains(c.Message, "ToThread") {
		t.Errorf("the report is %+v", c)
	}
}

func TestWatchdog(t *testing.T) {
	run := func(t *testing.T, s *stall, main mainFunc, opts ...asyncio.Option) {
		t.Helper()
		asynctest.NothingIsLeft(t)
		if err := asynctest.Run(t.Context(), main, append(opts, s.option())...); err != nil {
			t.Errorf("Run returned %v", err)
		}
		s.none(t)
	}
	on := asyncio.SlowStep(threshold)
	t.Run("reports a step while it is stuck, with the task's name and stack", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				c := s.block(t)
				expectStall(t, c, "task culprit")
				if c.Task.Name != "culprit" || c.Task.ID != 2 || c.Task.Parent != 1 || c.Task.State != asyncio.TaskRunning {
					t.Errorf("the task is %+v", c.Task)
				}
				return nil
			}, asyncio.Name("culprit")).Await(ctx)
			return err
		}, on)
	})
	t.Run("reports the first step of all", func(t *testing.T) {
		s := newStall()
		run(t, s, func(context.Context) error {
			expectStall(t, s.block(t), "task Task-1")
			return nil
		}, on)
	})
	t.Run("reports a step once, and the next one again", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			for range 2 {
				expectStall(t, s.block(t), "task Task-1")
				s.blockOn(2 * threshold) // the same step
				s.none(t)
				_ = asyncio.Yield(ctx)
			}
			return nil
		}, on)
	})
	t.Run("reports a callback", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				c := s.block(t)
				expectStall(t, c, "a callback")
				if c.Task.ID != 0 {
					t.Errorf("the task is %+v", c.Task)
				}
			})
			return asyncio.Yield(ctx)
		}, on)
	})
	t.Run("reports an eager task inside the step of another", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error {
				expectStall(t, s.block(t), "task eager")
				return nil
			}, asyncio.Name("eager"), asyncio.Eager())
			expectStall(t, s.block(t), "task Task-1")
			return nil
		}, on)
	})
	t.Run("reports a callback that has started an eager task", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				asyncio.Go(ctx, asyncio.Yield, asyncio.Eager())
				expectStall(t, s.block(t), "a callback")
			})
			letPass(ctx, 3)
			return nil
		}, on)
	})
	t.Run("reports a task that another one drives", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				letPass(ctx, 3)
				expectStall(t, s.block(t), "task driven")
				return nil
			}, asyncio.Name("driven"))
			letPass(ctx, 6)
			return nil
		}, on)
	})
	t.Run("reports a step of the clean-up at Run's end", func(t *testing.T) {
		s := newStall()
		run(t, s, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				expectStall(t, s.block(t), "task cleaner")
				return err
			}, asyncio.Name("cleaner"))
			return asyncio.Yield(ctx)
		}, on)
	})
	t.Run("does not take a loop that sleeps for one that is stuck", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			return asyncio.Sleep(ctx, 5*threshold)
		}, on, asyncio.OnException(func(c asyncio.ExceptionContext) {
			if strings.Contains(string(c.Stack), "asyncio.Sleep") && strings.Contains(string(c.Stack), "[coroutine") {
				t.Errorf("the sleeping task is reported: %v", c)
			}
			if strings.Contains(string(c.Stack), "poller") {
				t.Errorf("the sleeping loop is reported: %v", c)
			}
		}))
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("does not take a loop that is busy for one that is stuck", func(t *testing.T) {
		s := newStall()
		// The threshold is far above what any step takes.
		run(t, s, func(ctx context.Context) error {
			letPass(ctx, 100_000)
			return nil
		}, asyncio.SlowStep(asynctest.Patience))
	})
	t.Run("is on in debug mode, with 100 ms", func(t *testing.T) {
		s := newStall()
		run(t, s, func(context.Context) error {
			c := s.block(t)
			expectStall(t, c, "task Task-1")
			if c.Duration < 100*time.Millisecond || len(c.Task.Created) == 0 {
				t.Errorf("the report is %+v", c)
			}
			return nil
		}, asyncio.Debug(true), asyncio.SlowStep(0))
	})
	t.Run("is on by default, with a second", func(t *testing.T) {
		s := newStall()
		run(t, s, func(context.Context) error {
			c := s.block(t)
			expectStall(t, c, "task Task-1")
			if c.Duration < time.Second || len(c.Task.Created) > 0 {
				t.Errorf("the report is %+v", c)
			}
			return nil
		}, asyncio.SlowStep(0))
	})
	t.Run("watches each run of a Runner", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		s := newStall()
		r := asynctest.NewRunner(on, s.option())
		for i := range 2 {
			_ = r.Run(t.Context(), func(context.Context) error {
				expectStall(t, s.block(t), fmt.Sprintf("task Task-%d", i+1))
				return nil
			})
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		s.none(t)
	})
	t.Run("survives a handler that panics", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		called := make(chan struct{}, 2)
		_ = asynctest.CaptureLog(func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				for range 2 {
					asynctest.Receive(t, called)
					_ = asyncio.Yield(ctx)
				}
				return nil
			}, on, asyncio.OnException(func(asyncio.ExceptionContext) {
				select {
				case called <- struct{}{}:
				default:
				}
				panic("the handler's own")
			}))
		})
	})
}
