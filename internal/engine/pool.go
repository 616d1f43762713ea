package engine

import (
	"slices"
	"time"
)

// A Pool runs functions of tasks on a limited number of goroutines.
type Pool interface {
	// State says how things stand with it. Any goroutine may call it.
	State() PoolState
}

// A PoolState is how things stand with a pool.
type PoolState struct {
	Workers int // that run
	Size    int // how many there can be
	Busy    int
	Queued  int       // functions that wait for a worker
	Oldest  time.Time // since when the first of them waits; zero: none does
	Closed  bool      // it takes no more functions
}

// Meet notes that tasks of the loop use a pool, for those who watch. It searches all
// pools, which is cheap because there are few. Loop only.
func (l *Loop) Meet(p Pool) {
	if l.trace != nil && !slices.Contains(l.pools, p) {
		l.pools = append(l.pools, p)
	}
}

// Pools returns the pools that tasks have used, in the order in which they were first
// seen, without those that are closed and empty. Loop only.
func (l *Loop) Pools() []Pool {
	l.pools = slices.DeleteFunc(l.pools, func(p Pool) bool {
		s := p.State()
		return s.Closed && s.Busy+s.Queued == 0
	})
	return slices.Clone(l.pools)
}
