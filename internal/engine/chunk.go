package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// chunkLength is how many records a chunk has room for: 10 KB, so that they leave room
// in the fastest cache.
const chunkLength = 1 << 8

// A page is a chunk to which a loop writes.
type page struct {
	length  int // how many records there are
	records [chunkLength]packed
	details
	site // the newest, of this page or of one before
}

// details are what belongs to the records of a chunk.
type details struct {
	texts      []string // the texts that records refer to by index, from 1
	sites      []site   // likewise
	tasks      uint64   // the number of the newest task
	last       int64    // the end of what ran before the first record
	outcome    uint64   // the last task before the first record of which it was said how it has ended
	more       int      // how many events there are beyond the records: see Events
	notes      []uint8  // the places of the records for Notable
	begin, end pair
}

// A Chunk is a number of records of one loop, in the order in which they were written.
// The code that gets one from a Stream must not change it, and calls Release when it no
// longer needs it.
type Chunk struct {
	Loop *Loop

	records []packed
	details
	clocked bool // times are those of the loop's clock already
	users   atomic.Int32
}

// A pair is one moment by two clocks.
type pair struct {
	tick int64
	time time.Duration // by the loop's clock
}

// chunks are those that have room for as many records as there can be.
var chunks = sync.Pool{New: func() any { return &Chunk{records: make([]packed, 0, chunkLength)} }}

// chunk returns a copy of the page. The copy of a page with few records is small, because
// it may be kept for long.
func (p *page) chunk(l *Loop, clocked bool) *Chunk {
	var c *Chunk
	if p.length > chunkLength/2 {
		c = chunks.Get().(*Chunk)
	} else {
		c = &Chunk{records: make([]packed, 0, p.length)}
	}
	c.records = append(c.records[:0], p.records[:p.length]...)
	own := c.details
	c.details = p.details
	c.texts = append(own.texts[:0], p.texts...)
	c.sites = append(own.sites[:0], p.sites...)
	c.notes = append(own.notes[:0], p.notes...)
	c.Loop, c.clocked = l, clocked
	c.users.Store(1)
	return c
}

// open empties the page for new records.
func (p *page) open(now pair, last int64, outcome uint64) {
	clear(p.texts)
	p.length = 0
	p.details = details{
		texts: p.texts[:0], sites: p.sites[:0], notes: p.notes[:0],
		begin: now, last: last, outcome: outcome,
	}
}

// Release gives the chunk back, to be used again. Any goroutine may call it, once for
// each chunk that it has taken.
func (c *Chunk) Release() {
	if c.users.Add(-1) == 0 && cap(c.records) == chunkLength {
		clear(c.texts)
		c.Loop = nil
		chunks.Put(c)
	}
}

// Retain keeps the chunk as it is until Release is called once more.
func (c *Chunk) Retain() { c.users.Add(1) }

// Len returns how many records there are.
func (c *Chunk) Len() int { return len(c.records) }

// Events returns how many events of the Usual kinds the records tell of. It may be more
// than Len: the record of a step also holds the wake-up of its task, and the end of a
// task without an error.
func (c *Chunk) Events() int { return len(c.records) + c.more }

// Newest returns when the last event was.
func (c *Chunk) Newest() time.Duration {
	if len(c.records) == 0 {
		return c.begin.time
	}
	return c.time(c.records[len(c.records)-1].at)
}

// End returns when the chunk was handed over; 0 for one of rows.
func (c *Chunk) End() time.Duration { return c.end.time }

// Outcome returns the number of the last task before this chunk for which a record says
// how it has ended; 0: there is none. The record Ends of that task may be in this chunk.
func (c *Chunk) Outcome() uint64 { return c.outcome }

// Size returns how many bytes of memory the chunk takes.
func (c *Chunk) Size() int {
	n := int(unsafe.Sizeof(*c)) + cap(c.notes) + cap(c.records)*int(unsafe.Sizeof(packed{})) +
		cap(c.texts)*int(unsafe.Sizeof("")) + cap(c.sites)*int(unsafe.Sizeof(site{}))
	for _, t := range c.texts {
		n += len(t)
	}
	return n
}

