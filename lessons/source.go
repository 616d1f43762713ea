package lessons

import "strings"

// A Source is the part of a program that is shown. The lines above a line that says
// tour:begin, the package clause and the imports, are not shown. The most important lines
// stand between lines that say tour:focus and tour:end; these two are not shown either.
type Source struct {
	Lines []string
	Focus []int // which lines matter most, from 1
	file  []int // for each line of the file, the line that it is here; 0: it is not shown
}

// Line returns which line of the source is the line n of its file, both from 1, or 0
// if it is not shown.
func (s Source) Line(n int) int {
	if n < 1 || n > len(s.file) {
		return 0
	}
	return s.file[n-1]
}

// Text returns all lines.
func (s Source) Text() string { return strings.Join(s.Lines, "\n") + "\n" }

// cut returns what is shown of a file, in which such a comment marks the parts.
func cut(file, comment string) (s Source) {
	all := strings.Split(strings.TrimRight(file, "\n"), "\n")
	s.file = make([]int, len(all))
	shown, focus := !strings.Contains(file, comment+"begin\n"), false
	for i, line := range all {
		switch strings.TrimSpace(line) {
		case comment + "begin":
			shown = true
			continue
		case comment + "focus":
			focus = true
			continue
		case comment + "end":
			focus = false
			continue
		}
		if !shown || len(s.Lines) == 0 && line == "" {
			continue
		}
		s.Lines = append(s.Lines, line)
		s.file[i] = len(s.Lines)
		if focus {
			s.Focus = append(s.Focus, len(s.Lines))
		}
	}
	return s
}
