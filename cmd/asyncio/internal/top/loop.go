package top

import (
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// memory is how many pictures of the past the sparkline has.
const memory = 120

// A loop is one that is watched.
type loop struct {
	joined
	last  *view.State // what came last
	shown *view.State // what is shown: another one while it is paused
	load  map[uint64]float64
	busy  []float64 // one for each picture, oldest first
	heard time.Time // when the last one came, or that it has ended
	left  string    // how it has ended

	selected uint64 // a task
	moved    bool   // someone has selected it
	row      int    // where that was
	offset   int    // the first row of the window
}

// name returns what the loop is called, short.
func (l *loop) name(several bool) string {
	name := fmt.Sprintf("%s %d", view.Clean(l.program), l.key.pid)
	if several {
		name += fmt.Sprintf("/%d", l.key.loop)
	}
	return name
}

// take stores a picture.
func (l *loop) take(s *wire.Snapshot, now time.Time, paused bool) {
	next := view.Of(s)
	if l.last != nil && s.At > l.last.At {
		l.load = loads(l.last, next)
	}
	if l.last == nil || s.At > l.last.At {
		if l.busy = append(l.busy, s.Stats.Busy); len(l.busy) > memory {
			l.busy = l.busy[1:]
		}
	}
	l.last, l.heard = next, now
	if !paused || l.shown == nil {
		l.shown = next
	}
}

// loads returns for each task its share of the time between two pictures. One that has
// come in between has used none before.
func loads(before, after *view.State) map[uint64]float64 {
	load := map[uint64]float64{}
	for i := range after.Tasks {
		t := &after.Tasks[i]
		used := t.Busy
		if old := before.Task(t.ID); old != nil {
			used -= old.Busy
		}
		if used > 0 {
			load[t.ID] = min(float64(used)/float64(after.At-before.At), 1)
		}
	}
	return load
}

// silent returns for how long nothing has come from a loop, which should report each
// second, and whether that is too long.
func (l *loop) silent(now time.Time) (time.Duration, bool) {
	d := now.Sub(l.heard)
	return d, l.left == "" && !l.heard.IsZero() && d > 4*time.Second
}

var blocks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws shares of 1, the newest at the right.
func sparkline(shares []float64, width int) string {
	shares = shares[max(0, len(shares)-width):]
	line := make([]rune, 0, width)
	for _, share := range shares {
		line = append(line, blocks[min(max(int(share*float64(len(blocks))), 0), len(blocks)-1)])
	}
	return string(line)
}
