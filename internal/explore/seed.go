package explore

import "math/rand/v2"

// A Seed makes the random numbers of one run.
type Seed struct{ Base, Run uint64 }

// These are what random numbers are for. The numbers for one thing are independent of
// those for another.
const (
	forProgram uint64 = iota
	forSchedule
	purposes
)

func (s Seed) rand(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.Base, s.Run*purposes+purpose))
}

// Program returns the random numbers for the program: each call the same ones.
func (s Seed) Program() *rand.Rand { return s.rand(forProgram) }
