package api

import (
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var (
	goLine   = regexp.MustCompile(`(?m)^go (1\.\d+)(\.0)?$`)
	goPhrase = regexp.MustCompile(`Go (1\.\d+)\s+or\s+later`)
)

// The smallest Go that works is one for all modules, and what README.md and
// COMPATIBILITY.md say.
func TestTheSmallestGoIsTheSameEverywhere(t *testing.T) {
	smallest := ""
	for _, file := range goMods(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := goLine.FindSubmatch(text)
		switch {
		case found == nil:
			t.Errorf("%s has no line such as go 1.26: it asks for a patch of a release, which keeps users out", file)
		case smallest == "":
			smallest = string(found[1])
		case smallest != string(found[1]):
			t.Errorf("%s says Go %s, and others say %s", file, found[1], smallest)
		}
	}
	for _, file := range []string{"../README.md", "../COMPATIBILITY.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := goPhrase.FindSubmatch(text); found == nil || string(found[1]) != smallest {
			t.Errorf("%s does not say Go %s or later", file, smallest)
		}
	}
}

// The reasons in COMPATIBILITY.md for the smallest Go have to be used, and to be of that
// release. When one of them is gone, an older Go may do.
func TestTheReasonsForTheSmallestGoHold(t *testing.T) {
	text, err := os.ReadFile("../COMPATIBILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	release := string(goPhrase.FindSubmatch(text)[1])
	news, err := os.ReadFile(filepath.Join(goroot(t), "api", "go"+release+".txt"))
	if err != nil {
		t.Skip("this Go does not say what was new in ", release)
	}
	for _, reason := range []struct{ name, news, call string }{
		{"errors.AsType", "pkg errors, func AsType[", "errors.AsType["},
		{"os.Process.WithHandle", "pkg os, method (*Process) WithHandle(", ".WithHandle("},
		{"testing.TB.ArtifactDir", "pkg testing, type TB interface, ArtifactDir(", ".ArtifactDir("},
	} {
		if !strings.Contains(string(text), "`"+reason.name+"`") {
			t.Errorf("COMPATIBILITY.md does not name %s", reason.name)
		}
		if !strings.Contains(string(news), reason.news) {
			t.Errorf("%s did not come with Go %s", reason.name, release)
		}
		if !calledInLibrary(t, reason.call) {
			t.Errorf("the library does not use %s any more: is Go %s needed still?", reason.name, release)
		}
	}
	if version.Compare(version.Lang(runtime.Version()), "go"+release) < 0 {
		t.Errorf("this is %s, older than Go %s", runtime.Version(), release)
	}
}

func goroot(t *testing.T) string {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command: ", err)
	}
	return strings.TrimSpace(string(out))
}

func goMods(t *testing.T) (files []string) {
	t.Helper()
	walk(t, func(path string) {
		if filepath.Base(path) == "go.mod" {
			files = append(files, path)
		}
	})
	return files
}

func calledInLibrary(t *testing.T, call string) (called bool) {
	walk(t, func(path string) {
		inside, _ := filepath.Rel("..", path)
		if called || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			notForUsers.MatchString(filepath.ToSlash(filepath.Dir(inside))) {
			return
		}
		text, err := os.ReadFile(path)
		called = err == nil && strings.Contains(string(text), call)
	})
	return called
}

// walk calls visit for each file of the repository but those of tests and of tools.
func walk(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case !d.IsDir():
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
