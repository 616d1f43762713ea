package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"
)

var lockLeak = newRule("lock-leak", func(c *check) {
	p := &leaks{paths: c.newPaths()}
	p.usage()
	for _, fn := range p.functions {
		if p.source(fn) == nil || len(fn.Blocks) == 0 {
			continue
		}
		for i := range instructions(fn) {
			if call, ok := i.(*ssa.Call); ok {
				p.look(fn, call)
			}
		}
	}
}, buildssa.Analyzer)

// leaks finds paths from an Acquire to the end of the function that pass no Release.
type leaks struct {
	*paths
	acquired map[any][]*ssa.Function // which functions acquire a lock
	released map[any][]*ssa.Function
}

// acquiring are the methods that acquire, with what releases it.
var acquiring = map[string]string{
	"Acquire": "Release", "TryAcquire": "Release", "AcquireRead": "ReleaseRead", "TryAcquireRead": "ReleaseRead",
	"AcquireN": "ReleaseN", "TryAcquireN": "ReleaseN",
}

// lockTypes are the types that have these methods.
var lockTypes = map[string]bool{"Lock": true, "RWLock": true, "Semaphore": true, "BoundedSemaphore": true, "Condition": true}

// lockMethod returns the method of a lock that a call names, with the lock.
func lockMethod(c *ssa.CallCommon) (name string, lock ssa.Value) {
	f, on := methodCalled(c)
	if f == nil || on == nil || f.Pkg() == nil || f.Pkg().Path() != root {
		return "", nil
	}
	if typ, _, _ := strings.Cut(shortName(f), "."); !lockTypes[typ] {
		return "", nil
	}
	return f.Name(), on
}

// usage notes which function acquires and releases which lock.
func (p *leaks) usage() {
	p.acquired, p.released = map[any][]*ssa.Function{}, map[any][]*ssa.Function{}
	for _, fn := range p.functions {
		for i := range instructions(fn) {
			switch i := i.(type) {
			case ssa.CallInstruction:
				name, lock := lockMethod(i.Common())
				if lock == nil {
					continue
				}
				last := p.place(lock).last
				if acquiring[name] != "" {
					p.acquired[last] = append(p.acquired[last], fn)
				} else if isRelease(name) {
					p.released[last] = append(p.released[last], fn)
				}
			case *ssa.MakeClosure:
				if lock := methodValue(i); lock != nil {
					last := p.place(lock).last
					p.released[last] = append(p.released[last], fn)
				}
			}
		}
	}
}

func isRelease(name string) bool { return strings.HasPrefix(name, "Release") }

// methodValue returns the lock whose Release is used as a value: l.Release.
func methodValue(m *ssa.MakeClosure) ssa.Value {
	f, lock := boundMethod(m)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != root || !isRelease(f.Name()) {
		return nil
	}
	return lock
}

// A taking is an Acquire that is looked at.
type taking struct {
	*leaks
	fn       *ssa.Function
	call     *ssa.Call
	lock     place
	others   bool // other functions release the lock
	released bool // this function does, on a path from there
}

func (p *leaks) look(fn *ssa.Function, call *ssa.Call) {
	name, lock := lockMethod(call.Common())
	if acquiring[name] == "" || p.isIn(root) || p.call(call) == nil {
		return
	}
	t := &taking{leaks: p, fn: fn, call: call, lock: p.place(lock)}
	if t.escapes() {
		return
	}
	end := t.search()
	if end == nil || !t.released && (strings.HasPrefix(name, "Try") || !t.others && t.isAnyones()) || !t.isTested() {
		return
	}
	t.report(name, end)
}

// escapes reports whether someone else may release the lock who is not to be seen, and
// finds out who does of those who are.
func (t *taking) escapes() bool {
	for _, fn := range t.leaks.released[t.lock.last] {
		switch {
		case fn == t.fn, t.isPartOf(fn):
		case sameOutermost(fn, t.fn):
			if !slices.Contains(t.acquired[t.lock.last], fn) {
				return true
			}
		case !t.isPaired(fn):
			t.others = true
		}
	}
	for _, fn := range t.functions {
		if !sameOutermost(fn, t.fn) {
			continue
		}
		for i := range instructions(fn) {
			if t.passesOn(i) {
				return true
			}
		}
	}
	return false
}

