package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"
)

// paths looks at functions as graphs of what they do: in SSA form. The syntax says which
// function is which, and what a call does.
type paths struct {
	*check
	functions []*ssa.Function
	calls     map[token.Pos]*ast.CallExpr // by the position of the parenthesis
	unlocks   map[*ssa.Function]map[any]bool
	places    map[ssa.Value]place
}

// newPaths makes the graphs of a package.
func (c *check) newPaths() *paths {
	p := &paths{check: c, calls: map[token.Pos]*ast.CallExpr{}, unlocks: map[*ssa.Function]map[any]bool{}, places: map[ssa.Value]place{}}
	p.functions = c.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs
	for _, f := range c.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				p.calls[call.Lparen] = call
			}
			return true
		})
	}
	return p
}

// source returns the function of the source to which a graph belongs; nil: there is none.
// The body of a range over a function has a graph of its own.
func (p *paths) source(fn *ssa.Function) *function {
	for ; fn != nil; fn = fn.Parent() {
		if f := p.byNode[fn.Syntax()]; f != nil {
			return f
		}
	}
	return nil
}

// call returns the call in the source that an instruction is; nil: it is none.
func (p *paths) call(i ssa.Instruction) *ast.CallExpr {
	if c, ok := i.(ssa.CallInstruction); ok {
		return p.calls[c.Common().Pos()]
	}
	return nil
}

// suspendsAt reports whether an instruction is a call that may suspend the task.
func (p *paths) suspendsAt(fn *ssa.Function, i ssa.Instruction) bool {
	if _, ok := i.(*ssa.Go); ok {
		return false
	}
	f := p.source(fn)
	if f == nil || f.runs() == offLoop {
		return false
	}
	s := p.suspendsIn(i)
	return s != nil && (!s.Elsewhere || f.runs() == coroutine)
}

func (p *paths) suspendsIn(i ssa.Instruction) *suspendsFact {
	if r := rangeAt(i); r != nil {
		return p.valueSuspends(r.X)
	}
	call := p.call(i)
	if call == nil {
		return nil
	}
	if s := p.callSuspends(call); s != nil {
		return s
	}
	if callee(p.TypesInfo, call) == nil { // a literal, or a variable that holds one
		return p.valueSuspends(call.Fun)
	}
	return nil
}

// rangeAt returns the range over a function of which an instruction is the call of that
// function; nil: of none.
func rangeAt(i ssa.Instruction) *ast.RangeStmt {
	call, ok := i.(*ssa.Call)
	if !ok || len(call.Call.Args) != 1 {
		return nil
	}
	var body *ssa.Function
	switch v := call.Call.Args[0].(type) {
	case *ssa.Function:
		body = v
	case *ssa.MakeClosure:
		body, _ = v.Fn.(*ssa.Function)
	}
	if body == nil {
		return nil
	}
	r, _ := body.Syntax().(*ast.RangeStmt)
	return r
}

// waitAt returns what suspends at an instruction, for a message: a call, or the sequence of a
// range.
func (p *paths) waitAt(i ssa.Instruction) (at ast.Expr, text string) {
	if r := rangeAt(i); r != nil {
		return r.X, "the range over " + types.ExprString(r.X)
	}
	if call := p.call(i); call != nil {
		return call, p.callText(call)
	}
	return nil, ""
}

// A place is a variable, or a part of one, as its address says: s.mu, *p, a[i].
type place struct {
	base ssa.Value // a variable
	path string    // from there
	last any       // what all such places have in common: the field, or the variable
}

// place returns the place to which an address leads.
func (p *paths) place(v ssa.Value) place {
	at, known := p.places[v]
	if !known {
		if at = p.placeOf(v); len(at.path) > longestPath {
			at = place{base: v, last: v}
		}
		p.places[v] = at
	}
	return at
}

// longestPath bounds the path of a place, in bytes: a chain of calls in which each is used
// twice by the next would double it each time.
const longestPath = 1 << 10

func (p *paths) placeOf(v ssa.Value) place {
	switch v := v.(type) {
	case *ssa.FieldAddr:
		at := p.place(v.X)
		field := fieldAt(v.X.Type(), v.Field)
		return place{at.base, fmt.Sprintf("%s.%d", at.path, v.Field), field}
	case *ssa.IndexAddr:
		at, index := p.place(v.X), p.place(v.Index)
		return place{at.base, fmt.Sprintf("%s[%p%s]", at.path, index.base, index.path), at.last}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			at := p.place(v.X)
			return place{at.base, at.path + "*", at.last}
		}
	case *ssa.Call: // of a method that returns the same each time
		if f := v.Call.StaticCallee(); f != nil && f.Signature.Recv() != nil {
			at := place{path: f.String(), last: f}
			for _, arg := range v.Call.Args {
				a := p.place(arg)
				at.base = cmp.Or(at.base, a.base)
				at.path += fmt.Sprintf("(%p%s)", a.base, a.path)
			}
			return at
		}
	case *ssa.FreeVar:
		if b := bound(v); b != nil {
			return p.place(b)
		}
	case *ssa.ChangeType:
		return p.place(v.X)
	case *ssa.MakeInterface:
		return p.place(v.X)
	case *ssa.Const:
		if v.Value != nil && v.Value.Kind() == constant.Int {
			return place{path: v.Value.ExactString()}
		}
	}
	return place{base: v, last: v}
}

