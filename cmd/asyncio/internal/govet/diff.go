package govet

import (
	"slices"
	"strings"
)

// sorted puts the files of a diff in order: they come as packages are ready.
func sorted(diff string) string {
	var files []string
	for line := range strings.Lines(diff) {
		if n := len(files); n > 0 && !isHeader(line) {
			files[n-1] += line
		} else {
			files = append(files, line)
		}
	}
	slices.Sort(files)
	return strings.Join(slices.Compact(files), "")
}

// isHeader reports whether a line begins the diff of a file, in the form that the tool has
// for it. A line that was removed has a tab, a space or nothing else after its "-".
func isHeader(line string) bool {
	return strings.HasPrefix(line, "--- ") && strings.HasSuffix(line, " (old)\n")
}
