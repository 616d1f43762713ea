package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

var cleanupCanceled = newRule("cleanup-canceled", func(c *check) {
	l := &cleanups{check: c, reported: map[*ast.CallExpr]bool{}}
	c.each(func(f *function) {
		if f.kind == coroutine {
			l.look(f)
		}
	})
})

// cleanups finds waits in deferred calls and after a cancellation.
type cleanups struct {
	*check
	reported map[*ast.CallExpr]bool
	shared   bool // the literal that is looked at is not for clean-up alone, so it has no fix
}

func (l *cleanups) look(f *function) {
	l.walk(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			l.deferred(f, n)
		case *ast.IfStmt:
			if ctx := l.canceledContext(f, n.Init, n.Cond); ctx != nil {
				l.after(f, n.Body.List, ctx)
			}
		case *ast.SwitchStmt:
			for _, s := range n.Body.List {
				s := s.(*ast.CaseClause)
				if n.Tag != nil || len(s.List) != 1 {
					continue
				}
				if ctx := l.canceledContext(f, n.Init, s.List[0]); ctx != nil {
					l.after(f, s.Body, ctx)
				}
			}
		}
		return true
	})
}

// deferred looks at what a function defers: a call, or a literal with calls.
func (l *cleanups) deferred(f *function, n *ast.DeferStmt) {
	body := l.literalBody(n.Call.Fun)
	if body == nil {
		l.wait(f, n.Call, n, nil)
		return
	}
	l.shared = l.isUsedElsewhere(n.Call.Fun)
	l.inspect(body, func(call *ast.CallExpr) { l.wait(f, call, body, nil) })
	l.shared = false
}

// isUsedElsewhere reports whether a variable that holds a literal is used several times.
func (l *cleanups) isUsedElsewhere(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	o, _ := l.TypesInfo.Uses[id].(*types.Var)
	v := l.uses[o]
	return v != nil && len(v.uses)+len(v.calls) > 1
}

// literalBody returns the body of a literal, or of the one that a variable holds.
func (l *cleanups) literalBody(e ast.Expr) ast.Node {
	if lit, ok := l.value(e).(*ast.FuncLit); ok {
		return lit
	}
	return nil
}

// after looks at what is done when a context is known to be canceled.
func (l *cleanups) after(f *function, body []ast.Stmt, ctx types.Object) {
	for _, s := range body {
		l.inspect(s, func(call *ast.CallExpr) { l.wait(f, call, nil, ctx) })
	}
}

// inspect calls see for the calls in a node that may be made while the context is canceled:
// not for those in a branch for which there was no error.
func (l *cleanups) inspect(n ast.Node, see func(*ast.CallExpr)) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return m == n || l.byNode[m].kind == inline
		case *ast.GoStmt:
			return false
		case *ast.IfStmt:
			without := l.saysNoError(m.Cond)
			for _, part := range []ast.Node{m.Init, m.Cond, m.Body, m.Else} {
				if part != nil && !(part == ast.Node(m.Body) && without == token.EQL) && !(part == ast.Node(m.Else) && without == token.NEQ) {
					l.inspect(part, see)
				}
			}
			return false
		case *ast.CallExpr:
			see(m)
		}
		return true
	})
}

// saysNoError returns EQL for err == nil and ctx.Err() == nil, and NEQ for the contrary.
func (l *cleanups) saysNoError(cond ast.Expr) token.Token {
	test, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return token.ILLEGAL
	}
	if test.Op == token.LAND && l.saysNoError(test.X) == token.EQL {
		return token.EQL
	}
	if id, ok := test.Y.(*ast.Ident); !ok || id.Name != "nil" || !isError(l.TypesInfo.TypeOf(test.X)) {
		return token.ILLEGAL
	}
	if test.Op == token.EQL || test.Op == token.NEQ {
		return test.Op
	}
	return token.ILLEGAL
}

// wait reports a call that waits on a context of the task: on the one that is canceled, or
// in a deferred function, which nodes in it do not declare.
func (l *cleanups) wait(f *function, call *ast.CallExpr, in ast.Node, canceled types.Object) {
	if s := l.callSuspends(call); s == nil || s.Uncut || l.reported[call] || l.owns(call) {
		return
	}
	for _, arg := range call.Args {
		id, ok := ast.Unparen(arg).(*ast.Ident)
		if !ok || !isContext(l.TypesInfo.TypeOf(id)) {
			continue
		}
		o := l.taskContext(id)
		if o == nil || canceled != nil && l.TypesInfo.Uses[id] != canceled || in != nil && in.Pos() <= o.Pos() && o.Pos() < in.End() {
			continue
		}
		l.reported[call] = true
		where, when := "in a defer of "+f.name(), "once "+id.Name+" is canceled"
		if canceled != nil {
			where, when = "in "+f.name()+" after the cancellation", "as "+id.Name+" is canceled"
		}
		l.report(call, l.fix(id), "%s waits on %s %s: %s, it returns at once with ErrCanceled, and the clean-up is not done; wait on context.WithoutCancel(%s)",
			l.callText(call), id.Name, where, when, id.Name)
		return
	}
}

// owning are waits that cancel what they wait for and wait on, or return an error that may
// be of that.
var owning = map[string]bool{
	"Task.Await": true, "Future.Await": true, "Awaitable.Await": true, "Gather": true, "Gather2": true, "Gather3": true, "GatherSettled": true,
	"Race": true, "Any": true, "WaitFor": true, "Shield": true, "RunOn": true, "RunOnFunc": true, "ConcurrentFuture.Wait": true,
}

