package asynciotest

import (
	"context"
	"math/rand/v2"
)

// Streams of random numbers that come from the same seed and have nothing to
// do with each other.
const (
	streamOfUser = iota + 1
	streamOfSchedule
)

// Rand returns the source of all randomness of a program under test. It comes
// from the seed of the run, so a replay sees the same numbers. It is for the
// loop only, and panics outside of Run and Explore.
func Rand(ctx context.Context) *rand.Rand { return sessionOf(ctx, "Rand").rand }
