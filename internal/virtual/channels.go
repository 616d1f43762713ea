package virtual

import (
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// watches are what the loop looks at itself, in every pass.
type watches struct {
	contexts
	channels
}

// Look makes watches an engine.ContextWatcher.
func (w *watches) Look() {
	w.contexts.look(looksInPass)
	w.channels.look()
	if world := w.contexts.world; world.Threads {
		world.threads.run()
	}
}

// channels are the exchanges on Go channels for which tasks of the loop wait. Each has a
// goroutine, which would tell the loop at an unpredictable time. Here the loop asks the
// exchanges in every pass, so that what its tasks send each other arrives in the next
// pass, in every run, and before the clock jumps. The clock knows nothing of what other
// goroutines send, as it knows nothing of their other calls.
type channels struct {
	waits []engine.Exchange // oldest first
}

// WatchChannel makes channels an engine.ChannelWatcher.
func (c *channels) WatchChannel(x engine.Exchange) (stop func()) {
	c.waits = append(c.waits, x)
	return func() { c.remove(x) }
}

func (c *channels) remove(x engine.Exchange) {
	if i := slices.Index(c.waits, x); i >= 0 {
		c.waits = slices.Delete(c.waits, i, i+1)
	}
}

// Meet makes channels an engine.ChannelWatcher.
func (c *channels) Meet(x engine.Exchange) bool { return slices.ContainsFunc(c.waits, x.Meet) }

// look wakes the tasks whose exchanges are done. Two exchanges may wait at the two ends
// of one channel, and their goroutines may not have met yet.
func (c *channels) look() {
	for i, x := range c.waits {
		if !x.Pause() {
			_ = slices.ContainsFunc(c.waits[:i], x.Meet)
		}
	}
	c.waits = slices.DeleteFunc(c.waits, func(x engine.Exchange) (done bool) {
		if done = x.Pause(); done {
			x.Tell()
		} else {
			x.Resume()
		}
		return done
	})
}
