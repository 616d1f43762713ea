package console

import (
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// names are what events call by numbers.
type names struct {
	groups  map[uint64]string
	left    []uint64 // groups that are over, and are named once more
	objects map[uint64]object
}

// object is what events call by a number.
type object struct {
	kind engine.Label
	name string
}

// mostNames bounds the names of objects, for no event says that one is gone.
const mostNames = 20_000

func newNames() *names {
	return &names{groups: map[uint64]string{}, objects: map[uint64]object{}}
}

func (n *names) nameObject(number uint64, name object) {
	if len(n.objects) >= mostNames {
		clear(n.objects) // the next snapshot names those that are still there
	}
	n.objects[number] = name
}

// forgetLeft forgets the groups that are over.
func (n *names) forgetLeft() {
	for _, g := range n.left {
		delete(n.groups, g)
	}
	n.left = n.left[:0]
}

// nameOf is a task's name.
func nameOf(id uint64, name string) string {
	if name == "" {
		return "Task-" + strconv.FormatUint(id, 10)
	}
	return name
}

// taskName returns the name of a task that is known, or what it would be called without
// one.
func (w *watched) taskName(id uint64) string {
	if t := w.tallies.find(id); t != nil {
		return nameOf(id, t.name)
	}
	return nameOf(id, "")
}

// wait says in words what a task waits for: `lock "db"`, `sleep 15s`, `task "A"`.
func (w *watched) wait(label engine.Label, number uint64) string {
	word := label.String()
	switch {
	case number == 0:
		return word
	case label == engine.LabelSleep:
		return word + " " + time.Duration(number).String()
	case label == engine.LabelTask:
		return word + " " + strconv.Quote(w.taskName(number))
	case label == engine.LabelGroup && w.names.groups[number] != "":
		return word + " " + strconv.Quote(w.names.groups[number])
	case !isObject(label):
		return word
	case w.names.objects[number].name != "":
		return word + " " + strconv.Quote(w.names.objects[number].name)
	}
	return word
}

// isObject reports whether the number that comes with the label is that of something that
// tasks share.
func isObject(l engine.Label) bool {
	switch l {
	case engine.LabelSleep, engine.LabelTask, engine.LabelGroup, engine.LabelTimeout, engine.LabelCallback, engine.LabelCancel:
		return false
	}
	return true
}

// waker says in words what has woken a task.
func (w *watched) waker(label engine.Label, number uint64) string {
	switch {
	case label == engine.LabelTask && number != 0:
		return "task " + strconv.Quote(w.taskName(number))
	case label == engine.LabelCallback && number != 0:
		if f := functionOf(number); f != "" {
			return "callback " + f
		}
	}
	return label.String()
}

// duration is a length of time for people: three digits, in the unit that fits.
func duration(ns int64) string {
	d := time.Duration(ns)
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}
