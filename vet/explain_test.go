package vet_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/vet"
)

var update = flag.Bool("update", false, "write the code into the texts of the rules, and these into "+page)

// page has the texts of all rules, between two markers.
const (
	page  = "../docs/guide/vet.md"
	begin = "<!-- Written by go test ./vet -update: begin -->\n"
	end   = "<!-- end -->\n"
)

// TestTextsShowTheCorpus compares the code in the texts with that of the corpus, where
// TestRules finds the mistake in the first piece, and nothing in the second.
func TestTextsShowTheCorpus(t *testing.T) {
	for _, r := range vet.Rules() {
		path := filepath.Join("rules", r.Name+".md")
		folder := strings.ReplaceAll(r.Name, "-", "")
		corpus := read(t, filepath.Join("testdata", "_explained", folder, folder+".go"))
		text := read(t, path)
		want := text
		for _, name := range []string{"before", "after"} {
			shown, found := piece(corpus, name)
			if name == "before" && !strings.Contains(found, `asyncio-`+r.Name+`\)`) || name == "after" && found != "" {
				t.Errorf("%s: what is to be found in the piece %s is %q", r.Name, name, found)
			}
			where := fmt.Sprintf("<!-- vet/testdata/_explained/%[1]s/%[1]s.go: %[2]s -->\n```go\n", folder, name)
			before, rest, ok := strings.Cut(want, where)
			_, after, ok2 := strings.Cut(rest, "```\n")
			if !ok || !ok2 {
				t.Fatalf("%s has no block of code below %q", path, where)
			}
			want = before + where + shown + "```\n" + after
		}
		compare(t, path, text, want)
	}
}

var (
	wanted = regexp.MustCompile("\\s*// want `.*")
	remark = regexp.MustCompile(`/\* (.*) \*/$`)
)

// piece returns what stands between the two comments with that name, without what it says
// to the test, and that: what is to be found there.
func piece(text, name string) (shown, found string) {
	_, text, _ = strings.Cut(text, "// ANCHOR: "+name+"\n")
	text, _, _ = strings.Cut(text, "// ANCHOR_END: "+name+"\n")
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		if w := wanted.FindString(line); w != "" {
			found += w
			line = wanted.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")
			line = remark.ReplaceAllString(line, "// $1") + "\n"
		}
		shown += line
	}
	return shown, found
}

// TestThePageShowsTheTexts compares docs/guide/vet.md with the texts.
func TestThePageShowsTheTexts(t *testing.T) {
	text := read(t, page)
	before, rest, ok := strings.Cut(text, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("there is nothing between %q and %q", begin, end)
	}
	var rules strings.Builder
	for _, r := range vet.Rules() {
		fmt.Fprintf(&rules, "##%s\n", r.Text())
	}
	compare(t, page, text, before+begin+rules.String()+end+after)
}

func TestTextsAreForTerminals(t *testing.T) {
	for _, r := range vet.Rules() {
		text := r.Explain()
		if !strings.HasPrefix(text, r.Name+": ") {
			t.Errorf("%s: it begins with %.40q", r.Name, text)
		}
		for _, part := range []string{"The mistake.", "What happens.", "The cure."} {
			if strings.Count(text, part) != 1 {
				t.Errorf("%s: it does not have %q once", r.Name, part)
			}
		}
		for line := range strings.Lines(text) {
			if n := len([]rune(line)); n > 101 || strings.ContainsAny(line, "\t`*") && !strings.HasPrefix(line, "    ") {
				t.Errorf("%s: %q is too long for a terminal, or has marks of Markdown", r.Name, line)
			}
		}
	}
}

func TestEveryRuleIsExplained(t *testing.T) {
	files, err := filepath.Glob("rules/*.md")
	if err != nil || len(files) != len(vet.Rules()) {
		t.Errorf("there are texts of %d rules, and %d rules (%v)", len(files), len(vet.Rules()), err)
	}
	for _, r := range vet.Rules() {
		first, _, _ := strings.Cut(r.Analyzer.Doc, "\n")
		if first == "" || strings.Contains(first, ":") {
			t.Errorf("%s: the documentation of its analyzer begins with %q", r.Name, first)
		}
		if flag := r.Flag(); flag != "" && r.Analyzer.Flags.Lookup(flag) == nil {
			t.Errorf("%s: its analyzer has no flag %q", r.Name, flag)
		}
	}
	if _, err := vet.Find("sleeps"); err == nil || !strings.Contains(err.Error(), "dropped, ") {
		t.Errorf("of a rule that does not exist it says: %v", err)
	}
}

// compare compares a file with what it should be, or writes it.
func compare(t *testing.T, path, is, want string) {
	t.Helper()
	switch {
	case is == want:
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("%s is not what it should be: go test ./vet -update writes it", path)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
