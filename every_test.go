package asyncio_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// beats collects the first beats, by how long after the beginning they are; turn is what
// each turn does.
func beats(ctx context.Context, d time.Duration, count int, turn func(i int)) (all []time.Duration) {
	begin := asyncio.RunningLoop(ctx).Now()
	for beat, err := range asyncio.Every(ctx, d) {
		if err != nil {
			break
		}
		all = append(all, beat.Sub(begin))
		if turn(len(all)); len(all) == count {
			break
		}
	}
	return all
}

func TestEvery(t *testing.T) {
	t.Run("has its first beat after d, and is told the time of it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			begin := asyncio.RunningLoop(ctx).Now()
			got := beats(ctx, time.Minute, 3, func(i int) {
				now := asyncio.RunningLoop(ctx).Now()
				asynctest.ExpectEqual(t, "now", now.Sub(begin), time.Duration(i)*time.Minute)
			})
			asynctest.ExpectEqual(t, "beats", fmt.Sprint(got), "[1m0s 2m0s 3m0s]")
		})
	})

	t.Run("skips what is missed, and keeps the phase", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			lengths := map[int]time.Duration{2: 100 * time.Second, 3: 60 * time.Second, 4: 59 * time.Second, 5: 181 * time.Second}
			got := beats(ctx, time.Minute, 6, func(i int) { _ = asyncio.Sleep(ctx, lengths[i]) })
			// The second turn is over after 3m40s. The third ends when the beat of 5m is due.
			asynctest.ExpectEqual(t, "beats", fmt.Sprint(got), "[1m0s 2m0s 4m0s 5m0s 6m0s 10m0s]")
		})
	})

	t.Run("does not drift", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			const d, count = 7 * time.Millisecond / 3, 5000
			got := beats(ctx, d, count, func(i int) { _ = asyncio.Sleep(ctx, time.Duration(i%5)*time.Microsecond) })
			asynctest.ExpectEqual(t, "the last beat", got[count-1], count*d)
		})
	})

	t.Run("lets others run before a beat that is due", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			var ended uint64
			beats(ctx, time.Second, 3, func(int) {
				if now := l.Stats().Passes; now == ended {
					t.Error("the next turn begins in the pass in which one has ended")
				}
				_ = asyncio.Sleep(ctx, time.Second)
				ended = l.Stats().Passes
			})
		})
	})

	t.Run("begins with the range, and anew with the next", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			every := asyncio.Every(ctx, time.Hour)
			_ = asyncio.Sleep(ctx, 50*time.Minute)
			for range 2 {
				begin := l.Now()
				for beat, err := range every {
					asynctest.ExpectNil(t, err)
					asynctest.ExpectEqual(t, "beat", beat.Sub(begin), time.Hour)
					break
				}
				_ = asyncio.Sleep(ctx, 50*time.Minute)
			}
		})
	})

	t.Run("ends with a cancellation as the last pair", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got []string
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for beat, err := range asyncio.Every(ctx, time.Hour) {
					got = append(got, fmt.Sprint(beat.IsZero(), err))
				}
				return ctx.Err()
			})
			_ = asyncio.Sleep(ctx, 100*time.Minute)
			task.Cancel()
			_, _ = asyncio.Shield(ctx, task)
			asynctest.ExpectEqual(t, "pairs", fmt.Sprint(got), "[false <nil> true asyncio: canceled]")
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("can be canceled at every moment", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynciotest.AssertCancelable(t, func(ctx context.Context) error {
			n := 0
			for _, err := range asyncio.Every(ctx, time.Second) {
				if err != nil {
					return err
				}
				if err := asyncio.Sleep(ctx, 1500*time.Millisecond); err != nil {
					return err
				}
				if n++; n == 3 {
					break
				}
			}
			return nil
		})
	})

	t.Run("of the longest time has no beat", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				for _, err := range asyncio.Every(ctx, math.MaxInt64) {
					return err
				}
				return nil
			})
			asynctest.ExpectTimeout(t, err)
		})
	})

	t.Run("without a loop", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		pairs := 0
		for beat, err := range asyncio.Every(t.Context(), time.Second) {
			asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
			asynctest.ExpectEqual(t, "zero", beat.IsZero(), true)
			pairs++
		}
		asynctest.ExpectEqual(t, "pairs", pairs, 1)
	})

	t.Run("of no time panics", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		for _, d := range []time.Duration{0, -time.Second} {
			asynctest.ExpectAdvice(t, func() { asyncio.Every(t.Context(), d) }, fmt.Sprintf("Every(ctx, %v)", d), "positive")
		}
	})
}
