package lessons

import (
	"slices"
	"strings"
	"testing"
)

func TestWholeHasTheProgramAsItIsShown(t *testing.T) {
	for _, l := range All() {
		text, offset := l.Whole()
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		if shown := l.Go().Lines; !slices.Equal(lines[offset:], shown) {
			t.Errorf("%s: from line %d on it is %q, and shown is %q", l.Name, offset+1, lines[offset:], shown)
		}
		if strings.Contains(text, "//tour:") || !strings.Contains(text, "\nimport (") {
			t.Errorf("%s: the whole file is\n%s", l.Name, text)
		}
	}
}

func TestLinesOfEditedProgramsAreThoseOfTheirFile(t *testing.T) {
	for _, text := range []string{
		"package x\n\nfunc F() {}\n",
		"\n\npackage x\n",
		"package x\n//tour:begin\n\nfunc F() {\n\t//tour:focus\n\t//tour:end\n}\n",
		"\r\npackage x\r\n",
	} {
		shown := cut(Edited(text), "//tour:")
		want := strings.Split(strings.TrimRight(text, "\n"), "\n")
		if len(shown.Lines) != len(want) || len(shown.Focus) > 0 {
			t.Errorf("%q is shown as %q", text, shown.Lines)
		}
		for n := 1; n <= len(want); n++ {
			if shown.Line(n) != n {
				t.Errorf("line %d of %q is line %d", n, text, shown.Line(n))
			}
		}
	}
}
