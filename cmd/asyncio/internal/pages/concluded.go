package pages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// concludedPage is the last page of a lesson: what the run has shown, the answer, and how
// to go on from there. The timeline and the output stay, as far as there is room.
func (m *Model) concludedPage(room int) []string {
	answer := m.wrap(screen.Strong, m.answer())
	if m.answer() == "" {
		answer = nil
	}
	conclusion := m.wrap(screen.Text, m.conclusion())
	var try []string
	if text := m.lesson().Try; text != "" {
		try = m.wrap(screen.Text, "Try: "+text)
	}
	code := m.codeBlock(8, m.touched(), m.line())
	code.good, code.late = 0, true
	blocks := stack(room, []block{
		fixed(conclusion), fixed(answer), fixed(try),
		fixed([]string{m.status()}), m.chartBlock(3), m.outputBlock(), late(spaced(m.ways())...),
		fixed([]string{m.rule(m.left(), m.paint(screen.Title, "Output"))}),
		late(""), code, late(""), late(""),
	})
	below := concat(blocks[3], blocks[4], blocks[7], blocks[5], blocks[6], blocks[8])
	text := concat(blocks[1], blocks[10], blocks[0], blocks[11], blocks[2])
	return concat(m.besidePanel(blocks[9], below, nil, room-len(text)), text)
}

// conclusion is what the lesson shows as it is: with other parameters, the picture may show
// something else.
func (m *Model) conclusion() string {
	text := m.lesson().Conclusion
	if m.changed() != "" {
		text = "Without changes: " + text
	}
	return text
}

// answer says what the question was, what the reader has said, and what is right.
func (m *Model) answer() string {
	l := m.lesson()
	q := l.Question
	if len(q.Choices) == 0 {
		return ""
	}
	took := seconds(m.took())
	if changed := m.changed(); changed != "" {
		return fmt.Sprintf("With %s it took %s.", changed, took)
	}
	right := q.Choices[q.Right]
	guess, guessed := m.guesses[l.Name]
	proof := ""
	if q.Proof != "" && (!guessed || guess != q.Right) && !strings.Contains(right, q.Proof) {
		proof = fmt.Sprintf(" The output says: %s.", strings.Join(strings.Split(strings.TrimRight(q.Proof, ".\n"), "\n"), "; "))
	}
	asked := lastSentence(q.Text)
	switch {
	case !guessed:
		return fmt.Sprintf("%s %s.%s", asked, right, proof)
	case guess == q.Right:
		return fmt.Sprintf("%s You said %q, and so it is.", asked, right)
	}
	return fmt.Sprintf("%s You said %q; it is %q.%s", asked, q.Choices[guess], right, proof)
}

// took is how long the program ran, by the clock of its loop.
func (m *Model) took() (d time.Duration) {
	f := m.player.film
	if f == nil {
		return 0
	}
	return max(f.rec.Length, f.at(f.length()))
}

// ways compares how long the same work takes when it is done in other ways.
func (m *Model) ways() []string {
	rec := m.player.film.rec
	if len(rec.Ways) == 0 {
		return nil
	}
	type way struct {
		name string
		took time.Duration
		tone screen.Tone
	}
	ways := []way{{"this program", m.took(), screen.Strong}}
	for _, w := range rec.Ways {
		if w.Recording != nil {
			ways = append(ways, way{w.Name, w.Recording.Length, screen.Faint})
		}
	}
	slices.SortStableFunc(ways, func(a, b way) int { return int(b.took - a.took) })
	name := 0
	for _, w := range ways {
		name = max(name, ansi.StringWidth(w.name))
	}
	room := max(min(m.left(), maxProse)-name-12, 5)
	var lines []string
	for _, w := range ways {
		bar := int(int64(room) * int64(w.took) / max(int64(ways[0].took), 1))
		pad := strings.Repeat(" ", name-ansi.StringWidth(w.name)+2)
		lines = append(lines, m.paint(w.tone, w.name+pad+strings.Repeat(m.glyphs.running, max(bar, 1))+"  "+seconds(w.took)))
	}
	return lines
}

// lastSentence returns the question itself, without what leads to it: the reader has just
// read that, and the lines are needed for the picture.
func lastSentence(text string) string {
	if at := strings.LastIndex(text, ". "); at >= 0 {
		text = text[at+2:]
	}
	return text
}
