package asynciotest

import (
	"context"
	"math/rand/v2"
)

// A seed makes the random numbers of one run.
type seed struct{ base, run uint64 }

// These are what random numbers are for. The numbers for one thing are independent of
// those for another.
const (
	forProgram uint64 = iota
	forSchedule
	purposes
)

func (s seed) rand(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.base, s.run*purposes+purpose))
}

// Rand returns the source of all randomness of a program under test. It comes
// from the seed of the run, so a replay sees the same numbers. It is for the
// loop only, and panics outside of Run and Explore.
func Rand(ctx context.Context) *rand.Rand { return sessionOf(ctx, "Rand").rand }
