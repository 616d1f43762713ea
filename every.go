package asyncio

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Every ranges over beats, which are d apart: before each turn of the range loop, it
// suspends the calling task until the next beat. The first beat is d after the range
// begins, and each later beat is a whole number of d after the first, so that beats do
// not drift, however late a turn begins and however long it takes. Beats that have passed
// by the end of a turn are skipped: turns never run in a burst to catch up. The time that
// a turn gets is that of its beat, by the loop's clock (see Loop.Now), not the moment at
// which the turn begins:
//
//	for beat, err := range asyncio.Every(ctx, time.Minute) {
//		if err != nil {
//			return err
//		}
//		report(beat)
//	}
//
// If ctx is canceled, the last pair is the zero time and an error that is ErrCanceled;
// outside a loop, one that is ErrNoRunningLoop. Breaking out leaves nothing behind, and
// another range begins anew. Every panics if d is not positive. In Python: loop.call_at
// in a callback that sets itself again; in Go: time.Ticker; in tokio: interval with
// MissedTickBehavior::Skip.
func Every(ctx context.Context, d time.Duration) iter.Seq2[time.Time, error] {
	if d <= 0 {
		panic(fmt.Sprintf("asyncio: Every(ctx, %v): a beat needs a duration that is positive", d))
	}
	return func(yield func(time.Time, error) bool) {
		w, err := engine.Begin(ctx, "Every")
		if err != nil {
			yield(time.Time{}, err)
			return
		}
		l := w.Loop()
		for beat := l.After(d); ; beat = nextBeat(beat, d, l.Now()) {
			if err := sleepToBeat(ctx, beat); err != nil {
				yield(time.Time{}, err)
				return
			}
			if !yield(l.Time(beat), nil) {
				return
			}
		}
	}
}

// sleepToBeat begins a new wait for each beat, because the task has waited for other
// things in between.
func sleepToBeat(ctx context.Context, beat time.Duration) error {
	w, err := engine.Begin(ctx, "Every")
	if err != nil {
		return err
	}
	return sleepUntil(ctx, w, beat)
}

// nextBeat returns the first beat after the given one that has not passed. A beat that is
// due now has not passed.
func nextBeat(beat, d, now time.Duration) time.Duration {
	if late := now - beat; late > d {
		beat += (late - 1) / d * d
	}
	if beat > math.MaxInt64-d {
		return math.MaxInt64
	}
	return beat + d
}