func (l *cleanups) owns(call *ast.CallExpr) bool {
	f := callee(l.TypesInfo, call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == root && owning[shortName(f)] && f.Name() != "Shield"
}

// taskContext returns the variable of a context that ends with the task: a parameter, or
// one that is derived from it; nil: it is not known to be one.
func (l *cleanups) taskContext(id *ast.Ident) types.Object {
	return l.madeOf(id, map[types.Object]bool{})
}

// madeOf is taskContext; seen are the variables on the way, for one may be made of itself.
func (l *cleanups) madeOf(id *ast.Ident, seen map[types.Object]bool) types.Object {
	o, ok := l.TypesInfo.Uses[id].(*types.Var)
	if !ok || o.IsField() || o.Parent() == l.Pkg.Scope() || seen[o] {
		return nil
	}
	seen[o] = true
	v := l.uses[o]
	if v == nil || v.sets == 0 {
		if o.Kind() == types.ParamVar {
			return o
		}
		return nil
	}
	made, ok := l.value(id).(*ast.CallExpr)
	if !ok || len(made.Args) == 0 {
		return nil
	}
	f := callee(l.TypesInfo, made)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "context" || f.Name() == "WithoutCancel" {
		return nil
	}
	from, ok := ast.Unparen(made.Args[0]).(*ast.Ident)
	if !ok || l.madeOf(from, seen) == nil {
		return nil
	}
	return o
}

// canceledContext returns the context that is canceled where a condition is true; nil: there
// is none.
func (l *cleanups) canceledContext(f *function, init ast.Stmt, cond ast.Expr) types.Object {
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.LAND {
			if ctx := l.canceledContext(f, init, e.X); ctx != nil {
				return ctx
			}
			return l.canceledContext(f, init, e.Y)
		}
		if l.saysNoError(e) == token.NEQ {
			return l.errOf(e.X)
		}
	case *ast.CallExpr:
		to := callee(l.TypesInfo, e)
		if to == nil || to.FullName() != "errors.Is" || len(e.Args) != 2 || !l.isCanceledError(e.Args[1]) {
			return nil
		}
		if err, ok := ast.Unparen(e.Args[0]).(*ast.Ident); ok {
			return l.waitedOn(f, init, l.TypesInfo.Uses[err], e.Pos())
		}
	}
	return nil
}

// errOf returns the context of ctx.Err().
func (l *cleanups) errOf(e ast.Expr) types.Object {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if f := callee(l.TypesInfo, call); f == nil || f.FullName() != "(context.Context).Err" {
		return nil
	}
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if id, ok := ast.Unparen(s.X).(*ast.Ident); ok {
			return l.TypesInfo.Uses[id]
		}
	}
	return nil
}

func (l *cleanups) isCanceledError(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	o := l.TypesInfo.Uses[s.Sel]
	return o != nil && o.Pkg() != nil && (o.Pkg().Path() == root && o.Name() == "ErrCanceled" || o.Pkg().Path() == "context" && o.Name() == "Canceled")
}

// waitedOn returns the context of the wait from which an error comes: of the last assignment
// before a position.
func (l *cleanups) waitedOn(f *function, init ast.Stmt, err types.Object, before token.Pos) types.Object {
	var last *ast.CallExpr
	see := func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok || s.Pos() >= before {
			return true
		}
		for _, left := range s.Lhs {
			if id, ok := left.(*ast.Ident); ok && l.TypesInfo.ObjectOf(id) == err {
				last, _ = ast.Unparen(s.Rhs[len(s.Rhs)-1]).(*ast.CallExpr)
			}
		}
		return true
	}
	if l.walk(f, see); init != nil {
		ast.Inspect(init, see)
	}
	if last == nil || l.callSuspends(last) == nil || l.ofAnother(last) {
		return nil
	}
	for _, arg := range last.Args {
		if id, ok := ast.Unparen(arg).(*ast.Ident); ok && isContext(l.TypesInfo.TypeOf(id)) {
			return l.TypesInfo.Uses[id]
		}
	}
	return nil
}

// ofAnother reports whether a wait may return the cancellation of what it waits for.
func (l *cleanups) ofAnother(call *ast.CallExpr) bool {
	f := callee(l.TypesInfo, call)
	return f == nil || f.Pkg() != nil && f.Pkg().Path() == root && owning[shortName(f)]
}

// fix puts context.WithoutCancel around a context.
func (l *cleanups) fix(ctx *ast.Ident) []analysis.SuggestedFix {
	name := l.importName(ctx.Pos(), "context")
	if name == "" || l.shared {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "wait on context.WithoutCancel(" + ctx.Name + ")",
		TextEdits: []analysis.TextEdit{{
			Pos: ctx.Pos(), End: ctx.End(), NewText: []byte(name + ".WithoutCancel(" + ctx.Name + ")"),
		}},
	}}
}

// importName returns the name that a package has at a position; "": it has none there.
func (c *check) importName(at token.Pos, path string) string {
	file := c.fileOf(at)
	if file == nil {
		return ""
	}
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != path {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if p, ok := c.means(name, at).(*types.PkgName); ok && p.Imported().Path() == path {
			return name
		}
	}
	return ""
}
