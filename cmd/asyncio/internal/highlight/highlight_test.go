package highlight_test

import (
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/highlight"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

func text(lines []highlight.Line) string {
	var b strings.Builder
	for _, line := range lines {
		for _, piece := range line {
			b.WriteString(piece.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const program = `package main

// main greets.
func main() {
	if n := 42; n > 0 {
		println("ご飯 is ready")
	}
}
`

func TestCodeLosesNothing(t *testing.T) {
	for _, language := range []string{"go", "python", "a language that nobody knows"} {
		want := strings.ReplaceAll(program, "\t", "  ")
		if got := text(highlight.Code(language, program, 2)); got != want {
			t.Errorf("as %s it reads\n%s\nwant\n%s", language, got, want)
		}
	}
}

func TestCodeIsToned(t *testing.T) {
	tones := map[string]screen.Tone{}
	for _, line := range highlight.Code("go", program, 4) {
		for _, piece := range line {
			tones[strings.TrimSpace(piece.Text)] = piece.Tone
		}
	}
	for text, want := range map[string]screen.Tone{
		"// main greets.": screen.Faint,
		"func":            screen.Keyword,
		"42":              screen.Number,
		`"ご飯 is ready"`:   screen.String,
	} {
		if got, found := tones[text]; !found || got != want {
			t.Errorf("%q has tone %d (found: %v), want %d", text, got, found, want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, test := range []struct {
		line  string
		width int
		want  string
	}{
		{"    return f(a, b)", 40, "    return f(a, b)\n"},
		{"    return f(alpha, beta)", 20, "    return f(alpha,\n        beta)\n"},
		{"    call(alpha, beta, gamma)", 20, "    call(alpha,\n        beta, gamma)\n"},
		{"abcdefghijklmnop", 8, "abcdefgh\n    ijkl\n    mnop\n"},
		{"", 8, "\n"},
	} {
		got := text(highlight.Line{{Tone: screen.Text, Text: test.line}}.Fold(test.width))
		if got != test.want {
			t.Errorf("%q in %d columns:\n%s\nwant\n%s", test.line, test.width, got, test.want)
		}
	}
}

func TestFoldedLinesAreNarrow(t *testing.T) {
	for _, line := range highlight.Code("go", program, 4) {
		for width := 12; width < 40; width++ {
			for _, part := range line.Fold(width) {
				if part.Width() > width {
					t.Errorf("folded to %d columns, a line has %d: %v", width, part.Width(), part)
				}
			}
		}
	}
}
