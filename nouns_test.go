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

// maxNouns is how many nouns one may have to learn to read the engine.
const maxNouns = 15

// ARCHITECTURE.md has a page of the engine's nouns: its table has those that one
// has to learn, and the text below it names every other struct with methods and
// every other exported type.
func TestTheEnginesNouns(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	page := readNouns(t)
	declared := typesIn(t, "internal/engine")
	expectNames(t, "the section about the engine's nouns", slices.Sorted(slices.Values(slices.Concat(page.table, page.rest))), declared)
	if len(page.table) > maxNouns {
		t.Errorf("the table has %d nouns to learn; %d are enough", len(page.table), maxNouns)
	}
}

func expectNames(t *testing.T, where string, got []string, declared map[string]bool) {
	t.Helper()
	if want := slices.Sorted(maps.Keys(declared)); !slices.Equal(got, want) {
		t.Errorf("%s names\n\t%s\nand what is declared is\n\t%s", where, strings.Join(got, " "), strings.Join(want, " "))
	}
}

// A nounPage is what a section of ARCHITECTURE.md says: the types in its table,
// and those in the text after the table.
type nounPage struct{ table, rest []string }

var (
	nounSection = regexp.MustCompile(`(?s)\n## The engine's nouns\n.*?\n(\|.*\|)\n(.*?)\n## `)
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
	return nounPage{names(nounRow, section[1]), names(nounName, section[2])}
}

// typesIn returns the structs with methods and the exported types that a package
// declares. Errors are not among them, and neither are second names for a struct,
// which are there for one more method.
func typesIn(t *testing.T, dir string) map[string]bool {
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
	types := map[string]bool{}
	for name, spec := range specs {
		_, isStruct := spec.Type.(*ast.StructType)
		if ast.IsExported(name) || isStruct && hasMethods[name] && !strings.HasSuffix(name, "Error") {
			types[name] = true
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
