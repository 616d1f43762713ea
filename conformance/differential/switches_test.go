package differential

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
)

// A difference between this library and asyncio, which testdata/reference.py can
// switch on.
type difference struct {
	name     string
	sentence string   // of the package documentation
	pairs    []string // of conformance/pairs/testdata/differs
	neededBy []string
}

var differences = []difference{
	{
		name:     "timers",
		sentence: "Timers with the same deadline fire in the order in which they were set.",
		pairs:    []string{"same_deadline"},
	}, {
		name:     "sets",
		sentence: "A group cancels its tasks in the order of their spawning, and Wait and AsCompleted go by that of their arguments; asyncio goes by that of a set.",
		pairs:    []string{"order_of_a_set"},
	}, {
		name:     "gather",
		sentence: "A canceled Gather ends when all its tasks have ended, not with the first, and WaitFor without time when its task has ended.",
		pairs:    []string{"canceled_gather"},
	}, {
		name:     "condition",
		sentence: "where asyncio's Condition wakes one more task because one was canceled, ours wakes none.",
		pairs:    []string{"condition_and_cancellation"},
	}, {
		name:     "eager",
		sentence: "A group hears of a child that has ended in its eager start a pass later, as of any other; asyncio's hears at once.",
		pairs:    []string{"eager_child_fails"},
	}, {
		name:     "scopes",
		sentence: "Canceling a task reaches all scopes and groups in it at once, where asyncio takes a pass for each level.",
		pairs:    []string{"levels_of_groups", "first_step_of_a_grandchild", "yield_of_a_grandchild"},
		neededBy: []string{"entry", "value", "kept", "late"},
	}, {
		name:     "entry",
		sentence: "Cancellation is not thrown once but holds: a coroutine that goes on after ErrCanceled gets it again at its next wait, even if that is for something that is there already.",
		pairs:    []string{"wait_after_a_cancellation"},
	}, {
		name:     "value",
		sentence: "A task that cancels itself and then returns a value has that value.",
		pairs:    []string{"canceled_by_itself"},
	}, {
		name:     "kept",
		sentence: "A result that has arrived is not lost to a cancellation that comes later in the same pass.",
		pairs:    []string{"item_and_cancellation"},
	}, {
		name:     "late",
		sentence: "A task may be started in a group that is being aborted; it is canceled before its first step.",
		pairs:    []string{"child_of_an_aborted_group"},
	},
}

// allSwitches turns all differences on.
var allSwitches = switches(func(difference) bool { return true })

func switches(on func(difference) bool) (names []string) {
	for _, d := range differences {
		if on(d) {
			names = append(names, d.name)
		}
	}
	return names
}

// switchesWithout turns all differences on but one, and those that need it.
func switchesWithout(name string) []string {
	return switches(func(d difference) bool {
		return d.name != name && !slices.ContainsFunc(differences, func(off difference) bool {
			return off.name == name && slices.Contains(off.neededBy, d.name)
		})
	})
}

// Each switch is a sentence of the package documentation, and is in the table of
// README.md.
func TestSwitchesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(doc), "\n//", "\n")), " ")
	for _, d := range differences {
		if !strings.Contains(text, d.sentence) {
			t.Errorf("%s: doc.go does not say: %s", d.name, d.sentence)
		}
		if !strings.Contains(string(readme), "\n| `"+d.name+"` |") {
			t.Errorf("%s is not in README.md", d.name)
		}
	}
}

// With all switches on, CPython prints what we print, and without any one of them it
// does not.
func TestSwitchesAgainstPython(t *testing.T) {
	interpreter := python.Exactly(t, 13)
	for _, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			files := each(d.pairs, func(name string) string { return filepath.Join(pairs, "differs", name) })
			on, without := scripts(t, interpreter, allSwitches, files), scripts(t, interpreter, switchesWithout(d.name), files)
			for i, file := range files {
				ours := textOf(t, file+".ours")
				if on[i] != ours {
					t.Errorf("%s: with all switches on, CPython prints\n%s--- want\n%s", file, on[i], ours)
				}
				if without[i] == ours {
					t.Errorf("%s prints the same without the switch", file)
				}
			}
		})
	}
}

// With no switch on, the pairs print what was recorded from CPython with its own loop
// on the real clock.
func TestPairsUnderTheReference(t *testing.T) {
	interpreter := python.Exactly(t, 13)
	var files []string
	for _, pattern := range []string{"*.py", "more/*.py"} {
		found, err := filepath.Glob(filepath.Join(pairs, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			files = append(files, strings.TrimSuffix(file, ".py"))
		}
	}
	for i, got := range scripts(t, interpreter, nil, files) {
		if want := textOf(t, files[i]+".out"); got != want {
			t.Errorf("%s prints\n%s--- want\n%s", files[i], got, want)
		}
	}
}

// pairs is the folder of the pairs of programs, seen from here.
const pairs = "../pairs/testdata"

// scripts returns what Python files, without ".py", print under the reference.
func scripts(t *testing.T, interpreter string, on, files []string) (outputs []string) {
	t.Helper()
	args := []string{"-W", "ignore", "scripts.py", strings.Join(on, ",")}
	for _, file := range files {
		args = append(args, filepath.Join("..", file+".py"))
	}
	out := python.Output(t, "testdata", interpreter, args...)
	if err := json.Unmarshal(out, &outputs); err != nil || len(outputs) != len(files) {
		t.Fatalf("%d of %d scripts: %v", len(outputs), len(files), err)
	}
	return outputs
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
