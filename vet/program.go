package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// programs finds out, for all rules, where the functions of a package run, and which of
// them block or suspend.
var programs = &analysis.Analyzer{
	Name:       "asyncio_program",
	Doc:        "find where functions run, and which of them block or suspend",
	Requires:   []*analysis.Analyzer{inspect.Analyzer},
	FactTypes:  []analysis.Fact{new(blocksFact), new(suspendsFact), new(sequenceFact), new(callsFact)},
	ResultType: reflect.TypeFor[*program](),
	Run: func(pass *analysis.Pass) (any, error) {
		p := &program{pass: pass, byNode: map[ast.Node]*function{}, byObject: map[*types.Func]*function{}, uses: map[*types.Var]*variable{}, parts: map[*function]*parts{}, looking: map[*function]bool{}}
		if !isOfStandardLibrary(pass) {
			p.comments = readComments(pass)
			p.read(pass.ResultOf[inspect.Analyzer].(*inspector.Inspector))
		}
		return p, nil
	},
}

// A program is what rules want to know of a package.
type program struct {
	pass      *analysis.Pass
	functions []*function // in the order of the source
	byNode    map[ast.Node]*function
	byObject  map[*types.Func]*function
	uses      map[*types.Var]*variable
	comments  okComments
	silenced  silenced             // calls that block, and of which callers need not know
	parts     map[*function]*parts // as far as they were asked for
	looking   map[*function]bool   // at which functions functionSuspends looks
}

// A function is a declared function, or a literal.
type function struct {
	node  ast.Node
	body  *ast.BlockStmt
	typ   *ast.FuncType
	obj   *types.Func // nil: it is a literal
	outer *function   // of a literal
	kind  kind
	to    string // to which function it is given
}

// A variable is a variable that may hold a function.
type variable struct {
	value ast.Expr // with the last assignment; a call may have several results
	sets  int
	uses  []use
	calls []*function // that call it
}

// A use is a place at which a variable, or a declared function, is used as a value.
type use struct {
	kind kind
	to   string
}

func (p *program) read(in *inspector.Inspector) {
	p.find(in)
	flows := &flows{program: p, in: in}
	flows.follow()
	p.facts()
	for _, f := range p.functions {
		if f.kind == unknown && p.suspendsItself(f) { // so it runs on a loop
			f.kind = coroutine
		}
	}
}

// find finds the functions.
func (p *program) find(in *inspector.Inspector) {
	in.WithStack([]ast.Node{(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		if !push {
			return true
		}
		f := &function{node: n}
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body == nil {
				return true
			}
			f.body, f.typ = n.Body, n.Type
			f.obj, _ = p.pass.TypesInfo.Defs[n.Name].(*types.Func)
			p.byObject[f.obj] = f
		case *ast.FuncLit:
			f.body, f.typ = n.Body, n.Type
			for i := len(stack) - 2; i >= 0 && f.outer == nil; i-- {
				f.outer = p.byNode[stack[i]]
			}
		}
		p.byNode[n] = f
		p.functions = append(p.functions, f)
		return true
	})
}

// runs returns where a function runs: of a literal that is a part of another function,
// where that does.
func (f *function) runs() kind {
	for f.kind == inline && f.outer != nil {
		f = f.outer
	}
	if f.kind == inline {
		return unknown
	}
	return f.kind
}

// name returns the function's name in a message: "fetch", "(*server).serve", or that of
// the function in which the literal stands.
func (f *function) name() string {
	outer := f
	for outer.obj == nil && outer.outer != nil {
		outer = outer.outer
	}
	name := "a function"
	if outer.obj != nil {
		name = shortName(outer.obj)
	}
	switch {
	case outer == f:
		return name
	case f.to == "go":
		return "a goroutine of " + name
	case f.to != "":
		return "the function that " + name + " gives to " + f.to
	default:
		return "a function in " + name
	}
}

