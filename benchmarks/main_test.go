package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

// TestMain lets the test binary be the child of the subjects that need one.
func TestMain(m *testing.M) {
	if obeyed, err := obey(); obeyed {
		command.Exit(name, err)
	}
	os.Exit(m.Run())
}

// TestQuick runs every subject once, so that none can rot. It looks at no
// figure.
func TestQuick(t *testing.T) {
	var out, progress bytes.Buffer
	if err := compareAll([]string{"--quick", "--json"}, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, res := range r.Results {
		names = append(names, res.Subject)
		if len(res.Ratios) == 0 {
			t.Errorf("%s was compared with nothing", res.Subject)
		}
	}
	var want []string
	for _, s := range subjects(quick, nil) {
		want = append(want, s.name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("measured %q, want %q", names, want)
	}
}

// TestOddCounts runs the bodies with numbers of operations that fill no batch.
func TestOddCounts(t *testing.T) {
	for _, s := range subjects(quick, nil) {
		for _, c := range s.contenders() {
			if c.outside != nil {
				continue
			}
			for _, n := range []int{1, 7, batch + 1} {
				if err := c.body(new(stopwatch), n); err != nil {
					t.Errorf("%s, %s, n=%d: %v", s.name, c.name, n, err)
				}
			}
		}
	}
}

// TestSwitchesAreReal counts the steps of the tasks that yield: a Yield that
// returned without another task's step would be no switch.
func TestSwitchesAreReal(t *testing.T) {
	last, switches := "", 0
	observers = []asyncio.Option{asyncio.Observe(&asyncio.Hooks{
		StepBegin: func(e asyncio.HookEvent) {
			if e.Task.Name != last {
				switches++
			}
			last = e.Task.Name
		},
	})}
	t.Cleanup(func() { observers = nil })
	const n = 1000
	if err := yieldTasks(2)(new(stopwatch), n); err != nil {
		t.Fatal(err)
	}
	if switches < n {
		t.Errorf("%d yields of two tasks made %d switches", n, switches)
	}
}

// TestQuickHasNoVerdicts reads what a quick run says.
func TestQuickHasNoVerdicts(t *testing.T) {
	var out bytes.Buffer
	if err := compareAll([]string{"--quick", "--only=spawn", "--python="}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, verdict := range []string{"NO", "yes", "<="} {
		if strings.Contains(out.String(), verdict) {
			t.Errorf("it says %q:\n%s", verdict, &out)
		}
	}
}

// TestOps has every side that works in Go perform, the sleepers too.
func TestOps(t *testing.T) {
	for _, side := range []string{"", "asyncio"} {
		if err := compareAll([]string{"--quick", "--ops=10", "--side=" + side}, io.Discard, io.Discard); err != nil {
			t.Errorf("side %q: %v", side, err)
		}
	}
	if err := compareAll([]string{"--quick", "--ops=10", "--side=nobody"}, io.Discard, io.Discard); err == nil {
		t.Error("a side that is not there is no error")
	}
}

// TestCounts counts one subject, where valgrind is, and else reads the note.
func TestCounts(t *testing.T) {
	var out bytes.Buffer
	if err := compareAll([]string{"--counts", "--quick", "--ops=1000", "--only=yield, 2 tasks", "--json"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("valgrind"); err != nil {
		if !slices.ContainsFunc(r.Notes, func(note string) bool { return strings.Contains(note, "valgrind") }) {
			t.Errorf("nothing says that valgrind is missing: %q", r.Notes)
		}
		return
	}
	if len(r.Counts) != 1 {
		t.Fatalf("there are %d counts, want 1", len(r.Counts))
	}
	// The limits are wide: the test is of the counting, not of the switch.
	if c := r.Counts[0]; c.Library < 20 || c.Ours < c.Library || c.Ours > 5000 || c.Theirs < 50 {
		t.Errorf("got %+v", c)
	}
}

func TestPythonIsSkippedClearly(t *testing.T) {
	var out bytes.Buffer
	err := compareAll([]string{"--quick", "--only=yield", "--python=no-such-python"}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := "note: no comparison with Python: there is no no-such-python"; !strings.Contains(out.String(), want) {
		t.Errorf("the output does not say %q:\n%s", want, out.String())
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--only=nonsense"}, {"--only=("}, {"--rounds=0"}, {"--ops=-1"}, {"stray"}, {"--unknown"}} {
		var said bytes.Buffer
		if err := compareAll(args, io.Discard, &said); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: got error %v, want ErrUsage", args, err)
		}
		if said.Len() == 0 {
			t.Errorf("%q: nothing was said", args)
		}
	}
}

func TestEvaluate(t *testing.T) {
	turn := func(w, a float64) sample {
		s := newSample()
		s[wall], s[allocs], s[allocBytes] = w, a, 8
		return s
	}
	s := subject{
		name:   "s",
		bases:  []base{{contender{name: "b"}, []target{{wall, 0.5}}}},
		limits: []target{{allocs, 1}},
	}
	r := evaluate(s, [][]sample{{turn(1, 1), turn(2, 0)}, {turn(30, 1), turn(40, 0)}, {turn(4, 2), turn(8, 0)}})
	if got := r.Ratios[0]; *got.Ratio != 0.5 || !got.Reached || *got.Q3 != 0.625 {
		t.Errorf("ratio %v, third quartile %v, reached %v; want 0.5, 0.625, true", *got.Ratio, *got.Q3, got.Reached)
	}
	if got := *r.Ratios[0].Fastest; got != 0.5 {
		t.Errorf("fastest: %v, want 0.5", got)
	}
	if got := r.Limits[0]; *got.Is != 1 || !got.Reached {
		t.Errorf("limit: %v, reached %v; want 1, true", *got.Is, got.Reached)
	}
}
