package asyncio_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// mostNouns is how many nouns the engine may have at most. It is there to be
// lowered.
const mostNouns = 29

// ARCHITECTURE.md has a page of the engine's nouns: its table has a row for each
// struct with methods that the packages named there declare, and its last
// paragraph names every other type that they export.
func TestTheEnginesNouns(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	page := readNouns(t)
	nouns, others := map[string]bool{}, map[string]bool{}
	for _, pkg := range page.packages {
		declared := typesIn(t, pkg)
		maps.Copy(nouns, declared.nouns)
		maps.Copy(others, declared.others)
	}
	expectNames(t, "the table of the engine's nouns", page.table, nouns)
	expectNames(t, "the paragraph below that table", page.rest, others)
	if len(nouns) > mostNouns {
		t.Errorf("the engine has %d nouns to learn; %d are enough", len(nouns), mostNouns)
	}
}

func expectNames(t *testing.T, where string, got []string, declared map[string]bool) {
	t.Helper()
	if want := slices.Sorted(maps.Keys(declared)); !slices.Equal(got, want) {
		t.Errorf("%s names\n\t%s\nand what is declared is\n\t%s", where, strings.Join(got, " "), strings.Join(want, " "))
	}
}

// A nounPage is what a section of ARCHITECTURE.md says: the packages that it is
// about, the types in its table, and those in the paragraph after the table.
type nounPage struct{ packages, table, rest []string }

var (
	nounSection = regexp.MustCompile(`(?s)\n## The engine's nouns\n(.*?)\n(\|.*\|)\n(.*?)\n## `)
	nounPackage = regexp.MustCompile("`(internal/\\w+)`")
	nounRow     = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
	nounName    = regexp.MustCompile("`(\\w+)`")
)

func readNouns(t *testing.T) nounPage {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	section := nounSection.FindStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if section == nil {
		t.Fatal("ARCHITECTURE.md has no section about the engine's nouns")
	}
	names := func(pattern *regexp.Regexp, text string) (all []string) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return all
	}
	return nounPage{names(nounPackage, section[1]), names(nounRow, section[2]), names(nounName, section[3])}
}

// declaredTypes are the types of a package: those that are nouns to learn, and
// the others that are exported.
type declaredTypes struct{ nouns, others map[string]bool }

// typesIn reads a package. A noun is a struct with methods. An error is none,
// and neither is a second name for a struct, which is there for one more method.
func typesIn(t *testing.T, dir string) declaredTypes {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no Go files: %v", dir, err)
	}
	specs, hasMethods := map[string]*ast.TypeSpec{}, map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		collectTypes(file, specs, hasMethods)
	}
	types := declaredTypes{map[string]bool{}, map[string]bool{}}
	for name, spec := range specs {
		_, isStruct := spec.Type.(*ast.StructType)
		switch {
		case isStruct && hasMethods[name] && !strings.HasSuffix(name, "Error"):
			types.nouns[name] = true
		case ast.IsExported(name):
			types.others[name] = true
		}
	}
	return types
}

// collectTypes adds the types that a file declares, and the names of those for
// which it declares methods.
func collectTypes(file *ast.File, specs map[string]*ast.TypeSpec, hasMethods map[string]bool) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			hasMethods[receiver(decl)] = true
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					specs[spec.Name.Name] = spec
				}
			}
		}
	}
}

// receiver returns the name of the type that a function is a method of, or "".
func receiver(f *ast.FuncDecl) (name string) {
	if f.Recv != nil {
		ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && name == "" {
				name = id.Name
			}
			return true
		})
	}
	return name
}