// walk calls visit for the nodes of the function, as ast.Inspect does, with those of
// literals that are a part of it, but without those of other literals, and without what
// runs on another goroutine.
func (p *program) walk(f *function, visit func(n ast.Node) bool) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if p.byNode[n].kind != inline {
				return false
			}
		case *ast.GoStmt: // its operands are computed here
			for _, arg := range n.Call.Args {
				ast.Inspect(arg, func(n ast.Node) bool {
					if _, lit := n.(*ast.FuncLit); lit {
						return false
					}
					return n == nil || visit(n)
				})
			}
			return false
		}
		return n == nil || visit(n)
	})
}

// each calls look for the functions that run in a task, or as callbacks.
func (p *program) each(look func(f *function)) {
	for _, f := range p.functions {
		if f.kind == coroutine || f.kind == callback {
			look(f)
		}
	}
}

// value returns the value that an expression visibly has: its own, or that of a variable
// that is assigned once. If that is a call, the value may be one of several results.
func (p *program) value(e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	id, ok := e.(*ast.Ident)
	if !ok {
		return e
	}
	o, _ := p.pass.TypesInfo.ObjectOf(id).(*types.Var)
	if v := p.uses[o]; v != nil && v.sets == 1 && v.value != nil && !isParameter(o) {
		return ast.Unparen(v.value)
	}
	return e
}

// callee is callee, also for a variable that visibly holds a function or a method.
func (p *program) callee(call *ast.CallExpr) *types.Func {
	if f := callee(p.pass.TypesInfo, call); f != nil {
		return f
	}
	switch e := p.value(call.Fun).(type) {
	case *ast.Ident:
		return originOf(p.pass.TypesInfo.Uses[e])
	case *ast.SelectorExpr:
		return originOf(p.pass.TypesInfo.Uses[e.Sel])
	}
	return nil
}

func originOf(o types.Object) *types.Func {
	if f, ok := o.(*types.Func); ok {
		return f.Origin()
	}
	return nil
}

// callee returns the function or method that a call names; nil: it is a value.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	f, _ := typeutil.Callee(info, call).(*types.Func)
	if f == nil {
		return nil
	}
	return f.Origin()
}

// shortName returns the name of a function with that of its package or its receiver:
// "http.Get", "Client.Do".
func shortName(f *types.Func) string {
	sig := f.Signature()
	if r := sig.Recv(); r != nil {
		t := r.Type()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			return n.Obj().Name() + "." + f.Name()
		}
		return f.Name()
	}
	return f.Name()
}

// nameOf returns the name of what a call calls: that of a method by the type that the source
// names, where it belongs to an embedded type without an exported name.
func (p *program) nameOf(call *ast.CallExpr, from *types.Package) string {
	f := p.callee(call)
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || f.Pkg() == nil || f.Pkg() == p.pass.Pkg || f.Signature().Recv() == nil || isExported(f.Signature().Recv().Type()) {
		return qualified(f, from)
	}
	n := namedOf(p.pass.TypesInfo.TypeOf(sel.X))
	if n == nil || n.Obj().Pkg() != f.Pkg() {
		return qualified(f, from)
	}
	name := n.Obj().Name() + "." + f.Name()
	if f.Pkg() == from {
		return name
	}
	return f.Pkg().Name() + "." + name
}

// namedOf returns the named type that a type is, or points to; nil: it is none.
func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

func isExported(t types.Type) bool {
	n := namedOf(t)
	return n != nil && n.Obj().Exported()
}

// qualified is shortName with the package, for functions of others.
func qualified(f *types.Func, from *types.Package) string {
	if f.Pkg() == nil || f.Pkg() == from {
		return shortName(f)
	}
	return f.Pkg().Name() + "." + shortName(f)
}

// A span is a part of the source.
type span struct{ from, to token.Pos }

func (s span) Pos() token.Pos { return s.from }
func (s span) End() token.Pos { return s.to }
