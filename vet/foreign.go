package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

var foreign = newRule("foreign", func(c *check) {
	for _, f := range c.functions {
		if f.kind == offLoop && !c.runsLoop(f) && !(isHandler(f) && !c.servesHTTP(f)) {
			c.walk(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					c.reportForeign(f, call)
				}
				return true
			})
		}
	}
	in := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.GoStmt)(nil)}, func(n ast.Node) { // go declared(ctx), go q.Put(ctx, 1)
		call := n.(*ast.GoStmt).Call
		if f := c.innermost(n.Pos()); f != nil {
			c.reportForeign(f, call)
		}
	})
}, inspect.Analyzer)

// forLoop are the types whose methods are for the loop, unless they say otherwise. (The queues
// share two types, and have their methods.)
var forLoop = map[string]bool{
	"Loop": true, "Handle": true, "TimerHandle": true, "Task": true, "Future": true, "TaskGroup": true, "TaskSet": true, "Timeout": true,
	"Queue": true, "LifoQueue": true, "PriorityQueue": true, "queue": true, "queueCore": true, "Broadcast": true, "Subscriber": true, "Watch": true,
	"Lock": true, "RWLock": true, "Event": true, "Condition": true, "Semaphore": true, "BoundedSemaphore": true, "Barrier": true,
}

// forAll are the methods of these types that say otherwise.
var forAll = map[string]bool{
	"Loop.CallSoonThreadsafe": true, "Loop.Now": true, "Loop.Stats": true, "Loop.CallExceptionHandler": true, "Loop.SetExceptionHandler": true,
	"Task.Name": true, "Task.OnDone": true, "Future.OnDone": true, "TaskSet.OnNext": true,
	"queue.OnGet": true, "queue.OnPut": true, "Broadcast.OnPut": true, "Subscriber.OnGet": true, "Watch.OnWait": true,
	"Lock.OnAcquire": true, "RWLock.OnAcquire": true, "RWLock.OnAcquireRead": true, "Event.OnSet": true,
	"Semaphore.OnAcquire": true, "BoundedSemaphore.OnAcquire": true,
	// Before the object is used on a loop, the goroutine that makes it may call these.
	"queueCore.SetName": true, "Broadcast.SetName": true, "Subscriber.SetName": true, "Watch.SetName": true, "TaskSet.SetName": true,
	"Lock.SetName": true, "RWLock.SetName": true, "Event.SetName": true, "Condition.SetName": true,
	"Semaphore.SetName": true, "BoundedSemaphore.SetName": true, "Barrier.SetName": true,
}

// makers are functions that panic on goroutines that run no loop, and do not suspend.
var makers = map[string]bool{"CreateTask": true, "Go": true, "Spawn": true, "NewFuture": true, "RunInExecutor": true}

func (c *check) reportForeign(f *function, call *ast.CallExpr) {
	to := c.callee(call)
	if to == nil {
		return
	}
	name, where := c.nameOf(call, c.Pkg), f.name()
	ours := to.Pkg() != nil && to.Pkg().Path() == root
	switch s := c.callSuspends(call); {
	case s != nil && !s.Elsewhere:
		if !c.onlyThroughLiteral(call) && !dials(to) && (!ours || !c.isOwn(f, call)) {
			c.report(call, nil, "%s suspends a task, but %s calls it on another goroutine, where it fails: start a task (TaskGroup.Go, asyncio.Go) and not a goroutine, or use RunCoroutineThreadsafe", name, where)
		}
	case ours && makers[shortName(to)]:
		c.report(call, nil, "%s is for the loop, but %s calls it on another goroutine, where it panics: use RunCoroutineThreadsafe, or CallSoonThreadsafe", name, where)
	case ours && isForLoop(to) && !c.isOwn(f, call):
		c.report(call, c.handedOver(f, call), "%s is for the loop, but %s calls it on another goroutine, where it panics: use CallSoonThreadsafe(func() { ... })", name, where)
	}
}

