// Package api holds the exported declarations of every package that users import, one
// in a line, and the test that compares them with the code. What is written here is what
// COMPATIBILITY.md promises to keep. After a change on purpose:
//
//	go test ./api -update
//
// The declarations are those of linux/amd64; other systems have the same ones, or fewer.
package api

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the declarations as they are now")

const module = "github.com/asyncio-go/asyncio"

// notForUsers are folders whose packages no one imports: programs, examples and tests.
var notForUsers = regexp.MustCompile(`(^|/)(api|benchmarks|cmd|conformance|docs|examples|internal|lessons)(/|$)`)

func TestTheExportedDeclarationsAreThoseOfTheFiles(t *testing.T) {
	packages := load(t)
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		file := fileOf(path)
		t.Run(file, func(t *testing.T) {
			got := declarations(packages[path])
			if *update {
				if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			text, err := os.ReadFile(file)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if report := compare(strings.FieldsFunc(string(text), isNewline), got); report != "" {
				t.Errorf("%s\nIf that is the purpose of the change, write it down with\n\n\tgo test ./api -update", report)
			}
		})
	}
	if _, err := os.Stat("../go.work"); err != nil {
		return // without a workspace, the packages of other modules are not here
	}
	files, _ := filepath.Glob("*.txt")
	for _, file := range files {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(packages)), func(path string) bool { return fileOf(path) == file }) {
			t.Errorf("%s is about a package that is gone: a break; if that is on purpose, remove the file", file)
		}
	}
}

func isNewline(r rune) bool { return r == '\n' || r == '\r' }

// fileOf returns the name of a package's file: that of console/prom is console_prom.txt.
func fileOf(path string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	if name == "" {
		name = "asyncio"
	}
	return strings.ReplaceAll(name, "/", "_") + ".txt"
}

// load returns the packages that users import, as the compiler describes them to those
// that import them.
func load(t *testing.T) map[string]*types.Package {
	t.Helper()
	if runtime.GOOS != "linux" && testing.Short() {
		t.Skip("it compiles the packages for linux/amd64, which takes long elsewhere")
	}
	pattern := "work"
	if _, err := os.Stat("../go.work"); err != nil {
		pattern = "./..."
	}
	paths := goList(t, "{{if and .GoFiles (ne .Name `main`)}}{{.ImportPath}}{{end}}", pattern)
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return notForUsers.MatchString(strings.TrimPrefix(path, module))
	})
	dependOn(goList(t, "{{.Dir}}", append([]string{"./internal/..."}, paths...)...))
	exports := map[string]string{}
	for _, line := range goList(t, "{{.ImportPath}}={{.Export}}", append([]string{"-export", "-deps"}, paths...)...) {
		path, export, _ := strings.Cut(line, "=")
		exports[path] = export
	}
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	packages := map[string]*types.Package{}
	for _, path := range paths {
		p, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		packages[path] = p
	}
	return packages
}

// dependOn looks at the files of folders, so that go test does not take a result from its
// cache when they have changed: it does not know what the go command that we call reads.
func dependOn(folders []string) {
	for _, folder := range folders {
		files, _ := os.ReadDir(folder)
		for _, f := range files {
			_, _ = os.Stat(filepath.Join(folder, f.Name()))
		}
	}
}

func goList(t *testing.T, format string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", format}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no go command: ", err)
	}
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	return strings.Fields(string(out))
}

// compare says what of the declarations before is gone or another one now, and what is new;
// nothing if they are the same.
func compare(before, now []string) string {
	was, is := byKey(before), byKey(now)
	var changed, removed, added strings.Builder
	for _, line := range before {
		key := keyOf(line)
		switch after, there := is[key]; {
		case !there:
			fmt.Fprintf(&removed, "\t- %s\n", line)
		case after != line:
			fmt.Fprintf(&changed, "\t- %s\n\t+ %s\n", line, after)
		}
	}
	for _, line := range now {
		if _, there := was[keyOf(line)]; !there {
			fmt.Fprintf(&added, "\t+ %s\n", line)
		}
	}
	var report strings.Builder
	for _, part := range []struct {
		title string
		lines *strings.Builder
	}{
		{"Changed, which breaks programs:", &changed},
		{"Removed, which breaks programs:", &removed},
		{"New, and to be kept from the next release on:", &added},
	} {
		if part.lines.Len() > 0 {
			fmt.Fprintf(&report, "%s\n%s", part.title, part.lines)
		}
	}
	return report.String()
}

func byKey(lines []string) map[string]string {
	m := map[string]string{}
	for _, line := range lines {
		m[keyOf(line)] = line
	}
	return m
}

var keyPattern = regexp.MustCompile(`^\w+ (\(\*\w+\)|\w+)(\.\w+)?`)

// keyOf returns the part of a line that says which declaration it is.
func keyOf(line string) string {
	return strings.NewReplacer("(*", "", ")", "").Replace(keyPattern.FindString(line))
}

func TestCompareTellsABreakFromAnAddition(t *testing.T) {
	before := []string{"func A(int)", "func B()", "method (*T).C() error", "type T struct"}
	now := []string{"func A(int) error", "func D()", "method T.C() error", "type T struct"}
	want := strings.Join([]string{
		"Changed, which breaks programs:",
		"\t- func A(int)", "\t+ func A(int) error",
		"\t- method (*T).C() error", "\t+ method T.C() error",
		"Removed, which breaks programs:", "\t- func B()",
		"New, and to be kept from the next release on:", "\t+ func D()", "",
	}, "\n")
	if got := compare(before, now); got != want {
		t.Errorf("the report is\n%s\nwant\n%s", got, want)
	}
	if got := compare(now, now); got != "" {
		t.Errorf("the report on no change is\n%s", got)
	}
}
