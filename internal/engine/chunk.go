package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// chunkLength is how many records a chunk has room for: 20 KB, which stay in the
// processor's cache.
const chunkLength = 512

// A Chunk is records of one loop, in the order in which they were written. Who gets one
// from a Stream must not change it, and calls Release when it is done with it.
type Chunk struct {
	Records []Record
	Texts   []string // what records name by their place, from 1
	Loop    *Loop

	begin, end pair
	clocked    bool // times are those of the loop's clock already
	room       [chunkLength]Record
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
	c.Records, c.Texts, c.Loop, c.clocked = c.room[:0], c.Texts[:0], l, clocked
	c.users.Store(1)
	return c
}

// Release gives the chunk back, to be used again. Any goroutine may call it, once for
// each chunk that it has taken.
func (c *Chunk) Release() {
	if c.users.Add(-1) == 0 {
		clear(c.Texts)
		c.Loop = nil
		chunks.Put(c)
	}
}

// Text returns the text of a record, or "".
func (c *Chunk) Text(r *Record) string {
	if r.Text == 0 {
		return ""
	}
	return c.Texts[r.Text-1]
}

// Time converts a time of a record to the loop's time. Within a chunk the ticks are
// taken to be of one length, which is found out anew for each chunk: so no one has to
// know how fast they come, and a processor that changes its pace does no harm.
func (c *Chunk) Time(ticks int64) time.Duration {
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

// note puts a text into the chunk, and returns its place.
func (c *Chunk) note(text string) uint16 {
	if text == "" {
		return 0
	}
	c.Texts = append(c.Texts, text)
	return uint16(len(c.Texts))
}

// bothClocks reads both clocks.
func (l *Loop) bothClocks() pair {
	now := l.clock.Now()
	if l.OwnClock {
		return pair{int64(now), now}
	}
	return pair{tick.Now(), now}
}
