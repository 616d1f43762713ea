// Package top shows live what the tasks of programs do, on a terminal.
package top

import (
	"context"
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A page is what is shown below the head.
type page int

const (
	programs page = iota // all programs
	tasks                // the tasks of one
	detail               // one task
	tree                 // the tasks by their groups
	awaits               // the tasks by whom they wait for
	warnings
	help
)

// Model is the state of the display. Nobody but bubbletea calls its methods.
type Model struct {
	next  func() tea.Msg // waits for the next message of the feed
	paint view.Paint
	color bool
	now   time.Time

	width, height int
	loops         []*loop
	at            int // which of them is shown
	page, before  page
	chosen        bool // someone has chosen a page: it is not changed for them
	paused        bool
	ended         bool // tasks that have ended are shown as well
	order         int
	scroll        int    // of a page that is no table
	extent        string // which part of it is shown
	row           int    // of the programs

	grown grown

	input   textinput.Model
	typing  bool
	filter  filter
	message string // one line at the foot, until the next key

	asking   bool // whether to cancel
	askLoop  key
	askTask  uint64
	task     *wire.TaskDetail // of the page detail
	taskErr  string
	fetching bool

	trouble string
	looked  bool
}

// New returns a display of what next tells. Colors are used if color is set; paint has
// to agree.
func New(next func() tea.Msg, paint view.Paint, color bool) *Model {
	input := textinput.New()
	input.Prompt = "/"
	input.Placeholder = "name:TEXT state:TEXT wait:TEXT id:N, or a text"
	if !color {
		input.SetStyles(textinput.Styles{})
	}
	return &Model{next: next, paint: paint, color: color, now: time.Now(), width: 80, height: 24, input: input, order: 1, page: tasks}
}

// tick is a second of the clock.
type tick time.Time

// fetched is what a console says of a task.
type fetched struct {
	key  key
	id   uint64
	task *wire.TaskDetail
	err  error
}

// answered is what comes of an order.
type answered string

// Init begins to listen.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.next, everySecond()) }

func everySecond() tea.Cmd {
	return tea.Tick(time.Second, func(t time.Time) tea.Msg { return tick(t) })
}

// Update takes one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.input.SetWidth(max(m.width-4, 10))
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case tick:
		m.now = time.Time(msg)
		return m, everySecond()
	case fetched:
		m.take(msg)
	case answered:
		m.message = string(msg)
	default:
		if m.hear(msg) {
			return m, tea.Batch(m.next, m.refresh(msg))
		}
		if m.typing { // the cursor blinks
			var cmd tea.Cmd
			m.input, cmd = m.input.Update(msg)
			return m, cmd
		}
	}
	return m, nil
}

// hear takes a message of the feed, and tells whether it was one.
func (m *Model) hear(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case joined:
		m.join(msg)
	case told:
		if l := m.find(msg.key); l != nil {
			l.take(msg.state, m.now, m.paused)
		}
	case left:
		if l := m.find(msg.key); l != nil {
			m.forget(maxEnded)
			l.left, l.heard = fmt.Sprintf("%s at %s", msg.why, m.now.Format("15:04:05")), m.now
		}
	case looked:
		m.trouble, m.looked = msg.trouble, true
	default:
		return false
	}
	return true
}

// join adds a loop, behind the others of its program. With the second one the list of
// programs is shown, unless someone has chosen what to see.
func (m *Model) join(j joined) {
	current := m.current()
	if i := slices.IndexFunc(m.loops, func(l *loop) bool { return l.key == j.key }); i >= 0 {
		m.loops[i] = &loop{joined: j} // it has ended, and is there again
		return
	}
	m.loops = append(m.loops, &loop{joined: j})
	slices.SortStableFunc(m.loops, func(a, b *loop) int {
		if a.key.pid != b.key.pid {
			return a.key.pid - b.key.pid
		}
		return a.key.loop - b.key.loop
	})
	if current != nil {
		m.at = slices.Index(m.loops, current)
	}
	if len(m.loops) == 2 && !m.chosen {
		m.page = programs
	}
}

// maxEnded is how many loops that have ended are kept: someone may start programs all day.
const maxEnded = 12

// forget drops loops that have ended, the oldest first, so that so many stay; and the one
// that is shown, unless none is to stay.
func (m *Model) forget(stay int) {
	current := m.current()
	for {
		oldest, ended := -1, 0
		for i, l := range m.loops {
			if l.left == "" {
				continue
			}
			ended++
			if (stay == 0 || l != current) && (oldest < 0 || l.heard.Before(m.loops[oldest].heard)) {
				oldest = i
			}
		}
		if oldest < 0 || ended <= stay {
			break
		}
		m.loops = slices.Delete(m.loops, oldest, oldest+1)
	}
	m.at = max(slices.Index(m.loops, current), 0)
}

func (m *Model) find(k key) *loop {
	i := slices.IndexFunc(m.loops, func(l *loop) bool { return l.key == k && l.left == "" })
	if i < 0 {
		return nil
	}
	return m.loops[i]
}

// current returns the loop that is shown, or nil if there is none yet.
func (m *Model) current() *loop {
	if m.at >= len(m.loops) {
		return nil
	}
	return m.loops[m.at]
}

// several tells whether a program has more than one loop.
func (m *Model) several(pid int) bool {
	n := 0
	for _, l := range m.loops {
		if l.key.pid == pid {
			n++
		}
	}
	return n > 1
}

// visible returns the tasks that pass the filter, sorted.
func (m *Model) visible(l *loop) []*wire.Task {
	if l == nil || l.shown == nil {
		return nil
	}
	var tasks []*wire.Task
	for _, t := range l.shown.Alive(m.ended) {
		if m.filter.matches(l.shown, t) {
			tasks = append(tasks, t)
		}
	}
	view.Sort(tasks, view.Orders[m.order], l.share)
	return tasks
}

func (l *loop) share(t *wire.Task) float64 { return l.load[t.ID] }

// patience bounds how long a question to a console may take.
const patience = 10 * time.Second

// refresh asks anew about the task that is shown, when its loop has told something.
func (m *Model) refresh(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(told); !ok || m.page != detail || m.paused || m.current() == nil || msg.key != m.current().key {
		return nil
	}
	return m.fetch()
}

func (m *Model) fetch() tea.Cmd {
	l := m.current()
	if m.fetching || l.left != "" {
		return nil
	}
	m.fetching = true
	id := l.selected
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		task, err := l.console.Task(ctx, l.key.loop, id)
		return fetched{l.key, id, task, err}
	}
}

func (m *Model) take(f fetched) {
	m.fetching = false
	if l := m.current(); m.page != detail || l == nil || l.key != f.key || l.selected != f.id {
		return
	}
	if m.taskErr = ""; f.err != nil {
		m.taskErr = f.err.Error()
		return
	}
	m.task = f.task
}
