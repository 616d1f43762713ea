// Package pages shows the tour on a terminal, a page at a time: the idea of a lesson, the
// lines of code that matter and a question; then a recording of the program, which the
// reader plays, stops, and steps through in both directions; then what it has shown.
package pages

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// Config says what a tour is made of.
type Config struct {
	Lessons []lessons.Lesson // in the order in which they are shown
	All     []lessons.Lesson // that one can go to
	Values  map[string]string
	Speed   float64
	Auto    bool // go on without keys, at the pace of reading
	ASCII   bool
	Color   bool
	Paint   func(screen.Tone, string) string // agrees with Color
	Command string                           // what was typed, for hints

	// Record runs a lesson and returns what happened.
	Record func(ctx context.Context, l lessons.Lesson, values map[string]string) (*recording.Recording, error)
}

// A phase is where in a lesson the reader is.
type phase int

const (
	asking    phase = iota // the question, before the run
	playing                // the run
	concluded              // what it has shown
	closed                 // the tour is over
)

// An overlay is a page that is shown in place of the lesson's.
type overlay int

const (
	none overlay = iota
	whole
	form
	list
	help
)

// Model is the state of the tour. Nobody but bubbletea calls its methods.
type Model struct {
	config Config
	ctx    context.Context
	glyphs glyphs

	after func(d time.Duration, msg tea.Msg) tea.Cmd // tells msg after a while

	width, height int

	lessons []lessons.Lesson
	at      int // which of them is shown
	phase   phase
	overlay overlay
	python  bool           // that is the language shown where there is room for one only
	guesses map[string]int // by lesson: the index of the choice, until its parameters change
	values  map[string]map[string]string
	message string // one line above the keys, until the next one

	player    player
	recording int // counts the recordings that were asked for; only the last one is shown
	err       error
	begin     bool // it is to be played once it has come

	frames  int // counts what was begun to play; ticks of an older one are dropped
	waits   int // counts the waits of Auto, likewise
	resting bool

	scroll int    // of an overlay
	extent string // which part of it is shown
	form   paramForm
	row    int // of the list

	cached struct { // the programs of the last view
		lesson         string
		golang, python listing
	}
	drawn struct { // the scale of the last view
		film  *film
		width int
		scale *scale
	}
}

// New returns the first page.
func New(ctx context.Context, c Config) *Model {
	m := &Model{config: c, ctx: ctx, glyphs: unicodeGlyphs, width: 80, height: 24, lessons: slices.Clone(c.Lessons), guesses: map[string]int{}, values: map[string]map[string]string{}}
	if c.ASCII {
		m.glyphs = asciiGlyphs
	}
	for _, l := range c.All {
		m.values[l.Name] = map[string]string{}
		for _, p := range l.Params {
			if v, set := c.Values[p.Name]; set {
				m.values[l.Name][p.Name] = v
			}
		}
	}
	m.player.speed, m.after = c.Speed, after
	return m
}

func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// recorded is a recording that has been made, or why it was not.
type recorded struct {
	number int
	rec    *recording.Recording
	err    error
}

// frame is the time after which a playing timeline is drawn anew.
const frame = 50 * time.Millisecond

// frameMsg says that a frame is over.
type frameMsg struct{ number int }

// goOn says that the page has been shown long enough.
type goOn struct{ number int }

// Init records the first lesson.
func (m *Model) Init() tea.Cmd { return m.open(0) }

// Update takes one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case recorded:
		return m, m.take(msg)
	case frameMsg:
		if msg.number == m.frames && m.player.playing {
			return m, m.play()
		}
	case goOn:
		if msg.number == m.waits {
			return m, m.enter()
		}
	}
	return m, nil
}

// lesson returns the lesson that is shown.
func (m *Model) lesson() lessons.Lesson { return m.lessons[m.at] }

// open shows the first page of a lesson, and records it meanwhile.
func (m *Model) open(n int) tea.Cmd {
	if n < 0 || n >= len(m.lessons) {
		return nil
	}
	m.at, m.phase, m.overlay, m.scroll = n, asking, none, 0
	return tea.Batch(m.record(false), m.waitHere())
}

