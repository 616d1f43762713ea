package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A rule is a mistake that is looked for.
type rule struct {
	name     string // as in its messages: "lost-error"
	analyzer *analysis.Analyzer
}

// newRule makes a rule. Its analyzer looks at one package; facts about others come with
// the program.
func newRule(name string, look func(c *check), requires ...*analysis.Analyzer) *rule {
	r := &rule{name: name}
	r.analyzer = &analysis.Analyzer{
		Name:       strings.ReplaceAll(name, "-", "_"),
		Doc:        doc(name),
		URL:        url,
		Requires:   append([]*analysis.Analyzer{programs}, requires...),
		ResultType: reflect.TypeFor[*silenced](),
		Run: func(pass *analysis.Pass) (any, error) {
			c := &check{Pass: pass, program: pass.ResultOf[programs].(*program), rule: r, silenced: &silenced{}}
			look(c)
			return c.silenced, nil
		},
	}
	return r
}

// url is where the rules are explained.
const url = "https://pkg.go.dev/github.com/asyncio-go/asyncio/vet"

// A check is a rule that looks at a package.
type check struct {
	*analysis.Pass
	*program
	rule     *rule
	silenced *silenced
}

// report reports a mistake from one position to another, unless a comment silences it. The
// message says what is wrong, what comes of it, and what to do.
func (c *check) report(at analysis.Range, fixes []analysis.SuggestedFix, format string, args ...any) {
	if ok := c.comments.find(c.Fset, at.Pos(), c.rule.name); ok != nil {
		c.silenced.by = append(c.silenced.by, ok)
		return
	}
	c.Report(analysis.Diagnostic{
		Pos: at.Pos(), End: at.End(), Category: c.rule.name, SuggestedFixes: fixes,
		Message: fmt.Sprintf(format, args...) + " (asyncio-" + c.rule.name + ")",
	})
}

// silenced is the result of a rule: the comments that have silenced it.
type silenced struct{ by []*okComment }

// okPrefix begins a comment that silences a rule, on its line, in the comment of its
// function, or above the package clause of its file: //asyncio:ok RULE reason.
const okPrefix = "//asyncio:ok"

// An okComment silences a rule on its line, on the next one if it stands alone, in a whole
// function, or in a whole file.
type okComment struct {
	comment     *ast.Comment
	rule        string
	reason      string
	file        string
	first, last int // the lines for which it holds
}

// okComments are those of a package.
type okComments []*okComment

func (all okComments) find(fset *token.FileSet, at token.Pos, rule string) *okComment {
	p := fset.Position(at)
	for _, ok := range all {
		if ok.rule == rule && ok.reason != "" && ok.file == p.Filename && ok.first <= p.Line && p.Line <= ok.last {
			return ok
		}
	}
	return nil
}

// readComments finds the comments of a package that silence rules.
func readComments(pass *analysis.Pass) (all okComments) {
	for _, file := range pass.Files {
		lines := codeLines(pass.Fset, file)
		docs := functionDocs(file)
		for _, g := range file.Comments {
			for _, c := range g.List {
				text, is := strings.CutPrefix(c.Text, okPrefix)
				if !is || text != "" && text[0] != ' ' && text[0] != '\t' {
					continue
				}
				text, _, _ = strings.Cut(text, "// want") // of a test of this package
				name, reason, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(text, "\t", " ")), " ")
				p := pass.Fset.Position(c.Pos())
				ok := &okComment{c, name, strings.TrimSpace(reason), p.Filename, p.Line, p.Line}
				if !lines[p.Line] { // it stands alone
					ok.last++
				}
				switch f := docs[g]; {
				case f != nil:
					ok.last = pass.Fset.Position(f.End()).Line
				case c.End() < file.Package: // it is for the whole file
					ok.last = pass.Fset.Position(file.FileEnd).Line
				}
				all = append(all, ok)
			}
		}
	}
	return all
}

// codeLines returns the lines of a file on which code begins or ends.
func codeLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		}
		lines[fset.Position(n.Pos()).Line] = true
		lines[fset.Position(n.End()-1).Line] = true
		return true
	})
	return lines
}

func functionDocs(f *ast.File) map[*ast.CommentGroup]*ast.FuncDecl {
	docs := map[*ast.CommentGroup]*ast.FuncDecl{}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Doc != nil {
			docs[d.Doc] = d
		}
	}
	return docs
}

// comments looks after the comments that silence a rule: they need a reason, and something
// to silence.
var comments = &analysis.Analyzer{
	Name: "asyncio_ok",
	Doc:  doc("ok"),
	URL:  url,
}

func init() { // it needs all rules, and these are variables
	for _, r := range rules {
		comments.Requires = append(comments.Requires, r.analyzer)
	}
	comments.Requires = append(comments.Requires, programs)
	comments.Run = lookAfterComments
}

func lookAfterComments(pass *analysis.Pass) (any, error) {
	used := map[*okComment]bool{}
	known := map[string]bool{}
	for _, r := range rules {
		known[r.name] = true
		for _, ok := range pass.ResultOf[r.analyzer].(*silenced).by {
			used[ok] = true
		}
	}
	for _, ok := range pass.ResultOf[programs].(*program).silenced.by {
		used[ok] = true
	}
	for _, ok := range pass.ResultOf[programs].(*program).comments {
		problem := ""
		switch {
		case ok.rule == "":
			problem = "names no rule: write " + okPrefix + " RULE and the reason"
		case !known[ok.rule]:
			problem = "names " + ok.rule + ", which is no rule"
		case ok.reason == "":
			problem = "lacks the reason: write why it is right here"
		case !used[ok] && !optional(ok.rule):
			problem = "silences nothing: remove it"
		}
		if problem != "" {
			pass.Report(analysis.Diagnostic{Pos: ok.comment.Pos(), End: ok.comment.End(), Category: "ok", Message: "the comment " + problem + " (asyncio-ok)"})
		}
	}
	return nil, nil
}

// optional reports whether a rule, or a part of it, is looked for only on request, so that
// its comments may silence nothing.
func optional(rule string) bool { return onRequest[rule] != "" }
