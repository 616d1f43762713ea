package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A blocksFact says that a function blocks its goroutine, and by which calls: the last one
// is known to block.
type blocksFact struct{ Via []string }

func (*blocksFact) AFact()           {}
func (f *blocksFact) String() string { return "blocks: " + strings.Join(f.Via, " → ") }

// A suspendsFact says that a function may suspend the task that calls it.
type suspendsFact struct {
	// Elsewhere: it may also be called outside of a task, where it blocks its goroutine. So
	// who calls it need not run in a task.
	Elsewhere bool
	// Uncut: it takes a context, and the end of that does not end its waits, which are on
	// context.WithoutCancel.
	Uncut bool
}

func (*suspendsFact) AFact()         {}
func (*suspendsFact) String() string { return "suspends" }

// dual are functions of the library that suspend a task, and block other goroutines; so do
// all methods that take no context, such as those of streams.Conn.
var dual = map[string]bool{"RunOn": true, "RunOnFunc": true, "DumpTasks": true, "Shutdown": true, "ConcurrentFuture.Wait": true, "StartTLS": true, "StartTLSWith": true}

func isDual(f *types.Func) bool {
	return isOurs(f.Pkg()) && (dual[shortName(f)] || dual[f.Name()] && f.Name() != "Wait" || !takesContext(f.Signature()))
}

// needsTask reports whether a function of the library can be called in a task only, also if
// what it calls itself could be called elsewhere, too.
func needsTask(f *types.Func) bool {
	return f.Pkg().Path() == root && f.Exported() && takesContext(f.Signature()) && !isDual(f)
}

// isOfStandardLibrary reports whether the package is one of Go's own: of no module, and with
// a path whose first element is no domain. (A module may be called "app".)
func isOfStandardLibrary(pass *analysis.Pass) bool {
	first, _, _ := strings.Cut(pass.Pkg.Path(), "/")
	ofModule := pass.Module != nil && pass.Module.Path != ""
	return !ofModule && !strings.Contains(first, ".") && first != "command-line-arguments" && !importsOurs(pass.Pkg)
}

func importsOurs(p *types.Package) bool { return slices.ContainsFunc(p.Imports(), isOurs) }

// facts finds out which functions of the package block, and which suspend, and tells other
// packages. In each round it adds the functions that call one of those of the round before.
// So the way to what blocks is the shortest one, and the result does not depend on the order
// in which functions are looked at, also where they call each other in a circle.
func (p *program) facts() {
	p.findCallers()
	for p.inlineOperands() {
		clear(p.parts)
		p.findCallers()
	}
	for p.round() {
	}
}

// parts are the parts of a function that say what it does.
type parts struct {
	calls    []*ast.CallExpr
	ranges   []*ast.RangeStmt // over functions
	returned []ast.Expr       // functions
}

func isFunction(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func (p *program) partsOf(f *function) *parts {
	if all := p.parts[f]; all != nil {
		return all
	}
	all := &parts{}
	p.parts[f] = all
	p.walk(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			all.calls = append(all.calls, n)
		case *ast.RangeStmt:
			if isFunction(p.pass.TypesInfo.TypeOf(n.X)) {
				all.ranges = append(all.ranges, n)
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				if t := p.pass.TypesInfo.TypeOf(e); t != nil && isFunction(t) {
					all.returned = append(all.returned, e)
				}
			}
		}
		return true
	})
	return all
}

func (p *program) round() (more bool) {
	var found []func()
	tell := func(f *types.Func, fact analysis.Fact) {
		found = append(found, func() { p.pass.ExportObjectFact(f, fact) })
	}
	for _, f := range p.functions {
		if f.obj == nil {
			continue
		}
		parts := p.partsOf(f)
		if s := p.suspendsThrough(parts); s != nil && !p.isIn(engine) {
			s.Elsewhere = (s.Elsewhere || isDual(f.obj)) && !needsTask(f.obj)
			s.Uncut = p.isUncut(f)
			if known := p.suspends(f.obj); known == nil || known.Elsewhere && !s.Elsewhere || known.Uncut && !s.Uncut {
				tell(f.obj, s)
			}
		}
		if !p.isSequence(f.obj) && p.returnsSequence(parts) {
			tell(f.obj, &sequenceFact{})
		}
		if !isOurs(p.pass.Pkg) && p.blocks(f.obj) == nil {
			if b := p.blocksThrough(parts.calls); b != nil {
				tell(f.obj, b)
			}
		}
	}
	for _, tell := range found { // the round sees only what was known before it
		tell()
	}
	return len(found) > 0
}

// suspendsThrough returns what its parts make of a function.
func (p *program) suspendsThrough(parts *parts) (all *suspendsFact) {
	add := func(s *suspendsFact) {
		if s != nil && (all == nil || !s.Elsewhere) {
			all = &suspendsFact{Elsewhere: s.Elsewhere}
		}
	}
	for _, c := range parts.calls {
		add(p.callSuspends(c))
	}
	for _, r := range parts.ranges {
		if p.rangeSuspends(r) {
			add(&suspendsFact{})
		}
	}
	return all
}

