package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A Monitor returns figures about the health of loops, for a program that publishes them
// itself: package console/prom does so for Prometheus. It does not listen. Any goroutine
// may call its methods.
type Monitor struct{ share *share }

// NewMonitor returns a monitor of all loops that are made from now on, and of the loop on
// which it is called. Close it in the end. Only the options History and Log have an
// effect.
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

// Health is the state of a loop in figures.
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

	// Lag is a histogram of how long ready tasks waited for their turn in the last 10 s:
	// Lag[i] counts waits that were shorter than 2^i µs, and not shorter than half of
	// that.
	Lag      []uint64
	P50, P99 time.Duration // of the lag

	Pools    []Pool         // executors
	Beside   []Beside       // what was done beside the loop: in threads, and by remote workers
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

// Beside says how much was done beside a loop since the console watches it, by the kind of
// what did it and by function.
type Beside struct {
	Kind     string // "thread", "remote" for jobs on workers of package remote, or a kind of trace.Lane
	Function string // of remote jobs; of the rest it is not known: "". Each of the 200 that came first has figures of its own
	Begun    uint64
	Ended    uint64
	Failed   uint64 // of those that have ended: with an error
	Canceled uint64 // of those that have ended
	Running  int    // what runs now, as far as the console knows
}

// Loops returns the health of the loops that run now, oldest first. It waits for each of
// them, 250 ms at most. Do not call it in a task: the loop of the task could not answer.
// Python has nothing like it.
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
	for _, b := range s.Beside {
		h.Beside = append(h.Beside, Beside{Kind: b.Kind, Function: b.What, Begun: b.Begun, Ended: b.Ended, Failed: b.Failed, Canceled: b.Canceled})
	}
	countRunning(h.Beside, s.Threads)
	for _, w := range s.Warnings {
		if w.Ended == 0 {
			h.Warnings[w.ID]++
		}
	}
	return h, nil
}

// countRunning counts what runs. The figures of what has begun and ended do not say it: what
// ends may have begun before someone counted.
func countRunning(beside []Beside, rows []wire.Thread) {
	for _, r := range rows {
		function, _, _ := strings.Cut(r.What, " ")
		of := func(function string) int {
			return slices.IndexFunc(beside, func(b Beside) bool { return b.Kind == r.Kind && b.Function == function })
		}
		i := of(function)
		if i < 0 {
			i = of("") // it is one of too many
		}
		if i >= 0 {
			beside[i].Running++
		}
	}
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