// isPaired reports whether a function releases what it has acquired itself.
func (t *taking) isPaired(fn *ssa.Function) bool {
	for _, f := range t.acquired[t.lock.last] {
		if f != fn && sameOutermost(f, fn) {
			return true
		}
	}
	acquires := map[*ssa.BasicBlock]bool{}
	for i := range instructions(fn) {
		if c, ok := i.(*ssa.Call); ok {
			if name, lock := lockMethod(c.Common()); acquiring[name] != "" && t.place(lock).last == t.lock.last {
				acquires[c.Block()] = true
			}
		}
	}
	after := maps.Clone(acquires)
	for grown := true; grown; {
		grown = false
		for _, b := range fn.Blocks {
			if !after[b] && slices.ContainsFunc(b.Preds, func(before *ssa.BasicBlock) bool { return after[before] }) {
				after[b], grown = true, true
			}
		}
	}
	for i := range instructions(fn) {
		if t.releasedBy(i) && !after[i.Block()] {
			return false
		}
	}
	return true
}

// isAnyones reports whether others may release the lock who are not to be seen, or no one but
// who acquires it can want it.
func (t *taking) isAnyones() bool {
	switch v := t.lock.last.(type) {
	case *types.Var: // a field
		return v.Exported() || v.Pkg() != t.Pkg || isShared(v.Type())
	case *ssa.Global:
		return v.Object() == nil || v.Object().Exported()
	case *ssa.Alloc:
		return holdsParameter(v) || v.Parent() == t.fn && !t.isWanted()
	case *ssa.Call:
		return !makesLock(v) || v.Parent() == t.fn && !t.isWanted()
	}
	return true
}

// isShared reports whether a field holds a pointer to a lock, or pointers to several. So the
// lock may be in other fields as well.
func isShared(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Pointer, *types.Map:
		return true
	case *types.Slice:
		return isShared(t.Elem())
	case *types.Array:
		return isShared(t.Elem())
	}
	return false
}

// holdsParameter reports whether a variable is a parameter that literals use.
func holdsParameter(v *ssa.Alloc) bool {
	return slices.ContainsFunc(*v.Referrers(), func(r ssa.Instruction) bool {
		s, ok := r.(*ssa.Store)
		if !ok || s.Addr != v {
			return false
		}
		_, ok = s.Val.(*ssa.Parameter)
		return ok
	})
}

func makesLock(c *ssa.Call) bool {
	f := c.Call.StaticCallee()
	return f != nil && f.Pkg != nil && f.Pkg.Pkg.Path() == root && strings.HasPrefix(f.Name(), "New")
}

// isWanted reports whether other literals acquire the lock as well.
func (t *taking) isWanted() bool {
	return slices.ContainsFunc(t.acquired[t.lock.last], func(fn *ssa.Function) bool { return fn != t.fn })
}

// isTested reports whether the function itself finds out if it has the lock, or does not ask.
// A call that gets the result may expect an error.
func (t *taking) isTested() bool {
	if len(*t.call.Referrers()) == 0 {
		return t.released
	}
	for _, b := range t.fn.Blocks {
		v, _ := condition(b)
		switch v := v.(type) {
		case *ssa.Call:
			if v == t.call || t.hasError(v.Common().Args) {
				return true
			}
		case *ssa.BinOp:
			if t.isError(v.X) || t.isError(v.Y) {
				return true
			}
		}
	}
	return false
}

