package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A node is a line of a tree: a task or a group.
type node struct {
	label    string
	tone     screen.Tone
	state    Cell
	since    string
	note     Cell
	children []*node
}

// Tree returns the tasks by their owners. Below a task are its groups and the tasks that
// it has created outside of groups; below a group are its tasks and the groups inside it.
// With all, tasks that have ended are shown as well.
func (s *State) Tree(paint Paint, width int, all bool) []string {
	g := grower{s, map[uint64]bool{}, map[uint64]bool{}, map[uint64][]*wire.Task{}, map[uint64][]*wire.Task{}, map[uint64][]*wire.Group{}, map[uint64][]*wire.Group{}}
	tasks := s.Alive(all)
	g.plant(tasks)
	var roots []*node
	for _, t := range tasks {
		if s.under(t) == nil {
			roots = append(roots, g.task(t))
		}
	}
	for _, t := range tasks { // no snapshot should have a ring of owners, and none may be hidden
		if !g.seen[t.ID] {
			roots = append(roots, g.task(t))
		}
	}
	return draw(roots, paint, width)
}

// A grower makes the tree of groups.
type grower struct {
	s       *State
	seen    map[uint64]bool // tasks
	drawn   map[uint64]bool // groups
	inGroup map[uint64][]*wire.Task
	created map[uint64][]*wire.Task  // outside of groups, by their creator
	owned   map[uint64][]*wire.Group // the outermost groups of a task
	nested  map[uint64][]*wire.Group // by the group around them
}

// under returns the task below which another one stands, or nil.
func (s *State) under(t *wire.Task) *wire.Task {
	if g := s.groups[t.Group]; g != nil && g.Owner != t.ID {
		return s.Task(g.Owner)
	}
	return s.Task(t.Parent)
}

func (g *grower) plant(tasks []*wire.Task) {
	for _, t := range tasks {
		if g.s.groups[t.Group] != nil {
			g.inGroup[t.Group] = append(g.inGroup[t.Group], t)
		} else if t.Parent != 0 {
			g.created[t.Parent] = append(g.created[t.Parent], t)
		}
	}
	for i := range g.s.Groups {
		group := &g.s.Groups[i]
		if around := g.s.groups[group.Parent]; around != nil && around.Owner == group.Owner {
			g.nested[around.ID] = append(g.nested[around.ID], group)
		} else {
			g.owned[group.Owner] = append(g.owned[group.Owner], group)
		}
	}
}

func (g *grower) task(t *wire.Task) *node {
	g.seen[t.ID] = true
	n := g.s.leaf(t)
	for _, group := range g.owned[t.ID] {
		n.children = g.group(n.children, group)
	}
	n.children = g.tasks(n.children, g.created[t.ID])
	return n
}

// group adds a group. A timeout always has a line of its own, even if nothing is inside
// it, because it has a deadline to show.
func (g *grower) group(to []*node, group *wire.Group) []*node {
	if g.drawn[group.ID] {
		return to
	}
	g.drawn[group.ID] = true
	n := &node{label: Group(group), tone: screen.Faint, note: Cell{g.s.limits(group), screen.Faint}}
	for _, inner := range g.nested[group.ID] {
		n.children = g.group(n.children, inner)
	}
	n.children = g.tasks(n.children, g.inGroup[group.ID])
	return append(to, n)
}

func (g *grower) tasks(to []*node, tasks []*wire.Task) []*node {
	for _, t := range tasks {
		if !g.seen[t.ID] {
			to = append(to, g.task(t))
		}
	}
	return to
}

func (s *State) leaf(t *wire.Task) *node {
	return &node{
		label: s.Who(t.ID), tone: screen.Strong, state: Cell{Word(t), Tone(t)},
		since: s.Since(t), note: Cell{s.Wait(t), screen.Text},
	}
}

// Awaits returns the tasks by whom they wait for: below a task those that it depends on,
// because they hold what it wants, or are what it wants. A cycle is marked where it
// closes; a task that was shown is not shown again with all that is below it.
func (s *State) Awaits(paint Paint, width int) []string {
	awaited := map[uint64]bool{}
	tasks := s.Alive(false)
	for _, t := range tasks {
		for _, id := range needs(t) {
			awaited[id] = true
		}
	}
	c := climber{s: s, shown: map[uint64]bool{}}
	var roots []*node
	for _, t := range tasks {
		if !awaited[t.ID] {
			roots = append(roots, c.climb(t, nil))
		}
	}
	for _, t := range tasks { // those of cycles, whom all in the cycle wait for
		if !c.shown[t.ID] {
			roots = append(roots, c.climb(t, nil))
		}
	}
	return draw(roots, paint, width)
}

func needs(t *wire.Task) []uint64 {
	if t.Wait == nil {
		return nil
	}
	return t.Wait.By
}

// A climber makes the tree of waits.
type climber struct {
	s     *State
	shown map[uint64]bool
	path  []uint64 // from the root to here
}

// climb makes the node of a task, for which another one waits; that is nil for a root.
func (c *climber) climb(t, waiter *wire.Task) *node {
	n := c.s.leaf(t)
	n.note.Text = join(n.note.Text, c.s.holds(t, waiter))
	switch {
	case slices.Contains(c.path, t.ID):
		n.label, n.tone = "↺ "+n.label, screen.Bad
		n.note = Cell{join("cycle", c.s.holds(t, waiter)), screen.Bad}
		return n
	case c.shown[t.ID] && len(needs(t)) > 0:
		n.note.Text = join(n.note.Text, "see above")
		return n
	}
	c.shown[t.ID] = true
	c.path = append(c.path, t.ID)
	for _, id := range needs(t) {
		if next := c.s.Task(id); next != nil {
			n.children = append(n.children, c.climb(next, t))
		} else {
			n.children = append(n.children, &node{label: fmt.Sprint(id), state: Cell{"unknown", screen.Faint}})
		}
	}
	c.path = c.path[:len(c.path)-1]
	return n
}

// holds says what a task holds that another one waits for.
func (s *State) holds(t, waiter *wire.Task) string {
	if waiter == nil || waiter.Wait == nil {
		return ""
	}
	o := s.objects[waiter.Wait.Obj]
	if o == nil || o.Holder != t.ID {
		return ""
	}
	text := "holds " + Clean(strings.TrimSpace(o.Kind+" "+quoted(o.Name)))
	if o.Since != 0 {
		text += " for " + Span(s.At-o.Since)
	}
	return text
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("%q", name)
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

// draw returns the lines of a forest, with the states of tasks in columns beside it.
func draw(roots []*node, paint Paint, width int) []string {
	table := &Table{Columns: []Column{{Head: "TASK", Min: 20}, {Head: "STATE"}, {Head: "SINCE", Right: true}, {Head: "WAIT", Min: 24}}}
	var add func(n *node, first, rest string)
	add = func(n *node, first, rest string) {
		table.Rows = append(table.Rows, []Cell{{first + n.label, n.tone}, n.state, {n.since, screen.Text}, n.note})
		for i, child := range n.children {
			if i == len(n.children)-1 {
				add(child, rest+"└─ ", rest+"   ")
			} else {
				add(child, rest+"├─ ", rest+"│  ")
			}
		}
	}
	for _, n := range roots {
		add(n, "", "")
	}
	return table.Lines(paint, width)
}
