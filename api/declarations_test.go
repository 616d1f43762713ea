package api

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// declarations returns what a package exports, sorted: constants, variables, functions and
// types, the fields and the methods of types. Parameters have no names, and type parameters
// are $0, $1: to rename them breaks no program.
func declarations(p *types.Package) []string {
	w := writer{pkg: p}
	for _, name := range p.Scope().Names() {
		if ast.IsExported(name) {
			w.declare(p.Scope().Lookup(name))
		}
	}
	slices.Sort(w.lines)
	return w.lines
}

// A writer writes the declarations of a package, with names from its point of view.
type writer struct {
	pkg   *types.Package
	lines []string
}

func (w *writer) line(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

func (w *writer) declare(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		value := o.Val().ExactString()
		if o.Val().Kind() == constant.String {
			value = strconv.Quote(constant.StringVal(o.Val()))
		}
		w.line("const %s %s = %s", o.Name(), w.typ(o.Type()), value)
	case *types.Var:
		w.line("var %s %s", o.Name(), w.typ(o.Type()))
	case *types.Func:
		s := o.Signature()
		w.line("func %s%s%s", o.Name(), w.typeParams(s.TypeParams()), w.signature(s))
	case *types.TypeName:
		w.typeName(o)
	}
}

func (w *writer) typeName(o *types.TypeName) {
	if alias, ok := o.Type().(*types.Alias); ok {
		w.line("type %s%s = %s", o.Name(), w.typeParams(alias.TypeParams()), w.typ(alias.Rhs()))
		if named, ok := types.Unalias(alias).(*types.Named); ok && strings.Contains(named.Obj().Pkg().Path(), "/internal/") {
			w.insides(o.Name(), named) // users see it by this name only
		}
		return
	}
	named := o.Type().(*types.Named)
	head := o.Name() + w.typeParams(named.TypeParams())
	switch u := named.Underlying().(type) {
	case *types.Struct:
		w.line("type %s struct", head)
	case *types.Interface:
		w.line("type %s %s", head, w.interfaceKind(u))
	default:
		w.line("type %s %s", head, w.typ(u))
	}
	w.insides(o.Name(), named)
}

// interfaceKind says of an interface what its methods, which have lines of their own, do
// not: which types it is for, and whether others can implement it.
func (w *writer) interfaceKind(i *types.Interface) string {
	kind := "interface"
	for t := range i.EmbeddedTypes() {
		if union, ok := t.(*types.Union); ok {
			kind += " { " + w.typ(union) + " }"
		}
	}
	for m := range i.Methods() {
		if !m.Exported() {
			return kind + " with unexported methods"
		}
	}
	return kind
}

// insides writes the fields and the methods of a type, and those of types that it embeds
// without exporting them.
func (w *writer) insides(name string, named *types.Named) {
	if i, ok := named.Underlying().(*types.Interface); ok {
		for m := range i.Methods() {
			if m.Exported() {
				w.line("method %s.%s%s", name, m.Name(), w.signature(m.Signature()))
			}
		}
		return
	}
	if s, ok := named.Underlying().(*types.Struct); ok {
		w.fields(name, s)
	}
	values := types.NewMethodSet(named)
	for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		f := m.Obj().(*types.Func)
		if !f.Exported() {
			continue
		}
		receiver := name
		if values.Lookup(f.Pkg(), f.Name()) == nil {
			receiver = "(*" + name + ")"
		}
		w.line("method %s.%s%s", receiver, f.Name(), w.signature(m.Type().(*types.Signature)))
	}
}

func (w *writer) fields(name string, s *types.Struct) {
	for f := range s.Fields() {
		switch {
		case f.Exported() && f.Embedded():
			w.line("field %s.%s embedded %s", name, f.Name(), w.typ(f.Type()))
		case f.Exported():
			w.line("field %s.%s %s", name, f.Name(), w.typ(f.Type()))
		case f.Embedded():
			if inner, ok := f.Type().Underlying().(*types.Struct); ok {
				w.fields(name, inner)
			}
		}
	}
}

func (w *writer) typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var all []string
	for p := range list.TypeParams() {
		all = append(all, w.typ(p)+" "+w.typ(p.Constraint()))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (w *writer) signature(s *types.Signature) string {
	params := w.tuple(s.Params())
	if s.Variadic() {
		last := len(params) - 1
		params[last] = "..." + strings.TrimPrefix(params[last], "[]")
	}
	text := "(" + strings.Join(params, ", ") + ")"
	switch results := w.tuple(s.Results()); len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	default:
		return text + " (" + strings.Join(results, ", ") + ")"
	}
}

func (w *writer) tuple(t *types.Tuple) (all []string) {
	for v := range t.Variables() {
		all = append(all, w.typ(v.Type()))
	}
	return all
}

// typ writes a type as types.TypeString does, but without the names of parameters.
func (w *writer) typ(t types.Type) string {
	switch t := t.(type) {
	case *types.TypeParam:
		return "$" + strconv.Itoa(t.Index())
	case *types.Alias:
		return w.named(t.Obj(), t.TypeArgs())
	case *types.Named:
		return w.named(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return "*" + w.typ(t.Elem())
	case *types.Slice:
		return "[]" + w.typ(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + w.typ(t.Elem())
	case *types.Map:
		return "map[" + w.typ(t.Key()) + "]" + w.typ(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + w.typ(t.Elem())
	case *types.Signature:
		return "func" + w.signature(t)
	case *types.Union:
		var all []string
		for term := range t.Terms() {
			all = append(all, strings.Repeat("~", map[bool]int{true: 1}[term.Tilde()])+w.typ(term.Type()))
		}
		return strings.Join(all, " | ")
	case *types.Interface:
		return w.inlineInterface(t)
	default:
		return types.TypeString(t, func(p *types.Package) string { return w.qualifier(p) })
	}
}

func (w *writer) inlineInterface(t *types.Interface) string {
	var all []string
	for e := range t.EmbeddedTypes() {
		all = append(all, w.typ(e))
	}
	for m := range t.ExplicitMethods() {
		all = append(all, m.Name()+w.signature(m.Signature()))
	}
	if len(all) == 0 {
		return "any"
	}
	return "interface { " + strings.Join(all, "; ") + " }"
}

func (w *writer) named(o *types.TypeName, args *types.TypeList) string {
	name := o.Name()
	if q := w.qualifier(o.Pkg()); q != "" {
		name = q + "." + name
	}
	if args.Len() == 0 {
		return name
	}
	var all []string
	for a := range args.Types() {
		all = append(all, w.typ(a))
	}
	return name + "[" + strings.Join(all, ", ") + "]"
}

func (w *writer) qualifier(p *types.Package) string {
	if p == nil || p == w.pkg || p.Path() == w.pkg.Path() {
		return ""
	}
	return p.Name()
}
