package cpython

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// runCases runs each case in a loop of its own.
func runCases(t *testing.T, cases map[string]func(t *testing.T, ctx context.Context)) {
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				test(t, ctx)
				return nil
			})
		})
	}
}

func TestCPythonTimeouts(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"one that is over cuts the body and says so": func(t *testing.T, ctx context.Context) {
			var inside error
			var scope *asyncio.Timeout
			took := stopwatch(ctx)
			deadline := asyncio.RunningLoop(ctx).Now().Add(time.Second)
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				scope = asyncio.TimeoutOf(ctx)
				inside = asyncio.Sleep(ctx, time.Minute)
				return inside
			})
			is(t, "body", inside, asyncio.ErrCanceled)
			is(t, "timeout", err, asyncio.ErrTimeout)
			asynctest.ExpectEqual(t, "expired", scope.Expired(), true)
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
			when, ok := scope.When()
			asynctest.ExpectEqual(t, "when", ok && when.Equal(deadline), true)
		},
		"one with a point of time is over then": func(t *testing.T, ctx context.Context) {
			deadline := asyncio.RunningLoop(ctx).Now().Add(time.Second)
			err := asyncio.WithTimeoutAt(ctx, deadline, func(ctx context.Context) error {
				return asyncio.Sleep(ctx, time.Minute)
			})
			is(t, "timeout", err, asyncio.ErrTimeout)
			asynctest.ExpectEqual(t, "it ended on time", asyncio.RunningLoop(ctx).Now().Equal(deadline), true)
		},
		"one that is not over says nothing": func(t *testing.T, ctx context.Context) {
			took := stopwatch(ctx)
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				s := asyncio.TimeoutOf(ctx)
				defer func() { asynctest.ExpectEqual(t, "expired", s.Expired(), false) }()
				return asyncio.Sleep(ctx, time.Second)
			})
			is(t, "timeout", err, nil)
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
		},
		"one without a deadline never is over": func(t *testing.T, ctx context.Context) {
			err := asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context) error {
				s := asyncio.TimeoutOf(ctx)
				_, ok := s.When()
				asynctest.ExpectEqual(t, "has a deadline", ok, false)
				defer func() { asynctest.ExpectEqual(t, "expired", s.Expired(), false) }()
				return asyncio.Sleep(ctx, 10000*time.Hour)
			})
			is(t, "timeout", err, nil)
		},
		"of zero cuts a wait":             func(t *testing.T, ctx context.Context) { timeoutOfNothing(t, ctx, 0, time.Second) },
		"of zero cuts a yield":            func(t *testing.T, ctx context.Context) { timeoutOfNothing(t, ctx, 0, 0) },
		"in the past cuts a yield":        func(t *testing.T, ctx context.Context) { timeoutOfNothing(t, ctx, -11*time.Second, 0) },
		"moves with Reschedule":           timeoutReschedules,
		"in a clean-up after another one": timeoutInCleanup,
		"an error of the body passes": func(t *testing.T, ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Second, func(context.Context) error { return errOops })
			asynctest.ExpectEqual(t, "error", err, errOops)
		},
		"an error with which the body answers the expiry passes": func(t *testing.T, ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				is(t, "sleep", asyncio.Sleep(ctx, time.Minute), asyncio.ErrCanceled)
				return errOops
			})
			asynctest.ExpectEqual(t, "error", err, errOops)
		},
		"errors of tasks in a group with which they answer the expiry pass": func(t *testing.T, ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *group) error {
					tg.Go(cleaning(func(error) error { return errOops }))
					tg.Go(cleaning(func(error) error { return errOther }))
					return nil
				})
			})
			members(t, err, errOops, errOther)
		},
	})
}

func timeoutOfNothing(t *testing.T, ctx context.Context, d, pause time.Duration) {
	took := stopwatch(ctx)
	err := asyncio.WithTimeout(ctx, d, func(ctx context.Context) error {
		s := asyncio.TimeoutOf(ctx)
		defer func() { asynctest.ExpectEqual(t, "expired", s.Expired(), true) }()
		return asyncio.Sleep(ctx, pause)
	})
	is(t, "timeout", err, asyncio.ErrTimeout)
	asynctest.ExpectEqual(t, "it took", took(), 0)
}

