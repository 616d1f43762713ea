package main

// Measuring: a stopwatch, the choice of how many operations fill a round, and
// rounds in which every contender of a subject has its turn.
//
// The contenders of a subject take turns in one process (A B C, A B C, ...),
// so that whatever else the machine does meets all of them, and only ratios
// within a round are compared. Before each turn the garbage of the one before
// is collected. This says nothing about absolute times, which belong to one machine, one
// compiler and one day.

import (
	"fmt"
	"iter"
	"math"
	"runtime"
	"time"
)

// timer is what a body may do with the clock that measures it. It runs when
// the body is called; a body with preparations stops it meanwhile. A
// *testing.B is a timer too.
type timer interface {
	StartTimer()
	StopTimer()
}

// body does an operation n times and checks that it was done.
type body func(t timer, n int) error

// metric is one of the things a sample tells.
type metric int

const (
	wall       metric = iota // ns per operation
	cpu                      // ns of user and system time per operation, of all threads
	allocs                   // allocations per operation
	allocBytes               // allocated bytes per operation
	sys                      // bytes per operation that the runtime took from the system
	inUse                    // bytes per operation of stacks and heap in use after a collection
	metrics
)

var metricNames = [metrics]string{"time", "CPU", "allocs", "bytes", "Sys", "stacks+heap"}

func (m metric) String() string { return metricNames[m] }

// sample is what one turn of a contender gave, by metric; NaN where it says
// nothing.
type sample [metrics]float64

func newSample() sample {
	var s sample
	for m := range s {
		s[m] = math.NaN()
	}
	return s
}

// reading is the state of the process's clocks and counters.
type reading struct {
	wall, cpu      time.Duration
	mallocs, bytes uint64
}

func (r reading) plus(start, end reading) reading {
	r.wall += end.wall - start.wall
	r.cpu += end.cpu - start.cpu
	r.mallocs += end.mallocs - start.mallocs
	r.bytes += end.bytes - start.bytes
	return r
}

// stopwatch is the timer of a round.
type stopwatch struct {
	running      bool
	began        time.Time
	start, total reading
}

// StartTimer lets the watch run on. The clock is read last, so that the
// reading of the counters is not in the time.
func (w *stopwatch) StartTimer() {
	if w.running {
		return
	}
	w.running = true
	w.start.mallocs, w.start.bytes = allocated()
	w.start.cpu = cpuTime()
	w.began = time.Now()
}

// StopTimer halts the watch. The clock is read first.
func (w *stopwatch) StopTimer() {
	if !w.running {
		return
	}
	w.running = false
	end := reading{wall: time.Since(w.began), cpu: cpuTime()}
	end.mallocs, end.bytes = allocated()
	w.total = w.total.plus(w.start, end)
}

func allocated() (mallocs, bytes uint64) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs, m.TotalAlloc
}

// turn runs b once with n operations.
func turn(b body, n int) (sample, time.Duration, error) {
	runtime.GC()
	var w stopwatch
	w.StartTimer()
	err := b(&w, n)
	w.StopTimer()
	s := newSample()
	s[wall] = float64(w.total.wall) / float64(n)
	if haveCPUTime {
		s[cpu] = float64(w.total.cpu) / float64(n)
	}
	s[allocs] = float64(w.total.mallocs) / float64(n)
	s[allocBytes] = float64(w.total.bytes) / float64(n)
	return s, w.total.wall, err
}

// calibrate returns how many operations of c, in whole units, take about
// budget. Its runs warm c up as well.
func (c contender) calibrate(budget time.Duration) (int, error) {
	unit := c.units(1)
	for n := unit; ; {
		_, took, err := turn(c.body, n)
		if err != nil || took >= budget*3/4 {
			return n, err
		}
		// Grow at most a hundredfold, because the times of the first, short runs vary
		// much.
		more := float64(budget) / float64(max(took, 1))
		grown := int(float64(n) * min(more, 100))
		n = max(n+unit, c.units(grown))
	}
}

// settings say how much is measured.
type settings struct {
	rounds   int           // turns of each contender; 0: what the subject asks for
	budget   time.Duration // length of a turn
	cancels  int           // tasks canceled at once
	items    int           // in a queue at once
	crowd    int           // tasks that wait for one thing
	sleepers int           // tasks asleep at once
	sleep    time.Duration // for how long; all must be asleep at the same moment

	untargeted bool // too little is measured to say whether a target is reached
}

// contender is one of the sides that do the same job: a body in this process, or a
// process outside that measures itself. If a contender has both, the body does the same
// job for --counts and --ops.
type contender struct {
	name    string
	unit    int // operations come in multiples of it; 0 is 1
	body    body
	outside func(settings) (sample, error)
}

// units rounds n up to operations that c can do.
func (c contender) units(n int) int {
	unit := max(c.unit, 1)
	return (n + unit - 1) / unit * unit
}

// sample has c's turn, of n operations where c does not choose that itself.
func (c contender) sample(s settings, n int) (sample, error) {
	if c.outside != nil {
		return c.outside(s)
	}
	got, _, err := turn(c.body, n)
	return got, err
}

// counts returns how many operations each contender does in a turn. Those who
// work in the same unit do the same number, as many as fill the budget of the
// fastest, so that what a turn prepares is divided alike.
func counts(cs []contender, s settings) ([]int, error) {
	ns, most := make([]int, len(cs)), map[int]int{}
	for i, c := range cs {
		if c.outside != nil {
			continue
		}
		var err error
		if ns[i], err = c.calibrate(s.budget); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		most[c.unit] = max(most[c.unit], ns[i])
	}
	for i, c := range cs {
		ns[i] = most[c.unit]
	}
	return ns, nil
}

// interleave gives the contenders their turns, round by round. The samples of
// contender i are in column i.
func interleave(cs []contender, s settings) ([][]sample, error) {
	ns, err := counts(cs, s)
	if err != nil {
		return nil, err
	}
	rounds := make([][]sample, s.rounds)
	for r := range rounds {
		rounds[r] = make([]sample, len(cs))
		for i, c := range cs {
			if rounds[r][i], err = c.sample(s, ns[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return rounds, nil
}

// batches yields the sizes of the batches that n operations make.
func batches(n, size int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for ; n > 0; n -= size {
			if !yield(min(n, size)) {
				return
			}
		}
	}
}

// expect returns an error if a body did not do its work.
func expect(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s: got %d, want %d", what, got, want)
	}
	return nil
}
