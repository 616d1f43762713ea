package trace_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/trace"
)

// TestMain runs loops in place of tests, as a program with ASYNCIO_TRACE: so many times, and
// then, if it is to have a child, the same in another process, whose recordings come
// first.
func TestMain(m *testing.M) {
	runs, err := strconv.Atoi(os.Getenv("TRACE_TEST_RUNS"))
	if err != nil {
		os.Exit(m.Run())
	}
	for range runs {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			if os.Getenv("TRACE_TEST_CHILD") == "" {
				return asyncio.Yield(ctx)
			}
			child := exec.CommandContext(ctx, os.Args[0])
			child.Env = append(os.Environ(), "TRACE_TEST_CHILD=")
			child.Stderr = os.Stderr
			return child.Run() //asyncio:ok blocks the loop has nothing else to do
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(0)
}

// program runs this test binary as a program, and returns what it writes to standard error.
func program(t *testing.T, file string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "ASYNCIO_TRACE="+file)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the program has failed: %v\n%s", err, out)
	}
	return string(out)
}

// in returns the names of the files of a directory.
func in(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	asynctest.ExpectNil(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func readFile(t *testing.T, path string) *trace.Recording {
	t.Helper()
	f, err := os.Open(path)
	asynctest.ExpectNil(t, err)
	defer f.Close()
	r, err := trace.ReadJSON(f)
	asynctest.ExpectNil(t, err)
	return r
}

func TestVariableRecordsFromTheFirstEventOn(t *testing.T) {
	dir := t.TempDir()
	out := program(t, filepath.Join(dir, "a.json"), "TRACE_TEST_RUNS=1")
	r := readFile(t, filepath.Join(dir, "a.json"))
	text := sentences(r)
	if !strings.Contains(text, "Task-1 is created\n") || !strings.Contains(text, "Task-1 returns\n") {
		t.Errorf("the recording is\n%s", text)
	}
	if want := fmt.Sprintf("asyncio: ASYNCIO_TRACE: %d events are in %s: it is a recording in JSON\n", count(r), filepath.Join(dir, "a.json")); out != want {
		t.Errorf("the program writes %q, want %q", out, want)
	}
}

func TestVariableWritesForPerfettoUnlessTheNameSaysJSON(t *testing.T) {
	dir := t.TempDir()
	out := program(t, filepath.Join(dir, "a.pftrace"), "TRACE_TEST_RUNS=1")
	if !strings.Contains(out, "ui.perfetto.dev") {
		t.Errorf("the program writes %q", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.pftrace"))
	if err != nil || len(text) == 0 || text[0] != 0x0a {
		t.Errorf("%.20q is no trace of Perfetto (%v)", text, err)
	}
}

func TestVariableWritesAFileForEachRun(t *testing.T) {
	dir := t.TempDir()
	program(t, filepath.Join(dir, "a.json"), "TRACE_TEST_RUNS=3")
	if names := in(t, dir); !slices.Equal(names, []string{"a-2.json", "a-3.json", "a.json"}) {
		t.Errorf("the files are %v", names)
	}
	for _, name := range in(t, dir) { // they become old enough to be of a process that has ended
		old := time.Now().Add(-time.Minute)
		asynctest.ExpectNil(t, os.Chtimes(filepath.Join(dir, name), old, old))
	}
	program(t, filepath.Join(dir, "a.json"), "TRACE_TEST_RUNS=3") // replaces them
	if names := in(t, dir); len(names) != 3 {
		t.Errorf("after another process, the files are %v", names)
	}
}

// A child has the same variable, and writes its recording before the program does.
func TestVariableOfSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	program(t, filepath.Join(dir, "a.json"), "TRACE_TEST_RUNS=1", "TRACE_TEST_CHILD=1")
	names := in(t, dir)
	if len(names) != 2 || !slices.Contains(names, "a.json") {
		t.Errorf("the files are %v, want a.json and one with the number of the process", names)
	}
	for _, name := range names {
		readFile(t, filepath.Join(dir, name))
	}
}

func TestVariableWithTheNumberOfTheProcess(t *testing.T) {
	dir := t.TempDir()
	program(t, filepath.Join(dir, "a-%p.json"), "TRACE_TEST_RUNS=1", "TRACE_TEST_CHILD=1")
	names := in(t, dir)
	if len(names) != 2 || slices.Contains(names, "a-%p.json") {
		t.Errorf("the files are %v, want two with the numbers of their processes", names)
	}
}

func TestVariableThatNamesNoFile(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		filepath.Join(dir, "missing", "a.json"): "make it, or name a file in another one",
		dir:                                     "name a file",
	} {
		if out := program(t, name, "TRACE_TEST_RUNS=1"); !strings.HasPrefix(out, "asyncio: ASYNCIO_TRACE=") || !strings.Contains(out, want) {
			t.Errorf("for %s, the program writes %q, want %q in it", name, out, want)
		}
	}
}
