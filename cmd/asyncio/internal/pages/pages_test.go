package pages

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// A reader is one who sits before the tour: keys go in, and what is shown is read. Time
// passes when the reader lets it.
type reader struct {
	t      *testing.T
	m      *Model
	timers []tea.Msg // what comes after a while
	quit   bool
}

func plainPaint(_ screen.Tone, text string) string { return text }

// config is a tour of all lessons, or of those that are named.
func config(names ...string) Config {
	c := Config{All: lessons.All(), Speed: 1, Paint: plainPaint, Command: "asyncio", Record: recordLesson}
	for _, l := range c.All {
		for _, name := range names {
			if l.Name == name {
				c.Lessons = append(c.Lessons, l)
			}
		}
	}
	if len(names) == 0 {
		c.Lessons = c.All
	}
	return c
}

func recordLesson(ctx context.Context, l lessons.Lesson, values map[string]string) (*recording.Recording, error) {
	return l.Record(ctx, values)
}

func sit(t *testing.T, c Config, width, height int) *reader {
	t.Helper()
	r := &reader{t: t, m: New(t.Context(), c)}
	r.m.after = func(_ time.Duration, msg tea.Msg) tea.Cmd {
		r.timers = append(r.timers, msg)
		return nil
	}
	r.tell(tea.WindowSizeMsg{Width: width, Height: height})
	r.run(r.m.Init())
	return r
}

func (r *reader) tell(msg tea.Msg) {
	_, cmd := r.m.Update(msg)
	r.run(cmd)
}

func (r *reader) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			r.run(cmd)
		}
	case tea.QuitMsg, tea.InterruptMsg:
		r.quit = true
	default:
		r.tell(msg)
	}
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown,
	"home": tea.KeyHome, "end": tea.KeyEnd, "esc": tea.KeyEscape, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
}

func (r *reader) press(keys ...string) {
	r.t.Helper()
	for _, k := range keys {
		if code, ok := keyCodes[k]; ok {
			r.tell(tea.KeyPressMsg{Code: code})
			continue
		}
		r.tell(tea.KeyPressMsg{Code: rune(k[0]), Text: k})
	}
}

// pass lets all that waits come, and what comes of that, at most so often.
func (r *reader) pass(most int) {
	for range most {
		timers := r.timers
		if r.timers = nil; len(timers) == 0 {
			return
		}
		for _, msg := range timers {
			r.tell(msg)
		}
	}
}

// page returns what is shown, and checks that it has the size of the window.
func (r *reader) page() string {
	r.t.Helper()
	content := r.m.View().Content
	if !r.m.config.Color && strings.Contains(content, "\x1b") {
		r.t.Errorf("control codes where there are no colors: %q", content)
	}
	lines := strings.Split(content, "\n")
	if len(lines) != r.m.height {
		r.t.Errorf("%d lines in a window of %d rows:\n%s", len(lines), r.m.height, strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(line), " ")
		if w := ansi.StringWidth(line); w > r.m.width {
			r.t.Errorf("a line has %d columns of %d: %s", w, r.m.width, line)
		}
	}
	return strings.Join(lines, "\n")
}

// has checks that texts are on the page, whatever the lines in which they are.
func (r *reader) has(texts ...string) {
	r.t.Helper()
	page := r.page()
	joined := strings.Join(strings.Fields(page), " ")
	for _, text := range texts {
		if !strings.Contains(joined, strings.Join(strings.Fields(text), " ")) {
			r.t.Errorf("this is not on the page: %q\n%s", text, page)
		}
	}
}
