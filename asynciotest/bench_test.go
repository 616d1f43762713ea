package asynciotest_test

import (
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
)

// One operation is a hundred orders of a program of two tasks with five steps
// each. A fake is explored, for a benchmark is not observed.
func BenchmarkExplore(b *testing.B) {
	for b.Loop() {
		f := &fakeTB{TB: b}
		asynciotest.ExploreTB(f, ahead(func() {}), []asynciotest.Option{asynciotest.Runs(100), asynciotest.Strategy(asynciotest.Random)})
	}
}
