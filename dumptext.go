package asyncio

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

// dumpOf writes a snapshot as a tree, and releases it. Any goroutine may call it.
func dumpOf(s *engine.Snapshot, threads int) []byte {
	s.Complete()
	defer s.Release()
	d := newDump(s)
	fmt.Fprintf(&d.out, "asyncio: %s of a loop, in its pass %d\n", count(len(s.Tasks), "task"), s.To)
	for _, t := range d.children[0] {
		d.task(t, "")
	}
	if threads > 0 {
		fmt.Fprintf(&d.out, "%s in threads, beside the loop\n", count(threads, "function"))
	}
	return d.out.Bytes()
}

// A dump is a snapshot that is written.
type dump struct {
	out      bytes.Buffer
	now      time.Duration
	tasks    map[uint64]*engine.TaskView
	objects  map[uint64]*engine.ObjectView
	groups   map[uint64][]*engine.GroupView // by their owners, innermost first
	owners   map[uint32]uint64              // of groups and timeouts
	children map[uint32][]*engine.TaskView  // by their groups
}

func newDump(s *engine.Snapshot) *dump {
	d := &dump{
		now: s.At, tasks: map[uint64]*engine.TaskView{}, objects: map[uint64]*engine.ObjectView{},
		groups: map[uint64][]*engine.GroupView{}, owners: map[uint32]uint64{}, children: map[uint32][]*engine.TaskView{},
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		d.owners[g.Number] = g.Owner
		d.groups[g.Owner] = append(d.groups[g.Owner], g)
	}
	for _, t := range s.Tasks {
		d.tasks[t.ID] = t
		group := t.Group
		if d.isLeft(group) {
			group = 0
		}
		d.children[group] = append(d.children[group], t)
	}
	for i := range s.Objects {
		d.objects[s.Objects[i].Number] = &s.Objects[i]
	}
	return d
}

// task writes a task, and below it what it owns.
func (d *dump) task(t *engine.TaskView, indent string) {
	fmt.Fprintf(&d.out, "%s%s %s", indent, nameOfTask(t.ID, t.Name), d.state(t))
	switch {
	case t.Group != 0 && d.isLeft(t.Group):
		d.out.WriteString("; its group was left without it")
	case t.Group == 0 && t.Parent != 0:
		fmt.Fprintf(&d.out, "; created by task %d", t.Parent)
	}
	if t.Canceled {
		d.out.WriteString("; it is asked to end")
	}
	d.out.WriteByte('\n')
	if place := stacks.Parse(t.Stack).Place(); place != "" {
		fmt.Fprintf(&d.out, "%s    at %s\n", indent, place)
	}
	d.scopes(t.ID, 0, indent+"  ")
}

// isLeft reports whether no task has this group open any more.
func (d *dump) isLeft(group uint32) bool { return group != 0 && d.owners[group] == 0 }

// scopes writes the groups and timeouts that a task has open inside around, which is one
// of them; 0: inside none.
func (d *dump) scopes(owner uint64, around uint32, indent string) {
	for _, g := range slices.Backward(d.groups[owner]) {
		in := g.Parent
		if d.owners[in] != owner {
			in = 0
		}
		if in != around {
			continue
		}
		fmt.Fprintf(&d.out, "%s%s\n", indent, d.group(g))
		for _, kid := range d.children[g.Number] {
			d.task(kid, indent+"  ")
		}
		d.scopes(owner, g.Number, indent+"  ")
	}
}

// state says what a task does, for whom and since when.
func (d *dump) state(t *engine.TaskView) string {
	switch t.State {
	case engine.TaskHeld:
		return "is held back by the limit of its group"
	case engine.TaskReady:
		return "is ready"
	case engine.TaskRunning:
		return "runs"
	}
	text := "waits for " + t.Text
	if held := d.held(t); held != "" {
		text += ", " + held
	}
	if t.Until != 0 {
		text += fmt.Sprintf(", %v to go", round(time.Duration(t.Until)-d.now))
	}
	switch passed := round(d.now - t.Since); {
	case !t.Known:
	case t.About:
		text += fmt.Sprintf(", for at least %v", passed)
	default:
		text += fmt.Sprintf(", for %v", passed)
	}
	return text
}

// held says who holds what the task waits for.
func (d *dump) held(t *engine.TaskView) string {
	if t.Wait.Label == engine.LabelSelect {
		return d.selected(t)
	}
	o := d.objects[t.Wait.Number]
	if o == nil || o.Holder == 0 || !isOf(t.Wait.Label, o.Kind) {
		return ""
	}
	text := fmt.Sprintf("held by task %d", o.Holder)
	if holder := d.tasks[o.Holder]; holder != nil {
		text = "held by " + nameOfTask(holder.ID, holder.Name)
	} else {
		text += ", which has ended"
	}
	if o.Since != 0 {
		text += fmt.Sprintf(" for %v", round(d.now-o.Since))
	}
	return text
}

// selected says who may end a wait for several things at once, if that is known of all.
func (d *dump) selected(t *engine.TaskView) string {
	var names []string
	for _, id := range t.By {
		name := nameOfTask(id, fmt.Sprintf("Task-%d", id))
		if by := d.tasks[id]; by != nil {
			name = nameOfTask(id, by.Name)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "which only " + strings.Join(names, " or ") + " can end"
}

// isOf reports whether a wait with that label is for an object of that kind: the numbers
// of labels that stand for other things are not those of objects.
func isOf(wait, kind engine.Label) bool {
	return wait == kind || strings.HasPrefix(wait.String(), kind.String()+" ")
}

func (d *dump) group(g *engine.GroupView) string {
	if g.Timeout {
		if g.Deadline == 0 {
			return "timeout without a deadline"
		}
		return fmt.Sprintf("timeout, %v to go", round(g.Deadline-d.now))
	}
	text := "group"
	if g.Name != "" {
		text += fmt.Sprintf(" %q", g.Name)
	}
	text += " of " + count(g.Children, "task")
	if g.Limit > 0 {
		text += fmt.Sprintf(", at most %d at once, %d held back", g.Limit, g.Held)
	}
	if g.Errors > 0 {
		text += fmt.Sprintf(", %d failed", g.Errors)
	}
	if g.Deadline != 0 {
		text += fmt.Sprintf(", canceled in %v", round(g.Deadline-d.now))
	}
	return text
}

// nameOfTask is how a task is called in a text.
func nameOfTask(id uint64, name string) string {
	if name == fmt.Sprintf("Task-%d", id) {
		return fmt.Sprintf("task %d", id)
	}
	return fmt.Sprintf("task %d %q", id, name)
}

func count(n int, word string) string { return fmt.Sprintf("%d %s", n, plural(n, word)) }

// round rounds a time so that it is easy to read.
func round(d time.Duration) time.Duration {
	switch {
	case d < 0:
		return 0
	case d >= 10*time.Second:
		return d.Round(time.Second)
	case d >= time.Second:
		return d.Round(100 * time.Millisecond)
	case d >= time.Millisecond:
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Microsecond)
}
