package conformance_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A pyCase is one of CPython's test cases.
type pyCase struct{ file, class, name string }

func (c pyCase) String() string { return c.file + " " + c.class + "." + c.name }

// TestCoverage checks that COVERAGE.md lists every case, that the Go tests it
// names exist and run, and that its count is right.
func TestCoverage(t *testing.T) {
	cases, rows := readCases(t), readCoverage(t)
	for _, c := range cases {
		if rows[c] == "" {
			t.Errorf("%v is not listed", c)
		}
	}
	for c := range rows {
		if !slices.Contains(cases, c) {
			t.Errorf("%v is listed, and no case of CPython", c)
		}
	}
	expectTestsRun(t, rows)
	count := countRows(t, rows)
	t.Log(count)
	if text := readFile(t, "COVERAGE.md"); !strings.Contains(text, "\n"+count.String()+"\n") {
		t.Errorf("COVERAGE.md does not say %q", count)
	}
	if 10*count.held < 9*count.meaningful() {
		t.Errorf("less than 90 %% are held: %v", count)
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

// readCoverage returns what COVERAGE.md says about each case.
func readCoverage(t *testing.T) map[pyCase]string {
	rows := map[pyCase]string{}
	var file, class string
	for _, m := range coverageLine.FindAllStringSubmatch(readFile(t, "COVERAGE.md"), -1) {
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
type tally struct{ held, differ, notHeld, noMeaning, elsewhere int }

func (n tally) meaningful() int { return n.held + n.differ + n.notHeld }

func (n tally) String() string {
	all := n.meaningful()
	return fmt.Sprintf("%d cases: %d have a meaning here, %d have no meaning in Go, %d belong to another part. Of the %d, %d are held (%.1f %%), %d differ, %d are not held.",
		all+n.noMeaning+n.elsewhere, all, n.noMeaning, n.elsewhere, all, n.held, 100*float64(n.held)/float64(max(all, 1)), n.differ, n.notHeld)
}

// countRows counts the kinds, and expects that who is held, by CPython's rule
// or ours, names a test, and that all others give a reason.
func countRows(t *testing.T, rows map[pyCase]string) (n tally) {
	kinds := map[string]*int{
		"differs": &n.differ, "not held": &n.notHeld, "no meaning in Go": &n.noMeaning, "another part": &n.elsewhere,
	}
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

var testName = regexp.MustCompile("`(Test[^`]+)`")

// testNames returns the Go tests that a row names.
func testNames(row string) []string {
	var names []string
	for _, m := range testName.FindAllStringSubmatch(row, -1) {
		names = append(names, m[1])
	}
	return names
}

func expectTestsRun(t *testing.T, rows map[pyCase]string) {
	ran, there := testsThatRun(t), testsInSources(t)
	for _, c := range slices.SortedFunc(maps.Keys(rows), func(a, b pyCase) int { return strings.Compare(a.String(), b.String()) }) {
		for _, name := range testNames(rows[c]) {
			if strings.HasPrefix(name, "TestCPython") {
				if !ran[strings.ReplaceAll(name, " ", "_")] {
					t.Errorf("%v: %s does not run, or does not pass", c, name)
				}
			} else if test, _, _ := strings.Cut(name, "/"); !there[test] || !there[name] {
				t.Errorf("%v: there is no %s, or it may be skipped", c, name)
			}
		}
	}
}

var passedLine = regexp.MustCompile(`(?m)^ *--- PASS: (.+) \(`)

// testsThatRun runs the tests of this folder that hold cases (which take no
// time) once more, and returns those that pass and are not skipped.
func testsThatRun(t *testing.T) map[string]bool {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, "-test.run=^TestCPython", "-test.v", "-test.timeout=1m").CombinedOutput()
	if err != nil {
		t.Errorf("the tests do not pass: %v\n%s", err, out)
	}
	ran := map[string]bool{}
	for _, m := range passedLine.FindAllStringSubmatch(string(out), -1) {
		ran[m[1]] = true
	}
	return ran
}

// testsInSources returns the tests of the library, and their subtests that
// have a constant name, as far as nothing in them skips and this system does
// not leave out their file. To run them again would take as long as they do;
// go test runs them in any case.
func testsInSources(t *testing.T) map[string]bool {
	files, err := filepath.Glob("../*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests of the library: %v", err)
	}
	there := map[string]bool{}
	for _, file := range files {
		dir, name := filepath.Split(file)
		if match, err := build.Default.MatchFile(dir, name); err != nil {
			t.Error(err)
		} else if !match {
			t.Logf("%s is not for this system", name)
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				addTests(there, f.Name.Name, f.Body)
			}
		}
	}
	return there
}

// addTests adds a test and its subtests, unless it may be skipped.
func addTests(there map[string]bool, name string, body ast.Node) {
	there[name] = true
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		switch {
		case !ok:
		case strings.HasPrefix(method.Sel.Name, "Skip"):
			there[name] = false
		case method.Sel.Name == "Run" && len(call.Args) == 2:
			if sub, ok := constant(call.Args[0]); ok {
				addTests(there, name+"/"+sub, call.Args[1])
			}
			return false
		}
		return true
	})
}

func constant(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
