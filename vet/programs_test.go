package vet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEachRuleIsFoundInPrograms looks through the programs of the corpus, each of which is a
// whole one with mistakes of several kinds. TestRules finds out that they are found.
func TestEachRuleIsFoundInPrograms(t *testing.T) {
	paths, err := filepath.Glob("testdata/programs/*/*.go")
	if err != nil || len(paths) < 15 {
		t.Fatalf("there are %d programs (%v)", len(paths), err)
	}
	var wanted strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			_, want, _ := strings.Cut(line, "// want ")
			wanted.WriteString(want)
		}
	}
	for _, r := range rules {
		if !strings.Contains(wanted.String(), "asyncio-"+r.name) {
			t.Errorf("no program has the mistake %s", r.name)
		}
	}
}
