package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// cureOfChannels returns what to use in place of an operation on channels.
func (c *check) cureOfChannels(n ast.Node, channels []ast.Expr) string {
	timer, done := "", false
	for _, ch := range channels {
		switch {
		case c.isDoneOfContext(ch):
			done = true
		case c.comesFrom(ch, "time.After"), c.comesFrom(ch, "time.NewTimer"):
			timer = "After"
		case c.comesFrom(ch, "time.Tick"), c.comesFrom(ch, "time.NewTicker"):
			timer = "Every"
		}
	}
	_, several := n.(*ast.SelectStmt)
	switch {
	case !several && timer == "After":
		return "asyncio.Sleep"
	case !several && timer == "Every":
		return "a range over asyncio.Every"
	case timer == "After":
		return "Select with OnReceive, and with asyncio.After for the time; it ends with ctx by itself"
	case done:
		return "Select(ctx, OnReceive(...)), which ends with ctx by itself"
	}
	return "a Queue or an Event, or Select with OnReceive or OnSend"
}

// isDoneOfContext reports whether an expression is ctx.Done(), or a variable that holds it.
func (c *check) isDoneOfContext(e ast.Expr) bool { return c.isResultOf(e, "(context.Context).Done") }

// comesFrom reports whether a channel is what a function returns, or its field C.
func (c *check) comesFrom(e ast.Expr, function string) bool {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && sel.Sel.Name == "C" {
		e = sel.X
	}
	return c.isResultOf(e, function)
}

func (p *program) isResultOf(e ast.Expr, function string) bool {
	if e == nil {
		return false
	}
	call, ok := p.value(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := callee(p.pass.TypesInfo, call)
	return f != nil && f.FullName() == function
}

// hasRoom reports whether a channel has room for what is sent: it is in a variable that is
// assigned once, and visibly made with room, and no loop fills it.
func (c *check) hasRoom(send *ast.SendStmt) bool {
	id, ok := ast.Unparen(send.Chan).(*ast.Ident)
	if !ok {
		return false
	}
	made, ok := c.value(id).(*ast.CallExpr)
	if !ok || len(made.Args) != 2 || !c.isBuiltin(made.Fun, "make") {
		return false
	}
	size := c.TypesInfo.Types[made.Args[1]].Value
	if size == nil {
		return true // as many as are sent, probably
	}
	return constant.Sign(size) > 0 && !c.isInLoopBeyond(send, made.Pos())
}

func (c *check) isBuiltin(e ast.Expr, name string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && c.TypesInfo.Uses[id] == types.Universe.Lookup(name)
}

// isInLoopBeyond reports whether a statement is in a loop that does not contain a position, so
// that it runs many times for each time that the position is passed.
func (c *check) isInLoopBeyond(s ast.Stmt, pos token.Pos) (is bool) {
	file := c.fileOf(s.Pos())
	if file == nil {
		return true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			is = is || n.Pos() <= s.Pos() && s.End() <= n.End() && (pos < n.Pos() || n.End() <= pos)
		}
		return n.Pos() <= s.Pos() && s.End() <= n.End()
	})
	return is
}