func timeoutReschedules(t *testing.T, ctx context.Context) {
	later := asyncio.RunningLoop(ctx).Now().Add(3 * time.Second)
	took := stopwatch(ctx)
	err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
		s := asyncio.TimeoutOf(ctx)
		s.Reschedule(later)
		when, _ := s.When()
		asynctest.ExpectEqual(t, "when", when.Equal(later), true)
		is(t, "sleep", asyncio.Sleep(ctx, 2*time.Second), nil)
		return asynctest.SleepForever(ctx)
	})
	is(t, "timeout", err, asyncio.ErrTimeout)
	asynctest.ExpectEqual(t, "it took", took(), 3*time.Second)
}

func timeoutInCleanup(t *testing.T, ctx context.Context) {
	var second error
	err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
		cut := asynctest.SleepForever(ctx)
		second = asyncio.WithTimeout(context.WithoutCancel(ctx), time.Second, asynctest.SleepForever)
		return cut
	})
	is(t, "first timeout", err, asyncio.ErrTimeout)
	is(t, "second timeout", second, asyncio.ErrTimeout)
}

func TestCPythonTimeoutsInEachOther(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"the inner one is over, then the outer one": func(t *testing.T, ctx context.Context) {
			nestedTimeouts(t, ctx, 2*time.Second, time.Second, asyncio.ErrTimeout)
		},
		"the outer one is over before": func(t *testing.T, ctx context.Context) {
			nestedTimeouts(t, ctx, time.Second, 2*time.Second, asyncio.ErrCanceled)
		},
		"both are over in one pass": func(t *testing.T, ctx context.Context) {
			nestedTimeouts(t, ctx, time.Second, time.Second, asyncio.ErrCanceled)
		},
	})
}

// nestedTimeouts expects the outer timeout to tell of its own expiry, whatever
// the inner one said, and the wait between them to be cut.
func nestedTimeouts(t *testing.T, ctx context.Context, outer, inner time.Duration, inside error) {
	took := stopwatch(ctx)
	err := asyncio.WithTimeout(ctx, outer, func(ctx context.Context) error {
		is(t, "inner timeout", asyncio.WithTimeout(ctx, inner, asynctest.SleepForever), inside)
		return asyncio.Sleep(ctx, time.Hour)
	})
	is(t, "outer timeout", err, asyncio.ErrTimeout)
	asynctest.ExpectEqual(t, "it took", took(), outer)
}

func TestCPythonTimeoutsAndCancellation(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"one that is not over does not take a cancellation for its own": func(t *testing.T, ctx context.Context) {
			var scope *asyncio.Timeout
			task, err := canceledAfter(ctx, func(ctx context.Context) error {
				return asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
					scope = asyncio.TimeoutOf(ctx)
					return asynctest.SleepForever(ctx)
				})
			})
			is(t, "timeout", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "is a timeout", errors.Is(err, asyncio.ErrTimeout), false)
			asynctest.ExpectEqual(t, "expired", scope.Expired(), false)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		},
		"its task is not canceled by it": func(t *testing.T, ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				is(t, "timeout", asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever), asyncio.ErrTimeout)
				is(t, "context", ctx.Err(), nil)
				return asyncio.Sleep(ctx, time.Second)
			})
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		},
		"one that is opened after a cancellation is over only where that is kept away": func(t *testing.T, ctx context.Context) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				is(t, "sleep", asynctest.SleepForever(ctx), asyncio.ErrCanceled)
				err := asyncio.WithTimeout(ctx, time.Minute, asynctest.SleepForever)
				is(t, "on a context that is canceled", err, asyncio.ErrCanceled)
				err = asyncio.WithTimeout(context.WithoutCancel(ctx), 0, asynctest.SleepForever)
				is(t, "on one that is not", err, asyncio.ErrTimeout)
				return nil
			})
			is(t, "task", err, nil)
		},
		"a second cancellation does not reach one that is kept away from the first": func(t *testing.T, ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				is(t, "sleep", asynctest.SleepForever(ctx), asyncio.ErrCanceled)
				err := asyncio.WithTimeout(context.WithoutCancel(ctx), 2*time.Second, asynctest.SleepForever)
				is(t, "timeout", err, asyncio.ErrTimeout)
				return err
			})
			is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
			task.Cancel()
			is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrTimeout)
		},
	})
}
