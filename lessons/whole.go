package lessons

import "strings"

// Whole returns the file of the program in Go as one edits it: with its imports, and
// without the comments that mark its parts. Line n of [Lesson.Go] is line n+offset of it.
func (l Lesson) Whole() (text string, offset int) {
	var lines []string
	for line := range strings.Lines(source(l.GoFile())) {
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

// Edited returns a file that was edited as the lesson of its folder can be: nothing in it
// marks parts any more, so all of it is shown, and line n of it is line n of the program
// as it is shown.
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
func (l Lesson) File() string { return source(l.GoFile()) }
