// Package screen knows where the tour is shown: on a terminal of some size,
// in color or without, or in a file or a pipe, which gets plain text.
package screen

import (
	"io"
	"os"
	"strconv"

	"charm.land/lipgloss/v2"
	"golang.org/x/term"
)

// These bound the width of what is drawn, in columns. Wider lines are hard to read, and
// in narrower ones nothing fits.
const (
	minWidth  = 40
	maxWidth  = 160
	fileWidth = 80 // the width of what is not a terminal, unless COLUMNS says otherwise
)

// Screen is where the tour is shown.
type Screen struct {
	out   io.Writer
	color bool
	live  bool                       // a terminal that can be drawn on
	size  func() (width, height int) // asked anew each time: windows are resized
}

// For returns the screen for out. Only a file that is a terminal gets colors
// and live drawings.
func For(out io.Writer, noColor bool) *Screen {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return Plain(out, columns())
	}
	lipgloss.EnableLegacyWindowsANSI(file)
	return &Screen{
		out:   out,
		color: !noColor && os.Getenv("NO_COLOR") == "",
		live:  true,
		size:  func() (int, int) { return terminalSize(int(file.Fd())) },
	}
}

// Plain returns a screen of plain text without control codes.
func Plain(out io.Writer, width int) *Screen {
	return &Screen{out: out, size: func() (int, int) { return width, 0 }}
}

func columns() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return fileWidth
}

func terminalSize(fd int) (width, height int) {
	width, height, err := term.GetSize(fd)
	if err != nil || width <= 0 || height <= 0 {
		return fileWidth, 24
	}
	return width, height
}

// Width returns how many columns a line may have. On a terminal the last one
// stays free: a character there makes some terminals begin a new line.
func (s *Screen) Width() int {
	width, _ := s.size()
	if s.live {
		width--
	}
	return min(max(width, minWidth), maxWidth)
}

// Live tells whether the screen can be drawn over.
func (s *Screen) Live() bool { return s.live }

// Color tells whether Paint does anything.
func (s *Screen) Color() bool { return s.color }

// Write writes text at the end of the screen.
func (s *Screen) Write(p []byte) (int, error) { return s.out.Write(p) }

// Limit returns how many columns a line of a table may have, and 0 where it may have any
// number: what reads a pipe or a file wants names in full, unless COLUMNS says otherwise.
func (s *Screen) Limit() int {
	width, _ := s.size()
	switch {
	case s.live:
		return max(width-1, minWidth)
	case os.Getenv("COLUMNS") == "":
		return 0
	}
	return max(width, minWidth)
}

// Colored returns a screen with colors that is no terminal, for pictures of one.
func Colored(out io.Writer, width int) *Screen {
	s := Plain(out, width)
	s.color = true
	return s
}
