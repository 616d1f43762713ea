package recording

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Link is one link of the chain that says why something ran when it did: a step of a task,
// or a call, and what has made it ready.
type Link struct {
	Event int           // the index of the event that begins the step or the call
	At    time.Duration // when that is
	Task  uint64        // 0: it is a call
	Name  string        // of the task, or of the callback
	Step  int

	Cause string        // what has made it ready: see the constants
	By    *Item         // who or what has, if that is known
	Until *Wait         // what the task has waited for; nil: for nothing
	Since time.Duration // since when it was ready
	Ahead []Turn        // what ran meanwhile, and took time
}

// What makes something ready, beside what an Item can be: "task", "timer", "thread" ...
const (
	CauseStart = "start" // it is the program's first task
	CauseSpawn = "spawn" // another has created the task
	CauseEager = "eager" // likewise, and lets it run at once
	CauseYield = "yield" // it has only let others have their turn
)

// A Turn is a step or a call that took time.
type Turn struct {
	Task     uint64
	Name     string
	Line     int
	From, To time.Duration
}

// Late returns for how long the step or call was ready before it ran.
func (l *Link) Late() time.Duration { return l.At - l.Since }

// longestChain bounds chains.
const longestChain = 100

// Why says why the step or call that runs after the first n events runs now; if nothing
// runs then, it is about the one that ran last. It returns a chain, the newest link
// first: each link was made ready in the next one, as far as that is known. The chain is
// empty if nothing has run yet.
func (r *Recording) Why(n int) (chain []Link) {
	at := r.run(n - 1)
	for at >= 0 && len(chain) < longestChain {
		link, cause := r.link(at)
		chain = append(chain, link)
		next := r.run(cause)
		if next >= at {
			break
		}
		at = next
	}
	return chain
}

// run returns the index of the event that began what runs at event i, or ran last; -1:
// nothing has run.
func (r *Recording) run(i int) int {
	return r.last(i, func(e *Event) bool { return e.Kind == Begin || e.Kind == Call })
}

// last returns the index of the last event up to i that fits; -1: there is none.
func (r *Recording) last(i int, fits func(*Event) bool) int {
	for i = min(i, len(r.Events)-1); i >= 0; i-- {
		if fits(&r.Events[i]) {
			return i
		}
	}
	return -1
}

// link returns the link for the step or call that begins at event i, and the index of an
// event in what has made it ready; -1: that is not known.
func (r *Recording) link(i int) (Link, int) {
	e := r.Events[i]
	l := Link{Event: i, At: e.T, Since: e.T, Task: e.Task, Step: e.Step, Name: r.nameOf(e.Task)}
	if e.Kind == Call {
		return r.linkOfCall(l)
	}
	if i > 0 && r.Events[i-1].Kind == End && r.Events[i-1].How == Pauses {
		l.Cause, l.By = CauseEager, &Item{Kind: "task", Task: r.Events[i-1].Task, Name: r.nameOf(r.Events[i-1].Task)}
		return l, i - 1
	}
	pushed := r.last(i, func(e *Event) bool {
		return e.Kind == Push && e.Item != nil && e.Item.Kind == "task" && e.Item.Task == l.Task
	})
	if pushed < 0 {
		return l, -1
	}
	l.since(r, r.Events[pushed].T)
	if woken := slices.IndexFunc(r.Events[pushed:i], func(e Event) bool { return e.Kind == Wake && e.Task == l.Task }); woken >= 0 {
		return r.linkOfWake(l, pushed+woken)
	}
	return r.linkOfSpawn(l, pushed)
}

// linkOfCall is link for a call, whose push is not far from what has asked for it.
func (r *Recording) linkOfCall(l Link) (Link, int) {
	l.Name = r.Events[l.Event].Name
	taken := r.last(l.Event, func(e *Event) bool { return e.Kind == Take })
	pushed := r.last(taken, func(e *Event) bool { return e.Kind == Push && e.Slot == r.Events[taken].Slot })
	if taken < 0 || pushed < 0 {
		return l, -1
	}
	l.since(r, r.Events[pushed].T)
	if pushed > 0 && r.Events[pushed-1].Kind == Due {
		return r.linkOfTimer(l, pushed-1)
	}
	if at := r.run(pushed); at >= 0 {
		l.Cause, l.By = "task", &Item{Kind: "task", Task: r.Events[at].Task, Name: r.nameOf(r.Events[at].Task)}
	}
	return l, pushed
}

// since notes since when it was ready.
func (l *Link) since(r *Recording, t time.Duration) {
	l.Since, l.Ahead = t, r.turns(t, l.Event)
}

// linkOfTimer is link for what was made ready by a deadline, of which event i says that it is
// due. From the deadline on it could have run.
func (r *Recording) linkOfTimer(l Link, i int) (Link, int) {
	l.Cause = "timer"
	set := r.timerOf(i)
	if set >= 0 {
		l.since(r, min(l.Since, r.Events[set].At))
	}
	return l, set
}

