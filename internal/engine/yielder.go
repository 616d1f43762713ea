package engine

import (
	"runtime"
	"time"
)

// A yielder decides whether a loop that has nothing to do lets other goroutines
// run once before it sleeps. Whoever is to wake the loop may be the next to run: a
// function of ToThread that returns at once, or a goroutine that waits for the
// callback which it has handed over. Then the loop finds the news without having
// slept, and neither side pays for that. The yielder goes by what happened lately.
type yielder struct {
	pause  int  // how many sleeps go by after a yield until the next
	slept  int  // of those
	yields uint // in all
}

const (
	// longestPause bounds what is lost where a yield never pays: one in so many
	// sleeps is late by it.
	longestPause = 1<<12 - 1
	// slowYield is how long a yield may take that has paid. The loop comes back
	// behind all who can run. Where they are many, it must not stand in line with
	// them: were it asleep, who wakes it would let it run next.
	slowYield = 50 * time.Microsecond
	// timedEvery says how many yields there are to one that is timed, while all
	// goes well: to ask the clock takes a good part of a yield.
	timedEvery = 16
)

// worth reports whether to yield before the sleep to come.
func (y *yielder) worth() bool {
	if y.slept < y.pause {
		y.slept++
		return false
	}
	y.slept = 0
	return true
}

// yield lets others run once, and reports whether something came.
func (y *yielder) yield(c Clock, came func() bool) bool {
	timed := y.pause > 0 || y.yields%timedEvery == 0
	y.yields++
	var begin time.Duration
	if timed {
		begin = c.Now()
	}
	runtime.Gosched()
	news := came()
	y.learn(news && !(timed && c.Now()-begin > slowYield))
	return news
}

func (y *yielder) learn(paid bool) {
	if paid {
		y.pause /= 2
	} else {
		y.pause = min(2*y.pause+1, longestPause)
	}
}
