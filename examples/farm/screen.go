package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"golang.org/x/term"
)

// A screen is where the picture is shown: a terminal, in which it grows, or a file, which
// gets a line for each thing that happens, and the picture in the end.
type screen struct {
	to       io.Writer
	terminal bool
	full     bool // it has 16 million colours, and not 256
	lines    int  // how many the last frame had
	news     []string
}

const newsLines = 4

// newScreen also returns how large a picture fits.
func newScreen(file *os.File) (screen, Picture) {
	s := screen{to: file, terminal: term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"}
	s.full = strings.Contains(os.Getenv("COLORTERM"), "truecolor") || strings.Contains(os.Getenv("COLORTERM"), "24bit")
	p := Picture{Width: 100, Height: 50}
	if columns, rows, err := term.GetSize(int(file.Fd())); err == nil && s.terminal {
		p.Width = max(side, min(columns-1, 160)/side*side)
		p.Height = max(side, min(2*(rows-newsLines-6), p.Width*5/8)/side*side)
	}
	return s, p
}

// tell says what has happened.
func (f *farm) tell(format string, args ...any) {
	line := fmt.Sprintf("%5.1fs  ", time.Since(f.began).Seconds()) + fmt.Sprintf(format, args...)
	if f.screen.terminal {
		f.screen.news = append(f.screen.news, line)
	} else {
		fmt.Fprintln(f.screen.to, line)
	}
}

// keepDrawing draws until it is canceled, and then once more.
func (f *farm) keepDrawing(ctx context.Context) error {
	if !f.screen.terminal {
		return nil
	}
	fmt.Fprint(f.screen.to, "\x1b[?25l") // no cursor
	defer func() { f.draw(); fmt.Fprint(f.screen.to, "\x1b[?25h") }()
	for _, err := range asyncio.Every(ctx, 80*time.Millisecond) {
		if err != nil {
			return err
		}
		f.draw()
	}
	return nil
}

// draw draws a frame over the last one.
func (f *farm) draw() {
	var b strings.Builder
	if f.screen.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", f.screen.lines)
	}
	pixels := f.view()
	for y := 0; y < f.picture.Height; y += 2 {
		f.screen.row(&b, pixels, f.picture.Width, y)
	}
	f.legend(&b)
	text := b.String()
	f.screen.lines = strings.Count(text, "\n")
	_, _ = io.WriteString(f.screen.to, text) // a terminal that is gone ends the program by SIGHUP
}

// view is the picture so far: a tile in work has the colour of its worker, the more of it
// the brighter; one whose worker was killed is dark red.
func (f *farm) view() []byte {
	all := f.pixels()
	for _, t := range f.tiles {
		if t.pixels != nil {
			continue
		}
		for y := range side {
			for x := range side {
				c := [3]byte{24, 24, 28}
				switch {
				case (x == 0 || y == 0):
					c = [3]byte{14, 14, 16}
				case t.by == nil:
				case t.by.state == killed:
					c = [3]byte{120, 10, 10}
				default:
					c = t.by.colour(y < t.rows)
				}
				copy(all[3*((t.Y+y)*f.picture.Width+t.X+x):], c[:])
			}
		}
	}
	return all
}

func (w *worker) colour(bright bool) [3]byte {
	c := [][3]byte{{255, 180, 40}, {60, 190, 255}, {120, 230, 90}, {240, 110, 220}}[(w.number-1)%4]
	if !bright {
		return [3]byte{c[0] / 3, c[1] / 3, c[2] / 3}
	}
	return c
}

// row writes two rows of pixels as one of half blocks.
func (s *screen) row(b *strings.Builder, pixels []byte, width, y int) {
	var last string
	for x := range width {
		upper, lower := 3*(y*width+x), 3*((y+1)*width+x)
		now := s.sgr(38, pixels[upper:]) + s.sgr(48, pixels[lower:])
		if now != last {
			b.WriteString(now)
			last = now
		}
		b.WriteString("▀")
	}
	b.WriteString("\x1b[0m\x1b[K\n")
}

// sgr sets a colour of a terminal: 38 that of letters, 48 that behind them.
func (s *screen) sgr(what int, c []byte) string {
	if s.full {
		return fmt.Sprintf("\x1b[%d;2;%d;%d;%dm", what, c[0], c[1], c[2])
	}
	return fmt.Sprintf("\x1b[%d;5;%dm", what, 16+36*(int(c[0])*5/255)+6*(int(c[1])*5/255)+int(c[2])*5/255)
}

// legend writes the bar, the workers and what has happened last.
func (f *farm) legend(b *strings.Builder) {
	now := f.took
	if now == 0 {
		now = time.Since(f.began)
	}
	fmt.Fprintf(b, "%s %d/%d tiles  %.1fs\x1b[K\n", bar(f.done, len(f.tiles)), f.done, len(f.tiles), now.Seconds())
	for _, w := range f.crew {
		c := w.colour(true)
		fmt.Fprintf(b, "%s■\x1b[0m %s %s: %d   ", f.screen.sgr(38, c[:]), w.name, w.state, w.tiles)
	}
	b.WriteString("\x1b[K\n")
	for i := range newsLines {
		if from := max(0, len(f.screen.news)-newsLines); from+i < len(f.screen.news) {
			b.WriteString(f.screen.news[from+i])
		}
		b.WriteString("\x1b[K\n")
	}
}

func bar(done, all int) string {
	const width = 40
	full := width * done / max(all, 1)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// letters returns a picture for those who have no colours.
func letters(pixels []byte, p Picture) string {
	var b strings.Builder
	for y := 0; y < p.Height; y += 2 {
		for x := range p.Width {
			c := pixels[3*(y*p.Width+x):]
			b.WriteByte(" .:-=+*#%@"[(int(c[0])+int(c[1])+int(c[2]))*9/(3*255)])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
