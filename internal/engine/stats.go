package engine

import "sync"

// Stats is a count of what a loop has done and holds.
type Stats struct {
	Passes, Events, Created             uint64
	Live, Ready, Timers, Workers, Spare int
	Watched                             int // descriptors
}

// Stats returns the loop's counts.
func (l *Loop) Stats() Stats {
	return Stats{
		Passes: l.passes, Events: l.ready.taken + uint64(l.left), Created: l.ids,
		Live: l.live, Ready: l.ready.Len(), Timers: l.timers.Len(),
		Workers: l.workers, Spare: len(l.idle), Watched: l.pacer.watched,
	}
}

// published are the counts as they were when they were last published: before the loop
// slept, and every 256 passes, because there are loops that never sleep. To update them
// in every pass would cost more than it is worth to someone who looks from outside now
// and then.
type published struct {
	mu    sync.Mutex
	stats Stats
}

func (l *Loop) publish() {
	s := l.Stats()
	l.published.mu.Lock()
	l.published.stats = s
	l.published.mu.Unlock()
}

// Published returns the counts that were published last. Any goroutine may call it.
func (l *Loop) Published() Stats {
	l.published.mu.Lock()
	defer l.published.mu.Unlock()
	return l.published.stats
}
