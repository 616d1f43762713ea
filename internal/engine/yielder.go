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
	pause  int  // how many sleeps go by without a yield until the next one
	slept  int  // how many of these have gone by
	yields uint // how many yields there were in all
}

const (
	// longestPause bounds pause, in sleeps, and so what is lost where a yield never
	// pays: one of 4,096 sleeps is late by it.
	longestPause = 1<<12 - 1
	// slowYield is the longest that a yield may take and still count as one that
	// has paid. After a yield the loop runs behind all goroutines that can run. If
	// they are many, it is better asleep: the goroutine that wakes it lets it run
	// next.
	slowYield = 50 * time.Microsecond
	// timedEvery says that one yield in 16 is timed as long as all pay: to ask the
	// clock takes a good part of the time of a yield.
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
