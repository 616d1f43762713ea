package console

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/happened"
	"github.com/asyncio-go/asyncio/trace"
)

// WriteTrace writes what a loop has done in the last seconds, in a format of package
// trace: "json", which is its own, or "perfetto". For 0 seconds it is all that is kept.
func (c *gatherer) WriteTrace(out io.Writer, loop, seconds int, format string) error {
	w, err := c.find(loop)
	if err != nil {
		return err
	}
	switch format {
	case "json", "asyncio", "":
		return trace.Of(w.past(seconds)).WriteJSON(out)
	case "perfetto":
		return trace.Of(w.past(seconds)).WritePerfetto(out)
	}
	return fmt.Errorf("no format %q: ask for json or perfetto", format)
}

// past returns what is kept of the last seconds.
func (w *watched) past(seconds int) happened.Loop {
	w.takeAll(time.Now().Add(foldAtMost))
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.src.now()
	from := w.history.oldest(now)
	dropped := w.dropped + w.history.evicted
	if seconds > 0 && now-from > int64(seconds)*int64(time.Second) {
		from, dropped = now-int64(seconds)*int64(time.Second), 0
	}
	p := &past{from: from, before: []batch{w.known(from), w.hostsAt(from)}, parts: w.history.clone(from), sites: slices.Clip(w.tallies.places.all)}
	return happened.Loop{
		Number: w.id, Start: epoch.Add(time.Duration(from)), Length: time.Duration(now - from), Dropped: dropped, All: p.all,
	}
}

// oldest returns the time of the oldest event that is kept; now, if there is none.
func (h *history) oldest(now int64) int64 {
	for r := range h.since(0) {
		begin := r.at
		if lasts(r.kind) {
			begin = r.from
		}
		return max(min(begin, now), 0)
	}
	return now
}

// known is what has to be known of the time before the first event.
func (w *watched) known(from int64) (b batch) {
	for number, name := range w.names.openGroups(from) {
		b.add(record{kind: engine.Opened, at: from, arg: number}, name, nil)
	}
	for _, t := range w.tallies.live {
		if t.begun < from {
			b.add(record{kind: engine.Present, at: from, task: t.id, arg: t.parent, n: uint32(t.group)}, t.name, nil)
		}
	}
	for _, t := range w.tallies.ended {
		if t.begun < from && t.ended >= from {
			b.add(record{kind: engine.Present, at: from, task: t.id, arg: t.parent, n: uint32(t.group)}, t.name, nil)
		}
	}
	for number, o := range w.names.objects {
		if o.kind != 0 {
			b.add(record{kind: engine.Named, at: from, arg: number, label: o.kind}, o.name, nil)
		}
	}
	slices.SortFunc(b.recs, func(x, y record) int {
		return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.task, y.task), cmp.Compare(x.arg, y.arg))
	})
	return b
}

// A past is a part of a history that does not change.
type past struct {
	from   int64
	before []batch
	parts  []batch
	sites  []*site
}

// all yields what has happened, with times since from.
func (p *past) all(yield func(engine.Happening) bool) {
	for _, b := range append(p.before, p.parts...) {
		for i := range b.recs {
			r := &b.recs[i]
			if r.at >= p.from && !yield(p.happening(r, b.textOf(r))) {
				return
			}
		}
	}
}

func (p *past) happening(r *record, text string) engine.Happening {
	h := engine.Happening{
		Kind: r.kind, Label: r.label, At: time.Duration(r.at - p.from), Task: r.task, Arg: r.arg, N: r.n, Text: text,
	}
	switch {
	case isOfRow(r):
		h.Arg = 0 // it is a number for clients
	case lasts(r.kind):
		h.From = time.Duration(max(r.from-p.from, 0))
	case r.kind == engine.Expired, r.kind == engine.Sent:
		h.Arg = uint64(max(int64(r.arg)-p.from, 0))
	case r.kind == engine.Spawned && r.from > 0 && r.from <= int64(len(p.sites)):
		h.Site = p.sites[r.from-1].pcs
	}
	return h
}
