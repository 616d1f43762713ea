package asynctest

import (
	"fmt"
	"strings"
)

// SideBySide shows two lists of lines: what they have in common once, and where they
// differ the line of each, with its name.
func SideBySide(wantName string, want []string, gotName string, got []string) string {
	var b strings.Builder
	width := max(len(wantName), len(gotName))
	for i := range max(len(want), len(got)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "-"
		}
		if w, g := line(want), line(got); w == g {
			fmt.Fprintf(&b, "    %s\n", w)
		} else {
			fmt.Fprintf(&b, "  %-*s %s\n  %-*s %s\n", width, wantName, w, width, gotName, g)
		}
	}
	return b.String()
}
