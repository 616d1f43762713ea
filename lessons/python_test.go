package lessons_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

// python finds a Python that has TaskGroup and except*.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: there is no python3 here")
	}
	if err := exec.Command(path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run(); err != nil {
		t.Skip("skipped: python3 is older than 3.11, or does not run")
	}
	return path
}

// replays are the words for an order of the tasks, which each language has its own.
var replays = regexp.MustCompile(`in order \d+|replay: \S+`)

func alike(text string) string { return replays.ReplaceAllString(text, "#") }

// The Python program of each lesson prints what the Go program prints.
func TestPythonPrintsTheSame(t *testing.T) {
	path := python(t)
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			args := []string{filepath.Join("testdata", "virtual.py"), filepath.FromSlash(l.PythonFile())}
			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), path, append([]string{"-W", "error"}, args...)...)
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil || stderr.Len() > 0 {
				t.Fatalf("%v\n%s", err, stderr.Bytes())
			}
			if got, want := alike(string(out)), alike(expected(t, l)); got != want {
				t.Errorf("Python printed\n%s\nwant, as Go prints\n%s", got, want)
			}
		})
	}
}
