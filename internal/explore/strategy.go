package explore

import (
	"math/rand/v2"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Strategy is a way to choose the orders in which a program is run.
type Strategy interface {
	// start returns what makes the orders of one Search.
	start() explorer
}

// An explorer makes one order after another.
type explorer interface {
	// next returns what decides in the next run; nil if there are no more
	// orders. It is told the choices of the run before.
	next(r *rand.Rand, before []choice) chooser
	// steady says that all runs must see the same random numbers.
	steady() bool
	// name is the strategy's name in reports.
	name() string
}

// A chooser decides which of the tasks that are ready goes next.
type chooser func(ready []*engine.Task) int

// FIFO is the order of the real loop, first in, first out. It is one run.
var FIFO Strategy = fifo{}

// Random picks among the tasks that are ready, each as likely as the other.
var Random Strategy = random{}

type fifo struct{}

func (fifo) start() explorer { return new(fifoRun) }

type fifoRun struct{ begun bool }

func (f *fifoRun) next(*rand.Rand, []choice) chooser {
	if f.begun {
		return nil
	}
	f.begun = true
	return first
}

func (*fifoRun) steady() bool { return true }
func (*fifoRun) name() string { return "FIFO" }

func first([]*engine.Task) int { return 0 }

type random struct{}

func (random) start() explorer { return random{} }
func (random) steady() bool    { return false }
func (random) name() string    { return "Random" }

func (random) next(r *rand.Rand, _ []choice) chooser {
	return func(ready []*engine.Task) int { return r.IntN(len(ready)) }
}

// Mixed is FIFO first, and then Random and PCT in turns.
var Mixed Strategy = mixture{}

type mixture struct{}

func (mixture) start() explorer {
	return &mixed{all: []explorer{FIFO.start(), Random.start(), PCT(defaultDepth).start()}}
}

const defaultDepth = 3

type mixed struct {
	all  []explorer
	turn int
}

func (m *mixed) next(r *rand.Rand, before []choice) chooser {
	if c := m.all[0].next(r, before); c != nil {
		return c
	}
	if m.turn++; m.turn == len(m.all) {
		m.turn = 1
	}
	return m.all[m.turn].next(r, before)
}

func (m *mixed) steady() bool { return m.all[m.turn].steady() }
func (m *mixed) name() string { return m.all[m.turn].name() }