func fieldAt(t types.Type, i int) any {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, ok := types.Unalias(t).Underlying().(*types.Struct)
	if !ok {
		return i
	}
	return s.Field(i).Origin()
}

// bound returns the variable of the function around it that a literal uses.
func bound(v *ssa.FreeVar) ssa.Value {
	fn := v.Parent()
	m := made(fn)
	if m == nil {
		return nil
	}
	for i, free := range fn.FreeVars {
		if free == v {
			return m.Bindings[i]
		}
	}
	return nil
}

// made returns the instruction that makes a literal a value; nil: it uses no variables.
func made(fn *ssa.Function) *ssa.MakeClosure {
	if fn.Parent() == nil {
		return nil
	}
	for i := range instructions(fn.Parent()) {
		if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == fn {
			return m
		}
	}
	return nil
}

// instructions returns all instructions of a function.
func instructions(fn *ssa.Function) func(yield func(ssa.Instruction) bool) {
	return func(yield func(ssa.Instruction) bool) {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if !yield(i) {
					return
				}
			}
		}
	}
}

// calledFunction returns the function of this package that a call runs: a declared one, or
// a literal.
func calledFunction(c *ssa.CallCommon) *ssa.Function {
	switch v := c.Value.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		f, _ := v.Fn.(*ssa.Function)
		return f
	case *ssa.UnOp: // a variable that is assigned once
		if f := onlyStored(v.X); f != nil {
			return f
		}
	}
	return nil
}

func onlyStored(v ssa.Value) *ssa.Function {
	if free, ok := v.(*ssa.FreeVar); ok {
		v = bound(free)
	}
	a, ok := v.(*ssa.Alloc)
	if !ok {
		return nil
	}
	var only *ssa.Function
	for _, r := range *a.Referrers() {
		s, ok := r.(*ssa.Store)
		if !ok || s.Addr != a {
			continue
		}
		if only != nil {
			return nil
		}
		switch f := s.Val.(type) {
		case *ssa.Function:
			only = f
		case *ssa.MakeClosure:
			only, _ = f.Fn.(*ssa.Function)
		}
	}
	return only
}

// reach returns a function, the functions of the package that it calls, and the literals
// that it makes, and so on.
func reach(fn *ssa.Function, see func(*ssa.Function)) {
	seen := map[*ssa.Function]bool{}
	var visit func(*ssa.Function)
	visit = func(fn *ssa.Function) {
		if fn == nil || seen[fn] || len(fn.Blocks) == 0 {
			return
		}
		seen[fn] = true
		see(fn)
		for i := range instructions(fn) {
			if c, ok := i.(ssa.CallInstruction); ok {
				visit(calledFunction(c.Common()))
				for _, arg := range c.Common().Args {
					if f, ok := arg.(*ssa.Function); ok {
						visit(f)
					}
				}
			}
			if m, ok := i.(*ssa.MakeClosure); ok {
				f, _ := m.Fn.(*ssa.Function)
				visit(f)
			}
		}
	}
	visit(fn)
}

// condition returns the value on which a block branches, and whether the branch that is
// taken when it is true comes second.
func condition(b *ssa.BasicBlock) (v ssa.Value, negated bool) {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return nil, false
	}
	v = branch.Cond
	for {
		u, ok := v.(*ssa.UnOp)
		if !ok || u.Op != token.NOT {
			return v, negated
		}
		v, negated = u.X, !negated
	}
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// methodCalled returns the method that a call names, with the value of which it is called.
func methodCalled(c *ssa.CallCommon) (f *types.Func, receiver ssa.Value) {
	if c.IsInvoke() {
		return c.Method, c.Value
	}
	if f, receiver := boundMethod(c.Value); f != nil {
		return f, receiver
	}
	if s := c.StaticCallee(); s != nil {
		f, _ = s.Object().(*types.Func)
		if f != nil {
			f = f.Origin()
			if f.Signature().Recv() != nil && len(c.Args) > 0 {
				return f, c.Args[0]
			}
		}
	}
	return f, nil
}

// boundMethod returns the method of a method value, as l.Unlock is, and its receiver; nil, if
// it is none.
func boundMethod(v ssa.Value) (f *types.Func, receiver ssa.Value) {
	m, ok := v.(*ssa.MakeClosure)
	if !ok || len(m.Bindings) != 1 {
		return nil, nil
	}
	fn, ok := m.Fn.(*ssa.Function)
	if !ok || fn.Parent() != nil {
		return nil, nil
	}
	if f, _ = fn.Object().(*types.Func); f == nil || f.Signature().Recv() == nil {
		return nil, nil
	}
	return f.Origin(), m.Bindings[0]
}

// line returns the line of a position.
func (p *paths) line(at token.Pos) int { return p.Fset.Position(at).Line }

// receiverText returns the receiver of a call as it stands in the source.
func receiverText(call *ast.CallExpr) string {
	if call != nil {
		if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			return types.ExprString(s.X)
		}
	}
	return "a lock"
}

// callText returns the function that a call names.
func (c *check) callText(call *ast.CallExpr) string {
	if c.callee(call) == nil {
		return "the call"
	}
	return c.nameOf(call, c.Pkg)
}
