package pages

import (
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// narrate says in a few words what happened in the event n.
func narrate(f *film, n int) string {
	rec, e := f.rec, &f.rec.Events[n-1]
	name := ""
	if e.Task != 0 {
		name = taskName(rec, e.Task)
	}
	switch e.Kind {
	case recording.Pass:
		return fmt.Sprintf("pass %d of the loop begins, with %d in the ready queue", e.N, e.Ready)
	case recording.Spawn:
		if e.By == nil || e.By.Task == 0 {
			return "asyncio.Run creates " + name
		}
		return f.byName(e.By) + " creates " + name
	case recording.Push:
		return itemName(rec, e.Item) + " comes into the ready queue"
	case recording.Take:
		if e.Back {
			return f.queued(n) + " is taken back from the ready queue"
		}
		return f.queued(n) + " leaves the ready queue: its turn has come"
	case recording.Hold:
		return "the limit of its group keeps " + name + " back"
	case recording.Begin:
		return fmt.Sprintf("%s runs, step %d", name, e.Step)
	case recording.End:
		return name + " " + endWords(rec, e)
	case recording.Call:
		return callWords(e.Name)
	case recording.Called:
		return "the callback is over"
	case recording.Wake:
		return f.byName(e.By) + " wakes " + name + ": it is ready"
	case recording.Timer:
		return fmt.Sprintf("%s sets a timer (%s): due at %s", f.orLoop(name), e.For.What, seconds(e.At))
	case recording.Due:
		return f.timerName(e.ID) + " is due"
	case recording.Stop:
		return f.timerName(e.ID) + " is taken back"
	}
	return f.narrateMore(e, name)
}

func (f *film) narrateMore(e *recording.Event, name string) string {
	loop := f.loop.name
	switch e.Kind {
	case recording.Opened:
		return name + " opens a task group"
	case recording.Left:
		return "the task group is over"
	case recording.Cancel:
		if e.By == nil || e.By.Task == 0 {
			return name + " is asked to end"
		}
		return f.byName(e.By) + " asks " + name + " to end"
	case recording.Done:
		if e.Error != "" {
			return fmt.Sprintf("%s has %s: %s", name, doneWords(e.How), e.Error)
		}
		return name + " has " + doneWords(e.How)
	case recording.Print:
		return f.orRow(name, e) + " prints: " + strings.TrimRight(e.Text, "\n")
	case recording.Report:
		return "an error that no one has taken is reported"
	case recording.Work:
		return fmt.Sprintf("%s works for %s", f.orRow(name, e), seconds(e.For.Long))
	case recording.Block:
		return fmt.Sprintf("%s blocks for %s", f.orRow(name, e), seconds(e.For.Long))
	case recording.Row:
		if e.Busy {
			return e.Row + " begins to work for " + name
		}
		return e.Row + " has ended its work"
	case recording.Asleep:
		if e.Until > 0 {
			return "nothing is ready: " + loop + " waits until " + seconds(e.Until)
		}
		return "nothing is ready: " + loop + " waits"
	case recording.Awake:
		return loop + " goes on"
	case recording.Over:
		return "the program has ended"
	}
	return e.Kind
}

func callWords(name string) string {
	if name == "" || name == "callback" {
		return "a callback runs"
	}
	return "the callback " + name + " runs"
}

// queued names what left the ready queue in the event n.
func (f *film) queued(n int) string {
	slot := f.rec.Events[n-1].Slot
	push := f.last(n-1, func(e *recording.Event) bool { return e.Kind == recording.Push && e.Slot == slot })
	if push == 0 {
		return "something"
	}
	return itemName(f.rec, f.rec.Events[push-1].Item)
}

// timer returns the event in which a timer was set, or nil.
func (f *film) timer(id uint64) *recording.Event {
	n := f.last(f.length(), func(e *recording.Event) bool { return e.Kind == recording.Timer && e.ID == id })
	if n == 0 {
		return nil
	}
	return &f.rec.Events[n-1]
}

func (f *film) timerName(id uint64) string {
	e := f.timer(id)
	switch {
	case e == nil || e.Task == 0:
		return "a timer"
	case e.For.What == "timeout":
		return "the timeout of " + taskName(f.rec, e.Task)
	}
	return "the timer of " + taskName(f.rec, e.Task)
}

func endWords(rec *recording.Recording, e *recording.Event) string {
	switch e.How {
	case recording.Yields:
		return "lets the others run"
	case recording.Ends:
		return "is at its end"
	case recording.Waits:
		words := waitWords(rec, e.Wait, e.T)
		switch {
		case words == "":
			return "waits"
		case strings.HasPrefix(words, "sleeps"), strings.HasPrefix(words, "waits"):
			return words
		}
		return "waits: " + words
	}
	return "pauses"
}

func doneWords(how string) string {
	switch how {
	case "canceled":
		return "been canceled"
	case "":
		return "ended"
	}
	return how
}

func (f *film) orLoop(name string) string {
	if name == "" {
		return f.loop.name
	}
	return name
}

func (f *film) orRow(name string, e *recording.Event) string {
	if e.Row != "" {
		return e.Row
	}
	return f.orLoop(name)
}

// byName names who did something.
func (f *film) byName(by *recording.Item) string {
	switch {
	case by == nil:
		return f.loop.name
	case by.Kind == "timer":
		return "the timer"
	case by.Kind == "cancel" && by.Task == 0:
		return "a cancellation"
	case by.Kind == "end" && by.Task != 0:
		return "the end of " + taskName(f.rec, by.Task)
	case by.Task != 0:
		return taskName(f.rec, by.Task)
	case by.Name != "":
		return by.Kind + " " + by.Name
	case by.Kind == "loop" || by.Kind == "":
		return f.loop.name
	}
	return "a " + by.Kind
}

func itemName(rec *recording.Recording, by *recording.Item) string {
	switch {
	case by == nil:
		return "something"
	case by.Kind == "task":
		return taskName(rec, by.Task)
	case by.Task != 0:
		return "the " + by.Kind + " of " + taskName(rec, by.Task)
	case by.Name != "":
		return by.Kind + " " + by.Name
	case by.Kind == "loop":
		return "the loop's own work"
	case by.Kind == "thread":
		return "news from a thread"
	}
	return "a " + by.Kind
}
