package tourbuild

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/lessons"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func find(t *testing.T) *Source {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	s, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// gather returns a lesson and its file, in which one text stands instead of another.
func gather(t *testing.T, old, text string) (lessons.Lesson, string) {
	t.Helper()
	l, err := tourdata.Find("gather")
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := l.Whole()
	if !strings.Contains(whole, old) {
		t.Fatalf("%q is not in\n%s", old, whole)
	}
	return l, strings.Replace(whole, old, text, 1)
}

func lineOf(text, part string) int {
	return strings.Count(text[:strings.Index(text, part)], "\n") + 1
}

func TestEditedLessonRuns(t *testing.T) {
	s := find(t)
	l, text := gather(t, `"ends"`, `"is done"`)
	before, err := os.ReadFile(filepath.Join(s.lessons, "gather", "gather.go"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	program, found, err := s.Edited(t.Context(), l, text, folder)
	if err != nil || len(found) > 0 {
		t.Fatalf("the compiler says %v, %v", found, err)
	}
	recording := filepath.Join(folder, "recording")
	if out, err := exec.Command(program, recording, `{"lesson":"gather"}`).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := os.ReadFile(recording); err != nil || !bytes.Contains(got, []byte("A is done")) {
		t.Errorf("it has recorded %s, %v", got, err)
	}
	if after, err := os.ReadFile(filepath.Join(s.lessons, "gather", "gather.go")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file of the lesson has changed: %v", err)
	}
}

func TestWhatTheCompilerFinds(t *testing.T) {
	s := find(t)
	const line = "\ta := lesson.Duration(ctx"
	for _, c := range []struct{ name, old, text, at, says string }{
		{"an unknown name", line, "\tx = 1\n" + line, "x = 1", "undefined: x"},
		{"a variable that is not used", line, "\tx := 1\n" + line, "x := 1", "declared and not used: x"},
		{"an import that is not used", `"strings"`, "\"strings\"\n\t\"os\"", `"os"`, `"os" imported and not used`},
		{"a package that is not there", `"strings"`, "\"strings\"\n\t_ \"no/such/package\"", `"no/such/package"`, "not in std"},
		{"a module that is not there", `"strings"`, "\"strings\"\n\t_ \"example.com/no\"", `"example.com/no"`, "no required module"},
		{"a syntax error", line, "\tif {\n" + line, "if {", "missing condition"},
		{"another package", "package gather", "package other", "package other", "package gather of the tour"},
		{"a main package", "package gather", "package main", "package main", "package gather of the tour"},
		{"a package clause that is broken", "package gather", "pack\x00age gather", "\x00age", "NUL"},
		{"no package clause", "package gather", "// nothing", "import (", "expected 'package'"},
		{"a package that others may not import", `"strings"`, "\"strings\"\n\t_ \"" + command + "/child\"", command, "internal package"},
		{"a file for another system", "package gather", "//go:build ignore\n\npackage gather", "// Package gather", "build constraints"},
		{"types over several lines", "worker(\"A\", a), ", "worker(\"A\", a), 1, ", "1, asyncio", "type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, text := gather(t, c.old, c.text)
			_, found, err := s.Edited(t.Context(), l, text, t.TempDir())
			if err != nil || len(found) == 0 {
				t.Fatalf("it is %v, %v", found, err)
			}
			if p := found[0]; p.Line != lineOf(text, c.at) || !strings.Contains(p.Text, c.says) {
				t.Errorf("it is %+v, want line %d and %q", p, lineOf(text, c.at), c.says)
			}
		})
	}
}

// Others need what a lesson has; they are where the compiler finds what is missing then.
func TestWhatIsMissingElsewhere(t *testing.T) {
	s := find(t)
	l, text := gather(t, "func Run(", "func Walk(")
	_, found, err := s.Edited(t.Context(), l, text, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "undefined: gather.Run") || !strings.HasPrefix(err.Error(), "the tour cannot use") {
		t.Errorf("it is %v, %v", found, err)
	}
}

// fetch has the go command fetch what the module needs by itself: the workspace may need
// other versions, and copies are built without the network.
func fetch(t *testing.T, module string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./internal/tourrun")
	cmd.Dir, cmd.Env = module, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("what is needed without go.work cannot be fetched: %v\n%s", err, out)
	}
}

// In the module cache nothing can be built: what is there is copied.
func TestCopiedModules(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds everything in another folder")
	}
	asynctest.SkipUnderRace(t, "what builds is another process")
	s := find(t)
	fetch(t, s.module)
	if err := s.copy(t.Context(), filepath.Dir(s.lessons)); err != nil {
		t.Fatal(err)
	}
	if err := s.try(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, text := gather(t, `"ends"`, `ends`)
	_, found, err := s.Edited(t.Context(), l, text, t.TempDir())
	if err != nil || len(found) != 1 || found[0].Line != lineOf(text, "ends)") {
		t.Errorf("it is %v, %v", found, err)
	}
	if !isCached("/go/pkg/mod/github.com/asyncio-go/asyncio@v0.1.0") || isCached("/home/me@work/asyncio") {
		t.Error("the module cache is not known by its names")
	}
}

func TestSourcesThatHaveChangedAreNotTaken(t *testing.T) {
	s := find(t)
	other := *s
	other.lessons = t.TempDir()
	if err := other.check(); err == nil || !strings.Contains(err.Error(), "not there any more") {
		t.Errorf("of an empty folder it says %v", err)
	}
	if err := os.CopyFS(other.lessons, os.DirFS(s.lessons)); err != nil {
		t.Fatal(err)
	}
	if err := other.check(); err != nil {
		t.Errorf("of a copy it says %v", err)
	}
	if err := os.WriteFile(filepath.Join(other.lessons, "wait", "wait.go"), []byte("package wait\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := other.check(); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("of a copy that has changed it says %v", err)
	}
}

func TestNoToolchain(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(t.Context()); err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("it says %v", err)
	}
}
