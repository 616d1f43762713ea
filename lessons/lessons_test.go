package lessons_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

var update = flag.Bool("update", false, "write what the lessons print into testdata")

// buffer may be written to by threads.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// play runs a lesson on the virtual clock, and returns what it prints.
func play(t *testing.T, l lessons.Lesson, values map[string]string) string {
	t.Helper()
	end := record(t, l, values).End()
	return end.Printed()
}

func TestLessonsPrintWhatIsExpected(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			got := play(t, l, nil)
			file := filepath.Join("testdata", l.Name+".out")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if want := expected(t, l); got != want {
				t.Errorf("printed\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func expected(t *testing.T, l lessons.Lesson) string {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", l.Name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	return string(want)
}

func TestLessonsEndWhenCanceled(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			skipWithoutProcesses(t, l)
			var out buffer
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_ = l.Play(ctx, cancelOnWrite{&out, cancel}, 50, nil) // some do not mind
			if out.text() == "" {
				t.Error("it has printed nothing")
			}
		})
	}
}

// cancelOnWrite is the reader who presses Ctrl-C at the first line.
type cancelOnWrite struct {
	out    *buffer
	cancel context.CancelFunc
}

func (c cancelOnWrite) Write(p []byte) (int, error) {
	c.cancel()
	return c.out.Write(p)
}

func TestCatalog(t *testing.T) {
	names := map[string]string{}
	for i, l := range lessons.All() {
		if l.Number != i+1 {
			t.Errorf("%s: number %d, want %d", l.Name, l.Number, i+1)
		}
		for _, name := range append([]string{l.Name}, l.Aliases...) {
			if other, taken := names[name]; taken {
				t.Errorf("%s and %s both answer to %q", l.Name, other, name)
			}
			names[name] = l.Name
		}
		sentences := strings.Count(l.Idea, ". ") + 1
		if sentences < 2 || sentences > 3 {
			t.Errorf("%s: the idea has %d sentences, want two or three", l.Name, sentences)
		}
		if l.Title == "" || l.Conclusion == "" || l.Try == "" || l.Seconds <= 0 || l.Seconds > 4 {
			t.Errorf("%s: a field is missing or out of range: %+v", l.Name, l)
		}
	}
}

// hasPython: a browser's worker does without the programs in Python.
const hasPython = runtime.GOOS != "js"

func TestSourcesAreShownWhole(t *testing.T) {
	for _, l := range lessons.All() {
		if code := l.Go().Text(); !strings.Contains(code, "func Run(") || strings.Contains(code, "tour:begin") {
			t.Errorf("%s: not what should be shown:\n%s", l.GoFile(), code)
		}
		if code := l.Python().Text(); hasPython && !strings.Contains(code, "asyncio.run(main()") {
			t.Errorf("%s: not a program:\n%s", l.PythonFile(), code)
		}
	}
}

// Code is shown two columns in from the edge of a terminal that has 80, and
// Go beside Python on one that has 140: a tab takes two.
func TestSourcesAreNarrow(t *testing.T) {
	for _, l := range lessons.All() {
		golang := widest(strings.ReplaceAll(l.Go().Text(), "\t", "  "))
		python := widest(l.Python().Text())
		if golang > 77 || python > 57 {
			t.Errorf("%s: Go has %d columns, want at most 77; Python %d, want at most 57", l.Name, golang, python)
		}
	}
}

// A page of a terminal with 24 lines has the idea, the lines that matter, and the question.
func TestWhatMattersIsShort(t *testing.T) {
	for _, l := range lessons.All() {
		golang, python := len(l.Go().Focus), len(l.Python().Focus)
		if !hasPython {
			python = golang
		}
		if min(golang, python) < 1 || max(golang, python) > 10 {
			t.Errorf("%s: %d lines matter in Go, %d in Python, want 1 to 10", l.Name, golang, python)
		}
	}
}

func widest(code string) int {
	return len(slices.MaxFunc(strings.Split(code, "\n"), func(a, b string) int { return len(a) - len(b) }))
}
