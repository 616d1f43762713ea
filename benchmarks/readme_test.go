package main

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeHasEverySubject keeps the tables from falling behind.
func TestReadmeHasEverySubject(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	times, counts, found := strings.Cut(string(text), "\n## Instructions\n")
	if !found {
		t.Fatal("README.md has no part about instructions")
	}
	for _, s := range subjects(quick, nil) {
		for _, b := range s.bases {
			if !hasLine(times, s.name, b.name) {
				t.Errorf("the table in README.md has no line for %q against %q", s.name, b.name)
			}
			if s.ops != uncounted && !hasLine(counts, s.name, b.name) {
				t.Errorf("README.md has no count for %q against %q", s.name, b.name)
			}
		}
	}
}

func hasLine(text, subject, base string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, subject) && strings.Contains(line, base) {
			return true
		}
	}
	return false
}
