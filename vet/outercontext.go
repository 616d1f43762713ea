package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var outerContext = newRule("outer-context", func(c *check) {
	in := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	reported := map[*ast.Ident]bool{} // a use may be in several bodies
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		f := c.callee(call)
		if f == nil || !isLibrary(f.Pkg()) {
			return
		}
		given := c.contextGiven(call, f)
		if given == nil {
			return
		}
		for _, arg := range call.Args {
			if body := c.byNode[ast.Unparen(arg)]; body != nil && body.kind == coroutine && c.contextOf(body) != nil {
				c.outerUses(body, given, c.nameOf(call, c.Pkg), reported)
			}
		}
	})
}, inspect.Analyzer)

// contextGiven returns the variable with the context that a call of the library is given;
// that of the group, for methods of a TaskGroup.
func (c *check) contextGiven(call *ast.CallExpr, f *types.Func) *types.Var {
	if takesContext(f.Signature()) && len(call.Args) > 0 {
		return c.variableOf(call.Args[0])
	}
	var group ast.Expr
	switch shortName(f) {
	case "TaskGroup.Go":
		group = receiverOf(call)
	case "Spawn":
		group = call.Args[0]
	default:
		return nil
	}
	v := c.variableOf(group)
	if v == nil {
		return nil
	}
	for g := c.innermost(call.Pos()); g != nil; g = g.outer {
		for _, field := range g.typ.Params.List {
			for _, id := range field.Names {
				if c.TypesInfo.Defs[id] == v {
					return c.contextOf(g)
				}
			}
		}
	}
	return nil
}

func (c *check) variableOf(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := c.TypesInfo.Uses[id].(*types.Var)
	return v
}

// asks are functions that are right to call with any context: they only ask about it, or take
// its values.
var asks = map[string]bool{
	"context.Cause": true, "context.WithoutCancel": true, "context.WithValue": true,
	root + ".TimeoutOf": true, root + ".RunningLoop": true, root + ".Now": true, root + ".CurrentTask": true, root + ".AllTasks": true,
	root + ".CreateTask": true, root + ".Go": true, root + ".DumpTasks": true,
}

// outerUses reports where a body passes on the context that was given to the function that
// runs it.
func (c *check) outerUses(body *function, given *types.Var, to string, reported map[*ast.Ident]bool) {
	ast.Inspect(body.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false // a goroutine may be meant to go on after the body
		case *ast.IfStmt:
			if c.asksForCancellation(n.Cond) { // clean-up, for which the own context is of no use
				return false
			}
		case *ast.FuncLit:
			return c.byNode[n].kind != offLoop
		case *ast.CallExpr:
			if f := c.callee(n); f != nil && asks[f.FullName()] {
				return true
			}
			for _, arg := range n.Args {
				id, ok := ast.Unparen(arg).(*ast.Ident)
				if ok && c.TypesInfo.Uses[id] == given && !reported[id] {
					reported[id] = true
					c.report(id, c.innerName(id), "%s is the context that was given to %s: what waits on it is not cut when that ends its body, or when the task is canceled; use the context of the body", id.Name, to)
				}
			}
		}
		return true
	})
}

// innerName returns the fix that uses the context of the innermost function.
func (c *check) innerName(id *ast.Ident) []analysis.SuggestedFix {
	inner := c.contextAt(c.innermost(id.Pos()), id.Pos())
	if inner == "" || inner == id.Name {
		return nil
	}
	return c.replaced(id, "Use the context of the body", inner)
}

// asksForCancellation reports whether a condition asks if something was canceled.
func (c *check) asksForCancellation(cond ast.Expr) (does bool) {
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			o := c.TypesInfo.Uses[n.Sel]
			does = does || o != nil && o.Pkg() != nil && (o.Pkg().Path() == root || o.Pkg().Path() == "context") &&
				(o.Name() == "ErrCanceled" || o.Name() == "ErrTimeout" || o.Name() == "Canceled" || o.Name() == "DeadlineExceeded" || o.Name() == "Err")
		}
		return !does
	})
	return does
}
