package asyncio

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Sleep suspends the calling task for d; the others run meanwhile. If d is
// not positive, it is Yield. If ctx is canceled, it returns in the next pass
// with an error that is ErrCanceled. In Python: asyncio.sleep.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return Yield(ctx)
	}
	w, err := engine.Begin(ctx, "Sleep")
	if err != nil {
		return err
	}
	l := w.Loop()
	w.Until(l.After(d))
	if l.Traced() {
		return w.Park(nil, sleeping(d))
	}
	return w.Park(nil, engine.LabelSleep)
}

// sleeping is a sleep whose length someone wants to see.
type sleeping time.Duration

func (s sleeping) Describe() string { return "sleep " + time.Duration(s).String() }

func (s sleeping) Ref(*engine.Loop) engine.Ref {
	return engine.Ref{Label: engine.LabelSleep, Number: uint64(s)}
}

// Yield lets every task that is ready have its turn, and returns in the next
// pass. If ctx is canceled by then, it returns an error that is ErrCanceled.
// In Python: asyncio.sleep(0).
func Yield(ctx context.Context) error { return engine.Yield(ctx) }
