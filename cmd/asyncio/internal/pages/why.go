package pages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// A link is one of the chain of wakes that leads to a step: the step, or what made it ready.
type link struct {
	at     time.Duration
	text   string
	detail string // why so late, or from where
}

// maxLinks bounds the chain.
const maxLinks = 24

// why says why the step ran that is the latest after n events: what made its task ready,
// what made that happen, and so on, back to the beginning.
func (f *film) why(n int) (chain []link) {
	for _, l := range f.rec.Why(n) {
		step := link{at: l.At, text: f.orLoop(l.Name) + " runs", detail: f.late(&l)}
		if l.Task == 0 {
			step.text = callWords(l.Name)
		} else {
			step.text += fmt.Sprintf(", step %d", l.Step)
		}
		chain = append(chain, step, f.because(&l))
		if len(chain) >= maxLinks {
			break
		}
	}
	return chain
}

// late says for how long it was ready before it ran, and what the loop ran meanwhile.
func (f *film) late(l *recording.Link) string {
	if l.Late() <= 0 {
		return ""
	}
	text := "ready for " + seconds(l.Late())
	var names []string
	for _, turn := range l.Ahead {
		if name := f.orLoop(turn.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		text += f.ran(strings.Join(names, ", "))
	}
	return text
}

// ran says what the loop did, or who the lesson says that it is.
func (f *film) ran(names string) string {
	if f.loop.name != theLoop {
		return ": " + f.loop.name + " had " + names + " in hand"
	}
	return ": the loop ran " + names
}

func (f *film) because(l *recording.Link) link {
	because := link{at: l.Since}
	by := f.byName(l.By)
	switch l.Cause {
	case recording.CauseStart:
		because.text = "asyncio.Run started it"
	case recording.CauseSpawn:
		because.text, because.detail = by+" created it", f.created(l.Task)
	case recording.CauseEager:
		because.text, because.detail = by+" created it, and let it run", f.created(l.Task)
	case recording.CauseYield:
		because.text = "it had let the others run"
	case "timer":
		because.text = "its timer was due"
	case "cancel":
		because.text = "it was asked to end"
		switch {
		case l.By != nil && l.By.Task == l.Task:
			because.text = "its timeout was due"
		case l.By != nil && l.By.Task != 0:
			because.text = taskName(f.rec, l.By.Task) + " asked it to end"
		}
	case "task":
		if because.text = by + " woke it"; l.Task == 0 {
			because.text = by + " asked for it"
		}
	case "":
		because.text = "something made it ready"
	default:
		because.text = by + " woke it"
	}
	return because
}

// created says on which line a task was created.
func (f *film) created(task uint64) string {
	n := f.last(f.length(), func(e *recording.Event) bool { return e.Kind == recording.Spawn && e.Task == task })
	if n == 0 || f.rec.Events[n-1].Line == 0 {
		return ""
	}
	return line(f.rec.Events[n-1].Line)
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

func line(n int) string { return fmt.Sprintf("line %d", n) }
