package asynciotest

import (
	"cmp"

	"github.com/asyncio-go/asyncio/internal/explore"
)

// A Scheduler is a way to choose the orders in which Explore runs a function.
type Scheduler interface {
	strategy() explore.Strategy
}

type scheduler struct{ explore.Strategy }

func (s scheduler) strategy() explore.Strategy { return s.Strategy }

// FIFO is the order of the real loop, first in, first out. Explore then runs the function
// once.
var FIFO Scheduler = scheduler{explore.FIFO}

// Random picks one of the ready tasks, all equally likely.
var Random Scheduler = scheduler{explore.Random}

// PCT is probabilistic concurrency testing (Burckhardt and others, 2010): every task gets
// a random priority, and the task with the highest priority runs next; at depth-1 random
// moments, this task gets a lower priority than all others. The depth of a bug is the
// number of orderings that it needs. In a run of n tasks and k choices, PCT finds a bug
// of this depth with a probability of at least 1/(n·k^(depth-1)).
func PCT(depth int) Scheduler {
	if depth < 1 {
		panic("asynciotest: PCT: the depth is at least 1")
	}
	return scheduler{explore.PCT(depth)}
}

// Exhaustive tries every order, depth first, with at most this number of runs. It is for
// small programs. Zero means 10,000 runs; a negative number means no limit, as in Runs.
// The test's log says whether there are more orders, and how many at least. The option
// Runs has no effect with it.
func Exhaustive(most int) Scheduler {
	return scheduler{explore.Exhaustive(cmp.Or(most, defaultExhaustive))}
}

const defaultExhaustive = 10_000
