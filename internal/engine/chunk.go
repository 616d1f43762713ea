package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// chunkLength is how many records a chunk has room for: 10 KB, so that they leave room
// in the fastest cache.
const chunkLength = 1 << 8

// A Chunk is records of one loop, in the order in which they were written. Who gets one
// from a Stream must not change it, and calls Release when it is done with it.
type Chunk struct {
	Loop *Loop

	length     int // how many records there are
	records    [chunkLength]record
	texts      []string // what records name by their place, from 1
	sites      []site   // likewise
	tasks      uint64   // the number of the newest task
	last       int64    // the end of what ran before the first record
	begin, end pair
	clocked    bool // times are those of the loop's clock already
	users      atomic.Int32
}

// A pair is one moment by two clocks.
type pair struct {
	tick int64
	time time.Duration // by the loop's clock
}

var chunks = sync.Pool{New: func() any { return new(Chunk) }}

func newChunk(l *Loop, clocked bool) *Chunk {
	c := chunks.Get().(*Chunk)
	c.length, c.texts, c.sites, c.Loop, c.clocked = 0, c.texts[:0], c.sites[:0], l, clocked
	c.users.Store(1)
	return c
}

// Release gives the chunk back, to be used again. Any goroutine may call it, once for
// each chunk that it has taken.
func (c *Chunk) Release() {
	if c.users.Add(-1) == 0 {
		clear(c.texts)
		c.Loop = nil
		chunks.Put(c)
	}
}

// Len returns how many records there are.
func (c *Chunk) Len() int { return c.length }

// All calls yield for what has happened, in order.
func (c *Chunk) All(yield func(Happening) bool) {
	begin := c.last
	for i := range c.records[:c.length] {
		r := &c.records[i]
		h := Happening{Kind: r.kind, Label: r.what, At: c.time(r.at), Task: r.task, Arg: r.arg, N: r.n}
		if takesTime.Has(r.kind) {
			if r.by != 0 && !yield(c.wakeUp(r, begin)) {
				return
			}
			h.From, begin = c.time(begin), r.at // the loop does one thing at a time
		} else if r.ref != 0 {
			h.Text = c.texts[r.ref-1]
		}
		if r.kind == Spawned && r.ago != 0 {
			h.Site = c.sites[int(r.ago)-1].used()
		}
		if !yield(h) {
			return
		}
	}
}

// wakeUp returns what has woken the task whose step r is, which began then.
func (c *Chunk) wakeUp(r *record, begin int64) Happening {
	h := Happening{Kind: Woken, Label: r.by, At: c.time(begin - int64(r.ago)), Task: r.task, Arg: uint64(r.ref)}
	if h.Label != LabelTask {
		return h
	}
	// Of the number there is the lower half; no task is newer than c.tasks.
	if h.Arg |= c.tasks &^ math.MaxUint32; h.Arg > c.tasks {
		h.Arg -= 1 << 32
	}
	return h
}

// takesTime are the kinds that begin where the one before of them has ended.
var takesTime = Of(Yields, Waits, Ends, Pauses, Called, Slept)

// time converts ticks to the loop's time. Within a chunk the ticks are
// taken to be of one length, which is found out anew for each chunk: so no one has to
// know how fast they come, and a processor that changes its pace does no harm.
func (c *Chunk) time(ticks int64) time.Duration {
	if c.clocked {
		return time.Duration(ticks)
	}
	span := c.end.tick - c.begin.tick
	if span <= 0 {
		return c.begin.time
	}
	part := float64(ticks-c.begin.tick) / float64(span)
	return c.begin.time + time.Duration(part*float64(c.end.time-c.begin.time))
}

// copy fills a chunk that is empty with what is in another.
func (c *Chunk) copy(from *Chunk) {
	c.length = copy(c.records[:], from.records[:from.length])
	c.texts = append(c.texts, from.texts...)
	c.sites = append(c.sites, from.sites...)
	c.tasks, c.last, c.begin, c.end = from.tasks, from.last, from.begin, from.end
	clear(from.texts)
}

// next returns the place for the next record. There has to be room.
func (c *Chunk) next() *record {
	r := &c.records[c.length&(chunkLength-1)]
	c.length++
	return r
}

// note puts a text into the chunk, and returns its place.
func (c *Chunk) note(text string) uint32 {
	if text == "" {
		return 0
	}
	c.texts = append(c.texts, text)
	return uint32(len(c.texts))
}

// A site is where a task was created.
type site [tick.Depth]uintptr

// used returns the program counters that there are.
func (s *site) used() []uintptr {
	pcs := append([]uintptr(nil), s[:]...)
	for len(pcs) > 0 && pcs[len(pcs)-1] == 0 {
		pcs = pcs[:len(pcs)-1]
	}
	return pcs
}

// noteSite puts a site into the chunk, unless it is the same as before, and returns its
// place.
func (c *Chunk) noteSite(s *site) float32 {
	n := len(c.sites)
	if n > 0 {
		if last := &c.sites[n-1]; last[0] == s[0] && last[1] == s[1] && last[2] == s[2] &&
			last[3] == s[3] && last[4] == s[4] && last[5] == s[5] { // to call memequal takes longer
			return float32(n)
		}
	}
	c.sites = append(c.sites, *s)
	return float32(n + 1)
}

// bothClocks reads both clocks.
func (l *Loop) bothClocks() pair {
	now := l.clock.Now()
	if l.OwnClock {
		return pair{int64(now), now}
	}
	return pair{tick.Now(), now}
}
