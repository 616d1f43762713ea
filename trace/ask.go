package trace

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// longestAnswer bounds how long Recording waits for loops that are at work.
const longestAnswer = 250 * time.Millisecond

// ask asks each loop from which events were dropped for its present state, and returns
// the answers. So the recorder need not keep a summary of each dropped event. A loop that
// is stuck does not answer. here is the loop that the caller runs, or nil.
func (r *Recorder) ask(here *engine.Loop) map[*engine.Loop]*engine.Snapshot {
	snapshots := map[*engine.Loop]*engine.Snapshot{}
	var asked []*question
	for _, l := range r.ring.Loops() {
		switch {
		case !r.hasDropped(l):
		case l == here:
			snapshots[l] = l.SnapshotNow(nil)
			snapshots[l].Complete()
		case here == nil && l.Look().Goroutine != 0:
			q := &question{loop: l, answer: make(chan *engine.Snapshot, 1)}
			if l.Post(q) == nil {
				asked = append(asked, q)
			}
		}
	}
	if len(asked) == 0 {
		return snapshots
	}
	over := time.NewTimer(longestAnswer)
	defer over.Stop()
	for _, q := range asked {
		select {
		case s := <-q.answer:
			s.Complete()
			snapshots[q.loop] = s
		case <-over.C:
			return snapshots
		}
	}
	return snapshots
}

// A question is an event that asks a loop for its present state.
type question struct {
	loop   *engine.Loop
	answer chan *engine.Snapshot
}

// Fire makes it an event.
func (q *question) Fire() {
	q.loop.Snapshot(func(s *engine.Snapshot) {
		q.loop.Flush() // what the snapshot tells of is in the ring, or was
		q.answer <- s
	})
}
