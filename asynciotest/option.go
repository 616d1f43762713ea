package asynciotest

import (
	"cmp"
	"math"
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

// Runs sets in how many orders Explore runs its function. Zero is the default, 200;
// with a negative number there is no limit, and Explore goes on until little is left
// of the time that go test -timeout gives. Exhaustive has a limit of its own.
func Runs(n int) Option {
	return optionFunc(func(c *config) { c.runs = cmp.Or(n, defaultRuns) })
}

// Seed sets the seed of all that is left to chance; the default is 1. With the
// same seed a program is explored in the same orders.
func Seed(s uint64) Option { return optionFunc(func(c *config) { c.seed = s }) }

// Strategy sets how Explore comes to its orders: [FIFO], [Random], [PCT] or
// [Exhaustive]. By default it is FIFO first, and then Random and PCT in turns.
func Strategy(s Scheduler) Option {
	if s == nil {
		panic("asynciotest: nil Scheduler: pass FIFO, Random, PCT or Exhaustive")
	}
	return optionFunc(func(c *config) { c.scheduler = s })
}

// Patience sets how long, in real time, the clock stands still for functions
// in threads from which nothing comes. Zero is the default, a second; with a negative
// duration there is no limit.
func Patience(d time.Duration) Option {
	if d < 0 {
		d = math.MaxInt64
	}
	return optionFunc(func(c *config) { c.patience = cmp.Or(d, defaultPatience) })
}

// LoopOptions hands options to the loop. With OnException, reports go to that
// handler and do not fail the test. Observe is not for here: the kit itself
// observes the loop.
func LoopOptions(opts ...asyncio.Option) Option {
	return optionFunc(func(c *config) { c.loop = append(c.loop, opts...) })
}
