package lesson

import (
	"context"
	"sync"
	"time"
)

// RealTime returns a pace by the real clock, in which everything is so many times as fast.
// Work is computation: it takes longer where tasks share a core, and on a machine that is
// busy. Block is a sleep.
func RealTime(speed float64) Pace { return realTime{speed} }

type realTime struct{ speed float64 }

func (p realTime) Work(ctx context.Context, d time.Duration) {
	compute(int(p.real(d).Seconds() * perSecond()))
}

func (p realTime) Block(_ context.Context, d time.Duration) { time.Sleep(p.real(d)) }

func (p realTime) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / p.speed)
}

// compute does so many rounds of work that no one needs.
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
// few milliseconds, and takes the fastest of some rounds, for others may have had the core.
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
