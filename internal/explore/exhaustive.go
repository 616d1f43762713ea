package explore

import (
	"fmt"
	"math/rand/v2"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Exhaustive tries every order, depth first, up to that many runs: for small programs. A
// negative number is no limit. Search.Left says whether there are more.
func Exhaustive(most int) Strategy { return exhaustive(most) }

type exhaustive int

func (most exhaustive) start() explorer { return &depthFirst{most: int(most)} }

// depthFirst walks the tree of all choices: the next run makes the choices of
// the one before up to the last that had an alternative not yet taken, and
// takes that.
type depthFirst struct {
	most, runs int
	diverged   string // says where a run did not follow the one before; empty: nowhere
}

func (d *depthFirst) steady() bool { return true }
func (d *depthFirst) name() string { return fmt.Sprintf("Exhaustive(%d)", d.most) }

func (d *depthFirst) next(_ *rand.Rand, before []choice) chooser {
	path := nextPath(before)
	if d.runs > 0 && path == nil {
		return nil
	}
	d.runs++
	if len(path) == 0 {
		return first
	}
	fork := len(path) - 1
	follow := &replay{remaining: before[:fork]}
	return func(ready []*engine.Task) int {
		i := follow.choose(ready)
		d.diverged = follow.diverged
		if follow.made == fork+1 && d.diverged == "" {
			return min(path[fork], len(ready)-1)
		}
		return i
	}
}

// left returns how many orders there are at least after the run that made these
// choices: each alternative not yet taken begins one, or more.
func (d *depthFirst) left(before []choice) (n int) {
	for _, c := range before {
		n += c.of - 1 - c.index
	}
	return n
}

func nextPath(before []choice) (path []int) {
	last := len(before) - 1
	for ; last >= 0 && before[last].index+1 >= before[last].of; last-- {
	}
	if last < 0 {
		return nil
	}
	for _, c := range before[:last] {
		path = append(path, c.index)
	}
	return append(path, before[last].index+1)
}
