package ecosystem

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// page is what the table is in, between two markers.
const (
	page  = "../../docs/guide/ecosystem.md"
	begin = "<!-- Written by go test ./conformance/ecosystem -update: begin -->\n"
	end   = "<!-- end -->\n"
)

var update = flag.Bool("update", false, "write the table of "+page)

// TestMain runs the tests, and then compares what they have observed with the table, or
// writes it.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	if status == 0 {
		if err := compare(isWhole()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

// isWhole says whether all tests ran, so that a row that no one has observed is one
// without a case.
func isWhole() bool {
	return flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" &&
		flag.Lookup("test.list").Value.String() == ""
}

// A result is what stands in the table for a case in a situation.
type result string

const (
	works  result = "works"
	failed result = "fails"
	none   result = "–"
)

type row struct {
	library, way string
	results      [len(situations)]result
	note         string
}

func (r row) key() string { return r.library + ", " + r.way }

var observed struct {
	mu      sync.Mutex
	rows    []row
	skipped []string
}

func observe(t *testing.T, r row) {
	t.Helper()
	observed.mu.Lock()
	defer observed.mu.Unlock()
	if i := slices.IndexFunc(observed.rows, func(o row) bool { return o.key() == r.key() }); i >= 0 {
		if flag.Lookup("test.count").Value.String() == "1" {
			t.Errorf("there are two cases called %q", r.key())
		}
		observed.rows = slices.Delete(observed.rows, i, i+1)
	}
	if !slices.Contains(r.results[:], failed) && !isFiltered() {
		observed.rows = append(observed.rows, r)
	}
}

// isFiltered says that -run may have left out situations of a case, so that what was
// observed is not all of it.
func isFiltered() bool {
	return strings.Contains(flag.Lookup("test.run").Value.String(), "/") || flag.Lookup("test.skip").Value.String() != ""
}

func skipped(library, way string) {
	observed.mu.Lock()
	defer observed.mu.Unlock()
	observed.skipped = append(observed.skipped, row{library: library, way: way}.key())
}

// compare compares the table with what was observed, or updates it.
func compare(whole bool) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no table between %q and %q", page, begin, end)
	}
	want := write(merge(read(table), whole))
	switch {
	case want == table:
		return nil
	case *update:
		return os.WriteFile(page, []byte(before+begin+want+end+after), 0o666)
	}
	return fmt.Errorf("%s is not what was observed (go test ./conformance/ecosystem -update writes it); it should be\n%s", page, want)
}

// merge puts what was observed in the place of what the table says of it. What was
// skipped stays; if all tests ran, what no test knows goes.
func merge(rows []row, whole bool) []row {
	rows = slices.DeleteFunc(rows, func(r row) bool {
		isIt := func(o row) bool { return o.key() == r.key() }
		return slices.ContainsFunc(observed.rows, isIt) || whole && !slices.Contains(observed.skipped, r.key())
	})
	rows = append(rows, observed.rows...)
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.library), strings.ToLower(b.library)), cmp.Compare(a.way, b.way))
	})
	return rows
}

func write(rows []row) string {
	var b strings.Builder
	b.WriteString("| library | way |")
	for _, s := range situations {
		b.WriteString(" " + s.name + " |")
	}
	b.WriteString(" |\n|" + strings.Repeat(" --- |", 3+len(situations)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |", r.library, r.way)
		for _, result := range r.results {
			fmt.Fprintf(&b, " %s |", result)
		}
		fmt.Fprintf(&b, " %s |\n", r.note)
	}
	return b.String()
}

// read reads what write has written.
func read(table string) (rows []row) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines[min(2, len(lines)):] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3+len(situations) {
			continue // it is written anew
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		r := row{library: cells[0], way: cells[1], note: cells[len(cells)-1]}
		for i := range r.results {
			r.results[i] = result(cells[2+i])
		}
		rows = append(rows, r)
	}
	return rows
}

func TestTableIsReadAsItWasWritten(t *testing.T) {
	rows := []row{
		{"a/b", direct, [...]result{works, none, works, "blocks the loop", works}, "a note; another"},
		{"c", toThread, [...]result{none, none, none, none, none}, ""},
	}
	if got := read(write(rows)); !slices.Equal(got, rows) {
		t.Errorf("written and read, it is\n%v\nwant\n%v", got, rows)
	}
}
