package vet

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// flows follows functions from where they are written to where they are used, and so finds
// out where they run: directly, by an assignment to a local variable that is the only one,
// and by a type that says it.
type flows struct {
	*program
	in *inspector.Inspector
}

func (f *flows) follow() {
	f.in.WithStack([]ast.Node{
		(*ast.CallExpr)(nil), (*ast.ReturnStmt)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil),
		(*ast.CompositeLit)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil), (*ast.UnaryExpr)(nil), (*ast.RangeStmt)(nil),
	}, func(n ast.Node, push bool, stack []ast.Node) bool {
		if !push {
			return true
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			f.flow(n.Call.Fun, use{offLoop, "go"})
		case *ast.CallExpr:
			f.call(n, stack)
		case *ast.ReturnStmt:
			f.results(n, stack)
		case *ast.AssignStmt:
			f.assign(n)
		case *ast.ValueSpec:
			f.declare(n)
		case *ast.CompositeLit:
			f.elements(n)
		case *ast.RangeStmt:
			f.unknown(n.Key)
			f.unknown(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND { // anyone may assign to it
				f.unknown(n.X)
			}
		}
		return true
	})
	f.protocols()
	variables := f.variables()
	for _, v := range variables {
		for _, u := range v.uses {
			v.follow(f, u)
		}
	}
	for f.callsOfVariables(variables) {
	}
}

// variables returns the variables in the order of the source.
func (f *flows) variables() (all []*variable) {
	order := slices.SortedFunc(maps.Keys(f.uses), func(a, b *types.Var) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, o := range order {
		all = append(all, f.uses[o])
	}
	return all
}

func (v *variable) follow(f *flows, u use) {
	if v.value != nil && v.sets == 1 {
		f.flowOnce(v.value, u)
	}
}

// callsOfVariables finds out where literals run that are in variables and are called. Where
// that depends on another such literal, it takes a second round.
func (f *flows) callsOfVariables(variables []*variable) (more bool) {
	for _, v := range variables {
		lit := f.literalOf(v)
		if lit == nil {
			continue
		}
		before := lit.kind
		for _, from := range v.calls {
			for from != nil && from != lit.outer && from.kind == inline {
				from = from.outer
			}
			switch {
			case from == lit.outer:
				lit.is(use{inline, ""})
			case from != nil:
				lit.is(use{from.kind, ""})
			}
		}
		more = more || lit.kind != before
	}
	return more
}

func (f *flows) literalOf(v *variable) *function {
	if v.value == nil || v.sets != 1 {
		return nil
	}
	return f.byNode[ast.Unparen(v.value)]
}

// around returns the function in which a node is, whose way from the root is on the stack.
func (f *flows) around(stack []ast.Node) *function {
	for i := len(stack) - 1; i >= 0; i-- {
		if fn := f.byNode[stack[i]]; fn != nil {
			return fn
		}
	}
	return nil
}

// protocols notes that the loop calls the methods of protocols.
func (f *flows) protocols() {
	protocol := f.protocol()
	if protocol == nil {
		return
	}
	for _, fn := range f.functions {
		if fn.obj == nil || fn.obj.Signature().Recv() == nil || !hasMethod(protocol, fn.obj.Name()) {
			continue
		}
		t := fn.obj.Signature().Recv().Type()
		if types.Implements(t, protocol) || types.Implements(types.NewPointer(t), protocol) {
			fn.is(use{callback, "streams.Protocol"})
		}
	}
}

// protocol returns the interface streams.Protocol; nil: the package does not import it.
func (f *flows) protocol() *types.Interface {
	for _, p := range f.pass.Pkg.Imports() {
		if p.Path() != root+"/streams" {
			continue
		}
		if o := p.Scope().Lookup("Protocol"); o != nil {
			protocol, _ := o.Type().Underlying().(*types.Interface)
			return protocol
		}
	}
	return nil
}

func hasMethod(t *types.Interface, name string) bool {
	for m := range t.Methods() {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// is notes where a function is used. What it is in a task counts more than what it is
// elsewhere.
func (f *function) is(u use) {
	if u.kind > f.kind {
		f.kind, f.to = u.kind, u.to
	}
}

// flow notes that the value of an expression is used somewhere.
func (f *flows) flow(e ast.Expr, u use) {
	if u.kind == unknown {
		return
	}
	if v, ok := f.objectOf(e).(*types.Var); ok {
		v := f.variable(v)
		v.uses = append(v.uses, u)
		return
	}
	f.flowOnce(e, u)
}

// flowOnce is flow for what is no variable.
func (f *flows) flowOnce(e ast.Expr, u use) {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		f.byNode[e].is(u)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		o, ok := f.objectOf(e).(*types.Func)
		if !ok {
			return
		}
		if fn := f.byObject[o.Origin()]; fn != nil && u.kind != inline && u.kind != offLoop {
			fn.is(u)
		}
	}
}

func (f *flows) objectOf(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.pass.TypesInfo.Uses[e]
	case *ast.SelectorExpr:
		return f.pass.TypesInfo.Uses[e.Sel]
	case *ast.IndexExpr:
		return f.objectOf(e.X)
	case *ast.IndexListExpr:
		return f.objectOf(e.X)
	}
	return nil
}

func (f *flows) variable(o *types.Var) *variable {
	v := f.uses[o]
	if v == nil {
		v = &variable{}
		f.uses[o] = v
	}
	return v
}

// call follows the operands of a call, and the function itself, if that is a literal or a
// variable.
func (f *flows) call(n *ast.CallExpr, stack []ast.Node) {
	info := f.pass.TypesInfo
	if tv := info.Types[n.Fun]; tv.IsType() { // a conversion
		if len(n.Args) == 1 {
			f.convert(n.Args[0], tv.Type)
		}
		return
	}
	if _, isGo := stack[len(stack)-2].(*ast.GoStmt); !isGo {
		if o, ok := f.objectOf(n.Fun).(*types.Var); ok {
			v := f.variable(o)
			v.calls = append(v.calls, f.around(stack))
		} else {
			f.flowOnce(n.Fun, use{inline, ""})
		}
	}
	sig, _ := info.TypeOf(n.Fun).Underlying().(*types.Signature)
	if sig == nil {
		return
	}
	to := callee(info, n)
	for i, arg := range n.Args {
		param := paramAt(sig, i)
		switch {
		case param == nil:
		case to != nil:
			f.flow(arg, use{kindOf(to, param), qualified(to, f.pass.Pkg)})
		default:
			f.convert(arg, param)
		}
		if param != nil && isCoro(param) && (to == nil || !isLibrary(to.Pkg())) {
			f.convert(arg, param)
		}
	}
}

func paramAt(sig *types.Signature, i int) types.Type {
	params := sig.Params()
	if sig.Variadic() && i >= params.Len()-1 {
		s, ok := params.At(params.Len() - 1).Type().(*types.Slice)
		if !ok {
			return nil
		}
		return s.Elem()
	}
	if i >= params.Len() {
		return nil
	}
	return params.At(i).Type()
}

// convert follows a value that becomes one of a type.
func (f *flows) convert(e ast.Expr, t types.Type) {
	switch {
	case isCoro(t):
		f.flow(e, use{coroutine, "a Coro"})
	case isNamed(t, "net/http", "HandlerFunc"):
		f.flow(e, use{offLoop, "http.HandlerFunc"})
	}
}

// results follows what a function returns.
func (f *flows) results(n *ast.ReturnStmt, stack []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		fn := f.byNode[stack[i]]
		if fn == nil {
			continue
		}
		sig := f.signature(fn)
		if sig != nil && sig.Results().Len() == len(n.Results) {
			for i, e := range n.Results {
				f.convert(e, sig.Results().At(i).Type())
			}
		}
		return
	}
}

