package lessons

import "strings"

// Whole returns the file of the program in Go for editing: with its imports, and without
// the comments that mark its parts. Line n of [Lesson.Go] is line n+offset of this text.
func (l Lesson) Whole() (text string, offset int) {
	var lines []string
	for line := range strings.Lines(source(sources, l.GoFile())) {
		switch strings.TrimSpace(line) {
		case "//tour:begin":
			offset = len(lines)
		case "//tour:focus", "//tour:end":
		default:
			if line == "\n" && len(lines) == offset && offset > 0 {
				offset++ // the program as it is shown begins with no empty line
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ""), offset
}

// Edited returns an edited file in the form that the package expects in the folder of the
// lesson. No comment marks parts any more, so the whole file is shown, and line n of the
// file is line n of the program as it is shown.
func Edited(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	begun := false
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		begun = begun || line != ""
		if !begun || strings.HasPrefix(trimmed, "//tour:") {
			lines[i] = "//" // a line that is not left out
		}
	}
	return strings.Join(lines, "\n")
}

// File returns the file of the program in Go as it is.
func (l Lesson) File() string { return source(sources, l.GoFile()) }
