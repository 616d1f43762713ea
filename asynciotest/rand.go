package asynciotest

import (
	"context"
	"math/rand/v2"
)

// Rand returns the source of all randomness of a program under test. It comes
// from the seed of the run, so a replay sees the same numbers. It is for the
// loop only, and panics outside of Run and Explore.
func Rand(ctx context.Context) *rand.Rand { return sessionOf(ctx, "Rand").rand }