// onlyThroughLiteral reports whether a call suspends only because a literal does that is its
// operand, and is a part of the same function: then that is reported.
func (c *check) onlyThroughLiteral(call *ast.CallExpr) bool {
	f := c.callee(call)
	if f == nil || c.suspends(f) != nil {
		return false
	}
	for _, arg := range call.Args {
		if lit := c.byNode[ast.Unparen(arg)]; lit != nil && lit.kind == inline {
			return true
		}
	}
	return false
}

// dials reports whether a function is one that any goroutine may call with a context of the
// loop.
func dials(f *types.Func) bool {
	return f.Pkg() != nil && f.Pkg().Path() == root+"/streams" && (f.Name() == "Dial" || f.Name() == "DialContext")
}

func isForLoop(f *types.Func) bool {
	r := f.Signature().Recv()
	if r == nil {
		return false
	}
	n := namedOf(r.Type())
	return n != nil && forLoop[n.Obj().Name()] && !forAll[n.Obj().Name()+"."+f.Name()]
}

// isHandler reports whether a function is a handler of net/http. The server may be one that
// runs its handlers in tasks.
func isHandler(f *function) bool { return strings.HasPrefix(f.to, "http.") }

// servesHTTP reports whether the file of a function runs the server of net/http, whose
// handlers run on goroutines.
func (c *check) servesHTTP(f *function) (does bool) {
	ast.Inspect(c.fileOf(f.node.Pos()), func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch to := callee(c.TypesInfo, call); {
			case to == nil || to.Pkg() == nil:
			case to.Pkg().Path() == "net/http":
				does = does || strings.HasPrefix(to.Name(), "ListenAndServe") || to.Name() == "Serve"
			case to.Pkg().Path() == "net/http/httptest":
				does = does || to.Name() == "NewServer" || to.Name() == "NewTLSServer"
			}
		}
		return !does
	})
	return does
}

// runsLoop reports whether a function runs a loop itself: what it uses may be of that one.
func (c *check) runsLoop(f *function) (does bool) {
	c.walk(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if to := c.callee(call); to != nil && isLibrary(to.Pkg()) {
				switch shortName(to) {
				case "Run", "RunValue", "RunGroup", "Runner.Run":
					does = true
				}
			}
		}
		return !does
	})
	return does
}

// isOwn reports whether the receiver of a call is in a variable that the function declares,
// so that no loop knows it yet.
func (c *check) isOwn(f *function, call *ast.CallExpr) bool {
	e := receiverOf(call)
	for {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			break
		}
		e = sel.X
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.TypesInfo.Uses[id].(*types.Var)
	return ok && !isParameter(v) && f.kind == offLoop && f.node.Pos() <= v.Pos() && v.Pos() < f.node.End()
}

// handedOver returns the fix that has the loop make a call, where that is a statement, and its
// arguments are the same later on.
func (c *check) handedOver(f *function, call *ast.CallExpr) []analysis.SuggestedFix {
	loop := c.loopAt(call.Pos())
	if loop == "" || f.kind != offLoop || !c.isStatement(f, call) {
		return nil
	}
	for _, arg := range call.Args {
		if c.TypesInfo.Types[arg].Value == nil {
			return nil
		}
	}
	return c.replaced(call, "Have the loop call it", "_ = "+loop+".CallSoonThreadsafe(func() { "+c.text(call)+" })")
}

// loopAt returns the name of a variable with a loop at a position; "": there is none.
func (c *check) loopAt(pos token.Pos) string {
	for scope := c.Pkg.Scope().Innermost(pos); scope != nil && scope != c.Pkg.Scope(); scope = scope.Parent() {
		for _, name := range scope.Names() {
			v, ok := scope.Lookup(name).(*types.Var)
			if ok && name != "_" && v.Pos() < pos && isNamed(v.Type(), root, "Loop") && c.means(name, pos) == v {
				return name
			}
		}
	}
	return ""
}
