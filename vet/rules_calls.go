package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

var blocks = newRule("blocks", func(c *check) {
	c.each(func(f *function) {
		c.walk(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				c.reportBlocking(f, call)
			}
			return true
		})
	})
})

// withFiles is set by the flag of the rule that reports files as well.
var withFiles bool

func init() {
	blocks.analyzer.Flags.BoolVar(&withFiles, "files", false, "report also what waits for a disk: os.ReadFile, (*os.File).Write")
}

func (c *check) reportBlocking(f *function, call *ast.CallExpr) {
	b := c.callBlocks(call)
	if b == nil && withFiles {
		b = c.callWaitsForDisk(call)
	}
	if b == nil {
		return
	}
	name := c.nameOf(call, c.Pkg)
	if b.fact == nil {
		c.report(call, c.sleeps(call, b.root), "%s blocks the event loop in %s: use %s", name, f.name(), b.cure)
		return
	}
	way := strings.Join(append([]string{name}, b.fact.Via...), " → ")
	c.report(call, nil, "%s blocks the event loop in %s: %s; call it in ToThread", name, f.name(), way)
}

// sleeps returns the fix that puts asyncio.Sleep in place of the statement time.Sleep.
func (c *check) sleeps(call *ast.CallExpr, root string) []analysis.SuggestedFix {
	f := c.innermost(call.Pos())
	if root != "time.Sleep" || callee(c.TypesInfo, call) == nil || len(call.Args) != 1 || !c.returnsErrorAlone(f) || !c.isStatement(f, call) {
		return nil
	}
	ctx := c.contextAt(f, call.Pos())
	asyncio, imports := c.asyncioAt(call.Pos())
	if ctx == "" || asyncio == "" {
		return nil
	}
	return c.checked(call, "Suspend the task", "err := "+asyncio+".Sleep("+ctx+", "+c.text(call.Args[0])+")", imports...)
}

// isStatement reports whether a call in a function is a statement of its own.
func (c *check) isStatement(f *function, call *ast.CallExpr) bool {
	return standsAlone(f, func(s ast.Stmt) bool {
		e, ok := s.(*ast.ExprStmt)
		return ok && e.X == call
	})
}

// standsAlone reports whether there is such a statement in a function, in the list of a block:
// the others, as in the head of a for, have no room for more.
func standsAlone(f *function, such func(s ast.Stmt) bool) (does bool) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			does = does || slices.ContainsFunc(n.List, such)
		case *ast.CaseClause:
			does = does || slices.ContainsFunc(n.Body, such)
		case *ast.CommClause:
			does = does || slices.ContainsFunc(n.Body, such)
		}
		return !does
	})
	return does
}

var channel = newRule("channel", func(c *check) {
	c.each(func(f *function) {
		c.channels(f, func(n ast.Node, op string, channels []ast.Expr) {
			if len(channels) != 1 || !c.isDoneOfContext(channels[0]) {
				c.report(n, nil, "%s blocks the event loop in %s: use %s", op, f.name(), c.cureOfChannels(n, channels))
			}
		})
	})
})

var doneWait = newRule("done-wait", func(c *check) {
	c.each(func(f *function) {
		c.channels(f, func(n ast.Node, op string, channels []ast.Expr) {
			if len(channels) == 1 && c.isDoneOfContext(channels[0]) {
				c.report(n, nil, "%s waits for ctx.Done() and so stops the event loop, which alone could cancel the context: use Select(ctx), which waits for the same and suspends the task", f.name())
			}
		})
	})
})

// channels calls see for the operations on channels that may block, with what they do, and
// with the channels.
func (c *check) channels(f *function, see func(n ast.Node, op string, channels []ast.Expr)) {
	ofSelect := map[ast.Node]bool{} // operations that are no ones of their own
	c.walk(f, func(n ast.Node) bool {
		if ofSelect[n] {
			return true
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				see(n, "a receive", []ast.Expr{n.X})
			}
		case *ast.SendStmt:
			if !c.hasRoom(n) {
				see(n, "a send", []ast.Expr{n.Chan})
			}
		case *ast.RangeStmt:
			if _, ok := c.TypesInfo.TypeOf(n.X).Underlying().(*types.Chan); ok {
				see(n, "a range over a channel", []ast.Expr{n.X})
			}
		case *ast.SelectStmt:
			c.selection(n, ofSelect, see)
		}
		return true
	})
}

// selection looks at a select: one with a default does not block.
func (c *check) selection(n *ast.SelectStmt, ofSelect map[ast.Node]bool, see func(n ast.Node, op string, channels []ast.Expr)) {
	var channels []ast.Expr
	blocks := true
	for _, s := range n.Body.List {
		s := s.(*ast.CommClause)
		if s.Comm == nil {
			blocks = false
			continue
		}
		op, ch := operation(s.Comm)
		ofSelect[op] = true
		channels = append(channels, ch)
	}
	if blocks {
		see(n, "a select without default", channels)
	}
}

// operation returns the operation of a case of a select, and its channel.
func operation(s ast.Stmt) (op ast.Node, ch ast.Expr) {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.SendStmt:
		return s, s.Chan
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
		return u, u.X
	}
	return nil, nil
}
