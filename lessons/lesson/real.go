package lesson

import (
	"context"
	"sync"
	"time"
)

// RealTime returns a pace by the real clock, in which everything is speed times as fast.
// Work really computes, so it takes longer if tasks share a core, and on a busy machine.
// Block sleeps.
func RealTime(speed float64) Pace { return realTime{speed} }

type realTime struct{ speed float64 }

func (p realTime) Work(ctx context.Context, d time.Duration) {
	compute(int(p.real(d).Seconds() * perSecond()))
}

func (p realTime) Block(_ context.Context, d time.Duration) { time.Sleep(p.real(d)) }

func (p realTime) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / p.speed)
}

// compute does the given number of rounds of useless work.
func compute(rounds int) {
	x := uint64(rounds) | 1
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink(x)
}

//go:noinline
func sink(uint64) {}

// perSecond returns how many rounds a core does in a second. It measures that once, for a
// few milliseconds, and takes the fastest of several attempts, because other programs may
// use the core.
var perSecond = sync.OnceValue(func() float64 {
	const rounds = 1_000_000
	best := time.Duration(1<<63 - 1)
	for range 8 {
		start := time.Now()
		compute(rounds)
		best = min(best, time.Since(start))
	}
	return rounds / max(best, time.Microsecond).Seconds()
})
