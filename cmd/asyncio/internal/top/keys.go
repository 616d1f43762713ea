package top

import (
	"context"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// press does what a key asks for.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case k.String() == "ctrl+c":
		return tea.Quit
	case k.String() == "ctrl+z":
		return tea.Suspend
	case m.typing:
		return m.typed(k)
	case m.asking:
		return m.decide(k.String())
	}
	m.message = ""
	switch k.String() {
	case "q":
		return tea.Quit
	case "?", "h", "f1":
		m.turn(help)
	case "esc", "backspace":
		m.back()
	case "tab", "right", "l":
		m.switchTo(m.at + 1)
	case "shift+tab", "left":
		m.switchTo(m.at - 1)
	case "1", "2", "3", "4", "5", "6", "7", "8", "9":
		if n := int(k.String()[0] - '1'); n < len(m.loops) {
			m.switchTo(n)
		}
	case "p", "space":
		m.pause()
	case "o":
		m.turn(programs)
	case "x":
		m.forget(0)
	case "w":
		m.turn(warnings)
	case "t":
		m.nextTree()
	case "/":
		m.page, m.typing, m.chosen = tasks, true, true
		return m.input.Focus()
	case "s":
		m.order = (m.order + 1) % len(view.Orders)
	case "S":
		m.order = (m.order + len(view.Orders) - 1) % len(view.Orders)
	case "a":
		m.ended = !m.ended
	case "c":
		m.ask()
	case "enter":
		return m.enter()
	default:
		m.move(k.String())
	}
	return nil
}

// typed takes a key of the filter.
func (m *Model) typed(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		m.input.SetValue("")
		fallthrough
	case "enter":
		m.typing = false
		m.input.Blur()
	}
	var cmd tea.Cmd
	if m.typing {
		m.input, cmd = m.input.Update(k)
	}
	f, err := parseFilter(m.input.Value())
	m.filter, m.message = f, ""
	if err != nil {
		m.message = err.Error()
	}
	return cmd
}

// turn shows a page, or, if it is shown, what was there before.
func (m *Model) turn(to page) {
	if m.page == to {
		m.back()
		return
	}
	if m.page == tasks || m.page == programs || m.page == detail {
		m.before = m.page
	}
	m.page, m.scroll, m.chosen = to, 0, true
}

// back goes back: from a page to the table, from the table to the programs, if there are
// several.
func (m *Model) back() {
	m.scroll, m.chosen = 0, true
	switch {
	case m.page == tasks && len(m.filter) > 0:
		m.filter = nil
		m.input.SetValue("")
	case m.page == tasks && len(m.loops) > 1:
		m.page = programs
	case m.page == programs:
		m.page = tasks
	case m.page == detail:
		m.page = tasks
	case m.page != tasks:
		m.page = m.before
	}
}

func (m *Model) nextTree() {
	switch m.page {
	case tree:
		m.page, m.scroll = awaits, 0
	case awaits:
		m.page = tasks
	default:
		m.turn(tree)
	}
}

func (m *Model) switchTo(n int) {
	if len(m.loops) == 0 {
		return
	}
	m.at, m.scroll, m.chosen = (n+len(m.loops))%len(m.loops), 0, true
	if m.page == programs || m.page == detail {
		m.page = tasks
	}
	m.before = tasks
}

// pause stops the picture; the programs go on, and so does what is known of them.
func (m *Model) pause() {
	m.paused = !m.paused
	if !m.paused {
		for _, l := range m.loops {
			l.shown = l.last
		}
	}
}

func (m *Model) enter() tea.Cmd {
	switch {
	case m.page == programs && m.row < len(m.loops):
		m.switchTo(m.row)
	case m.page == tasks && m.selectedTask() != nil:
		m.page, m.scroll, m.task, m.taskErr, m.chosen = detail, 0, nil, "", true
		m.current().moved = true
		return m.fetch()
	}
	return nil
}

// selectedTask returns the task that the cursor is on, or the one that is shown, or nil.
func (m *Model) selectedTask() *wire.Task {
	l := m.current()
	if m.page == detail && l.shown != nil {
		return l.shown.Task(l.selected)
	}
	visible := m.visible(l)
	if len(visible) == 0 {
		return nil
	}
	m.settle(l, visible)
	return visible[l.row]
}

// settle finds the selected task again. If it is gone, the one that has its place is
// selected. Until someone moves the cursor, it stays at the top, whatever is there.
func (m *Model) settle(l *loop, visible []*wire.Task) {
	if !l.moved {
		l.row = 0
	} else if i := slices.IndexFunc(visible, func(t *wire.Task) bool { return t.ID == l.selected }); i >= 0 {
		l.row = i
	}
	l.row = min(max(l.row, 0), len(visible)-1)
	if l.row >= 0 {
		l.selected = visible[l.row].ID
	}
}

// move moves the cursor, or the page.
func (m *Model) move(key string) {
	step, known := map[string]int{
		"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -m.rows(), "pgdown": m.rows(),
		"home": -1 << 30, "g": -1 << 30, "end": 1 << 30, "G": 1 << 30,
	}[key]
	if !known {
		return
	}
	switch m.page {
	case programs:
		m.row = min(max(m.row+step, 0), max(len(m.loops)-1, 0))
	case tasks:
		l := m.current()
		if visible := m.visible(l); len(visible) > 0 {
			m.settle(l, visible)
			l.row, l.moved = min(max(l.row+step, 0), len(visible)-1), true
			l.selected = visible[l.row].ID
		}
	default:
		m.scroll = max(m.scroll+step, 0) // View knows how long the page is
	}
}

// ask asks whether the selected task is to be canceled.
func (m *Model) ask() {
	l := m.current()
	if m.page != tasks && m.page != detail {
		m.message = "choose a task first, in the table"
		return
	}
	t := m.selectedTask()
	switch {
	case t == nil:
		m.message = "no task is selected"
	case l.left != "":
		m.message = l.left
	case !l.actions:
		m.message = "this console takes no orders: console.Start(ctx, console.Actions()) allows it"
	case t.State == wire.Done:
		m.message = fmt.Sprintf("task %s has ended", l.shown.Who(t.ID))
	default:
		m.asking, m.askLoop, m.askTask = true, l.key, t.ID
		l.moved = true
	}
}

// decide cancels, if that was meant.
func (m *Model) decide(key string) tea.Cmd {
	m.asking = false
	l := m.find(m.askLoop)
	if key != "y" || l == nil {
		m.message = "nothing was canceled"
		return nil
	}
	id, name := m.askTask, l.shown.Who(m.askTask)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := l.console.Cancel(ctx, l.key.loop, id); err != nil {
			return answered(err.Error())
		}
		return answered(fmt.Sprintf("task %s is asked to end", name))
	}
}