// linkOfWake is link for a task that was woken by event i.
func (r *Recording) linkOfWake(l Link, i int) (Link, int) {
	by := r.Events[i].By
	if by == nil {
		return l, -1
	}
	l.By, l.Cause = by, by.Kind
	slept := r.last(i, func(e *Event) bool { return e.Kind == End && e.Task == l.Task })
	if slept >= 0 {
		l.Until = r.Events[slept].Wait
	}
	switch by.Kind {
	case "task", "callback":
		return l, i
	case "cancel":
		if by.Task == l.Task {
			return r.linkOfTimer(l, r.last(i, func(e *Event) bool { return e.Kind == Due }))
		}
		return l, i
	case "end":
		return l, r.last(i, func(e *Event) bool { return e.Kind == Done && e.Task == by.Task })
	case "timer":
		return r.linkOfTimer(l, r.last(i, func(e *Event) bool { return e.Kind == Due }))
	default: // what the task itself has begun
		return l, slept
	}
}

// timerOf returns the index of the event that has set the timer which event i says is due.
func (r *Recording) timerOf(i int) int {
	if i < 0 {
		return -1
	}
	return r.last(i, func(e *Event) bool { return e.Kind == Timer && e.ID == r.Events[i].ID })
}

// linkOfSpawn is link for a task that became ready at event i, and that no one has woken.
func (r *Recording) linkOfSpawn(l Link, i int) (Link, int) {
	if l.Step > 1 {
		l.Cause, l.By = CauseYield, &Item{Kind: "task", Task: l.Task, Name: l.Name}
		return l, i
	}
	spawned := r.last(i, func(e *Event) bool { return e.Kind == Spawn && e.Task == l.Task })
	if spawned < 0 || r.Events[spawned].By == nil {
		l.Cause = CauseStart
		return l, -1
	}
	l.Cause, l.By = CauseSpawn, r.Events[spawned].By
	return l, spawned
}

// turns returns what ran before an event, and took time after a moment.
func (r *Recording) turns(since time.Duration, to int) (turns []Turn) {
	var open *Turn
	from := r.last(to, func(e *Event) bool { return e.T < since })
	for i := max(r.run(from), 0); i < to; i++ {
		switch e := r.Events[i]; e.Kind {
		case Begin:
			open = &Turn{Task: e.Task, Name: r.nameOf(e.Task), Line: e.Line, From: max(e.T, since)}
		case Call:
			open = &Turn{Name: e.Name, Line: e.Line, From: max(e.T, since)}
		case Work, Block:
			if open != nil && e.Row == "" {
				open.Line = e.Line
			}
		case End, Called:
			if open != nil && e.T > open.From {
				open.To = e.T
				turns = append(turns, *open)
			}
			open = nil
		}
	}
	return turns
}

func (r *Recording) nameOf(task uint64) string {
	if task == 0 || task > uint64(len(r.Tasks)) {
		return ""
	}
	return r.Tasks[task-1].Name
}

// String says it in a sentence or two.
func (l *Link) String() string {
	text := l.subject() + " runs at " + seconds(l.At) + " " + l.reason() + "."
	if l.Late() > 0 {
		text += " It could have run " + seconds(l.Late()) + " before that" + l.ahead() + "."
	}
	return text
}

func (l *Link) subject() string {
	if l.Task == 0 {
		return "A " + l.Name
	}
	return l.Name
}

func (l *Link) reason() string {
	by := "something"
	if l.By != nil && l.By.Name != "" {
		by = l.By.Name
	}
	switch l.Cause {
	case CauseStart:
		return "because the program begins with it"
	case CauseSpawn, CauseEager:
		return "because " + by + " has started it"
	case CauseYield:
		return "because it has only let others have their turn"
	case "timer":
		return "because " + l.timeIsUp()
	case "end":
		return "because " + by + " has ended"
	case "task":
		switch {
		case l.Task == 0:
			return "because " + by + " has asked for it"
		case l.Until != nil && l.Until.Kind == "task" && l.Until.Task == l.By.Task:
			return "because " + by + " has ended"
		}
		return "because " + by + " has woken it" + l.awaited()
	case "cancel":
		if by == "something" {
			return "because it was canceled"
		}
		return "because " + by + " has canceled it"
	case "thread":
		return "because its thread is done"
	case "callback":
		return "because a callback has woken it" + l.awaited()
	case "":
		return "because its turn has come"
	default:
		return "because of what it waited for: " + l.Cause
	}
}

func (l *Link) timeIsUp() string {
	if l.By != nil && l.By.Kind == "timer" && l.Until != nil && l.Until.Kind == "sleep" {
		return "its sleep is over"
	}
	return "its time is up"
}

// awaited says what the task has waited for.
func (l *Link) awaited() string {
	switch w := l.Until; {
	case w == nil, w.Kind == "task":
		return ""
	case w.Name != "":
		return ", as it waited for " + w.Kind + " " + strconv.Quote(w.Name)
	default:
		return ", as it waited for " + w.Kind
	}
}

// ahead says who had the loop meanwhile.
func (l *Link) ahead() string {
	var who []string
	for _, turn := range l.Ahead {
		text := turn.Name + " had the loop for " + seconds(turn.To-turn.From)
		if turn.Line > 0 {
			text += " (line " + strconv.Itoa(turn.Line) + ")"
		}
		who = append(who, text)
	}
	if len(who) == 0 {
		return ""
	}
	return ": " + strings.Join(who, ", then ")
}

// seconds writes a time as the tour does: "0.3 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
