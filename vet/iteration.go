package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var droppedIterationError = newRule("dropped-iteration-error", func(c *check) {
	in := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.RangeStmt)(nil)}, func(n ast.Node) {
		s := n.(*ast.RangeStmt)
		if s.Value != nil && !isBlank(s.Value) {
			return
		}
		call, ok := c.value(s.X).(*ast.CallExpr)
		if !ok {
			return
		}
		f := c.callee(call)
		if f == nil || !isLibrary(f.Pkg()) || !endsWithError(f) {
			return
		}
		c.report(span{s.For, s.X.End()}, c.withError(s), "the range over %s leaves its error aside: a loop that was cut short, by a cancellation or a failure, looks finished; use the second variable", c.nameOf(call, c.Pkg))
	})
}, inspect.Analyzer)

// endsWithError reports whether a function returns an iter.Seq2 of values and errors.
func endsWithError(f *types.Func) bool {
	r := f.Signature().Results()
	if r.Len() != 1 || !isNamed(r.At(0).Type(), "iter", "Seq2") {
		return false
	}
	args := namedOf(r.At(0).Type()).TypeArgs()
	return args.Len() == 2 && isError(args.At(1))
}

// withError returns the fix that returns the error of the sequence.
func (c *check) withError(s *ast.RangeStmt) []analysis.SuggestedFix {
	f := c.innermost(s.Pos())
	if s.Tok == token.ASSIGN || !c.returnsErrorAlone(f) || c.names(s.Body, "err") {
		return nil
	}
	indent := c.indent(s.Pos())
	key := "_"
	if s.Key != nil {
		key = c.text(s.Key)
	}
	head := analysis.TextEdit{Pos: s.For, End: s.X.Pos(), NewText: []byte("for " + key + ", err := range ")}
	check := "\n" + indent + "\tif err != nil {\n" + indent + "\t\treturn err\n" + indent + "\t}"
	at := c.afterComment(s.Body.Lbrace + 1)
	switch line := c.Fset.Position(s.Body.Lbrace).Line; {
	case len(s.Body.List) > 0 && c.Fset.Position(s.Body.List[0].Pos()).Line == line:
		return nil // it is all on one line
	case len(s.Body.List) == 0 && c.Fset.Position(s.Body.Rbrace).Line == line:
		check += "\n" + indent
	}
	body := analysis.TextEdit{Pos: at, End: at, NewText: []byte(check)}
	return []analysis.SuggestedFix{{Message: "Return the error", TextEdits: []analysis.TextEdit{head, body}}}
}

// afterComment returns the end of the comment that follows a position on its line, or the
// position.
func (c *check) afterComment(pos token.Pos) token.Pos {
	for _, g := range c.fileOf(pos).Comments {
		if g.Pos() >= pos && c.Fset.Position(g.Pos()).Line == c.Fset.Position(pos).Line {
			return g.List[0].End()
		}
	}
	return pos
}

// names reports whether a block uses a name.
func (c *check) names(block *ast.BlockStmt, name string) (does bool) {
	ast.Inspect(block, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name && c.TypesInfo.Uses[id] != nil {
			if o := c.TypesInfo.Uses[id]; o.Pos() < block.Pos() || o.Pos() >= block.End() {
				does = true
			}
		}
		return !does
	})
	return does
}
