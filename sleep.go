package asyncio

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Sleep suspends the calling task for d; other tasks run meanwhile. If d is not positive,
// Sleep is Yield. If ctx is canceled, it returns in the next pass with an error that is
// ErrCanceled. In Python: asyncio.sleep.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return Yield(ctx)
	}
	w, err := engine.Begin(ctx, "Sleep")
	if err != nil {
		return err
	}
	w.Until(w.Loop().After(d))
	return sleep(w, d)
}

// sleep is a wait for its deadline, in d.
func sleep(w *engine.Wait, d time.Duration) error {
	if w.Loop().Traced() {
		return w.Park(nil, sleeping(d))
	}
	return w.Park(nil, engine.LabelSleep)
}

// SleepUntil suspends the calling task until a point of time by the loop's clock. For a
// time that has passed, such as the zero time, it is Yield. If ctx is canceled, it
// returns in the next pass with an error that is ErrCanceled. For a time without a
// monotonic reading, such as one of time.Date, the wall clock at this moment says how far
// from now it is; see WithTimeoutAt, also for tests on virtual time. Python has no
// counterpart, but asyncio.timeout_at and loop.call_at take such a time; in trio:
// sleep_until.
func SleepUntil(ctx context.Context, when time.Time) error {
	w, err := engine.Begin(ctx, "SleepUntil")
	if err != nil {
		return err
	}
	at, _ := w.Loop().At(when)
	return sleepUntil(ctx, w, at)
}

// sleepUntil sleeps until the loop's time is at.
func sleepUntil(ctx context.Context, w *engine.Wait, at time.Duration) error {
	now := w.Loop().Now()
	if at <= now {
		return Yield(ctx)
	}
	w.Until(at)
	return sleep(w, at-now)
}

// sleeping is a sleep whose length someone wants to see.
type sleeping time.Duration

func (s sleeping) Describe() string { return "sleep " + time.Duration(s).String() }

func (s sleeping) Ref(*engine.Loop) engine.Ref {
	return engine.Ref{Label: engine.LabelSleep, Number: uint64(s)}
}

// Yield suspends the calling task until the next pass, so that every task that is ready
// has its turn. If ctx is canceled by then, it returns an error that is ErrCanceled. In
// Python: asyncio.sleep(0).
func Yield(ctx context.Context) error { return engine.Yield(ctx) }
