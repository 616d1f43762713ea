package screen

import (
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// Live is a drawing at the end of a terminal that is drawn over and over,
// while lines of text appear above it. Any goroutine may use it. On a screen
// that cannot be drawn over, only the last drawing is shown, when Live ends.
type Live struct {
	screen *Screen
	stop   func() // ends what StartLive began

	mu    sync.Mutex
	lines []string // the last drawing
	shown []string // the part of it that is on the terminal
	err   error    // the first error of writing; nothing is written after it
}

// StartLive begins a drawing.
func (s *Screen) StartLive() *Live {
	l := &Live{screen: s, stop: func() {}}
	if s.live {
		l.stop = onContinue(l.forget)
	}
	return l
}

// forget leaves the drawing where it is: the shell has written below it, and
// the next one begins there.
func (l *Live) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = nil
}

// Print shows text, which ends with a newline, above the drawing.
func (l *Live) Print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.redraw(text)
}

// Draw replaces the drawing.
func (l *Live) Draw(lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = lines
	if l.screen.live {
		l.redraw("")
	}
}

// End leaves the last drawing on the screen, and reports what went wrong in
// writing.
func (l *Live) End() error {
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.screen.live {
		l.write(l.home() + ansi.EraseScreenBelow)
		l.shown = nil
	}
	for _, line := range l.lines {
		l.write(line + "\n")
	}
	l.lines = nil
	return l.err
}

// redraw writes text where the drawing begins, and the drawing after it, in
// one piece that terminals show at once. Whenever the program is killed, the
// cursor is there again.
func (l *Live) redraw(text string) {
	if !l.screen.live {
		l.write(text)
		return
	}
	lines := l.fit()
	var b strings.Builder
	b.WriteString(ansi.SetModeSynchronizedOutput + ansi.ResetModeTextCursorEnable)
	b.WriteString(l.home())
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSuffix(line, "\n") + ansi.EraseLineRight + "\n")
	}
	for _, line := range lines {
		b.WriteString(line + ansi.EraseLineRight + "\n")
	}
	b.WriteString(ansi.EraseScreenBelow)
	b.WriteString(ansi.SetModeTextCursorEnable + ansi.ResetModeSynchronizedOutput)
	l.write(b.String())
	l.shown = lines
}

// fit returns as much of the drawing as the terminal has rows for: what has
// left the screen at the top cannot be drawn over.
func (l *Live) fit() []string {
	_, height := l.screen.size()
	if room := max(height-2, 1); len(l.lines) > room {
		return l.lines[:room]
	}
	return l.lines
}

// home moves the cursor to where the drawing begins. A window that was made
// narrower has broken its lines into several rows.
func (l *Live) home() string {
	width, _ := l.screen.size()
	rows := 0
	for _, line := range l.shown {
		rows += max(1, (ansi.StringWidth(line)+width-1)/width)
	}
	if rows == 0 {
		return "\r"
	}
	return "\r" + ansi.CursorUp(rows)
}

func (l *Live) write(text string) {
	if l.err == nil && text != "" {
		_, l.err = l.screen.Write([]byte(text))
	}
}
