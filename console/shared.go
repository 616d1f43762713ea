package console

import (
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// shared is the collector of the process, while someone uses it.
var shared struct {
	sync.Mutex
	collector collector
	users     int
}

// A share is the use that one console makes of the collector.
type share struct {
	collector
	mu    sync.Mutex
	stops []func() // of what it has begun
	over  bool
}

// newShare takes part in the collector, and makes it if there is none.
func newShare(c *settings) *share {
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		shared.collector = newCollector(c.history)
	}
	shared.users++
	s := &share{collector: shared.collector}
	for _, l := range c.loggers {
		s.stops = append(s.stops, s.Log(l))
	}
	return s
}

// watch attaches the collector to a loop, or to all that come, until the share is
// released.
func (s *share) watch(l *engine.Loop) error {
	detach, err := s.Attach(l)
	if err != nil {
		return err
	}
	s.stopLater(detach)
	return nil
}

// watchMade is watch for a loop that was just made; see collector.AttachMade.
func (s *share) watchMade(l *engine.Loop) error {
	detach, err := s.AttachMade(l)
	if err != nil {
		return err
	}
	s.stopLater(detach)
	return nil
}

func (s *share) stopLater(detach func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, detach)
}

// release gives the share back. The last one closes the collector, which happens under
// the lock: a new one must not meet it on a loop.
func (s *share) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.users--; shared.users == 0 {
		shared.collector.Close()
		shared.collector = nil
	}
}
