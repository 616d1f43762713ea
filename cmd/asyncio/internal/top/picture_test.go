package top

import (
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// The picture in the guide is what the display shows of a made-up program. The test
// makes it anew, so that it is never of an older one; -update writes it.
func TestPicture(t *testing.T) {
	const path = "../../../../docs/guide/top.svg"
	u := sit(t, 100, 19)
	u.m.color, u.m.paint = true, screen.Colored(io.Discard, 100).Paint
	k := u.program(fakeconsole.Shop(4242), 1)
	for i := range 40 {
		u.later(k, time.Duration(i*i*37%900)*time.Millisecond)
	}
	u.press("down", "down", "down", "down")
	got := svg(strings.Split(u.m.View().Content, "\n"), 100)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the guide is not beside the command: ", err)
	}
	if got != string(want) {
		t.Errorf("%s is of another display: go test ./internal/top -run TestPicture -update writes it", path)
	}
}

// The size of a cell, in pixels.
const (
	cellWidth  = 8.4
	cellHeight = 18
)

// svg draws lines with the control codes for colors that package screen uses.
func svg(lines []string, columns int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`+"\n", float64(columns)*cellWidth+24, len(lines)*cellHeight+24)
	b.WriteString("<title>asyncio top: a table of tasks, with two in a deadlock</title>\n")
	b.WriteString(`<rect width="100%" height="100%" rx="6" fill="#141518"/>` + "\n")
	for row, line := range lines {
		column := 0
		for _, part := range parts(line) {
			width := ansi.StringWidth(part.text)
			part.draw(&b, 12+float64(column)*cellWidth, 12+row*cellHeight, float64(width)*cellWidth)
			column += width
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// A part is a text in one style.
type part struct {
	text                 string
	bold, faint, reverse bool
	color                string
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// colors are those of the mock of the page, on its dark ground.
var colors = map[string]string{"31": "#ff6f5b", "32": "#48dc98", "33": "#e3ae48", "34": "#63a9ee", "35": "#f07cc0", "36": "#74b6fa"}

func parts(line string) []part {
	var all []part
	var now part
	add := func(text string) {
		if now.text = text; text != "" {
			all = append(all, now)
		}
	}
	for line != "" {
		at := sgr.FindStringSubmatchIndex(line)
		if at == nil {
			add(line)
			break
		}
		add(line[:at[0]])
		for code := range strings.SplitSeq(line[at[2]:at[3]], ";") {
			switch code {
			case "", "0":
				now = part{}
			case "1":
				now.bold = true
			case "2":
				now.faint = true
			case "7":
				now.reverse = true
			default:
				now.color = colors[code]
			}
		}
		line = line[at[1]:]
	}
	return all
}

func (p part) draw(b *strings.Builder, x float64, y int, width float64) {
	color := "#e9e9e4"
	switch {
	case p.reverse:
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y, width, cellHeight, color)
		color = "#141518"
	case p.color != "":
		color = p.color
	case p.faint:
		color = "#91949a"
	}
	weight := ""
	if p.bold {
		weight = ` font-weight="bold"`
	}
	if strings.TrimSpace(p.text) != "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" fill="%s"%s textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve">%s</text>`+"\n", x, y+13, color, weight, width, html.EscapeString(p.text))
	}
}
