package console

import (
	"iter"
	"math"
	"slices"
	"unsafe"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A record is an engine.Happening in the console's time. It has no pointers, so that the
// collector of garbage does not look at what is kept of the past.
type record struct {
	at, from  int64 // nanoseconds since the epoch; from is 0 if it has taken no time, and of Spawned a place, from 1, in the sites
	task, arg uint64
	n         uint32
	text      uint16 // a place, from 1, in the texts that come with it
	kind      engine.Kind
	label     engine.Label
}

// lasts reports whether what is of a kind takes time.
func lasts(k engine.Kind) bool { return lasting.Has(k) }

var lasting = engine.Of(engine.Yields, engine.Waits, engine.Ends, engine.Pauses, engine.Called, engine.Slept)

// A batch is what comes from a loop at a time.
type batch struct {
	recs   []record
	texts  []string
	sites  [][]uintptr
	missed bool // it is what one has to know of records that are lost
}

// add adds a record, with its text and the place where its task was created, if it
// has them.
func (b *batch) add(r record, text string, site []uintptr) {
	if text != "" && len(b.texts) < math.MaxUint16 {
		b.texts = append(b.texts, text)
		r.text = uint16(len(b.texts))
	}
	if len(site) > 0 {
		b.sites = append(b.sites, site)
		r.from = int64(len(b.sites))
	}
	b.recs = append(b.recs, r)
}

// clear empties the batch, which keeps its room.
func (b *batch) clear() {
	clear(b.texts)
	clear(b.sites)
	b.recs, b.texts, b.sites = b.recs[:0], b.texts[:0], b.sites[:0]
}

// textOf returns the text of a record of the batch.
func (b *batch) textOf(r *record) string { return textIn(b.texts, r.text) }

func textIn(texts []string, place uint16) string {
	if place == 0 || int(place) > len(texts) {
		return ""
	}
	return texts[place-1]
}

const (
	recordBytes    = int(unsafe.Sizeof(record{}))
	stringBytes    = int(unsafe.Sizeof("")) // of a text, besides its letters
	segmentRecords = 2048
	defaultHistory = 8 << 20
	leastHistory   = 64 << 10
)

// A history keeps the latest events of a loop, in segments, up to a limit in bytes. Each
// segment has its own texts, which are dropped together with it.
type history struct {
	limit    int
	size     int // records in a segment
	bytes    int // of all segments
	segments []*segment
	unused   []record // of a segment that went, for the next one
	added    uint64   // all events that came
	evicted  uint64   // those that are no longer kept
	holes    []hole   // where events are missing between others
}

type segment struct {
	recs   []record
	texts  []string
	places map[string]uint16 // of the texts, from 1; nil once the segment is full
	bytes  int
}

func newHistory(limit int) *history {
	if limit <= 0 {
		limit = defaultHistory
	}
	limit = max(limit, leastHistory)
	return &history{limit: limit, size: min(segmentRecords, limit/recordBytes/8)}
}

// add takes over the records of a batch, which may be used again afterwards.
func (h *history) add(b *batch) {
	for i := range b.recs {
		h.addOne(&b.recs[i], b)
	}
}

func (h *history) addOne(r *record, b *batch) {
	s := h.last()
	if s == nil || len(s.recs) == h.size {
		s = h.grow(s)
	}
	s.recs = append(s.recs, *r)
	h.added++
	if r.text != 0 {
		place, cost := s.place(b.textOf(r))
		s.recs[len(s.recs)-1].text = place
		s.bytes += cost
		h.bytes += cost
		h.shrink()
	}
}

func (h *history) last() *segment {
	if len(h.segments) == 0 {
		return nil
	}
	return h.segments[len(h.segments)-1]
}

// grow begins a segment; full is the one before.
func (h *history) grow(full *segment) *segment {
	if full != nil {
		full.places = nil
	}
	recs := h.unused
	h.unused = nil
	if recs == nil {
		recs = make([]record, 0, h.size)
	}
	s := &segment{recs: recs, bytes: cap(recs) * recordBytes}
	h.segments = append(h.segments, s)
	h.bytes += s.bytes
	h.shrink()
	return s
}

// shrink drops the oldest segments until what is left is within the limit. The one
// that is being filled stays.
func (h *history) shrink() {
	for h.bytes > h.limit && len(h.segments) > 1 {
		s := h.segments[0]
		h.segments[0] = nil
		h.segments = h.segments[1:]
		h.bytes -= s.bytes
		h.evicted += uint64(len(s.recs))
		h.unused = s.recs[:0]
	}
}

// miss notes that events before the next one are lost.
func (h *history) miss(lost, before uint64) {
	first := h.added
	for _, s := range h.segments {
		first -= uint64(len(s.recs))
	}
	h.holes = slices.DeleteFunc(h.holes, func(o hole) bool { return o.before < first })
	if n := len(h.holes); n > 0 && h.holes[n-1].before == before {
		h.holes[n-1].lost += lost
		return
	}
	h.holes = append(h.holes, hole{before, lost})
}

// place returns where a text is among those of the segment, and what it costs to
// have it there.
func (s *segment) place(text string) (place uint16, cost int) {
	if place, known := s.places[text]; known {
		return place, 0
	}
	if s.places == nil {
		s.places = map[string]uint16{}
	}
	s.texts = append(s.texts, text)
	place = uint16(len(s.texts))
	s.places[text] = place
	return place, len(text) + 3*stringBytes // in texts, and in places with the number
}

// clone returns a copy of what there is from a time on, in parts that do not change.
func (h *history) clone(at int64) []batch {
	var parts []batch
	for _, s := range h.segments {
		if n := len(s.recs); n == 0 || s.newest() < at {
			continue
		}
		parts = append(parts, batch{recs: slices.Clone(s.recs), texts: slices.Clip(s.texts)})
	}
	return parts
}

// newest returns the time of the newest event.
func (s *segment) newest() (at int64) {
	for i := range s.recs {
		at = max(at, s.recs[i].at)
	}
	return at
}

// since yields the records from a time on, in the order in which they came, with their
// texts. The records must not be changed.
func (h *history) since(at int64) iter.Seq2[*record, string] {
	return func(yield func(*record, string) bool) {
		for _, s := range h.segments {
			for i := range s.recs {
				r := &s.recs[i]
				if r.at >= at && !yield(r, textIn(s.texts, r.text)) {
					return
				}
			}
		}
	}
}

// backward is since, but from the newest to the oldest.
func (h *history) backward(yield func(*record, string) bool) {
	for i := len(h.segments) - 1; i >= 0; i-- {
		s := h.segments[i]
		for j := len(s.recs) - 1; j >= 0; j-- {
			if !yield(&s.recs[j], textIn(s.texts, s.recs[j].text)) {
				return
			}
		}
	}
}
