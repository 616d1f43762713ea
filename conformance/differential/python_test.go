package differential

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var (
	programs  = flag.Int("programs", 500, "how many random programs TestAgainstPython compares")
	firstSeed = flag.Uint64("seed", 1_000_000, "the seed of the first program")
	shrinking = flag.Bool("shrink", true, "show the smallest program that differs")
	without   = flag.String("without", "", "a switch that is left off, and those that need it: to see what it changes")
)

// chunk is how many programs one Python carries out.
const chunk = 500

// onPython returns what each program prints under CPython, with some switches on.
func onPython(t *testing.T, interpreter string, switches []string, ps []program) (lines [][]string) {
	t.Helper()
	for part := range slices.Chunk(ps, chunk) {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "programs.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var printed [][]string
		out := python.Output(t, "testdata", interpreter, "-W", "ignore", "interpret.py", strings.Join(switches, ","), file)
		if err := json.Unmarshal(out, &printed); err != nil || len(printed) != len(part) {
			t.Fatalf("%d of %d programs: %v", len(printed), len(part), err)
		}
		lines = append(lines, printed...)
	}
	return lines
}

// TestAgainstPython compares random programs with CPython's asyncio, with all
// differences of ours switched on.
func TestAgainstPython(t *testing.T) {
	c := comparison{t, python.Exactly(t, 13), switchesWithout(*without)}
	var ps []program
	for i := range *programs {
		ps = append(ps, generate(*firstSeed+uint64(i)))
	}
	differ, covered := 0, newCoverage()
	for i, want := range c.print(ps) {
		got := linesOf(ps[i])
		covered.add(ps[i], got)
		if slices.Equal(got, want) {
			continue
		}
		if differ++; differ > 5 {
			continue
		}
		p := ps[i]
		if *shrinking {
			p = c.shrink(p)
			got, want = linesOf(p), c.print([]program{p})[0]
		}
		t.Errorf("seed %d\n%v\n%s", *firstSeed+uint64(i), p, sideBySide(want, got))
	}
	t.Logf("%d of %d programs agree; %v", len(ps)-differ, len(ps), covered)
}

// A comparison is one with CPython, with some switches on.
type comparison struct {
	t           *testing.T
	interpreter string
	switches    []string
}

func (c comparison) print(ps []program) [][]string {
	return onPython(c.t, c.interpreter, c.switches, ps)
}

// shrink takes away from a program what it can and still have it differ.
func (c comparison) shrink(p program) program {
	for {
		ps := p.smaller()
		if len(ps) == 0 {
			return p
		}
		i := -1
		for j, want := range c.print(ps) {
			if !slices.Equal(linesOf(ps[j]), want) && (i < 0 || ps[j].size() < ps[i].size()) {
				i = j
			}
		}
		if i < 0 {
			return p
		}
		p = ps[i]
	}
}

// A coverage counts what programs consist of, and what happens in them.
type coverage struct {
	programs int
	canceled int            // programs in which something is canceled: a task, a future or a group
	twice    int            // programs in which a task is canceled twice
	byTimer  int            // programs in which a timer cancels a task
	timedOut int            // programs in which a timeout expires
	kinds    map[string]int // programs that have an operation of that kind
}

func newCoverage() *coverage { return &coverage{kinds: map[string]int{}} }

func (c *coverage) add(p program, lines []string) {
	c.programs++
	seen := map[string]bool{}
	all(p.Body, func(o op) { seen[o.Kind] = true })
	for kind := range seen {
		c.kinds[kind]++
	}
	count := func(n *int, pattern string) {
		if slices.ContainsFunc(lines, regexp.MustCompile(pattern).MatchString) {
			*n++
		}
	}
	count(&c.canceled, `( cancel| cancel future): true|cancel group: ok`)
	count(&c.twice, ` cancel: true true`)
	count(&c.byTimer, `^[1-9]\d* callback \d+ cancel: true`)
	count(&c.timedOut, `: timeout$`)
}

func (c *coverage) String() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d of %d programs cancel something, %d twice, %d by a timer, and in %d a timeout expires; programs with",
		c.canceled, c.programs, c.twice, c.byTimer, c.timedOut)
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		fmt.Fprintf(&b, " %s: %d", kind, c.kinds[kind])
	}
	return b.String()
}

func sideBySide(want, got []string) string { return asynctest.SideBySide("CPython", want, "ours", got) }
