// Package config holds what the options of asyncio.Run set. It lies below package
// asyncio, so that another package of this module can make such an option without
// package asyncio.
package config

import (
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
)

// An Option is an option of asyncio.Run, known to users as asyncio.Option.
type Option interface{ set(*Config) }

// A Func is an Option that is a function.
type Func func(*Config)

func (f Func) set(c *Config) { f(c) }

// A Config is what the options of asyncio.Run have set. Zero values stand for
// the defaults.
type Config struct {
	Debug     *bool         // nil: the environment says
	SlowStep  time.Duration // negative: off
	WaitLimit time.Duration // from when on a goroutine that waits for a loop which stands is reported
	Grace     time.Duration // negative: without end
	Interrupt bool
	Deadlocks bool         // deadlocks are reported without debug mode as well
	NewWorld  func() World // nil: the loop runs in the real world

	// The functions of Prepare are called in their order, with the new loop,
	// before it runs. They set what has a type of package asyncio, which this
	// package cannot name.
	Prepare []func(*engine.Loop)
}

// New returns what the options set.
func New(opts []Option) (c Config) {
	option.Apply(&c, opts, Option.set)
	return c
}

// A World is what a loop runs in. Clock and Poller are required.
type World struct {
	Clock    engine.Clock
	Poller   engine.Poller
	Picker   engine.Picker
	Contexts engine.ContextWatcher
	Channels engine.ChannelWatcher
	Threads  engine.ThreadWatcher
	NoStalls bool          // no time passes in a step that the watchdog could measure
	Outside  *atomic.Int64 // counts what runs outside the loop and will come back to it
}

// InWorld returns an option that makes a loop run in the world that newWorld
// returns, in place of the real one.
func InWorld(newWorld func() World) Option {
	return Func(func(c *Config) { c.NewWorld = newWorld })
}
