package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A sequenceFact says that a function returns a sequence, or another function, that suspends
// the task which ranges over it or calls it.
type sequenceFact struct{}

func (*sequenceFact) AFact()         {}
func (*sequenceFact) String() string { return "returns what suspends" }

// A callsFact says which of its parameters a function calls before it returns. So it
// suspends where one of them does.
type callsFact struct{ Params []int }

func (*callsFact) AFact()           {}
func (f *callsFact) String() string { return fmt.Sprint("calls: ", f.Params) }

func (p *program) isSequence(f *types.Func) bool {
	return f != nil && p.pass.ImportObjectFact(f, new(sequenceFact))
}

func (p *program) returnsSequence(parts *parts) bool {
	for _, e := range parts.returned {
		if p.valueSuspends(e) != nil {
			return true
		}
	}
	return false
}

// rangeSuspends reports whether the turns of a loop over a function may suspend, beside
// what is in its body.
func (p *program) rangeSuspends(r *ast.RangeStmt) bool { return p.valueSuspends(r.X) != nil }

// findCallers finds the functions that call their parameters, and tells other packages.
func (p *program) findCallers() {
	for more := true; more; {
		more = false
		for _, f := range p.functions {
			if f.obj == nil || p.isIn(engine) || callsElsewhere(f.obj) {
				continue
			}
			known := p.calledBy(f.obj)
			called := slices.Clone(known)
			for _, c := range p.partsOf(f).calls {
				called = p.addCalled(called, f.obj, c)
			}
			if len(called) > len(known) {
				slices.Sort(called)
				p.pass.ExportObjectFact(f.obj, &callsFact{called})
				more = true
			}
		}
	}
}

// callsElsewhere reports whether a function of the library calls what users give to it in
// another task, or on a loop that ends before the function returns, or does not let it suspend.
// Those that call it in their own task are named WithTimeout, WithTaskGroup, With.
func callsElsewhere(f *types.Func) bool {
	return isLibrary(f.Pkg()) && f.Exported() && !strings.HasPrefix(f.Name(), "With")
}

// inlineOperands makes literals a part of their function that are given to one which calls
// them before it returns.
func (p *program) inlineOperands() (more bool) {
	for _, f := range p.functions {
		for _, c := range p.partsOf(f).calls {
			to := callee(p.pass.TypesInfo, c)
			for _, i := range p.calledBy(to) {
				if i >= len(c.Args) {
					continue
				}
				lit, ok := ast.Unparen(c.Args[i]).(*ast.FuncLit)
				if ok && p.byNode[lit].kind == unknown {
					p.byNode[lit].is(use{inline, qualified(to, p.pass.Pkg)})
					more = true
				}
			}
		}
	}
	return more
}

// addCalled adds the parameters of a function that a call in it calls, or that a function
// calls to which they are given.
func (p *program) addCalled(called []int, f *types.Func, c *ast.CallExpr) []int {
	add := func(e ast.Expr) {
		if i := p.paramOf(f, e); i >= 0 && !slices.Contains(called, i) {
			called = append(called, i)
		}
	}
	add(c.Fun)
	for _, i := range p.calledBy(callee(p.pass.TypesInfo, c)) {
		if i < len(c.Args) {
			add(c.Args[i])
		}
	}
	return called
}

// paramOf returns which parameter of a function an expression is; -1: none.
func (p *program) paramOf(f *types.Func, e ast.Expr) int {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return -1
	}
	params := f.Signature().Params()
	for i := range params.Len() {
		if p.pass.TypesInfo.Uses[id] == params.At(i) {
			return i
		}
	}
	return -1
}

func (p *program) calledBy(f *types.Func) []int {
	var called callsFact
	if f != nil {
		p.pass.ImportObjectFact(f, &called)
	}
	return called.Params
}

// suspendsInOperand reports whether a function is called with a function that it calls, and
// that suspends.
func (p *program) suspendsInOperand(c *ast.CallExpr, f *types.Func) bool {
	for _, i := range p.calledBy(f) {
		if i >= len(c.Args) {
			continue
		}
		if s := p.valueSuspends(c.Args[i]); s != nil && !s.Elsewhere {
			return true
		}
	}
	return false
}

// valueSuspends returns what a call of a function would be that is used as a value.
func (p *program) valueSuspends(e ast.Expr) *suspendsFact {
	info := p.pass.TypesInfo
	var o types.Object
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return p.functionSuspends(p.byNode[e])
	case *ast.CallExpr: // another function has made it
		if isCoro(info.TypeOf(e)) || p.isSequence(callee(info, e)) {
			return &suspendsFact{}
		}
		return nil
	case *ast.Ident:
		o = info.Uses[e]
	case *ast.SelectorExpr:
		o = info.Uses[e.Sel]
	}
	switch o := o.(type) {
	case *types.Func:
		return p.suspends(o.Origin())
	case *types.Var:
		if v := p.uses[o]; v != nil && v.sets == 1 {
			switch made := ast.Unparen(v.value).(type) {
			case *ast.FuncLit, *ast.CallExpr:
				return p.valueSuspends(made)
			}
		}
	}
	return nil
}

// isUncut reports whether a function takes a context and waits on context.WithoutCancel of
// it, or leaves it to other functions that do.
func (p *program) isUncut(f *function) bool {
	ctx := p.contextOf(f)
	if ctx == nil {
		return false
	}
	uncut := false
	for _, c := range p.partsOf(f).calls {
		if len(c.Args) == 0 {
			continue
		}
		id, ok := ast.Unparen(c.Args[0]).(*ast.Ident)
		if !ok || p.pass.TypesInfo.Uses[id] != ctx {
			continue
		}
		if to := p.callee(c); to != nil && to.FullName() == "context.WithoutCancel" {
			uncut = true
			continue
		}
		switch s := p.callSuspends(c); {
		case s == nil:
		case s.Uncut:
			uncut = true
		case p.isReplaced(ctx):
		default:
			return false
		}
	}
	return uncut
}

// isReplaced reports whether another context is assigned to a variable.
func (p *program) isReplaced(ctx *types.Var) bool { return p.uses[ctx] != nil && p.uses[ctx].sets > 0 }