// isPartOf reports whether a literal of the function is only called or deferred in it.
func (t *taking) isPartOf(fn *ssa.Function) bool {
	if fn.Parent() != t.fn {
		return false
	}
	if p := t.byNode[fn.Syntax()]; p == nil {
		return true // the body of a range over a function
	}
	m := made(fn)
	if m == nil {
		return false
	}
	for _, r := range *m.Referrers() {
		switch r := r.(type) {
		case *ssa.Call, *ssa.Defer:
			if r.(ssa.CallInstruction).Common().Value != m {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

func sameOutermost(a, b *ssa.Function) bool { return outermost(a) == outermost(b) }

func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// passesOn reports whether an instruction uses the lock in another way than to call a
// method of it, so that others can release it.
func (t *taking) passesOn(i ssa.Instruction) bool {
	var values []ssa.Value
	switch i := i.(type) {
	case ssa.CallInstruction:
		values = i.Common().Args
		if f, on := methodCalled(i.Common()); on != nil && f.Pkg() != nil && f.Pkg().Path() == root {
			values = values[1:]
		}
	case *ssa.Store:
		if a, ok := i.Addr.(*ssa.Alloc); ok && t.place(a) == (place{t.lock.base, strings.TrimSuffix(t.lock.path, "*"), t.lock.last}) {
			return false // the variable that the lock is in
		}
		values = []ssa.Value{i.Val}
	case *ssa.Return:
		values = i.Results
	case *ssa.MakeInterface:
		values = []ssa.Value{i.X}
	case *ssa.Send:
		values = []ssa.Value{i.X}
	case *ssa.MakeClosure:
		if methodValue(i) != nil {
			values = i.Bindings
		}
	}
	for _, v := range values {
		if _, ok := v.Type().Underlying().(*types.Pointer); ok && t.place(v) == t.lock {
			return true
		}
	}
	return false
}

// search returns where the first path ends on which the lock is not released; nil: there is
// none. It finds out whether there are others.
func (t *taking) search() *ssa.Return {
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(b *ssa.BasicBlock, rest []ssa.Instruction) *ssa.Return
	visit = func(b *ssa.BasicBlock, rest []ssa.Instruction) (first *ssa.Return) {
		for _, i := range rest {
			if t.releasedBy(i) {
				t.released = true
				return nil
			}
			if r, ok := i.(*ssa.Return); ok && t.leaksAt(r) {
				return r
			}
		}
		for n, next := range b.Succs {
			if seen[next] || !t.holdsIn(b, n) {
				continue
			}
			seen[next] = true
			if r := visit(next, next.Instrs); r != nil && (first == nil || r.Pos() < first.Pos()) {
				first = r
			}
		}
		return first
	}
	b := t.call.Block()
	for n, i := range b.Instrs {
		if i == t.call {
			return visit(b, b.Instrs[n+1:])
		}
	}
	return nil
}

// releasedBy reports whether an instruction releases the lock, or defers to.
func (t *taking) releasedBy(i ssa.Instruction) bool {
	switch i := i.(type) {
	case ssa.CallInstruction:
		if name, lock := lockMethod(i.Common()); lock != nil {
			return isRelease(name) && t.place(lock).last == t.lock.last
		}
		return t.releases(calledFunction(i.Common()))
	case *ssa.MakeClosure:
		fn, _ := i.Fn.(*ssa.Function)
		return t.byNode[fn.Syntax()] == nil && t.releases(fn)
	}
	return false
}

func (t *taking) releases(fn *ssa.Function) (yes bool) {
	if fn == nil {
		return false
	}
	reach(fn, func(fn *ssa.Function) {
		yes = yes || slices.Contains(t.leaks.released[t.lock.last], fn)
	})
	return yes
}

// holdsIn reports whether a branch may be taken while the lock is held: not the one for the
// error of Acquire.
func (t *taking) holdsIn(b *ssa.BasicBlock, n int) bool {
	v, negated := condition(b)
	taken := (n == 0) != negated // what v is in this branch
	switch v := v.(type) {
	case *ssa.Call: // TryAcquire, or errors.Is(err, ...)
		if v == t.call {
			return taken
		}
		return !taken || !t.hasError(v.Common().Args)
	case *ssa.BinOp:
		if !t.isError(v.X) && !t.isError(v.Y) {
			return true
		}
		if isNil(v.X) || isNil(v.Y) {
			return taken == (v.Op == token.EQL)
		}
		return taken != (v.Op == token.EQL)
	}
	return true
}

func (t *taking) hasError(values []ssa.Value) bool {
	for _, v := range values {
		if t.isError(v) {
			return true
		}
	}
	return false
}

// isError reports whether a value is the error of the Acquire, or may be.
func (t *taking) isError(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Call:
		return v == t.call
	case *ssa.Phi:
		for _, e := range v.Edges {
			if e == t.call {
				return true
			}
		}
	case *ssa.UnOp: // a variable that literals use
		if a, ok := v.X.(*ssa.Alloc); ok && v.Op == token.MUL {
			for _, r := range *a.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Val == t.call {
					return true
				}
			}
		}
	case *ssa.MakeInterface:
		return t.isError(v.X)
	case *ssa.ChangeInterface:
		return t.isError(v.X)
	}
	return false
}

// leaksAt reports whether no one releases the lock after a return. Where others release it,
// or the function returns the result of Acquire, its caller has the lock; but not if
// the function gives up.
func (t *taking) leaksAt(r *ssa.Return) bool {
	if t.hasError(r.Results) {
		return false
	}
	if t.others {
		return t.givesUp(r)
	}
	return true
}

// givesUp reports whether a function returns an error, and nothing else.
func (t *taking) givesUp(r *ssa.Return) bool {
	if len(r.Results) == 0 {
		return false
	}
	last := len(r.Results) - 1
	for _, v := range r.Results[:last] {
		if c, ok := v.(*ssa.Const); !ok || c.Value != nil && !isZero(c) {
			return false
		}
	}
	return isCertain(r.Results[last], r.Block())
}

func isZero(c *ssa.Const) bool {
	switch c.Value.ExactString() {
	case "0", `""`, "false":
		return true
	}
	return false
}

// isCertain reports whether an error is not nil in a block: it is made there, or the
// block is the branch for it.
func isCertain(err ssa.Value, b *ssa.BasicBlock) bool {
	if c, ok := err.(*ssa.Call); ok {
		if f := c.Call.StaticCallee(); f != nil {
			switch f.String() {
			case "fmt.Errorf", "errors.New":
				return true
			}
		}
	}
	if u, ok := err.(*ssa.UnOp); ok {
		if _, ok := u.X.(*ssa.Global); ok { // an error of the package, such as io.EOF
			return true
		}
	}
	if len(b.Preds) != 1 {
		return false
	}
	v, negated := condition(b.Preds[0])
	test, ok := v.(*ssa.BinOp)
	if !ok || test.X != err || !isNil(test.Y) {
		return false
	}
	isTrue := (b.Preds[0].Succs[0] == b) != negated
	return isTrue == (test.Op == token.NEQ)
}

func (t *taking) report(name string, end *ssa.Return) {
	call := t.leaks.call(t.call)
	text := receiverText(call)
	release := acquiring[name]
	if !t.released && !t.others {
		t.check.report(call, t.fix(call, name, text), "%s acquires %s and no path releases it: who acquires it next waits for ever; write defer %s.%s() after the check of the error",
			t.source(t.fn).name(), text, text, release)
		return
	}
	where := "the end of the function"
	if end.Pos().IsValid() {
		where = "the return on line " + strconv.Itoa(t.line(end.Pos()))
	}
	t.check.report(call, nil, "%s acquires %s and does not release it on the path to %s: who acquires it next waits for ever; write defer %s.%s() after the check of the error, or release it there",
		t.source(t.fn).name(), text, where, text, release)
}

// fix defers the release after the check of the error, where that is safe: the function
// does not release the lock yet, and acquires it once.
func (t *taking) fix(call *ast.CallExpr, name, text string) []analysis.SuggestedFix {
	f := t.source(t.fn)
	if strings.HasPrefix(name, "Try") || !isPlain(call.Fun) || f.node != t.fn.Syntax() {
		return nil
	}
	args := ""
	if name == "AcquireN" {
		if !isPlain(call.Args[1]) {
			return nil
		}
		args = types.ExprString(call.Args[1])
	}
	after := checked(f.body.List, call)
	if after == nil {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "defer " + text + "." + acquiring[name] + "()",
		TextEdits: []analysis.TextEdit{{
			Pos: after.End(), End: after.End(),
			NewText: []byte("\ndefer " + text + "." + acquiring[name] + "(" + args + ")"),
		}},
	}}
}

// isPlain reports whether an expression has the same value each time.
func isPlain(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return isPlain(e.X)
	}
	return false
}