// Notable calls yield for the records without which later ones cannot be understood, and
// for those that end what they began: tasks with a name or on a simulated host that begin
// and end, groups, names of objects, rows, and hosts. They have no times. It costs nothing
// if the chunk has no such records, which is the usual case.
func (c *Chunk) Notable(yield func(Happening) bool) {
	for _, i := range c.notes {
		r := c.records[i].unpack()
		h := Happening{Kind: r.kind, Label: r.what, Task: r.task, Arg: r.arg, N: r.n}
		if r.ref != 0 && r.kind != Ends {
			h.Text = c.texts[r.ref-1]
		}
		if !yield(h) {
			return
		}
	}
}

// All calls yield for what has happened, in order.
func (c *Chunk) All(yield func(Happening) bool) {
	begin := c.last
	for i := range c.records {
		r := c.records[i].unpack()
		h := Happening{Kind: r.kind, Label: r.what, At: c.time(r.at), Task: r.task, Arg: r.arg, N: r.n}
		if takesTime.Has(r.kind) {
			if r.by != 0 && !yield(c.wakeUp(&r, begin)) {
				return
			}
			h.From, begin = c.time(begin), r.at // the loop does one thing at a time
		} else if r.ref != 0 {
			h.Text = c.texts[r.ref-1]
		}
		if r.kind == Spawned && r.more != 0 {
			h.Site = c.sites[r.more-1].used()
		}
		if !yield(h) {
			return
		}
	}
}

// wakeUp returns the wake-up of the task whose step is r. begin is when the step began.
func (c *Chunk) wakeUp(r *record, begin int64) Happening {
	h := Happening{Kind: Woken, Label: r.by, At: c.time(begin - r.ago()), Task: r.task, Arg: uint64(r.ref)}
	if h.Label != LabelTask {
		return h
	}
	// The record has only the lower half of the number; no task is newer than c.tasks.
	if h.Arg |= c.tasks &^ math.MaxUint32; h.Arg > c.tasks {
		h.Arg -= 1 << 32
	}
	return h
}

// takesTime are the kinds of things that take time: each begins where the one before it
// has ended.
var takesTime = Of(Yields, Waits, Ends, Pauses, Called, Slept)

// time converts ticks to the loop's time. It takes all ticks of a chunk to have the same
// length, which it computes for each chunk: so the speed of the tick counter need not be
// known, and may change.
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

// add writes a record. There has to be room.
func (p *page) add(r record) { *p.next() = r.pack() }

// next returns the place for the next record. There has to be room.
func (p *page) next() *packed {
	r := &p.records[p.length&(chunkLength-1)]
	p.length++
	return r
}

// notice marks the last record for Notable.
func (p *page) notice() { p.notes = append(p.notes, uint8(p.length-1)) }

// noticeEnd is notice for the last record of the kind Ends: others may have come after it.
func (p *page) noticeEnd() {
	for i := p.length - 1; i >= 0; i-- {
		if Kind(p.records[i].tags) == Ends {
			p.notes = append(p.notes, uint8(i))
			return
		}
	}
}

// note puts a text into the page, and returns its place.
func (p *page) note(text string) uint32 {
	if text == "" {
		return 0
	}
	p.texts = append(p.texts, text)
	return uint32(len(p.texts))
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

// noteSite puts the newest site into the page, unless it is the same as before, and returns
// its place.
func (p *page) noteSite(same bool) uint32 {
	if !same || len(p.sites) == 0 {
		p.sites = append(p.sites, p.site)
	}
	return uint32(len(p.sites))
}

// bothClocks reads both clocks. Between two readings the system may run other programs
// for milliseconds, and all times of a chunk would be wrong by that. So bothClocks reads
// several times, and returns the readings that are nearest to each other.
func (l *Loop) bothClocks() (nearest pair) {
	if l.OwnClock {
		now := l.clock.Now()
		return pair{int64(now), now}
	}
	apart := int64(math.MaxInt64)
	for range 3 {
		before, now := tick.Now(), l.clock.Now()
		if d := tick.Now() - before; d < apart {
			apart, nearest = d, pair{before + d/2, now}
		}
		if apart < nearTicks {
			break
		}
	}
	return nearest
}

// nearTicks is how far readings may be apart: no more than some microseconds, where a tick
// is less than a nanosecond.
const nearTicks = 1 << 14
