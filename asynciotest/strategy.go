package asynciotest

import (
	"cmp"

	"github.com/asyncio-go/asyncio/internal/explore"
)

// A Scheduler is a way to come to the orders in which Explore runs a function.
type Scheduler interface {
	strategy() explore.Strategy
}

type scheduler struct{ explore.Strategy }

func (s scheduler) strategy() explore.Strategy { return s.Strategy }

// FIFO is the order of the real loop, first in, first out. It is one run.
var FIFO Scheduler = scheduler{explore.FIFO}

// Random picks among the tasks that are ready, each as likely as the other.
var Random Scheduler = scheduler{explore.Random}

// PCT is probabilistic concurrency testing (Burckhardt and others, 2010): every
// task gets a random priority, the highest goes next, and at depth-1 random
// moments the one that would go next falls behind all others. A bug of that
// depth, which is the number of orderings it takes, is found in a run of n
// tasks and k choices with a probability of at least 1/(n·k^(depth-1)).
func PCT(depth int) Scheduler {
	if depth < 1 {
		panic("asynciotest: PCT: the depth is at least 1")
	}
	return scheduler{explore.PCT(depth)}
}

// Exhaustive tries every order, depth first, up to that many runs: for small
// programs. If most is zero, up to 10,000 runs; if it is negative, as Runs of a
// negative number. The test's log says whether there are more, and how many at least. Runs
// has no meaning with it.
func Exhaustive(most int) Scheduler {
	return scheduler{explore.Exhaustive(cmp.Or(most, defaultExhaustive))}
}

const defaultExhaustive = 10_000
