package tourbuild

import (
	"path/filepath"
	"strconv"
	"strings"
)

// A Problem is what the compiler has found in the file that was edited.
type Problem struct {
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in bytes; 0: it is not known
	Text   string `json:"text"`
}

// problems returns what the go command says of a file, by one of its names. A line that
// begins with a tab continues the line before. Problems in other files do not help the
// user who has edited this one, so they are returned only if there are no others.
func problems(output string, names ...string) []Problem {
	var found []Problem
	ours := false
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if more, ok := strings.CutPrefix(line, "\t"); ok {
			if p, placed := problem(more, names); placed { // after a chain of imports
				found, ours = append(found, p), true
			} else if ours {
				found[len(found)-1].Text += "\n" + more
			}
			continue
		}
		var p Problem
		if p, ours = problem(line, names); ours {
			found = append(found, p)
		}
	}
	return found
}

// problem reads a line such as "../gather/gather.go:12:5: undefined: x".
func problem(line string, names []string) (Problem, bool) {
	place, text, ok := strings.Cut(line, ": ")
	if !ok {
		return Problem{}, false
	}
	file, numbers := place, []int{}
	for len(numbers) < 2 {
		i := strings.LastIndexByte(file, ':')
		n, err := strconv.Atoi(file[i+1:])
		if i < 0 || err != nil || n < 1 {
			break
		}
		file, numbers = file[:i], append(numbers, n)
	}
	if len(numbers) == 0 || !isOneOf(file, names) {
		return Problem{}, false
	}
	p := Problem{Line: numbers[len(numbers)-1], Text: text}
	if len(numbers) == 2 {
		p.Column = numbers[0]
	}
	return p, true
}

// isOneOf reports whether a path, which may be relative to wherever the compiler was, is
// one of these files. The last folder and the name tell.
func isOneOf(file string, names []string) bool {
	for _, name := range names {
		if file == name || tail(file) == tail(name) {
			return true
		}
	}
	return false
}

func tail(path string) string {
	path = filepath.ToSlash(path)
	i := strings.LastIndexByte(path, '/')
	return path[strings.LastIndexByte(path[:max(i, 0)], '/')+1:]
}

// withoutHeads is what the go command says without the names of packages.
func withoutHeads(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "# ") {
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}