func (p *program) blocksThrough(calls []*ast.CallExpr) *blocksFact {
	for _, c := range calls {
		if b := p.callBlocks(c); b != nil && !isWeak(b.root) && len(b.via()) < p.longestWay() && !p.isRight(c) {
			return &blocksFact{append([]string{p.calleeName(c)}, b.via()...)}
		}
	}
	return nil
}

// isRight reports whether a comment says that it is right to block here: then it is right
// for the callers, too.
func (p *program) isRight(c *ast.CallExpr) bool {
	ok := p.comments.find(p.pass.Fset, c.Pos(), blocksName)
	if ok != nil {
		p.silenced.by = append(p.silenced.by, ok)
	}
	return ok != nil
}

// blocksName is the name of the rule about calls that block: with that of its variable, the
// initialization of this package would go in a circle.
const blocksName = "blocks"

// engine is the package in which tasks are suspended, by one of two functions. No facts of its
// functions are told, for it also runs the tasks.
const engine = root + "/internal/engine"

// suspending are those two, and what the library calls of what is built on them.
var suspending = map[string]bool{
	"Wait.Park": true, "Yield": true,
	"Wait.Checkpoint": true, "Future.Await": true, "Selection.Park": true, "Group.Join": true,
}

func (p *program) isIn(path string) bool { return p.pass.Pkg.Path() == path }

func (p *program) calleeName(c *ast.CallExpr) string {
	return p.nameOf(c, nil)
}

func (p *program) suspends(f *types.Func) *suspendsFact {
	var s suspendsFact
	if p.pass.ImportObjectFact(f, &s) {
		return &s
	}
	return nil
}

func (p *program) blocks(f *types.Func) *blocksFact {
	var b blocksFact
	if p.pass.ImportObjectFact(f, &b) {
		return &b
	}
	return nil
}

// callSuspends returns whether a call may suspend the task: nil, if it does not.
func (p *program) callSuspends(c *ast.CallExpr) *suspendsFact {
	info := p.pass.TypesInfo
	f := p.callee(c)
	if f != nil && isLibrary(f.Pkg()) && p.isOutside(c) {
		return nil
	}
	switch {
	case f == nil: // a value: of the type Coro, it is a coroutine
		if isCoro(info.TypeOf(c.Fun)) && !info.Types[c.Fun].IsType() {
			return &suspendsFact{}
		}
		return nil
	case f.Pkg() != nil && f.Pkg().Path() == engine:
		if suspending[shortName(f)] {
			return &suspendsFact{}
		}
		return nil
	case isLibrary(f.Pkg()) && isOfInterface(f): // Awaitable.Await
		if takesContext(f.Signature()) {
			return &suspendsFact{}
		}
		return nil
	}
	if s := p.suspends(f); s != nil && !s.Elsewhere {
		return s
	}
	if p.suspendsInOperand(c, f) {
		return &suspendsFact{}
	}
	return p.suspends(f)
}

func isOfInterface(f *types.Func) bool {
	r := f.Signature().Recv()
	return r != nil && types.IsInterface(r.Type())
}

// suspendsItself reports whether there is a call in a function that may suspend, and that
// is made in tasks only.
func (p *program) suspendsItself(f *function) bool {
	s := p.functionSuspends(f)
	return s != nil && !s.Elsewhere
}

// functionSuspends is suspendsThrough for a whole function.
func (p *program) functionSuspends(f *function) *suspendsFact {
	if p.looking[f] { // it calls itself
		return nil
	}
	p.looking[f] = true
	defer delete(p.looking, f)
	return p.suspendsThrough(p.partsOf(f))
}

// A blocker is why a call blocks.
type blocker struct {
	root string // the function that does, if it is called directly
	cure string
	fact *blocksFact
}

// via returns the calls beyond the one to that function.
func (b *blocker) via() []string {
	if b.fact == nil {
		return nil
	}
	return b.fact.Via
}

// callBlocks returns why a call blocks its goroutine; nil if it does not.
func (p *program) callBlocks(c *ast.CallExpr) *blocker {
	f := p.callee(c)
	if f == nil {
		return nil
	}
	if cure := p.cureOf(f, c); cure != "" {
		return &blocker{root: f.FullName(), cure: cure}
	}
	if s := p.suspends(f); s != nil && !s.Elsewhere {
		return nil // it runs in tasks, so what blocks is reported there
	}
	if fact := p.blocks(f); fact != nil {
		return &blocker{fact: fact}
	}
	return nil
}

// isOutside reports whether the context that a call is given is visibly of no loop: then it
// returns an error and does not suspend.
func (p *program) isOutside(c *ast.CallExpr) bool {
	if len(c.Args) == 0 {
		return false
	}
	made, ok := p.value(c.Args[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := callee(p.pass.TypesInfo, made)
	if f == nil {
		return false
	}
	switch f.FullName() {
	case "context.Background", "context.TODO", "(*testing.common).Context":
		return true
	}
	return false
}
