package screen

import "charm.land/lipgloss/v2"

// Tone is a way for text to stand out.
type Tone uint8

// The tones.
const (
	Text Tone = iota
	Faint
	Strong
	Title
	Keyword
	String
	Number
	Call
	Good
	Bad
	Warning
	Busy
	Beside
)

// The sixteen basic colors are those that people choose for their terminals:
// they can be read on a dark background and on a light one.
var tones = [...]lipgloss.Style{
	Text:    lipgloss.NewStyle(),
	Faint:   lipgloss.NewStyle().Faint(true),
	Strong:  lipgloss.NewStyle().Bold(true),
	Title:   lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan),
	Keyword: lipgloss.NewStyle().Foreground(lipgloss.Magenta),
	String:  lipgloss.NewStyle().Foreground(lipgloss.Green),
	Number:  lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	Call:    lipgloss.NewStyle().Foreground(lipgloss.Blue),
	Good:    lipgloss.NewStyle().Foreground(lipgloss.Green),
	Bad:     lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red),
	Warning: lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	Busy:    lipgloss.NewStyle().Foreground(lipgloss.Green),
	Beside:  lipgloss.NewStyle().Foreground(lipgloss.Cyan),
}

// Paint returns one line of text in a tone, or the text itself where there is
// no color.
func (s *Screen) Paint(tone Tone, text string) string {
	if !s.color || tone == Text || text == "" {
		return text
	}
	return tones[tone].Render(text)
}
