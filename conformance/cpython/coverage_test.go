package cpython

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// coverageLists says how many percent of the cases in a list, of those that
// have a meaning, are held at least.
var coverageLists = map[string]int{"COVERAGE.md": 90, "COVERAGE-io.md": 85}

// A pyCase is one of CPython's test cases.
type pyCase struct{ file, class, name string }

func (c pyCase) String() string { return c.file + " " + c.class + "." + c.name }

// TestCoverage checks that the lists have every case once, that the Go tests
// they name exist and run, and that their counts are right.
func TestCoverage(t *testing.T) {
	cases, all := readCases(t), map[pyCase]string{}
	for list, percent := range coverageLists {
		rows := readCoverage(t, list)
		for c, row := range rows {
			if all[c] != "" {
				t.Errorf("%v is in two lists", c)
			}
			all[c] = row
		}
		expectCount(t, list, countRows(t, rows), percent)
	}
	for _, c := range cases {
		if all[c] == "" {
			t.Errorf("%v is not listed", c)
		}
	}
	for c := range all {
		if !slices.Contains(cases, c) {
			t.Errorf("%v is listed, and no case of CPython", c)
		}
	}
	expectTestsRun(t, all)
}

func expectCount(t *testing.T, list string, count tally, percent int) {
	t.Helper()
	t.Logf("%s: %v", list, count)
	if !strings.Contains(readFile(t, list), "\n"+count.String()+"\n") {
		t.Errorf("%s does not say %q", list, count)
	}
	if 100*count.held < percent*count.meaningful() {
		t.Errorf("%s: less than %d %% are held: %v", list, percent, count)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// readCases reads the names of the cases: a line for each class, with the
// cases indented below it.
func readCases(t *testing.T) []pyCase {
	var cases []pyCase
	var file, class string
	for line := range strings.Lines(readFile(t, "testdata/cpython-tests.txt")) {
		name, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "  ")
		switch {
		case name == "" || name[0] == '#':
		case indented:
			cases = append(cases, pyCase{file, class, name})
		default:
			file, class, _ = strings.Cut(name, " ")
		}
	}
	return cases
}

var coverageLine = regexp.MustCompile(`(?m)^(?:## (test_\w+\.py)|### (\w+)|\| (test_\w+) \| (.+) \|)$`)

// readCoverage returns what a list says about each of its cases.
func readCoverage(t *testing.T, list string) map[pyCase]string {
	rows := map[pyCase]string{}
	var file, class string
	for _, m := range coverageLine.FindAllStringSubmatch(readFile(t, list), -1) {
		switch {
		case m[1] != "":
			file = m[1]
		case m[2] != "":
			class = m[2]
		default:
			c := pyCase{file, class, m[3]}
			if rows[c] != "" {
				t.Errorf("%v is listed twice", c)
			}
			rows[c] = m[4]
		}
	}
	return rows
}

// A tally says how many cases there are of each kind.
type tally struct{ held, differ, notHeld, noMeaning int }

func (n tally) meaningful() int { return n.held + n.differ + n.notHeld }

func (n tally) String() string {
	all := n.meaningful()
	return fmt.Sprintf("%d cases: %d have a meaning here, %d have no meaning in Go. Of the %d, %d are held (%.1f %%), %d differ, %d are not held.",
		all+n.noMeaning, all, n.noMeaning, all, n.held, 100*float64(n.held)/float64(max(all, 1)), n.differ, n.notHeld)
}

// countRows counts the kinds, and expects that who is held, by CPython's rule
// or ours, names a test, and that all others give a reason.
func countRows(t *testing.T, rows map[pyCase]string) (n tally) {
	kinds := map[string]*int{"differs": &n.differ, "not held": &n.notHeld, "no meaning in Go": &n.noMeaning}
	for c, row := range rows {
		kind, reason, _ := strings.Cut(strings.TrimPrefix(row, "*"), "*: ")
		counter := kinds[kind]
		if named := len(testNames(row)) > 0; named != (counter == nil || kind == "differs") {
			t.Errorf("%v: %s: names a test: %v", c, row, named)
		}
		switch {
		case counter == nil:
			n.held++
		case reason == "":
			t.Errorf("%v gives no reason", c)
		default:
			*counter++
		}
	}
	return n
}

// A goTest is the name of a test and of the package it is in; of this one or
// of the library if that is "".
type goTest struct{ pkg, name string }

var testName = regexp.MustCompile("`(?:(\\w+)\\.)?(Test[^`]+)`")

// testNames returns the Go tests that a row names.
func testNames(row string) []goTest {
	var tests []goTest
	for _, m := range testName.FindAllStringSubmatch(row, -1) {
		tests = append(tests, goTest{m[1], strings.ReplaceAll(m[2], " ", "_")}) // as go test prints it
	}
	return tests
}

func expectTestsRun(t *testing.T, rows map[pyCase]string) {
	var tests []goTest
	for _, row := range rows {
		tests = append(tests, testNames(row)...)
	}
	passed := runTests(t, tests)
	for _, c := range slices.SortedFunc(maps.Keys(rows), func(a, b pyCase) int { return strings.Compare(a.String(), b.String()) }) {
		for _, test := range testNames(rows[c]) {
			if !passed[test] {
				t.Errorf("%v: %s does not exist, does not pass, or is skipped", c, test.name)
			}
		}
	}
}
