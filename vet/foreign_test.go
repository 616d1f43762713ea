package vet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestForeignKnowsWhatTheDocumentationSays compares the tables of the rule with what the
// comments of package asyncio say about its types and methods.
func TestForeignKnowsWhatTheDocumentationSays(t *testing.T) {
	docs := readDocs(t, "..")
	for name, doc := range docs.types {
		if says := forLoopOnly.MatchString(doc); says != forLoop[name] {
			t.Errorf("%s: forLoop has %v, but its documentation says %v", name, forLoop[name], says)
		}
	}
	for method, doc := range docs.methods {
		typ, name, _ := strings.Cut(method, ".")
		if !forLoop[typ] {
			continue
		}
		for _, other := range seeOther.FindAllStringSubmatch(doc, -1) {
			same, ok := docs.methods[typ+"."+other[1]]
			if !ok {
				same = docs.methods[other[1]]
			}
			doc += same
		}
		says := forAnyGoroutine.MatchString(doc) || regexp.MustCompile(`Any goroutine may call `+name).MatchString(docs.types[typ])
		if says != forAll[method] {
			t.Errorf("%s: forAll has %v, but the documentation says %v", method, forAll[method], says)
		}
	}
	for method := range forAll {
		if _, ok := docs.methods[method]; !ok {
			t.Errorf("there is no %s", method)
		}
	}
	for typ := range forLoop {
		if _, ok := docs.types[typ]; !ok && typ != "queue" && typ != "queueCore" {
			t.Errorf("there is no %s", typ)
		}
	}
}

var (
	forLoopOnly     = regexp.MustCompile(`For the loop (of its Broadcast )?only|[Mm]ethods are for the loop`)
	forAnyGoroutine = regexp.MustCompile(`[Aa]ny goroutine|the goroutine that makes it may`)
	seeOther        = regexp.MustCompile(`; see ([\w.]*\w)`)
)

// docs are the comments of the exported types of a package, and of the exported methods of
// all types, by "Type.Method", each in one line.
type docs struct{ types, methods map[string]string }

func readDocs(t *testing.T, dir string) docs {
	all := docs{map[string]string{}, map[string]string{}}
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no files: ", err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			all.add(d)
		}
	}
	return all
}

func (all docs) add(d ast.Decl) {
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
				all.types[s.Name.Name] = inOneLine(s.Doc.Text() + d.Doc.Text())
			}
		}
	case *ast.FuncDecl:
		if d.Recv != nil && d.Name.IsExported() {
			all.methods[receiverName(d.Recv.List[0].Type)+"."+d.Name.Name] = inOneLine(d.Doc.Text())
		}
	}
}

func inOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func receiverName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.IndexListExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
