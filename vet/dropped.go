package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var dropped = newRule("dropped", func(c *check) {
	in := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.ExprStmt)(nil), (*ast.AssignStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil)}, func(n ast.Node) {
		for _, v := range thrownAway(c.TypesInfo, n) {
			if isCoro(v.typ) {
				c.reportDropped(n, ast.Unparen(v.expr))
			}
		}
	})
}, inspect.Analyzer)

func (c *check) reportDropped(n ast.Node, e ast.Expr) {
	switch e := e.(type) {
	case *ast.CallExpr:
		if c.TypesInfo.Types[e.Fun].IsType() {
			return // a conversion: with it, programs make sure of a type
		}
		name := "this"
		if f := c.callee(e); f != nil {
			name = qualified(f, c.Pkg)
		}
		c.report(n, c.awaited(n, e), "%s makes a coroutine, which is dropped and never runs: await it, with .Await(ctx), or pass it to CreateTask", name)
	case *ast.Ident:
		v, _ := c.TypesInfo.Uses[e].(*types.Var)
		if v != nil && c.isOnlyDropped(v) {
			c.report(n, nil, "%s holds a coroutine, which is dropped and never runs: await it, with .Await(ctx), or pass it to CreateTask", e.Name)
		}
	}
}

// isOnlyDropped reports whether a local variable, which is no parameter, has one use, as
// "_ = v" has.
func (c *check) isOnlyDropped(v *types.Var) bool {
	if v.IsField() || v.Parent() == nil || v.Parent() == c.Pkg.Scope() || isParameter(v) {
		return false
	}
	uses := 0
	for _, o := range c.TypesInfo.Uses {
		if o == v {
			uses++
		}
	}
	return uses == 1
}

// isParameter reports whether a variable is a parameter, a result or a receiver, which has a
// value without an assignment.
func isParameter(v *types.Var) bool {
	return v.Kind() == types.ParamVar || v.Kind() == types.ResultVar || v.Kind() == types.RecvVar
}

// awaited returns the fix that awaits the coroutine.
func (c *check) awaited(n ast.Node, call *ast.CallExpr) []analysis.SuggestedFix {
	switch n := n.(type) {
	case *ast.ExprStmt:
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 {
			return nil
		}
	default:
		return nil
	}
	if !isCoro(c.TypesInfo.TypeOf(call)) {
		return nil
	}
	f := c.innermost(call.Pos())
	ctx := c.contextAt(f, call.Pos())
	if ctx == "" || !c.returnsErrorAlone(f) || !standsAlone(f, func(s ast.Stmt) bool { return s == n }) {
		return nil
	}
	return c.checked(n, "Await the coroutine", "_, err := "+c.text(call)+".Await("+ctx+")")
}

// A thrown value is one that a statement throws away.
type thrown struct {
	expr  ast.Expr
	typ   types.Type
	blank bool // it is assigned to "_"
}

// thrownAway returns the values that a statement makes, or names, and that are used nowhere.
func thrownAway(info *types.Info, n ast.Node) (all []thrown) {
	switch n := n.(type) {
	case *ast.ExprStmt:
		return results(info, n.X)
	case *ast.GoStmt:
		return results(info, n.Call)
	case *ast.DeferStmt:
		return results(info, n.Call)
	case *ast.AssignStmt:
		values := n.Rhs
		if len(values) == 1 && len(n.Lhs) > 1 {
			values, all = nil, results(info, n.Rhs[0])
		}
		for _, e := range values {
			all = append(all, thrown{expr: e, typ: info.TypeOf(e)})
		}
		return blanks(n.Lhs, all)
	}
	return nil
}

// blanks returns those of the values that are assigned to "_".
func blanks(left []ast.Expr, values []thrown) (all []thrown) {
	for i, l := range left {
		if isBlank(l) && i < len(values) {
			values[i].blank = true
			all = append(all, values[i])
		}
	}
	return all
}

// results returns the results of an expression: several, if it is a call of a function that
// has them.
func results(info *types.Info, e ast.Expr) (all []thrown) {
	t := info.TypeOf(e)
	several, ok := t.(*types.Tuple)
	if !ok {
		return []thrown{{expr: e, typ: t}}
	}
	for v := range several.Variables() {
		all = append(all, thrown{expr: e, typ: v.Type()})
	}
	return all
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}