// record records the lesson that is shown; begin tells whether it is then played at once.
func (m *Model) record(begin bool) tea.Cmd {
	m.recording++
	m.frames++
	m.err, m.begin = nil, begin
	m.player = player{speed: m.player.speed}
	number, l, values := m.recording, m.lesson(), maps.Clone(m.values[m.lesson().Name])
	return func() tea.Msg {
		rec, err := m.config.Record(m.ctx, l, values)
		return recorded{number, rec, err}
	}
}

func (m *Model) take(r recorded) tea.Cmd {
	if r.number != m.recording {
		return nil
	}
	if m.err = r.err; r.err != nil {
		return nil
	}
	m.player.film = newFilm(r.rec)
	if name := m.lesson().LoopName; name != "" {
		m.player.film.loop.name = name
	}
	if m.begin {
		return m.run()
	}
	return nil
}

// run plays the recording from its beginning, as soon as there is one.
func (m *Model) run() tea.Cmd {
	m.phase, m.overlay, m.begin = playing, none, true
	if m.player.film == nil {
		return nil
	}
	m.player.to(0)
	return m.resume()
}

// resume plays on.
func (m *Model) resume() tea.Cmd {
	if m.player.film == nil {
		return nil
	}
	if m.player.over() {
		m.player.to(0)
	}
	m.phase, m.player.playing = playing, true
	m.frames++
	return m.tick()
}

func (m *Model) tick() tea.Cmd {
	return m.after(frame, frameMsg{m.frames})
}

// play goes on by a frame.
func (m *Model) play() tea.Cmd {
	m.player.advance(frame)
	if m.player.playing {
		return m.tick()
	}
	return m.conclude()
}

func (m *Model) conclude() tea.Cmd {
	m.phase = concluded
	m.player.playing = false
	m.player.to(m.player.film.length())
	return m.waitHere()
}

// enter goes on to what comes next.
func (m *Model) enter() tea.Cmd {
	switch m.phase {
	case asking:
		return m.run()
	case playing:
		if m.player.film == nil {
			return nil
		}
		return m.conclude()
	case concluded:
		if m.at+1 < len(m.lessons) {
			return m.open(m.at + 1)
		}
		m.phase = closed
		return m.waitHere()
	}
	return tea.Quit
}

// waitHere goes on by itself once the page has been shown long enough, with Auto, unless
// the reader does something until then. A run that was stopped stays.
func (m *Model) waitHere() tea.Cmd {
	m.waits++
	if !m.config.Auto || m.resting || m.overlay != none || m.phase == playing {
		return nil
	}
	return m.after(time.Duration(float64(m.readingTime())/m.player.speed), goOn{m.waits})
}

// readingTime is how long people take to read the page.
func (m *Model) readingTime() time.Duration {
	switch l := m.lesson(); m.phase {
	case asking:
		texts := append(slices.Clone(l.Question.Choices), l.Title, l.Idea, l.Question.Text)
		return readingTime(texts...) + time.Duration(len(l.Go().Focus))*time.Second
	case concluded:
		return readingTime(l.Conclusion, l.Try, m.answer())
	}
	return 5 * time.Second
}

// readingTime is how long people take to read texts at leisure.
func readingTime(texts ...string) time.Duration {
	words := 0
	for _, text := range texts {
		words += len(strings.Fields(text))
	}
	return 2*time.Second + time.Duration(words)*300*time.Millisecond
}

// goTo opens a lesson, which becomes the next one of the tour if it is not part of it.
func (m *Model) goTo(l lessons.Lesson) tea.Cmd {
	i := slices.IndexFunc(m.lessons, func(o lessons.Lesson) bool { return o.Name == l.Name })
	if i < 0 {
		i = m.at + 1
		m.lessons = slices.Insert(m.lessons, i, l)
	}
	return m.open(i)
}
