package asynctest

import "testing"

// Race reports whether the race detector is on. It makes memory accesses some ten times
// slower, and has nothing to find in what one goroutine computes.
func Race() bool { return race }

// SkipUnderRace skips a test that takes long under the race detector and in which nothing
// is shared between goroutines. The reason says why nothing is lost.
func SkipUnderRace(t *testing.T, reason string) {
	t.Helper()
	if race {
		t.Skip("not with the race detector: ", reason)
	}
}
