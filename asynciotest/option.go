package asynciotest

import (
	"cmp"
	"math"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
	"github.com/asyncio-go/asyncio/internal/option"
)

// An Option is an option of Run, Explore and AssertCancelable.
type Option interface{ set(*config) }

type optionFunc func(*config)

func (f optionFunc) set(c *config) { f(c) }

type config struct {
	runs      int
	seed      uint64
	scheduler Scheduler
	patience  time.Duration
	loop      []asyncio.Option
	real      bool      // the network is the system's
	sockets   sync.Once // says that there was one of the system's
}

const (
	defaultRuns     = 200
	defaultSeed     = 1
	defaultPatience = time.Second
)

func newConfig(opts []Option) *config {
	c := &config{runs: defaultRuns, seed: defaultSeed, scheduler: scheduler{explore.Mixed}, patience: defaultPatience}
	option.Apply(c, opts, Option.set)
	return c
}

// Runs sets in how many orders Explore runs its function. Zero means the default, 200; a
// negative number means no limit: Explore goes on until little is left of the time of go
// test -timeout. Exhaustive has a limit of its own.
func Runs(n int) Option {
	return optionFunc(func(c *config) { c.runs = cmp.Or(n, defaultRuns) })
}

// Seed sets the seed of all random choices; the default is 1. With the same seed a
// program is explored in the same orders.
func Seed(s uint64) Option { return optionFunc(func(c *config) { c.seed = s }) }

// Strategy sets how Explore chooses its orders: [FIFO], [Random], [PCT] or [Exhaustive].
// By default it is FIFO first, and then Random and PCT in turns.
func Strategy(s Scheduler) Option {
	if s == nil {
		panic("asynciotest: nil Scheduler: pass FIFO, Random, PCT or Exhaustive")
	}
	return optionFunc(func(c *config) { c.scheduler = s })
}

// Patience sets how long, in real time, the clock stands still for functions in threads
// that neither return nor call the loop, unless it is known that they wait for the loop.
// Zero means the default, a second; a negative duration means no limit.
func Patience(d time.Duration) Option {
	if d < 0 {
		d = math.MaxInt64
	}
	return optionFunc(func(c *config) { c.patience = cmp.Or(d, defaultPatience) })
}

// RealNetwork gives a test the network of the system, in place of the one in memory that
// Run, Explore and AssertCancelable give it. It is for a peer that is not part of the
// test, and for what only a socket of the system can do. The clock then stands still, for
// milliseconds of real time and more, whenever something may still come from a socket,
// and a replay does not repeat what the system did.
func RealNetwork() Option { return optionFunc(func(c *config) { c.real = true }) }

// LoopOptions passes options to the loop. With OnException, reports go to that handler
// and do not fail the test. Do not pass Observe: this package itself observes the loop.
func LoopOptions(opts ...asyncio.Option) Option {
	return optionFunc(func(c *config) { c.loop = append(c.loop, opts...) })
}