// checked returns the statement of a body after which a lock is acquired: the one that leaves
// the function if the call returns an error.
func checked(body []ast.Stmt, call *ast.CallExpr) ast.Stmt {
	for i, s := range body {
		switch s := s.(type) {
		case *ast.IfStmt:
			if init, ok := s.Init.(*ast.AssignStmt); ok && isOnly(init.Rhs, call) && leaves(s) {
				return s
			}
		case *ast.AssignStmt:
			if !isOnly(s.Rhs, call) || i+1 == len(body) {
				continue
			}
			if next, ok := body[i+1].(*ast.IfStmt); ok && next.Init == nil && leaves(next) {
				return next
			}
		}
	}
	return nil
}

func isOnly(all []ast.Expr, call *ast.CallExpr) bool {
	return len(all) == 1 && ast.Unparen(all[0]) == call
}

// leaves reports whether a statement is if err != nil { ...; return }.
func leaves(s *ast.IfStmt) bool {
	test, ok := s.Cond.(*ast.BinaryExpr)
	if !ok || test.Op != token.NEQ || s.Else != nil || len(s.Body.List) == 0 {
		return false
	}
	if id, ok := test.Y.(*ast.Ident); !ok || id.Name != "nil" {
		return false
	}
	_, ok = s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
	return ok
}
