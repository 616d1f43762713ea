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

// Network returns the random numbers for a simulated network, the same ones at each call.
// They were added later, in a way that does not change the other numbers of a seed.
func (s Seed) Network() *rand.Rand { return rand.New(rand.NewPCG(^s.Base, s.Run)) }

// Program returns the random numbers for the program, the same ones at each call.
func (s Seed) Program() *rand.Rand { return s.rand(forProgram) }
