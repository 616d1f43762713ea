package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"time"

	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var busyWait = newRule("busy-wait", lookForBusyWaits, inspect.Analyzer)

func init() {
	busyWait.analyzer.Flags.Bool("enable", false, "look for loops that sleep until a variable has changed")
}

func lookForBusyWaits(c *check) {
	if c.rule.analyzer.Flags.Lookup("enable").Value.String() != "true" {
		return
	}
	c.ResultOf[inspect.Analyzer].(*inspector.Inspector).Preorder([]ast.Node{(*ast.ForStmt)(nil)}, func(n ast.Node) {
		l := n.(*ast.ForStmt)
		cond, body := turns(l)
		if cond == nil || len(body) != 1 || l.Post != nil || !c.readsVariables(cond) {
			return
		}
		if call := c.sleepIn(body[0]); call != nil && c.isShort(call) {
			c.report(call, nil, "a loop with %s waits until %s has changed, and runs all the time: wait for an Event, a Condition or a Watch that is set where it changes",
				c.callText(call), types.ExprString(cond))
		}
	})
}

// turns returns the condition of a loop, and what it does in each turn. A loop may begin with
// if cond { break }.
func turns(l *ast.ForStmt) (cond ast.Expr, body []ast.Stmt) {
	if l.Cond != nil || len(l.Body.List) == 0 {
		return l.Cond, l.Body.List
	}
	first, ok := l.Body.List[0].(*ast.IfStmt)
	if !ok || first.Init != nil || first.Else != nil || len(first.Body.List) != 1 {
		return nil, nil
	}
	switch s := first.Body.List[0].(type) {
	case *ast.ReturnStmt:
	case *ast.BranchStmt:
		if s.Tok != token.BREAK {
			return nil, nil
		}
	default:
		return nil, nil
	}
	return first.Cond, l.Body.List[1:]
}

// readsVariables reports whether a condition reads variables and calls nothing, beside len
// and the Load of an atomic value.
func (c *check) readsVariables(cond ast.Expr) bool {
	variables, others := false, false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if _, ok := c.TypesInfo.Uses[n].(*types.Var); ok {
				variables = true
			}
		case *ast.CallExpr:
			f := callee(c.TypesInfo, n)
			switch {
			case f != nil && f.Pkg() != nil && f.Pkg().Path() == "sync/atomic" && f.Name() == "Load":
			case f == nil && c.TypesInfo.Types[n.Fun].IsBuiltin():
			default:
				others = true
			}
		case *ast.UnaryExpr:
			others = others || n.Op == token.ARROW
		}
		return true
	})
	return variables && !others
}

// isShort reports whether a call is a Yield, or a Sleep of ten milliseconds at most.
func (c *check) isShort(call *ast.CallExpr) bool {
	if callee(c.TypesInfo, call).Name() == "Yield" {
		return true
	}
	if len(call.Args) != 2 { // they are the results of another call
		return false
	}
	d := c.TypesInfo.Types[call.Args[1]].Value
	if d == nil {
		return false
	}
	n, ok := constant.Int64Val(constant.ToInt(d))
	return ok && time.Duration(n) <= 10*time.Millisecond
}

// sleepIn returns the call of Sleep or Yield that a statement is, whatever it does with
// the error; nil: it is another one.
func (c *check) sleepIn(s ast.Stmt) *ast.CallExpr {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	case *ast.IfStmt:
		if s.Init != nil {
			return c.sleepIn(s.Init)
		}
		if test, ok := s.Cond.(*ast.BinaryExpr); ok {
			e = test.X
		}
	}
	if e == nil {
		return nil
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if f := callee(c.TypesInfo, call); f != nil && f.Pkg() != nil && f.Pkg().Path() == root && (f.Name() == "Sleep" || f.Name() == "Yield") {
		return call
	}
	return nil
}
