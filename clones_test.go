package asyncio_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// cloneLines is the least number of lines, comments and blank lines aside, that
// a function body must not have in common with another one.
const cloneLines = 10

// mayRepeat are the folders in which every program has to stand alone: the
// tour's lessons, the examples, and what is compared in the benchmarks.
var mayRepeat = []string{"lessons", "examples", "benchmarks"}

// No function body is there twice, in no module of the repository. A copy with
// other names is a copy, and so is one for another system. Tests may repeat
// themselves, and so may what mayRepeat names.
func TestNoFunctionIsThereTwice(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	var bodies []functionBody
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || slices.Contains(mayRepeat, path)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bodies = append(bodies, bodiesOf(t, path, src)...)
		return nil
	})
	asynctest.ExpectNil(t, err)
	if len(bodies) == 0 {
		t.Error("there are no functions")
	}
	for _, c := range clones(bodies) {
		t.Errorf("this is there twice:\n\t%v\n\t%v", c[0], c[1])
	}
}

// A functionBody is the body of a function that is long enough to be a clone.
type functionBody struct {
	at, end token.Position
	code    string // as normalized has it
}

func (b functionBody) String() string { return fmt.Sprintf("%v, up to line %d", b.at, b.end.Line) }

// bodiesOf returns the bodies of a file's functions and function literals, the
// outer ones first.
func bodiesOf(t *testing.T, path string, src []byte) (bodies []functionBody) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.FuncDecl:
			body = n.Body
		case *ast.FuncLit:
			body = n.Body
		}
		if body != nil {
			at, end := files.Position(body.Lbrace), files.Position(body.Rbrace)
			if code, lines := normalized(src[at.Offset+1 : end.Offset]); lines >= cloneLines {
				bodies = append(bodies, functionBody{at, end, code})
			}
		}
		return true
	})
	return bodies
}

// normalized returns the tokens of a body, and how many lines they take. Each
// identifier has become the number of its first use.
func normalized(body []byte) (code string, lines int) {
	file := token.NewFileSet().AddFile("", -1, len(body))
	var s scanner.Scanner
	s.Init(file, body, nil, 0)
	var words []string
	numbers, line := map[string]int{}, 0
	for {
		pos, tok, word := s.Scan()
		switch {
		case tok == token.EOF:
			return strings.Join(words, " "), lines
		case tok == token.SEMICOLON:
			word = tok.String() // be it written or implied by the end of a line
		case tok == token.IDENT:
			if _, known := numbers[word]; !known {
				numbers[word] = len(numbers)
			}
			word = fmt.Sprint("#", numbers[word])
		}
		if l := file.Line(pos); l != line && tok != token.SEMICOLON {
			line, lines = l, lines+1
		}
		words = append(words, cmp.Or(word, tok.String()))
	}
}

// clones returns the pairs of equal bodies; of those that are parts of equal
// ones, it returns none.
func clones(bodies []functionBody) (pairs [][2]functionBody) {
	first := map[string]functionBody{}
	var last functionBody
	for _, b := range bodies {
		if one, again := first[b.code]; !again {
			first[b.code] = b
		} else if b.at.Filename != last.at.Filename || b.at.Offset > last.end.Offset {
			pairs = append(pairs, [2]functionBody{one, b})
			last = b
		}
	}
	return pairs
}

func TestClonesAreFound(t *testing.T) {
	function := func(head string, lines ...string) string {
		return head + " {\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
	}
	sum := []string{
		"// Sums are made here.", "total := start", "", "for _, n := range numbers {", "if n < 0 {", "continue", "}",
		"total += n", "if total > limit {", "break", "}", "}", "return total",
	}
	replaced := func(oldnew ...string) []string {
		return strings.Split(strings.NewReplacer(oldnew...).Replace(strings.Join(sum, "\n")), "\n")
	}
	one := function("package p\n\nconst limit = 9\n\nfunc one(start int, numbers []int) int", sum...)
	for name, c := range map[string]struct {
		other string
		want  int
	}{
		"a copy":                        {function("func two(start int, numbers []int) int", sum...), 1},
		"with other names":              {function("func (x *thing) two(from int, all []int) int", replaced("total", "sum", "numbers", "all", "start", "from", "limit", "most")...), 1},
		"as a literal":                  {function("var two = func(start int, numbers []int) int", sum...), 1},
		"but not with another constant": {function("func two(start int, numbers []int) int", replaced("n < 0", "n < 1")...), 0},
		"but not with another variable": {function("func two(start int, numbers []int) int", replaced("return total", "return start")...), 0},
		"but not with a line less":      {function("func two(start int, numbers []int) (total int)", replaced("return total", "")...), 0},
	} {
		t.Run(name, func(t *testing.T) {
			bodies := slices.Concat(bodiesOf(t, "one.go", []byte(one)), bodiesOf(t, "two.go", []byte("package p\n\n"+c.other)))
			asynctest.ExpectEqual(t, "clones", len(clones(bodies)), c.want)
		})
	}
	t.Run("but not of nine lines", func(t *testing.T) {
		short := function("package p\n\nfunc f(a int)", strings.Split(strings.Repeat("println(a)\n", cloneLines-1), "\n")...)
		asynctest.ExpectEqual(t, "long bodies", len(bodiesOf(t, "short.go", []byte(short))), 0)
	})
	t.Run("once, with what is in it", func(t *testing.T) {
		inner := function("f := func()", strings.Split(strings.Repeat("println(1)\n", cloneLines), "\n")...)
		outer := function("func outer()", inner, "f()")
		bodies := slices.Concat(bodiesOf(t, "one.go", []byte("package p\n\n"+outer)), bodiesOf(t, "two.go", []byte("package p\n\n"+outer)))
		asynctest.ExpectEqual(t, "clones", len(clones(bodies)), 1)
	})
}
