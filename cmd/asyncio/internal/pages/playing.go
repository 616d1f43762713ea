package pages

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// playingPage shows the run: the code with the line that runs, the timeline, what was
// printed, and, where there is room, the lists of the loop.
func (m *Model) playingPage(room int) []string {
	least := 3
	if m.height >= 20 {
		least = 5
	}
	touched, at := m.touched(), m.line()
	strip, why := m.strip(), m.whyBlock(m.width)
	if m.width >= panelWidth || m.height < stripHeight {
		strip, why = block{}, block{}
	}
	chart := m.chartBlock(3)
	blocks := stack(room, []block{
		fixed([]string{m.status()}), chart, m.outputBlock(), m.codeBlock(least, touched, at),
		fixed([]string{m.narration()}),
		fixed([]string{m.rule(m.left(), m.paint(screen.Title, "Output"))}), strip, why,
	})
	return m.besidePanel(blocks[3], concat(blocks[0], blocks[1], blocks[4], blocks[5], blocks[2]), concat(blocks[6], blocks[7]), room)
}

// besidePanel puts the panel beside what is below the code, if the window is wide enough.
func (m *Model) besidePanel(code, below, strip []string, room int) []string {
	if m.left() < m.width {
		height := room - len(code)
		for len(below) < height {
			below = append(below, "")
		}
		below = m.columns(below, m.panel(m.width-m.left()-gap, height), m.left(), gap)
	}
	return concat(code, below, strip)
}

// left is the width of what is below the code: without the panel, if there is one.
func (m *Model) left() int {
	if m.width >= panelWidth {
		return m.width - gap - max(m.width*3/10, 32)
	}
	return m.width
}

// status says where in the recording one is.
func (m *Model) status() string {
	p := &m.player
	state := "stopped"
	switch {
	case p.playing:
		state = "plays"
	case p.over():
		state = "the end"
	}
	speed := ""
	if p.speed != 1 || p.playing {
		speed = figure(p.speed) + "x"
	}
	words := []string{
		m.paint(screen.Title, "Timeline"), m.paint(screen.Strong, seconds(p.t)),
		fmt.Sprintf("event %d of %d", p.n, p.film.length()),
		strings.TrimSpace(state + " " + speed),
	}
	if changed := m.changed(); changed != "" {
		words = append(words, m.paint(screen.Warning, changed))
	}
	return ansi.Truncate(m.rule(m.left(), words...), m.left(), m.glyphs.more)
}

// changed names the parameters that are not as the lesson has them.
func (m *Model) changed() string {
	var texts []string
	l := m.lesson()
	for _, p := range l.Params {
		if v := value(m.values[l.Name], p); v != p.Default {
			texts = append(texts, p.Name+"="+shownValue(p, v))
		}
	}
	return strings.Join(texts, " ")
}

func (m *Model) chartBlock(least int) block {
	f := m.player.film
	rows := len(f.all())
	good := 1 + rows
	if !m.lesson().Loop && len(f.tasks) > 1 && m.height < 28 {
		good--
	}
	return block{min: least, good: good, want: 1 + rows, draw: m.chart().lines}
}

func (m *Model) chart() *chart {
	f := m.player.film
	c := &chart{
		film: f, glyphs: m.glyphs, paint: m.paint, n: m.player.n, t: m.player.t,
		future: m.config.Color, name: names(f, m.left()),
	}
	width := max(m.left()-c.name-1, 10)
	if m.drawn.film != f || m.drawn.width != width {
		m.drawn.film, m.drawn.width, m.drawn.scale = f, width, newScale(f, width)
	}
	c.scale = m.drawn.scale
	return c
}

// narration says what has just happened.
func (m *Model) narration() string {
	p := &m.player
	if p.n == 0 {
		return m.paint(screen.Faint, "asyncio.Run begins")
	}
	e := &p.film.rec.Events[p.n-1]
	return ansi.Truncate(m.paint(screen.Faint, seconds(e.T)+"  ")+view.Clean(narrate(p.film, p.n)), m.left(), m.glyphs.more)
}

func (m *Model) outputBlock() block {
	return tail(2, len(m.output(m.player.film.length(), m.left())), m.output(m.player.n, m.left()))
}

// output is what the first n events have printed, each line with its time.
func (m *Model) output(n, width int) []string {
	var lines []string
	rec := m.player.film.rec
	for i := range rec.Events[:n] {
		e := &rec.Events[i]
		if e.Kind != recording.Print && e.Kind != recording.Report {
			continue
		}
		for text := range strings.SplitSeq(strings.TrimRight(e.Text, "\n"), "\n") {
			line := m.paint(screen.Faint, fmt.Sprintf("%8s", seconds(e.T))) + "  " + view.Clean(text)
			lines = append(lines, ansi.Truncate(line, width, m.glyphs.more))
		}
	}
	if n >= len(rec.Events) && rec.Error != "" {
		lines = append(lines, m.paint(screen.Bad, ansi.Truncate("          "+view.Clean(rec.Error), width, m.glyphs.more)))
	}
	return lines
}

// touched returns the lines that the run comes to.
func (m *Model) touched() []int {
	var lines []int
	for i := range m.player.film.rec.Events {
		lines = append(lines, m.player.film.rec.Events[i].Line)
	}
	return lines
}
