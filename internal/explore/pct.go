package explore

import (
	"fmt"
	"math/rand/v2"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// PCT is probabilistic concurrency testing (Burckhardt and others, 2010): every
// task gets a random priority, the highest goes next, and at depth-1 random
// moments the one that would go next falls behind all others. A bug of that
// depth, which is the number of orderings it takes, is found in a run of n
// tasks and k choices with a probability of at least 1/(n·k^(depth-1)).
//
// The depth is at least 1.
func PCT(depth int) Strategy { return pct(depth) }

type pct int

func (depth pct) start() explorer { return &pctRuns{depth: int(depth)} }

type pctRuns struct {
	depth   int
	longest int // how many choices the longest run had so far
}

func (p *pctRuns) steady() bool { return false }
func (p *pctRuns) name() string { return fmt.Sprintf("PCT(%d)", p.depth) }

// choicesExpected is the length of the first run, in choices, as PCT guesses it:
// nothing is known of that run yet.
const choicesExpected = 32

func (p *pctRuns) next(r *rand.Rand, before []choice) chooser {
	p.longest = max(p.longest, len(before))
	run := &pctRun{rand: r, priority: map[*engine.Task]float64{}, falls: map[int]bool{}}
	for range p.depth - 1 {
		run.falls[r.IntN(max(p.longest, choicesExpected))] = true
	}
	return run.choose
}

type pctRun struct {
	rand     *rand.Rand
	priority map[*engine.Task]float64 // from 0 to 1; negative for a task that has fallen behind
	falls    map[int]bool             // the choices at which a task falls behind
	choices  int
	lowest   float64
	last     *engine.Task
	inARow   int
}

// turnsInARow bounds how often a task is picked in a row. Then it falls behind, too: it
// may wait, by yielding again and again, for a task that cannot run because of it.
const turnsInARow = 64

func (p *pctRun) choose(ready []*engine.Task) int {
	i := p.highest(ready)
	if p.falls[p.choices] || p.last == ready[i] && p.inARow >= turnsInARow {
		p.lowest--
		p.priority[ready[i]] = p.lowest
		i = p.highest(ready)
	}
	p.choices++
	if p.last != ready[i] {
		p.last, p.inARow = ready[i], 0
	}
	p.inARow++
	return i
}

func (p *pctRun) highest(ready []*engine.Task) (best int) {
	for i, t := range ready {
		if _, known := p.priority[t]; !known {
			p.priority[t] = p.rand.Float64()
		}
		if p.priority[t] > p.priority[ready[best]] {
			best = i
		}
	}
	return best
}