func (p *program) signature(f *function) *types.Signature {
	if f.obj != nil {
		return f.obj.Signature()
	}
	sig, _ := p.pass.TypesInfo.TypeOf(f.node.(*ast.FuncLit)).(*types.Signature)
	return sig
}

func (f *flows) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		value := valueAt(n.Rhs, len(n.Lhs), i)
		if len(n.Lhs) == len(n.Rhs) {
			f.convert(value, f.pass.TypesInfo.TypeOf(left))
		}
		if id, ok := ast.Unparen(left).(*ast.Ident); ok {
			o, _ := f.pass.TypesInfo.ObjectOf(id).(*types.Var)
			f.set(o, value)
		}
	}
}

// valueAt returns the value of the i-th of several variables: one of as many expressions, or
// the call that has them all as results.
func valueAt(values []ast.Expr, variables, i int) ast.Expr {
	switch {
	case len(values) == variables:
		return values[i]
	case len(values) == 1:
		return values[0]
	}
	return nil
}

func (f *flows) declare(n *ast.ValueSpec) {
	if len(n.Values) == 0 {
		return
	}
	for i, id := range n.Names {
		o, _ := f.pass.TypesInfo.Defs[id].(*types.Var)
		if o == nil {
			continue
		}
		value := valueAt(n.Values, len(n.Names), i)
		if len(n.Names) == len(n.Values) {
			f.convert(value, o.Type())
		}
		f.set(o, value)
	}
}

// set notes that a variable gets a value.
func (f *flows) set(o *types.Var, e ast.Expr) {
	if o == nil {
		return
	}
	v := f.variable(o)
	v.sets++
	v.value = e
}

// unknown notes that the value of a variable is not to be seen.
func (f *flows) unknown(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok {
		o, _ := f.pass.TypesInfo.ObjectOf(id).(*types.Var)
		f.set(o, nil)
	}
}

// elements follows the elements of a slice, an array, a map or a struct.
func (f *flows) elements(n *ast.CompositeLit) {
	t := f.pass.TypesInfo.TypeOf(n)
	if t == nil {
		return
	}
	for i, e := range n.Elts {
		value, key := e, ast.Expr(nil)
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			value, key = kv.Value, kv.Key
		}
		switch t := t.Underlying().(type) {
		case *types.Slice:
			f.convert(value, t.Elem())
		case *types.Array:
			f.convert(value, t.Elem())
		case *types.Map:
			f.convert(value, t.Elem())
		case *types.Struct:
			if field := fieldOf(t, key, i); field != nil {
				f.convert(value, field.Type())
				if isNamed(f.pass.TypesInfo.TypeOf(n), root, "Hooks") {
					f.hook(value, field)
				}
			}
		}
	}
}

// hook follows a function that becomes a field of asyncio.Hooks.
func (f *flows) hook(value ast.Expr, field *types.Var) {
	kind := callback
	if strings.HasPrefix(field.Name(), "Thread") {
		kind = offLoop
	}
	f.flow(value, use{kind, "the hook " + field.Name()})
}

func fieldOf(t *types.Struct, key ast.Expr, i int) *types.Var {
	if id, ok := key.(*ast.Ident); ok {
		for f := range t.Fields() {
			if f.Name() == id.Name {
				return f
			}
		}
		return nil
	}
	if i < t.NumFields() {
		return t.Field(i)
	}
	return nil
}
