package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var lostError = newRule("lost-error", func(c *check) {
	in := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.WithStack([]ast.Node{(*ast.ExprStmt)(nil), (*ast.AssignStmt)(nil)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		if push {
			for _, v := range thrownAway(c.TypesInfo, n) {
				c.reportLostError(n, v, stack)
			}
		}
		return true
	})
}, inspect.Analyzer)

// withStatements is set by the flag of the rule that reports tasks which are made by a mere
// statement. The loop holds such a task, and reports its error; so it is not wrong.
var withStatements bool

func init() {
	lostError.analyzer.Flags.BoolVar(&withStatements, "statements", false, "report also asyncio.CreateTask(ctx, c) and asyncio.Go(ctx, f) whose task is not assigned")
}

// outcomes are functions of the library whose error is that of the tasks they wait for.
var outcomes = map[string]bool{
	"Gather": true, "Gather2": true, "Gather3": true, "GatherSettled": true, "Wait": true,
	"Coro.Await": true, "Task.Await": true, "Future.Await": true, "Awaitable.Await": true,
}

// runners are functions of the library whose error is that of the function they run. Who
// assigns it to "_" says that it is of no interest.
var runners = map[string]bool{
	"Run": true, "RunValue": true, "RunGroup": true, "Runner.Run": true, "RunOn": true, "RunOnFunc": true, "ToThread": true, "ToThreadFunc": true,
	"WithTaskGroup": true, "WithTimeout": true, "WithTimeoutAt": true, "WaitFor": true, "Race": true, "Any": true, "Shield": true,
}

func (c *check) reportLostError(n ast.Node, v thrown, stack []ast.Node) {
	switch e := ast.Unparen(v.expr).(type) {
	case *ast.CallExpr:
		f := c.callee(e)
		if f == nil || f.Pkg() == nil || f.Pkg().Path() != root {
			return
		}
		name := c.nameOf(e, c.Pkg)
		switch short := shortName(f); {
		case isError(v.typ) && (outcomes[short] || runners[short] && !v.blank):
			if !c.isCanceledBefore(e, stack) && !(v.blank && c.isSaid(n)) {
				c.report(n, nil, "the error of %s is lost: look at it, or assign it to _ and say in a comment there why it does not matter", name)
			}
		case c.isHandle(v.typ) && isMaker(short) && (v.blank || withStatements):
			c.report(n, nil, "no one looks at the task that %s makes, so its error comes late, to the exception handler: await it, or start it in a TaskGroup", name)
		}
	case *ast.Ident:
		o, _ := c.TypesInfo.Uses[e].(*types.Var)
		if o != nil && c.isHandle(v.typ) && c.isOnlyDropped(o) && c.isMade(e) {
			c.report(n, nil, "no one looks at %s, so its error comes late, to the exception handler: await it, or start it in a TaskGroup", e.Name)
		}
	}
}

// isSaid reports whether a comment on the line of a statement, or above it, says why it leaves
// an error aside. Tests need not say it.
func (c *check) isSaid(n ast.Node) bool {
	file, line := c.fileOf(n.Pos()), c.Fset.Position(n.End()).Line
	if file == nil || strings.HasSuffix(c.Fset.Position(n.Pos()).Filename, "_test.go") {
		return true
	}
	for _, g := range file.Comments {
		for _, comment := range g.List {
			at := c.Fset.Position(comment.Pos())
			if at.Line == line && comment.Pos() > n.Pos() || at.Line == c.Fset.Position(n.Pos()).Line-1 && at.Column == c.Fset.Position(n.Pos()).Column {
				return !strings.HasPrefix(comment.Text, okPrefix) && !strings.HasPrefix(comment.Text, "// want")
			}
		}
	}
	return false
}

// isMaker reports whether a function makes a task, or a future, that belongs to no group.
func isMaker(name string) bool {
	return name == "CreateTask" || name == "Go" || name == "RunInExecutor"
}

// isHandle reports whether a type is that of a task or a future.
func (c *check) isHandle(t types.Type) bool {
	return isNamed(t, root, "Task") || isNamed(t, root, "Future")
}

// isMade reports whether a variable visibly holds what one of those functions returns.
func (c *check) isMade(e ast.Expr) bool {
	call, ok := c.value(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := c.callee(call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == root && isMaker(shortName(f))
}

// isCanceledBefore reports whether the statement awaits a task that the one before it
// cancels: then the error says what is known.
func (c *check) isCanceledBefore(await *ast.CallExpr, stack []ast.Node) bool {
	of := receiverOf(await)
	if of == nil || len(stack) < 2 {
		return false
	}
	before := statementBefore(stack[len(stack)-2], stack[len(stack)-1])
	s, ok := before.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f := c.callee(call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == root && (f.Name() == "Cancel" || f.Name() == "CancelCause") &&
		receiverOf(call) != nil && c.text(receiverOf(call)) == c.text(of)
}

func receiverOf(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

// statementBefore returns the statement before another one in a block; nil: there is none.
func statementBefore(block, s ast.Node) ast.Stmt {
	var list []ast.Stmt
	switch b := block.(type) {
	case *ast.BlockStmt:
		list = b.List
	case *ast.CaseClause:
		list = b.Body
	case *ast.CommClause:
		list = b.Body
	}
	for i := 1; i < len(list); i++ {
		if list[i] == s {
			return list[i-1]
		}
	}
	return nil
}
