package remote

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// A fetcher asks for jobs, on a goroutine of its own: publishing may wait for the network,
// which the loop must not. See "How a worker fetches" in docs/design/remote.md.
type fetcher struct {
	w     *worker
	gone  chan struct{}
	freed atomic.Int64   // slots that were given back and not counted yet
	wake  chan struct{}  // for these, and for events
	back  sync.WaitGroup // jobs on their way back

	mu     sync.Mutex
	events []func() // what has happened, for the goroutine
	over   bool     // it takes no more of them

	// Of the goroutine.
	free    int // slots
	sources []*source
	last    int // the source that was asked last for jobs that it may have: others come first
	retired []*line
	status  chan nats.Status
	leaving bool
}

// A source is a function as its worker's fetcher sees it.
type source struct {
	fn     *served
	empty  bool    // it had no jobs when we asked last, and none has come since
	lines  []*line // at most one if there are several sources
	pause  time.Time
	silent int // pulls in a row that nobody has answered
}

func newFetcher(w *worker) *fetcher {
	f := &fetcher{
		w: w, gone: make(chan struct{}), wake: make(chan struct{}, 1), free: w.cfg.parallel,
		status: w.nc.StatusChanged(nats.CONNECTED, nats.RECONNECTING, nats.CLOSED),
	}
	for _, s := range w.served {
		f.sources = append(f.sources, &source{fn: s})
	}
	go f.run()
	return f
}

// run is the goroutine.
func (f *fetcher) run() {
	defer close(f.gone)
	defer f.w.nc.RemoveStatusListener(f.status)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for !f.leaving {
		f.free += int(f.freed.Swap(0))
		f.ask()
		select {
		case <-f.wake:
			f.handle()
		case s := <-f.status:
			f.connection(s)
		case <-ticker.C:
			f.tick(time.Now())
		}
	}
	f.hangUp()
}

// post makes the goroutine do something. It reports whether it will. There are never more
// events than jobs that were asked for, and answers of the server.
func (f *fetcher) post(event func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return false
	}
	f.events = append(f.events, event)
	f.nudge()
	return true
}

// handle does what was posted.
func (f *fetcher) handle() {
	f.mu.Lock()
	events := f.events
	f.events = nil
	f.mu.Unlock()
	for _, event := range events {
		event()
	}
}

// handleLast does what was posted, and sees to it that nothing is any more.
func (f *fetcher) handleLast() {
	for {
		f.handle()
		f.mu.Lock()
		f.over = len(f.events) == 0
		over := f.over
		f.mu.Unlock()
		if over {
			return
		}
	}
}

// release gives a slot back. It does not wait. Any goroutine may call it.
func (f *fetcher) release() {
	f.freed.Add(1)
	f.nudge()
}

func (f *fetcher) nudge() {
	select {
	case f.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// ask sends as many pulls as there are slots for.
func (f *fetcher) ask() {
	if !f.w.nc.IsConnected() {
		return
	}
	first := f.last + 1
	for i := range f.sources {
		n := (first + i) % len(f.sources)
		if s := f.sources[n]; time.Now().After(s.pause) && f.askSource(s) {
			f.last = n
		}
	}
}

// spare is how many slots are free and not kept for a pull.
func (f *fetcher) spare() int {
	n := f.free
	for _, s := range f.sources {
		for _, l := range s.lines {
			if l.reserved {
				n -= l.want
			}
		}
	}
	for _, l := range f.retired {
		if l.reserved {
			n -= l.want
		}
	}
	return n
}

// askSource sends a pull, if the source has none on its way, or is the only one. It reports
// whether the pull takes slots from other sources.
func (f *fetcher) askSource(s *source) (takes bool) {
	spare, l, alone := f.spare(), s.freeLine(), len(f.sources) == 1
	switch {
	case spare <= 0, l == nil && len(s.lines) > 0 && !alone:
		return false
	case alone: // nobody else wants the slots meanwhile
		return f.pull(s, l, pull{Batch: spare, Expires: f.pollFor()}, true)
	case s.empty:
		f.pull(s, l, pull{Batch: 1, Expires: f.pollFor()}, false)
		return false
	default:
		return f.pull(s, l, pull{Batch: spare, NoWait: true}, true)
	}
}
