package console

import (
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const (
	// replayRecords bounds what a client is told of the time before it came: a minute of a
	// loop that does a thousand things in a second, some 3 MB.
	replayRecords = 60_000
	// replayPatience is how long that may take.
	replayPatience = 5 * time.Second
)

// A replay sends a client the time before it came, in frames. They end where the client's
// live frames begin, so nothing is sent twice, and nothing is left out.
type replay struct {
	w      *watched
	number uint64 // of the last frame before the client
	from   int64  // since when all is known, but for the holes
	to     int64  // when the client came
	before batch  // what is to be known of hosts at from
	stretch

	patience time.Duration
	dropped  uint64
	order    ordering
	told     map[uint64]bool // of these tasks it was told how they have ended, and their last step comes
	frame    *wire.LiveFrame // that is being filled
	texts    textTable
}

// newReplay makes a replay of the last seconds. The caller holds mu, and lets the client
// have all that happens from now on.
func (w *watched) newReplay(seconds int) *replay {
	p := &replay{w: w, patience: replayPatience, number: w.frame.number, to: w.frame.from, dropped: w.dropped, told: map[uint64]bool{}}
	p.from = max(w.begun, p.to-int64(seconds)*int64(time.Second))
	p.stretch = w.history.latest(p.from, replayRecords)
	if p.cut && len(p.parts) > 0 {
		p.from = max(p.from, min(p.parts[0].recs[0].at, p.to))
	}
	p.before = w.hostsAt(p.from)
	p.order = ordering{tell: p.tell, ended: p.toldEnd}
	return p
}

// frames yields the frames, oldest first. When the time is over, what has not been told is
// counted as lost.
func (p *replay) frames(yield func(*wire.LiveFrame) bool) {
	end := time.Now().Add(p.patience)
	p.begin(p.from)
	p.tellBefore()
	for len(p.parts) > 0 {
		if time.Now().After(end) {
			p.frame.Lost += uint64(p.left())
			break
		}
		hole := p.fill()
		f := p.take()
		if !yield(f) {
			return
		}
		if hole != nil && !yield(p.holeFrame(hole, f.To)) {
			return
		}
	}
	yield(p.last())
}

// tellBefore tells what hosts were up before the first record, and which tasks were there.
func (p *replay) tellBefore() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for i := range p.before.recs {
		r := &p.before.recs[i]
		p.frame.Rec = append(p.frame.Rec, p.w.onWire(r, p.before.textOf(r), &p.texts))
	}
}

// last returns the frame that ends when the client came.
func (p *replay) last() *wire.LiveFrame {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.order.flush()
	for _, h := range p.holes {
		p.frame.Lost += h.lost
	}
	p.frame.To = p.to
	return p.take()
}

// fill puts records into the frame until it is full, or there is a hole before the next
// one.
func (p *replay) fill() *hole {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for len(p.parts) > 0 && len(p.frame.Rec) < frameRecords {
		b := &p.parts[0]
		if len(p.holes) > 0 && p.holes[0].before <= p.first {
			h := p.holes[0]
			p.holes = p.holes[1:]
			return &h
		}
		r := b.recs[0]
		p.order.add(&r, b.textOf(&r))
		p.first++
		if b.recs = b.recs[1:]; len(b.recs) == 0 {
			p.parts = p.parts[1:]
		}
	}
	return nil
}

// tell puts a record into the frame.
func (p *replay) tell(r *record, text string) {
	switch {
	case isOutcome(r.kind):
		p.told[r.task] = true
	case r.kind > engine.Lost:
		return
	}
	p.frame.Rec = append(p.frame.Rec, p.w.onWire(r, text, &p.texts))
	p.frame.To = min(max(p.frame.To, r.at), p.to)
}

// toldEnd reports whether the outcome of a task was sent already. Its last step comes
// now.
func (p *replay) toldEnd(task uint64) bool {
	told := p.told[task]
	delete(p.told, task)
	return told
}

func (p *replay) begin(from int64) {
	p.texts = textTable{}
	p.frame = &wire.LiveFrame{N: p.number, Loop: p.w.id, Past: true, From: from, To: from, Dropped: p.dropped, Rec: []wire.Record{}}
}

// take returns the frame, and begins the next one.
func (p *replay) take() *wire.LiveFrame {
	f := p.frame
	f.Text = p.texts.list()
	p.begin(f.To)
	return f
}

// holeFrame is a frame that says how much is lost between two others.
func (p *replay) holeFrame(h *hole, from int64) *wire.LiveFrame {
	p.begin(from)
	if len(p.parts) > 0 {
		p.frame.To = min(max(from, p.parts[0].recs[0].at), p.to)
	}
	p.frame.Lost = h.lost
	return p.take()
}

// A stretch is a part of a history that does not change.
type stretch struct {
	parts []batch
	first uint64 // the number of its first record
	holes []hole
	cut   bool // there was more, or may have been
}

// A hole is where events are lost: before the record of a number, from 0.
type hole struct{ before, lost uint64 }

// latest returns what there is since a time, but no more than so many records.
func (h *history) latest(since int64, most int) stretch {
	p := stretch{first: h.added, cut: true}
	for i := len(h.segments) - 1; i >= 0 && most > 0; i-- {
		s := h.segments[i]
		recs := s.recs[max(0, len(s.recs)-most):]
		old := 0
		for j := range recs {
			if recs[j].at < since {
				old = j + 1
			}
		}
		if recs = recs[old:]; len(recs) > 0 {
			p.parts = append(p.parts, batch{recs: slices.Clone(recs), texts: slices.Clip(s.texts)})
		}
		most -= len(recs)
		p.first -= uint64(len(recs))
		if old > 0 {
			p.cut = false
			break
		}
		p.cut = i > 0 || h.evicted > 0 || len(recs) < len(s.recs)
	}
	slices.Reverse(p.parts)
	for _, o := range h.holes {
		if o.before > p.first {
			p.holes = append(p.holes, o)
		} else if o.before == p.first {
			p.cut = true
		}
	}
	return p
}

func (p *stretch) left() (n int) {
	for i := range p.parts {
		n += len(p.parts[i].recs)
	}
	return n
}
