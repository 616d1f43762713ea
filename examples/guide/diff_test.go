package guide

import (
	"slices"
	"strings"
	"testing"
)

// diff returns the lines of two texts, those that are only in old with a minus before
// them, those only in new with a plus; of others, the two next to a change, and "..." for
// the rest.
func diff(old, new string) string {
	was, is := strings.Split(strings.TrimSuffix(old, "\n"), "\n"), strings.Split(strings.TrimSuffix(new, "\n"), "\n")
	common := make([][]int, len(was)+1) // how many lines the rests from i and j have in common
	for i := range common {
		common[i] = make([]int, len(is)+1)
	}
	for i, line := range slices.Backward(was) {
		for j, other := range slices.Backward(is) {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); line == other {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var lines []string
	for i, j := 0, 0; i < len(was) || j < len(is); {
		switch {
		case i < len(was) && j < len(is) && was[i] == is[j]:
			lines = append(lines, " "+was[i])
			i, j = i+1, j+1
		case i < len(was) && (j == len(is) || common[i+1][j] >= common[i][j+1]):
			lines = append(lines, "-"+was[i])
			i++
		default:
			lines = append(lines, "+"+is[j])
			j++
		}
	}
	return shortened(lines)
}

// shortened leaves out what is far from a change.
func shortened(lines []string) string {
	const around = 2
	var b strings.Builder
	for i, line := range lines {
		near := slices.ContainsFunc(lines[max(0, i-around):min(len(lines), i+around+1)], func(l string) bool { return l[0] != ' ' })
		before := i > 0 && slices.ContainsFunc(lines[max(0, i-1-around):min(len(lines), i+around)], func(l string) bool { return l[0] != ' ' })
		switch {
		case near:
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		case before || i == 0:
			b.WriteString(" ...\n")
		}
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	got := diff("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nx\nf\ng\nh\ni\n")
	want := " ...\n c\n d\n-e\n+x\n f\n g\n h\n+i\n"
	if got != want {
		t.Errorf("it is\n%s\nand not\n%s", got, want)
	}
}
