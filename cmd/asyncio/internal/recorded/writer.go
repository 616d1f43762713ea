package recorded

import (
	"path"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// A writer writes events as docs/design/console.md describes records.
type writer struct {
	loop    int
	dropped uint64
	number  uint64 // of the frame
	frame   *wire.LiveFrame
	texts   map[string]int64
	last    int64            // the time of the newest record
	rows    map[string]int64 // the numbers of those beside the loop that are busy
	begun   int64            // rows that were
	groups  map[uint64]string
}

// begin begins a frame at a time.
func (w *writer) begin(from int64) {
	w.number++
	w.frame = &wire.LiveFrame{N: w.number, Loop: w.loop, Past: true, From: from, To: from, Dropped: w.dropped, Rec: []wire.Record{}, Text: []string{}}
	w.texts, w.last = map[string]int64{}, max(w.last, from)
}

// take returns the frame, which ends at a time, and begins the next one.
func (w *writer) take(to int64) *wire.LiveFrame {
	f := w.frame
	f.To = max(to, f.From)
	w.begin(f.To)
	return f
}

// text returns the place of a text in the frame, from 1; 0 for none.
func (w *writer) text(s string) int64 {
	if s == "" {
		return 0
	}
	if w.texts[s] == 0 {
		w.frame.Text = append(w.frame.Text, s)
		w.texts[s] = int64(len(w.frame.Text))
	}
	return w.texts[s]
}

func at(d time.Duration) int64 { return int64(d) + origin }

// add adds an event. The kinds of events have the numbers that they have on the wire.
func (w *writer) add(e *trace.Event) {
	var from, arg int64
	var label, words string
	switch e.Kind {
	case trace.Spawned, trace.Present:
		arg, label, words = int64(e.By), w.groups[e.Group], e.Name
	case trace.Yields, trace.Ends, trace.Pauses, trace.Slept:
		from = at(e.From)
	case trace.Waits:
		from, label, words = at(e.From), wordOf(e.What), e.What
	case trace.Woken:
		label, words = wordOf(e.What), e.What
		if label == "task" {
			arg = int64(e.By)
		}
	case trace.Called:
		from, words = at(e.From), functionOf(e)
	case trace.Asked:
		arg = int64(e.By)
	case trace.Opened:
		arg, words = int64(e.Group), e.Text
		w.groups[e.Group] = e.Text
	case trace.Left:
		arg = int64(e.Group)
	case trace.Named:
		arg, label, words = int64(e.Number), e.What, e.Text
	case trace.Began, trace.Finished:
		arg, label, words = w.row(e), e.What, e.Text
		if e.Kind == trace.Began {
			from, words = w.text(doneBy(e)), e.Row
		}
	case trace.Hosted, trace.HostUp, trace.HostDown:
		words = e.Host
	case trace.Sent, trace.Lost:
		from, label, words = int64(e.Number), e.What, e.Host+"\n"+e.To
		if e.Kind == trace.Sent {
			arg = at(e.Arrives)
		}
	default:
		words = e.Text
	}
	w.last = max(w.last, at(e.At))
	w.frame.Rec = append(w.frame.Rec, wire.Record{int64(e.Kind), at(e.At), from, int64(e.Task), arg, w.text(label), w.text(words)})
}

// row returns the number by which a row is known until it is no longer busy.
func (w *writer) row(e *trace.Event) int64 {
	key := e.What + "\n" + e.Row
	if e.Kind == trace.Began {
		w.begun++
		w.rows[key] = w.begun
	}
	number := w.rows[key]
	if e.Kind == trace.Finished {
		delete(w.rows, key)
	}
	return number
}

// wordOf returns what kind of thing words are about: "lock" of `lock "db"`.
func wordOf(what string) string {
	for _, word := range []string{"sleep", "callback"} {
		if strings.HasPrefix(what, word+" ") {
			return word
		}
	}
	word, _, _ := strings.Cut(what, ` "`)
	word, _, _ = strings.Cut(word, ":")
	return word
}

// nameIn returns what stands in quotes in words, or behind the word for what they are about.
func nameIn(what string) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimPrefix(what, wordOf(what)), ":"), `" `)
}

func functionOf(e *trace.Event) string {
	if len(e.Created) == 0 {
		return ""
	}
	return path.Base(e.Created[0].Function)
}

// inWords tells an event of a task to people.
func inWords(e trace.Event) wire.Event {
	n := wire.Event{At: at(e.At), Kind: e.Kind.String()}
	switch e.Kind {
	case trace.Yields, trace.Waits, trace.Ends, trace.Pauses:
		n.For = int64(e.At - e.From)
	}
	e.Name, e.Loop = "", 1 // who it is about is known
	_, n.Text, _ = strings.Cut(e.String(), "  ")
	return n
}
