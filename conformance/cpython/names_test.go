package cpython

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
)

const guide = "../../docs/guide/python.md"

// TestGuideNamesAllOfAsyncio holds the guide to the list of asyncio.__all__ in
// testdata/all.txt: every name of it has one row, in the order of the list, and no
// other has one.
func TestGuideNamesAllOfAsyncio(t *testing.T) {
	var rows []string
	for _, row := range rowsOf(t, "## Every name of asyncio") {
		if row.here == "" {
			t.Errorf("the row of %s says nothing", row.python)
		}
		rows = append(rows, strings.Trim(row.python, "`"))
	}
	want := strings.Fields(string(read(t, "testdata/all.txt")))
	for _, name := range want {
		if !slices.Contains(rows, name) {
			t.Errorf("%s has no row for %s", guide, name)
		}
	}
	if !t.Failed() && !slices.Equal(rows, want) {
		t.Errorf("%s has rows %q, and the list is %q", guide, rows, want)
	}
}

// TestAllOfAsyncio holds that list to the Python of this machine.
func TestAllOfAsyncio(t *testing.T) {
	out := python.Output(t, ".", python.Exactly(t, 13), "-c", "import asyncio, json; print(json.dumps(asyncio.__all__))")
	var names []string
	if err := json.Unmarshal(out, &names); err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(read(t, "testdata/all.txt")))
	for _, name := range names {
		if !slices.Contains(list, name) {
			t.Errorf("testdata/all.txt lacks %s", name)
		}
	}
}

// goName is a name of this module in the guide, such as `asyncio.Run` or `Loop.Stop`.
var goName = regexp.MustCompile("`(asyncio|streams|subprocess|files|asynciotest|Loop|Task|Runner)\\.([A-Z]\\w*)")

// TestGuideNamesWhatThereIs looks up every name of this module that the guide has.
func TestGuideNamesWhatThereIs(t *testing.T) {
	exported := map[string]bool{}
	for name, dir := range map[string]string{
		"asyncio": "../..", "streams": "../../streams", "subprocess": "../../subprocess", "files": "../../files", "asynciotest": "../../asynciotest",
	} {
		addExported(t, exported, name, dir)
	}
	found := 0
	for _, m := range goName.FindAllStringSubmatch(string(read(t, guide)), -1) {
		found++
		if !exported[m[1]+"."+m[2]] {
			t.Errorf("%s names %s.%s, which is not there", guide, m[1], m[2])
		}
	}
	if found < 100 {
		t.Errorf("only %d names found: has the guide another form?", found)
	}
}

type row struct{ python, here string }

// rowsOf returns the rows of the table below a heading of the guide.
func rowsOf(t *testing.T, heading string) (rows []row) {
	t.Helper()
	_, text, ok := strings.Cut(string(read(t, guide)), heading)
	if !ok {
		t.Fatalf("%s has no %q", guide, heading)
	}
	for line := range strings.Lines(text) {
		cells := strings.SplitN(strings.Trim(strings.TrimSpace(line), "|"), "|", 2)
		if len(cells) == 2 && strings.HasPrefix(line, "| `") {
			rows = append(rows, row{strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])})
		}
	}
	return rows
}

// addExported adds the exported names of the package in a folder: functions, types
// and values as package.Name, methods as Type.Name.
func addExported(t *testing.T, names map[string]bool, pkg, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no package in %s: %v", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			addDecl(names, pkg, d)
		}
	}
}

func addDecl(names map[string]bool, pkg string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names[pkg+"."+d.Name.Name] = true
		} else {
			names[receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names[pkg+"."+s.Name.Name] = true
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names[pkg+"."+n.Name] = true
				}
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	default:
		return ""
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
