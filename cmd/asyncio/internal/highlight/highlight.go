// Package highlight colors source code, and folds it to a width.
package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// Piece is a part of a line that has one tone.
type Piece struct {
	Tone screen.Tone
	Text string
}

// Line is a line of code.
type Line []Piece

// Code splits source code into lines of toned pieces, with tab spaces for each tab. If
// chroma does not know the language, all is plain text.
func Code(language, source string, tab int) []Line {
	source = strings.ReplaceAll(source, "\t", strings.Repeat(" ", tab))
	lines := []Line{nil}
	for _, token := range tokens(language, source) {
		tone := toneOf(token.Type)
		for i, text := range strings.Split(token.Value, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			if text != "" {
				last := len(lines) - 1
				lines[last] = append(lines[last], Piece{tone, text})
			}
		}
	}
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// tokens returns plain text as a single token where there is no lexer for it.
func tokens(language, source string) []chroma.Token {
	plain := []chroma.Token{{Type: chroma.Text, Value: source}}
	if language == "" {
		return plain // to look for it takes a while
	}
	lexer := lexers.Get(language)
	if lexer == nil {
		return plain
	}
	it, err := chroma.Coalesce(lexer).Tokenise(nil, source)
	if err != nil {
		return plain
	}
	return it.Tokens()
}

func toneOf(t chroma.TokenType) screen.Tone {
	switch {
	case t.InCategory(chroma.Comment):
		return screen.Faint
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return screen.Keyword
	case t.InSubCategory(chroma.LiteralString):
		return screen.String
	case t.InSubCategory(chroma.LiteralNumber):
		return screen.Number
	case t == chroma.NameFunction, t == chroma.NameFunctionMagic:
		return screen.Call
	default:
		return screen.Text
	}
}

// Width returns the columns that a line takes.
func (l Line) Width() int {
	width := 0
	for _, p := range l {
		width += ansi.StringWidth(p.Text)
	}
	return width
}

// Fold breaks a line into lines of at most width columns. The lines after the first
// are indented more.
func (l Line) Fold(width int) []Line {
	if l.Width() <= width {
		return []Line{l}
	}
	f := folder{width: width, hang: min(l.indent()+4, width/2)}
	for _, p := range l {
		for _, word := range words(p.Text) {
			f.add(p.Tone, word)
		}
	}
	return append(f.lines, f.line)
}

func (l Line) indent() int {
	if len(l) == 0 {
		return 0
	}
	return len(l[0].Text) - len(strings.TrimLeft(l[0].Text, " "))
}

// words splits text before each run of spaces, so that nothing is lost.
func words(text string) []string {
	var words []string
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i] == ' ' && text[i-1] != ' ' {
			words = append(words, text[start:i])
			start = i
		}
	}
	return append(words, text[start:])
}

type folder struct {
	width, hang int
	lines       []Line
	line        Line
	used        int
}

func (f *folder) add(tone screen.Tone, word string) {
	if f.used > 0 && f.used+ansi.StringWidth(word) > f.width {
		f.lines = append(f.lines, f.line)
		f.line = Line{{screen.Text, strings.Repeat(" ", f.hang)}}
		f.used = f.hang
		word = strings.TrimLeft(word, " ")
	}
	for f.used+ansi.StringWidth(word) > f.width { // a word too long for any line
		head := ansi.Truncate(word, f.width-f.used, "")
		f.lines = append(f.lines, append(f.line, Piece{tone, head}))
		f.line, f.used, word = Line{{screen.Text, strings.Repeat(" ", f.hang)}}, f.hang, word[len(head):]
	}
	f.line = append(f.line, Piece{tone, word})
	f.used += ansi.StringWidth(word)
}
