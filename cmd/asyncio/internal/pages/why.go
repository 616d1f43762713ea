package pages

import (
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// A link is one of the chain of wakes that leads to a step.
type link struct {
	at     time.Duration
	text   string
	detail string // why so late, or from where
}

// maxLinks bounds the chain.
const maxLinks = 12

// why says why the step ran that is the latest after n events: what made its task ready,
// what made that happen, and so on, back to the beginning.
func (f *film) why(n int) []link {
	at := f.last(n, func(e *recording.Event) bool { return e.Kind == recording.Begin })
	var chain []link
	for at > 0 && len(chain) < maxLinks {
		var links []link
		links, at = f.because(at)
		chain = append(chain, links...)
	}
	return chain
}

// last returns the last of the first n events that is as wanted, counted from 1, or 0.
func (f *film) last(n int, wanted func(*recording.Event) bool) int {
	for n = min(n, f.length()); n > 0; n-- {
		if wanted(&f.rec.Events[n-1]) {
			return n
		}
	}
	return 0
}

func (f *film) stepOf(task uint64, n int) int {
	return f.last(n, func(e *recording.Event) bool { return e.Kind == recording.Begin && e.Task == task })
}

// because returns why the step ran that begins with an event, and the event with which
// the step began that led to it, or 0.
func (f *film) because(begin int) (links []link, before int) {
	e := &f.rec.Events[begin-1]
	name := taskName(f.rec, e.Task)
	step := link{at: e.T, text: fmt.Sprintf("%s runs, step %d", name, e.Step)}
	cause := f.last(begin-1, func(c *recording.Event) bool {
		return c.Task == e.Task && (c.Kind == recording.Wake || c.Kind == recording.Spawn || c.Kind == recording.End)
	})
	if cause == 0 {
		return []link{step}, 0
	}
	c := &f.rec.Events[cause-1]
	because := link{at: c.T}
	prior := f.stepOf(e.Task, cause-1) // the step after which it waited
	if c.By != nil && c.By.Kind == "timer" && prior > 0 {
		if due := deadline(f.rec.Events[f.endOf(prior)-1].Wait); due > 0 && due < c.T {
			because.at = due // the loop was busy, and saw it late
			cause = f.last(begin, func(e *recording.Event) bool { return e.T <= due })
		}
	}
	if late := e.T - because.at; late > 0 {
		step.detail = "ready for " + seconds(late)
		if busy := f.busy(cause, begin); busy != "" {
			step.detail += ": the loop ran " + busy
		}
	}
	switch by := c.By; {
	case c.Kind == recording.End:
		because.text, before = name+" let the others run", prior
	case c.Kind == recording.Spawn:
		because.text = byName(f.rec, by) + " created it"
		if by != nil && by.Task != 0 {
			because.detail, before = line(c.Line), f.stepOf(by.Task, cause)
		} else {
			because.text = "asyncio.Run started it"
		}
	case by != nil && by.Kind == "timer":
		because.text, before = "its timer was due", prior
		because.detail = f.setBy(prior)
	case by != nil && by.Kind == "cancel" && (by.Task == 0 || by.Task == e.Task):
		because.text, before = f.canceled(cause, e.Task, prior)
	case by != nil && by.Task != 0 && by.Task != e.Task:
		because.text, before = byName(f.rec, by)+" woke it", f.stepOf(by.Task, cause)
		if by.Kind == "cancel" {
			because.text = byName(f.rec, by) + " asked it to end"
		}
	default:
		because.text, before = byName(f.rec, by)+" woke it", prior
	}
	return []link{step, because}, before
}

// canceled says who or what has canceled a task that an event wakes, and the step that led
// to it: another task, or its own that set a timeout.
func (f *film) canceled(wake int, task uint64, prior int) (text string, before int) {
	asked := f.last(wake, func(e *recording.Event) bool {
		return e.Kind == recording.Cancel && e.Task == task || e.Kind == recording.Due
	})
	if asked > 0 {
		e := &f.rec.Events[asked-1]
		switch {
		case e.Kind == recording.Cancel && e.By != nil && e.By.Task != 0:
			return byName(f.rec, e.By) + " asked it to end", f.stepOf(e.By.Task, asked)
		case e.Kind == recording.Due && e.T == f.at(wake):
			if t := f.timer(e.ID); t != nil && t.For.What == "timeout" {
				return "a timeout was due: the wait is cut", prior
			}
		}
	}
	return "it was asked to end", prior
}

func (f *film) setBy(begin int) string {
	if begin == 0 {
		return ""
	}
	text := fmt.Sprintf("set by step %d", f.rec.Events[begin-1].Step)
	for n := begin; n < f.length(); n++ { // the line on which the step ended
		if e := &f.rec.Events[n]; e.Kind == recording.End {
			if e.Line > 0 {
				text += ", " + line(e.Line)
			}
			break
		}
	}
	return text
}

func line(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("line %d", n)
}

// busy names the tasks that had the loop between two events.
func (f *film) busy(from, to int) string {
	text, seen := "", map[uint64]bool{}
	for n := f.last(from, func(e *recording.Event) bool { return e.Kind == recording.Begin }); n > 0 && n < to; n++ {
		e := &f.rec.Events[n-1]
		if e.Kind != recording.Begin || seen[e.Task] {
			continue
		}
		if i := f.endOf(n); i <= from || f.at(i) == e.T {
			continue // it took no time
		}
		seen[e.Task] = true
		if text != "" {
			text += ", "
		}
		text += taskName(f.rec, e.Task)
	}
	return text
}

// endOf returns the event that ends the step that begins with an event.
func (f *film) endOf(begin int) int {
	for n := begin + 1; n <= f.length(); n++ {
		if f.rec.Events[n-1].Kind == recording.End {
			return n
		}
	}
	return f.length()
}
