// Random programs, part six: a selection of them with the traces that CPython
// printed (testdata/interpret.py). The programs are those of a language
// without what asyncio does not have, and the selection those in which none of
// the known differences shows; see the README there.

package model

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
)

// upToTheEnd cuts a trace off after main's end: how run goes on is different.
func upToTheEnd(trace []string) []string {
	end := slices.IndexFunc(trace, func(line string) bool { return strings.Contains(line, ": task 1 ends") })
	return trace[:end+1]
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func recordedPrograms(t *testing.T) (programs []randomProgram, traces [][]string) {
	t.Helper()
	readJSON(t, "testdata/programs.json", &programs)
	readJSON(t, "testdata/traces.json", &traces)
	if len(programs) == 0 || len(programs) != len(traces) {
		t.Fatalf("%d programs and %d traces", len(programs), len(traces))
	}
	return programs, traces
}

func TestRandomProgramsAgainstCPython(t *testing.T) {
	programs, traces := recordedPrograms(t)
	for i, p := range programs {
		onLibrary, _ := runOnLibrary(p)
		onModel, _ := runOnModel(p)
		for who, got := range map[string][]traceLine{"library": onLibrary, "reference model": onModel} {
			if got := upToTheEnd(relative(got)); !slices.Equal(got, traces[i]) {
				t.Errorf("program %d: the %s differs from CPython (here \"model\")\n%v\n%s", i, who, p, sideBySide(traces[i], got))
			}
		}
	}
}

func TestRecordedTracesAreWhatPythonPrints(t *testing.T) {
	_, want := recordedPrograms(t)
	var got [][]string
	interpret(t, &got, "interpret.py", "programs.json")
	for i := range want {
		if i >= len(got) || !slices.Equal(got[i], want[i]) {
			t.Errorf("program %d has another trace", i)
		}
	}
}

// interpret lets CPython carry out random programs, and reads what it prints.
func interpret(t *testing.T, into any, args ...string) {
	t.Helper()
	interpreter := python.Exactly(t, 13) // so are the traces, and what is changed in asyncio for them
	out := python.Output(t, "testdata", interpreter, args...)
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}
