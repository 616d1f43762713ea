package engine

import (
	"runtime"
	"time"
)

// A yielder decides whether a loop that has nothing to do lets other goroutines run once
// before it sleeps. The goroutine that will wake the loop may be the next to run: a
// function of ToThread that returns at once, or a goroutine that waits for the callback
// which it has handed over. Then the loop finds the event without having slept, and
// neither side pays for a sleep. The yielder decides by whether recent yields were worth
// it.
type yielder struct {
	pause  int  // how many sleeps go by without a yield until the next one
	slept  int  // how many of these have gone by
	yields uint // how many yields there were in all
}

const (
	// longestPause bounds pause, in sleeps. So if yields are never worth it, only one of
	// 4,096 sleeps is delayed by one.
	longestPause = 1<<12 - 1
	// slowYield is the longest that a yield may take and still count as one that
	// has paid. After a yield the loop runs behind all goroutines that can run. If there
	// are many, the loop should sleep instead: then it runs next after the goroutine that
	// wakes it.
	slowYield = 50 * time.Microsecond
	// timedEvery says that only one yield in 16 is timed as long as all are worth it,
	// because asking the clock takes a large part of the time of a yield.
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
