package console

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Monitor tells how loops are doing, to a program that has its own way to publish
// that: package console/prom does so for Prometheus. It listens nowhere. Any goroutine
// may call its methods.
type Monitor struct{ share *share }

// NewMonitor returns a monitor of all loops that are made from now on, and of the one on
// which it is called. Close it in the end. Of the options, only History and Log count.
func NewMonitor(opts ...Option) (*Monitor, error) {
	c := newSettings(opts)
	if err := c.check(); err != nil {
		return nil, err
	}
	share := newShare(c)
	if err := share.watchHere(); err != nil {
		share.release()
		return nil, err
	}
	return &Monitor{share}, nil
}

// Close ends the watch. Closing twice does nothing.
func (m *Monitor) Close() { m.share.release() }

// Health is how a loop is doing.
type Health struct {
	Loop  int // its number, from 1
	Name  string
	Stale bool // the loop does not answer, so this is what was known before

	Passes      uint64  // passes that have begun
	Busy        float64 // the share of the last second in which the loop worked
	Ready       int     // events in the ready queue
	Tasks       int     // tasks that have not ended
	Workers     int     // coroutines, which carry tasks
	Timers      int
	Descriptors int
	Dropped     uint64 // events that the console has lost

	// Lag is how long those that could go on waited for their turn, in the last 10 s:
	// Lag[i] is how many waited less than 2^i µs, and not less than half of that.
	Lag      []uint64
	P50, P99 time.Duration // of the lag

	Pools    []Pool         // executors
	Warnings map[string]int // how many of each kind hold now: "blocked-step", "deadlock" ...
}

// A Pool is an executor.
type Pool struct {
	Name    string
	Workers int // goroutines
	Size    int // how many of these there may be
	Busy    int // how many of these run a function
	Queued  int // functions that wait
}

// Loops returns how the loops are doing that run now, oldest first. It waits for each
// of them, 250 ms at most, and so it is not for tasks: the loop on which it is called
// could not answer. In Python there is nothing like it.
func (m *Monitor) Loops(ctx context.Context) ([]Health, error) {
	var all []Health
	for _, l := range m.share.Hello().Loops {
		h, err := m.healthOf(ctx, l.ID, l.Name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil { // otherwise the loop has ended meanwhile
			all = append(all, h)
		}
	}
	return all, nil
}

func (m *Monitor) healthOf(ctx context.Context, loop int, name string) (Health, error) {
	s, err := m.share.Snapshot(ctx, loop, 1)
	if err != nil {
		return Health{}, err
	}
	h := Health{
		Loop: loop, Name: name, Stale: s.Stale, Dropped: s.Dropped,
		Passes: s.Stats.Passes, Busy: s.Stats.Busy, Ready: s.Stats.Ready, Tasks: s.Stats.Live,
		Workers: s.Stats.Workers, Timers: s.Stats.Timers, Descriptors: s.Stats.Watched,
		Lag: s.Stats.Lag, P50: time.Duration(s.Stats.P50), P99: time.Duration(s.Stats.P99),
		Warnings: map[string]int{},
	}
	for _, p := range s.Pools {
		h.Pools = append(h.Pools, Pool{p.Name, p.Workers, p.Size, p.Busy, p.Queued})
	}
	for _, w := range s.Warnings {
		if w.Ended == 0 {
			h.Warnings[w.ID]++
		}
	}
	return h, nil
}

// watchHere watches the loop that runs here, if any, and all that come.
func (s *share) watchHere() error {
	if l := engine.RunningHere(); l != nil {
		if err := s.watch(l); err != nil {
			return err
		}
	}
	return s.watch(nil)
}
