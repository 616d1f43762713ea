package console

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// names are what events call by numbers.
type names struct {
	groups  map[uint64]string
	left    []leftGroup // those of them that are over, oldest first: records name them for a while
	objects map[uint64]object
}

type leftGroup struct {
	number uint64
	at     int64 // since when
}

// object is what events call by a number.
type object struct {
	kind engine.Label
	name string
}

// mostNames bounds the names of objects, for no event says that one is gone, and those of
// groups, for the event may be lost.
const mostNames = 20_000

// A vocabulary says in words what records say in numbers.
type vocabulary struct {
	names   *names
	tallies *tallies
}

func newNames() *names {
	return &names{groups: map[uint64]string{}, objects: map[uint64]object{}}
}

func (n *names) nameObject(number uint64, name object) {
	if len(n.objects) >= mostNames {
		clear(n.objects) // the next snapshot names those that are still there
	}
	n.objects[number] = name
}

// nameGroup notes the name of a group, if it has one.
func (n *names) nameGroup(number uint64, name string) {
	if name == "" {
		return
	}
	if len(n.groups) >= mostNames {
		n.forgetLeft(math.MaxInt64)
	}
	if len(n.groups) >= mostNames {
		clear(n.groups) // likewise
	}
	n.groups[number] = name
}

// leaveGroup notes that a group is over.
func (n *names) leaveGroup(number uint64, at int64) {
	if n.groups[number] != "" {
		n.left = append(n.left, leftGroup{number, at})
	}
}

// forgetLeft forgets the groups that were over before a time.
func (n *names) forgetLeft(before int64) {
	i := 0
	for ; i < len(n.left) && n.left[i].at < before; i++ {
		delete(n.groups, n.left[i].number)
	}
	n.left = slices.Delete(n.left, 0, i)
}

// openGroups are the names of the groups that were not over at a time.
func (n *names) openGroups(at int64) map[uint64]string {
	open := maps.Clone(n.groups)
	for _, g := range n.left {
		if g.at < at {
			delete(open, g.number)
		}
	}
	return open
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
func (w *vocabulary) taskName(id uint64) string {
	if t := w.tallies.find(id); t != nil {
		return nameOf(id, t.name)
	}
	return nameOf(id, "")
}

// wait says in words what a task waits for: `lock "db"`, `sleep 15s`, `task "A"`.
func (w *vocabulary) wait(label engine.Label, number uint64) string {
	word := label.String()
	switch {
	case number == 0:
		return word
	case label == engine.LabelSleep:
		return sleepText(number)
	case label == engine.LabelTask:
		return word + " " + strconv.Quote(w.taskName(number))
	case label == engine.LabelGroup && w.names.groups[number] != "":
		return word + " " + strconv.Quote(w.names.groups[number])
	case !isObject(label):
		return word
	case label == engine.LabelSelect && w.names.objects[number].name != "":
		return word + ": " + w.names.objects[number].name // which is no name, but what it waits for
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
func (w *vocabulary) waker(label engine.Label, number uint64) string {
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

// sleepText is what a task waits for that sleeps for so many nanoseconds.
func sleepText(ns uint64) string { return engine.LabelSleep.String() + " " + duration(int64(ns)) }

// duration is a length of time for people: three digits, or, from a minute on, seconds. All
// that a console says in words has its lengths of time from here.
func duration(ns int64) string {
	d, last := time.Duration(ns), time.Duration(1)
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	for d/last >= 1000 {
		last *= 10
	}
	return d.Round(last).String()
}
