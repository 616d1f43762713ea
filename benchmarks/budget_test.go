package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/benchmarks/internal/callgrind"
)

var (
	budgets       = flag.Bool("budgets", false, "count instructions and compare them with testdata/budgets.json")
	updateBudgets = flag.Bool("update", false, "with -budgets: write the counts as they are now")
)

// budgeted are the subjects that have a budget of instructions.
var budgeted = []string{"yield, 2 tasks", "spawn and await", "spawn in a group", "queue ping-pong", "echo over TCP"}

const budgetFile = "testdata/budgets.json"

// A budget is how many instructions an operation takes: those of the library's own code,
// which are nearly the same in each run, and all of them, which also depend on the runtime
// and on how often the collector of news from sockets finds some.
type budget struct {
	Library float64 `json:"library"`
	All     float64 `json:"all"`
}

// By how much a count may exceed its budget, and by how much it may stay below it before
// the budget has to follow: what was gained once is to be kept.
const (
	libraryTolerance = 0.02
	allTolerance     = 0.06
)

// toolchain names what decides, beside the code, how many instructions there are: the
// release of Go without its patches, and the system. Each has its own budgets.
func toolchain() string {
	release := strings.Join(strings.SplitN(runtime.Version(), ".", 3)[:2], ".")
	return release + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// TestBudgets counts the instructions of some operations. It takes half a minute, so it
// runs only when asked for:
//
//	go test ./benchmarks -run TestBudgets -budgets [-update]
func TestBudgets(t *testing.T) {
	if !*budgets {
		t.Skip("counting takes half a minute: go test ./benchmarks -run TestBudgets -budgets")
	}
	all := readBudgets(t)
	want := all[toolchain()]
	if want == nil && !*updateBudgets {
		t.Skipf("there are no budgets for %s: write some with go test ./benchmarks -run TestBudgets -budgets -update", toolchain())
	}
	got := countBudgets(t)
	if *updateBudgets {
		all[toolchain()] = got
		writeBudgets(t, all)
		return
	}
	for _, fault := range compareBudgets(got, want) {
		t.Error(fault)
	}
	if t.Failed() {
		t.Log("if that is the purpose of the change: go test ./benchmarks -run TestBudgets -budgets -update")
	}
}

// compareBudgets returns what is over its budget, or so far below that the budget is too
// high.
func compareBudgets(got, want map[string]budget) (faults []string) {
	compare := func(name, what string, got, want, tolerance float64) {
		if change := got/want - 1; math.Abs(change) > tolerance {
			faults = append(faults, fmt.Sprintf("%s: %.1f instructions %s, the budget is %.1f: %+.1f %%", name, got, what, want, 100*change))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if w, known := want[name]; known {
			compare(name, "of the library", got[name].Library, w.Library, libraryTolerance)
			compare(name, "in all", got[name].All, w.All, allTolerance)
		} else {
			faults = append(faults, name+" has no budget")
		}
	}
	return faults
}

func TestABudgetThatIsNotKeptIsFound(t *testing.T) {
	want := map[string]budget{"same": {100, 200}, "a little more": {100, 200}, "more": {100, 200}, "less": {100, 200}}
	got := map[string]budget{"same": {100, 200}, "a little more": {101, 205}, "more": {103, 230}, "less": {97, 200}, "new": {1, 1}}
	faults := strings.Join(compareBudgets(got, want), "\n")
	if want := "less: 97.0 instructions of the library, the budget is 100.0: -3.0 %\n" +
		"more: 103.0 instructions of the library, the budget is 100.0: +3.0 %\n" +
		"more: 230.0 instructions in all, the budget is 200.0: +15.0 %\n" +
		"new has no budget"; faults != want {
		t.Errorf("it says\n%s\nwant\n%s", faults, want)
	}
}

// countBudgets counts our side of the subjects.
func countBudgets(t *testing.T) map[string]budget {
	c := counter{program: filepath.Join(t.TempDir(), name)}
	if err := c.build(); err != nil {
		t.Fatal(err)
	}
	known := append(subjects(counted, nil), budgetSubjects()...)
	got := map[string]budget{}
	for _, name := range budgeted {
		i := slices.IndexFunc(known, func(s subject) bool { return s.name == name })
		if i < 0 {
			t.Fatalf("there is no subject %q", name)
		}
		all, library, err := c.side(known[i], known[i].ours)
		if errors.Is(err, callgrind.ErrMissing) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%-20s %7.1f of the library, %7.1f in all", name, library, all)
		got[name] = budget{round(library), round(all)}
	}
	return got
}

func round(x float64) float64 { return math.Round(10*x) / 10 }

func readBudgets(t *testing.T) map[string]map[string]budget {
	all := map[string]map[string]budget{}
	text, err := os.ReadFile(budgetFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func writeBudgets(t *testing.T, all map[string]map[string]budget) {
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(budgetFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
