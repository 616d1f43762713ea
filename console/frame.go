package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const (
	frameRecords = 2000    // most events in one frame
	frameBins    = 20_000  // most bins in one frame; if there are more, those of the tasks that did least are left out
	binWidth     = 10 * ms // of a bin
	ms           = int64(1_000_000)
)

// A frame gathers events until it is sent. If there are more than frameRecords, it keeps
// no events of tasks, but only how long every task ran and was ready, in bins of 10 ms.
type frame struct {
	number  uint64
	from    int64
	recs    []record
	texts   textTable
	sampled int              // events that are not kept
	bins    []wire.Bin       // what stands for them
	places  map[binKey]int32 // of bins; nil as long as all events are kept
	dropped uint64           // of the loop, when the frame before was sent
}

type binKey struct {
	task uint64
	bin  int64
}

// add takes an event; ready is since when its task was ready, if it is a step.
func (f *frame) add(r *record, text string, ready int64) {
	if f.places == nil && len(f.recs) == frameRecords {
		f.sample()
	}
	if len(f.recs) < frameRecords && (f.places == nil || isKept(r)) {
		c := *r
		c.text = f.texts.place(text)
		f.recs = append(f.recs, c)
		return
	}
	f.sampled++
	f.fill(r, ready)
}

// sample begins to keep bins.
func (f *frame) sample() {
	f.places = map[binKey]int32{}
	kept := f.recs[:0]
	for i := range f.recs {
		if r := &f.recs[i]; isKept(r) {
			kept = append(kept, *r)
		} else {
			f.sampled++
			f.fill(r, 0)
		}
	}
	f.recs = kept
}

// isOfRow reports whether a record is about a row beside the loop, such as a thread.
func isOfRow(r *record) bool { return r.kind == engine.Began || r.kind == engine.Finished }

// isKept reports whether a record is always kept, because bins do not say what it says: a
// row without its end would seem busy for ever, a task without its host elsewhere.
func isKept(r *record) bool { return engine.Began <= r.kind && r.kind <= engine.HostDown }

// fill counts a step in the bins that it touches.
func (f *frame) fill(r *record, ready int64) {
	switch r.kind {
	case engine.Yields, engine.Waits, engine.Ends, engine.Pauses:
	default:
		return
	}
	f.spread(r.task, r.from, r.at, func(b *wire.Bin, d int64) { b[2] += d })
	if ready != 0 {
		f.spread(r.task, ready, r.from, func(b *wire.Bin, d int64) { b[3] += d })
	}
	if r.kind != engine.Pauses {
		f.bin(r.task, r.at/binWidth)[4]++
	}
}

// binsBack is how many bins a step fills that began long ago: the frames before have
// told of it as well, if it was worth it.
const binsBack = 100

// spread calls add for every bin between two times, with the part of the time that is in
// the bin.
func (f *frame) spread(task uint64, from, to int64, add func(b *wire.Bin, d int64)) {
	from = max(from, to-binsBack*binWidth)
	for from < to {
		end := min(to, (from/binWidth+1)*binWidth)
		add(f.bin(task, from/binWidth), end-from)
		from = end
	}
}

func (f *frame) bin(task uint64, number int64) *wire.Bin {
	key := binKey{task, number}
	i, known := f.places[key]
	if !known {
		i = int32(len(f.bins))
		f.places[key] = i
		f.bins = append(f.bins, wire.Bin{int64(task), number * binWidth})
	}
	return &f.bins[i]
}

// take returns the frame as it is sent, and begins the next one.
func (f *frame) take(w *watched, now int64, dropped uint64) *wire.LiveFrame {
	f.number++
	lf := &wire.LiveFrame{
		N: f.number, Loop: w.id, From: f.from, To: now, Dropped: dropped, Lost: dropped - f.dropped,
		Rec: make([]wire.Record, 0, len(f.recs)), Sampled: f.sampled,
	}
	if f.places != nil {
		lf.Bins = f.takeBins()
	}
	var told textTable
	for i := range f.recs {
		r := &f.recs[i]
		lf.Rec = append(lf.Rec, w.onWire(r, textIn(f.texts.texts, r.text), &told))
	}
	lf.Text = told.list()
	f.dropped = dropped
	f.restart(now)
	return lf
}

// restart begins a frame at a time.
func (f *frame) restart(now int64) {
	f.from, f.recs, f.sampled, f.bins, f.places = now, f.recs[:0], 0, nil, nil
	f.texts = textTable{}
}

// takeBins returns the bins by task and time; if there are too many, those of the tasks
// that did most.
func (f *frame) takeBins() []wire.Bin {
	bins := f.bins
	if len(bins) > frameBins {
		slices.SortFunc(bins, func(a, b wire.Bin) int {
			return cmp.Or(cmp.Compare(b[2], a[2]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
		})
		bins = bins[:frameBins]
	}
	slices.SortFunc(bins, func(a, b wire.Bin) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	return bins
}

// onWire writes a record as clients read it; see docs/design/console.md.
func (w *vocabulary) onWire(r *record, text string, t *textTable) wire.Record {
	var label, words string
	from, arg := r.from, r.arg
	switch r.kind {
	case engine.Spawned, engine.Present:
		label, words, from = w.names.groups[uint64(r.n)], text, 0
	case engine.Waits:
		label, words = r.label.String(), w.wait(r.label, r.arg)
	case engine.Woken:
		label = r.label.String()
		if r.label != engine.LabelTask {
			words, arg = w.waker(r.label, r.arg), 0
		}
		if words == label {
			words = ""
		}
	case engine.Called:
		words, arg = functionOf(r.arg), 0
	case engine.Expired:
		arg = 0
	case engine.Named:
		label, words = r.label.String(), text
	case engine.Sent, engine.Lost:
		label, words, from = r.label.String(), text, int64(r.n)
	case engine.Began, engine.Finished:
		name, more, _ := strings.Cut(text, "\n")
		if label, words = r.label.String(), name; r.kind == engine.Finished {
			words = more
		} else {
			from = t.number(doneBy(text))
		}
	default:
		words = text
	}
	return wire.Record{int64(r.kind), r.at, from, int64(r.task), int64(arg), t.number(label), t.number(words)}
}

// A textTable has every text once.
type textTable struct {
	texts  []string
	places map[string]uint16
}

// place returns the place of a text, from 1; 0 for none.
func (t *textTable) place(text string) uint16 {
	if text == "" {
		return 0
	}
	if n := t.places[text]; n != 0 {
		return n
	}
	if t.places == nil {
		t.places = map[string]uint16{}
	}
	t.texts = append(t.texts, text)
	t.places[text] = uint16(len(t.texts))
	return uint16(len(t.texts))
}

func (t *textTable) number(text string) int64 { return int64(t.place(text)) }

func (t *textTable) list() []string {
	if t.texts == nil {
		return []string{}
	}
	return t.texts
}
