package console

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// eventsShown is how many events the detail of a task has at most.
const eventsShown = 200

// events returns the last events of a task in words, oldest first.
func (w *watched) events(task uint64) []wire.Event {
	events := []wire.Event{}
	for r, text := range w.history.backward {
		if r.task != task {
			continue
		}
		if e, told := w.inWords(r, text); told {
			events = append(events, e)
		}
		if len(events) == eventsShown || r.kind == engine.Spawned {
			break
		}
	}
	slices.Reverse(events)
	return endLast(events)
}

// endLast tells how a task has ended at the end: the engine does so before the last
// step, which is not over then, or not at all if it has returned.
func endLast(events []wire.Event) []wire.Event {
	n := len(events)
	if n == 0 || events[n-1].Kind != "ends" {
		return events
	}
	for i, e := range events {
		switch e.Kind {
		case "returned", "failed", "canceled", "panicked":
			e.At = events[n-1].At
			return append(slices.Delete(events, i, i+1), e)
		}
	}
	return append(events, wire.Event{At: events[n-1].At, Kind: "returned", Text: "returns"})
}

// inWords tells an event of a task to people.
func (w *watched) inWords(r *record, text string) (e wire.Event, told bool) {
	e = wire.Event{At: r.at}
	ran := func() string { e.For = r.at - r.from; return "runs for " + duration(e.For) }
	switch r.kind {
	case engine.Spawned:
		e.Kind, e.Text = "spawned", "created"
		if r.arg != 0 {
			e.Text += " by task " + strconv.Quote(w.taskName(r.arg))
		}
		if g := w.names.groups[uint64(r.n)]; g != "" {
			e.Text += ", in the group " + strconv.Quote(g)
		}
	case engine.Present:
		e.Kind, e.Text = "present", "the console comes"
	case engine.Holding:
		e.Kind, e.Text = "holding", "held back by the limit of its group"
	case engine.Yields:
		e.Kind, e.Text = "yields", ran()+", then lets others run"
	case engine.Waits:
		e.Kind, e.Text = "waits", ran()+", then waits for "+w.wait(r.label, r.arg)
	case engine.Ends:
		e.Kind, e.Text = "ends", ran()+", its last step"
	case engine.Pauses:
		e.Kind, e.Text = "pauses", ran()+", then starts a task eagerly"
	case engine.Woken:
		e.Kind, e.Text = "woken", "woken by "+w.waker(r.label, r.arg)
	case engine.Returned:
		e.Kind, e.Text = "returned", "returns"
	case engine.Failed:
		e.Kind, e.Text = "failed", "fails: "+text
	case engine.Canceled:
		e.Kind, e.Text = "canceled", "ends, canceled"
	case engine.Panicked:
		e.Kind, e.Text = "panicked", "panics: "+text
	case engine.Asked:
		e.Kind, e.Text = "asked", "asked to end"
		if r.arg != 0 {
			e.Text += " by task " + strconv.Quote(w.taskName(r.arg))
		}
	case engine.Opened:
		e.Kind, e.Text = "opened", "opens "+groupInWords(text)
	case engine.Left:
		e.Kind, e.Text = "left", "leaves "+groupInWords(w.names.groups[r.arg])
	case engine.Began:
		e.Kind, e.Text = "began", rowOf(r.label, text).name+" begins to work for it"
		if what := doneBy(text); what != "" {
			e.Text += ": " + what
		}
	case engine.Finished:
		e.Kind, e.Text = "finished", "the work beside the loop has ended"
	case engine.Hosted:
		e.Kind, e.Text = "hosted", "on the host "+strconv.Quote(text)
	case engine.Sent:
		e.Kind, e.Text = "sent", sendingInWords(r, text)+", which arrives "+after(int64(r.arg)-r.at)
	case engine.Lost:
		e.Kind, e.Text = "lost", sendingInWords(r, text)+", which is lost"
	default:
		return e, false
	}
	return e, true
}

// sendingInWords says what was sent from one host to another.
func sendingInWords(r *record, hosts string) string {
	from, to, _ := strings.Cut(hosts, "\n")
	words := "sends " + r.label.String() + " from " + from + " to " + to
	if r.n > 0 {
		words += " (" + strconv.Itoa(int(r.n)) + " bytes)"
	}
	return words
}

// after says how much later something comes.
func after(ns int64) string {
	if ns <= 0 {
		return "at once"
	}
	return duration(ns) + " later"
}

func groupInWords(name string) string {
	if name == "" {
		return "a group"
	}
	return "the group " + strconv.Quote(name)
}

// stackOf returns the stack of a task, innermost first; nil if it has none, or the loop
// does not answer.
func (w *watched) stackOf(ctx context.Context, id uint64) []wire.Frame {
	w.mu.Lock()
	stuck := w.stuck
	stale := w.stale
	w.mu.Unlock()
	if stale {
		if stuck != nil && stuck.Task == id {
			return stuck.Stack
		}
		return nil
	}
	answer := make(chan []byte, 1)
	if w.src.stack(id, func(stack []byte) { answer <- stack }) != nil {
		return nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case stack := <-answer:
		return framesOfText(stack)
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}

// detail returns all that is known of a task that lives or has ended lately.
func (w *watched) detail(id uint64, stack []wire.Frame) (*wire.TaskDetail, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tallies.find(id)
	d := &wire.TaskDetail{Stack: stack, Steps32: make([]uint64, buckets)}
	i := slices.IndexFunc(w.tasks, func(t wire.Task) bool { return t.ID == id })
	switch {
	case i >= 0:
		d.Task = w.tasks[i]
	case t != nil && t.ended != 0:
		d.Task = t.row()
	default:
		return nil, noTask(id)
	}
	if t != nil {
		for i, n := range t.lengths {
			d.Steps32[i] = uint64(n)
		}
	}
	if n := len(stack); n > 0 && d.Function == "" {
		d.Function = stack[n-1].Func // what a task runs is the outermost that is the program's
	}
	d.Events = w.events(id)
	empty(&d.Stack)
	return d, nil
}
