package screen

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// terminal understands as much as a live drawing needs, and ASCII text only.
// It keeps lines as they were written, and breaks them into rows by its
// width, as terminals do when their window gets narrower.
type terminal struct {
	t             *testing.T
	width, height int
	lines         []string
	line, col     int // where the cursor is
}

func newTerminal(t *testing.T, width, height int) *terminal {
	return &terminal{t: t, width: width, height: height, lines: []string{""}}
}

func (v *terminal) Write(p []byte) (int, error) {
	for text := string(p); text != ""; {
		switch text[0] {
		case '\x1b':
			text = v.control(text[len("\x1b["):])
		case '\r':
			v.col, text = 0, text[1:]
		case '\n':
			v.newline()
			text = text[1:]
		default:
			v.put(text[:1])
			text = text[1:]
		}
	}
	return len(p), nil
}

func (v *terminal) newline() {
	v.line, v.col = v.line+1, 0
	if v.line == len(v.lines) {
		v.lines = append(v.lines, "")
	}
}

// put writes a character over what was there.
func (v *terminal) put(char string) {
	line := v.lines[v.line]
	v.lines[v.line] = line[:v.col] + char + line[min(v.col+1, len(line)):]
	v.col++
}

// control does what a control sequence says, of which text is the rest.
func (v *terminal) control(text string) string {
	end := strings.IndexFunc(text, unicode.IsLetter)
	switch argument := text[:end]; text[end] {
	case 'A':
		rows, err := strconv.Atoi(argument)
		if err != nil && argument != "" {
			v.t.Fatalf("cursor up %q", argument)
		}
		v.up(max(rows, 1))
	case 'K':
		v.lines[v.line] = v.lines[v.line][:v.col]
	case 'J':
		v.lines = append(v.lines[:v.line], v.lines[v.line][:v.col])
	case 'h', 'l': // modes
	default:
		v.t.Fatalf("control sequence %q", text[:end+1])
	}
	return text[end+1:]
}

func (v *terminal) up(rows int) {
	if rows >= v.height {
		v.t.Errorf("cursor up %d rows on a terminal of %d", rows, v.height)
	}
	for rows > 0 && v.line > 0 {
		v.line--
		rows -= max(1, (len(v.lines[v.line])+v.width-1)/v.width)
	}
	if rows != 0 {
		v.t.Errorf("the cursor is %d rows away from the beginning of a line", rows)
	}
}

func (v *terminal) text() string { return strings.Join(v.lines, "\n") }

func (v *terminal) screen() *Screen {
	return &Screen{out: v, live: true, size: func() (int, int) { return v.width, v.height }}
}

func drawing(from, to int) []string {
	var lines []string
	for i := from; i <= to; i++ {
		lines = append(lines, fmt.Sprintf("drawn %d", i))
	}
	return lines
}

func TestLiveShowsTextAboveTheLastDrawing(t *testing.T) {
	v := newTerminal(t, 40, 24)
	live := v.screen().StartLive()
	live.Print("one\n")
	live.Draw(drawing(1, 3))
	live.Print("two\nthree\n")
	live.Draw(drawing(5, 9))
	live.Draw(drawing(5, 6)) // gets shorter
	live.Print("a line longer than those of the drawing\n")
	if want := "one\ntwo\nthree\na line longer than those of the drawing\ndrawn 5\ndrawn 6\n"; v.text() != want {
		t.Errorf("while it lives:\n%s\nwant\n%s", v.text(), want)
	}
	live.Draw(drawing(7, 8))
	if err := live.End(); err != nil {
		t.Fatal(err)
	}
	if want := "one\ntwo\nthree\na line longer than those of the drawing\ndrawn 7\ndrawn 8\n"; v.text() != want {
		t.Errorf("at the end:\n%s\nwant\n%s", v.text(), want)
	}
}

func TestLiveFitsALowTerminal(t *testing.T) {
	v := newTerminal(t, 40, 6)
	live := v.screen().StartLive()
	for i := range 5 {
		live.Draw(drawing(1, 20))
		live.Print(fmt.Sprintf("line %d\n", i))
	}
	if got, want := v.text(), "line 0\nline 1\nline 2\nline 3\nline 4\ndrawn 1\ndrawn 2\ndrawn 3\ndrawn 4\n"; got != want {
		t.Errorf("while it lives:\n%s\nwant\n%s", got, want)
	}
	if err := live.End(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(v.text(), "drawn"); got != 20 {
		t.Errorf("at the end it shows %d lines of 20:\n%s", got, v.text())
	}
}

func TestLiveFollowsTheWindow(t *testing.T) {
	v := newTerminal(t, 40, 24)
	live := v.screen().StartLive()
	live.Print("one\n")
	live.Draw([]string{strings.Repeat("wide ", 7), "narrow", ""})
	v.width = 18 // the first line now takes two rows
	live.Draw([]string{"new"})
	live.Print("two\n")
	if want := "one\ntwo\nnew\n"; v.text() != want {
		t.Errorf("after the window was made narrower:\n%s\nwant\n%s", v.text(), want)
	}
}

func TestPlainScreenGetsTheLastDrawingOnly(t *testing.T) {
	var out bytes.Buffer
	live := Plain(&out, 80).StartLive()
	live.Draw(drawing(1, 2))
	live.Print("one\n")
	live.Draw(drawing(3, 4))
	if err := live.End(); err != nil {
		t.Fatal(err)
	}
	if want := "one\ndrawn 3\ndrawn 4\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestPaint(t *testing.T) {
	for tone := range Tone(len(tones)) {
		if got := (&Screen{}).Paint(tone, "text"); got != "text" {
			t.Errorf("tone %d without color: %q", tone, got)
		}
		if got := ansi.Strip((&Screen{color: true}).Paint(tone, "text")); got != "text" {
			t.Errorf("tone %d, stripped: %q", tone, got)
		}
	}
}

func TestWidth(t *testing.T) {
	for _, test := range []struct {
		width int
		live  bool
		want  int
	}{{80, false, 80}, {80, true, 79}, {10, true, minWidth}, {500, true, maxWidth}} {
		s := &Screen{live: test.live, size: func() (int, int) { return test.width, 24 }}
		if got := s.Width(); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}

func TestLiveGoesOnBelowWhatAShellHasWritten(t *testing.T) {
	v := newTerminal(t, 40, 24)
	live := v.screen().StartLive()
	live.Draw(drawing(1, 2))
	fmt.Fprint(v, "stopped\n")
	live.forget()
	live.Draw(drawing(3, 4))
	live.Draw(drawing(5, 6))
	if err := live.End(); err != nil {
		t.Fatal(err)
	}
	if want := "drawn 1\ndrawn 2\nstopped\ndrawn 5\ndrawn 6\n"; v.text() != want {
		t.Errorf("got\n%s\nwant\n%s", v.text(), want)
	}
}
