package vet

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"
)

var swallowedCancel = newRule("swallowed-cancel", func(c *check) {
	p := c.newPaths()
	for _, fn := range p.functions {
		if p.source(fn) != nil && len(fn.Blocks) > 0 {
			newCanceled(p, fn).look()
		}
	}
}, buildssa.Analyzer)

// canceled is a function whose context is canceled: each of its waits fails.
type canceled struct {
	*paths
	fn    *ssa.Function
	waits map[*ssa.Call]bool
	loops []*loop
}

// A loop is a natural loop of the graph.
type loop struct {
	head   *ssa.BasicBlock
	blocks map[*ssa.BasicBlock]bool
}

func newCanceled(p *paths, fn *ssa.Function) *canceled {
	c := &canceled{paths: p, fn: fn, waits: map[*ssa.Call]bool{}}
	c.findLoops()
	if len(c.loops) == 0 {
		return c
	}
	for i := range instructions(fn) {
		if call, ok := i.(*ssa.Call); ok && c.isWait(call) {
			c.waits[call] = true
		}
	}
	return c
}

// look reports each loop once: at the wait whose error is dropped, or at the first one.
func (c *canceled) look() {
	at := map[*loop]*ssa.Call{}
	var order []*loop
	for i := range instructions(c.fn) {
		call, ok := i.(*ssa.Call)
		if !ok || !c.waits[call] || !c.spins(call) || c.polls(call) {
			continue
		}
		l := c.loopOf(call.Block())
		switch first := at[l]; {
		case first == nil:
			order = append(order, l)
			at[l] = call
		case !isDropped(first) && isDropped(call):
			at[l] = call
		}
	}
	for _, l := range order {
		call := c.call(at[l])
		c.report(call, nil, "the loop in %s goes on when %s fails: once the context is canceled, each wait fails at once, and the loop spins for ever; return the error",
			c.source(c.fn).name(), c.callText(call))
	}
}

// isDropped reports whether the error of a call is used nowhere.
func isDropped(call *ssa.Call) bool {
	if call.Call.Signature().Results().Len() == 1 {
		return len(*call.Referrers()) == 0
	}
	return !slices.ContainsFunc(*call.Referrers(), func(r ssa.Instruction) bool {
		e, ok := r.(*ssa.Extract)
		return ok && isError(e.Type())
	})
}

// polls reports whether a wait lets others have their turn until they have done something:
// with Yield such a loop spins anyway, and in tests it is usual.
func (c *canceled) polls(call *ssa.Call) bool {
	at := c.call(call)
	f := callee(c.TypesInfo, at)
	if f == nil || f.Pkg().Path() != root || f.Name() != "Yield" && (f.Name() != "Sleep" || !c.isTest(at.Pos())) {
		return false
	}
	l := c.loopOf(call.Block())
	for b := range l.blocks {
		if v, _ := condition(b); v != nil && c.test(v) == unclear && !(l.blocks[b.Succs[0]] && l.blocks[b.Succs[1]]) {
			return true
		}
	}
	return false
}

// findLoops finds the natural loops: the blocks that lead back to a block that dominates
// them.
func (c *canceled) findLoops() {
	byHead := map[*ssa.BasicBlock]*loop{}
	for _, b := range c.fn.Blocks {
		for _, head := range b.Succs {
			if !head.Dominates(b) {
				continue
			}
			l := byHead[head]
			if l == nil {
				l = &loop{head, map[*ssa.BasicBlock]bool{head: true}}
				byHead[head] = l
				c.loops = append(c.loops, l)
			}
			l.add(b)
		}
	}
}

func (l *loop) add(b *ssa.BasicBlock) {
	if l.blocks[b] {
		return
	}
	l.blocks[b] = true
	for _, before := range b.Preds {
		l.add(before)
	}
}

// loopOf returns the innermost loop of a block.
func (c *canceled) loopOf(b *ssa.BasicBlock) (inner *loop) {
	for _, l := range c.loops {
		if l.blocks[b] && (inner == nil || len(l.blocks) < len(inner.blocks)) {
			inner = l
		}
	}
	return inner
}

// isTest reports whether a position is in a test.
func (c *check) isTest(at token.Pos) bool {
	return strings.HasSuffix(c.Fset.Position(at).Filename, "_test.go")
}

// isWait reports whether a call is a wait that fails once the context is canceled.
func (c *canceled) isWait(call *ssa.Call) bool {
	results := call.Call.Signature().Results()
	if results.Len() == 0 || !isError(results.At(results.Len()-1).Type()) || !c.suspendsAt(c.fn, call) {
		return false
	}
	if s := c.suspendsIn(call); s.Uncut {
		return false
	}
	l := c.loopOf(call.Block())
	if l == nil {
		return false
	}
	for _, arg := range call.Call.Args {
		if isContext(arg.Type()) {
			return !c.isOwn(arg, l)
		}
	}
	return false
}

// isOwn reports whether a context is made in a loop, or is none of the task.
func (c *canceled) isOwn(ctx ssa.Value, l *loop) bool {
	switch v := ctx.(type) {
	case *ssa.Call:
		if f := v.Call.StaticCallee(); f != nil {
			switch f.String() {
			case "context.WithoutCancel", "context.Background", "context.TODO":
				return true
			}
		}
		return l.blocks[v.Block()]
	case *ssa.Extract:
		return l.blocks[v.Block()]
	case *ssa.MakeInterface:
		return c.isOwn(v.X, l)
	case *ssa.Phi:
		return true
	case *ssa.UnOp: // a variable that literals use
		a := variableAt(v.X)
		if a == nil {
			return true
		}
		for _, r := range *a.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == a && c.isOwn(s.Val, l) {
				return true
			}
		}
	}
	return false
}

// variableAt returns the variable that an address is the one of, also if it is one of a
// function around this one.
func variableAt(v ssa.Value) *ssa.Alloc {
	if free, ok := v.(*ssa.FreeVar); ok {
		v = bound(free)
	}
	a, _ := v.(*ssa.Alloc)
	return a
}

// spins reports whether the path from a wait leads back to it.
func (c *canceled) spins(call *ssa.Call) bool {
	if c.loopOf(call.Block()) == nil {
		return false
	}
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{call.Block()}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		for _, next := range c.next(b) {
			if next == call.Block() {
				return true
			}
			if !seen[next] {
				seen[next] = true
				work = append(work, next)
			}
		}
	}
	return false
}

// next returns the blocks to which a block may lead while the context is canceled.
func (c *canceled) next(b *ssa.BasicBlock) []*ssa.BasicBlock {
	if c.asks(b) || c.stores(b) || c.tells(b) {
		return nil
	}
	v, negated := condition(b)
	if v == nil {
		return b.Succs
	}
	switch c.test(v) {
	case yes, no:
		if (c.test(v) == yes) != negated {
			return b.Succs[:1]
		}
		return b.Succs[1:]
	case dependent:
		l := c.loopOf(b)
		if l != nil && !(l.blocks[b.Succs[0]] && l.blocks[b.Succs[1]]) {
			return nil // it leaves the loop some time
		}
	}
	return b.Succs
}

// asks reports whether a block asks the context whether it is done, in another way than
// by Err: what follows then is not known.
func (c *canceled) asks(b *ssa.BasicBlock) bool {
	for _, i := range b.Instrs {
		if call, ok := i.(*ssa.Call); ok && call.Call.IsInvoke() && call.Call.Method.FullName() == "(context.Context).Done" {
			return true
		}
	}
	return false
}

// stores reports whether a block stores the error of a wait where others see it.
func (c *canceled) stores(b *ssa.BasicBlock) bool {
	for _, i := range b.Instrs {
		s, ok := i.(*ssa.Store)
		if !ok || c.fails(s.Val) == unclear {
			continue
		}
		switch at := s.Addr.(type) {
		case *ssa.Alloc:
		case *ssa.IndexAddr: // of the operands of a call with any number of them
			if _, ok := at.X.(*ssa.Alloc); !ok {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// tells reports whether a block passes the error of a wait to a function that may do
// anything with it: one that does not just print it.
func (c *canceled) tells(b *ssa.BasicBlock) bool {
	for _, i := range b.Instrs {
		call, ok := i.(*ssa.Call)
		if !ok || prints(call.Common()) {
			continue
		}
		for _, arg := range call.Call.Args {
			if isError(arg.Type()) && c.fails(arg) == yes {
				return true
			}
		}
	}
	return false
}

// printers begin the names of functions that print an error, or make another one of it.
var printers = []string{"Print", "Fprint", "Sprint", "Append", "Log", "Error", "Warn", "Info", "Debug", "Is", "As", "Join"}

func prints(c *ssa.CallCommon) bool {
	f, _ := methodCalled(c)
	return f != nil && slices.ContainsFunc(printers, func(prefix string) bool { return strings.HasPrefix(f.Name(), prefix) })
}

// An answer is what a condition is while the context is canceled.
type answer int

const (
	unclear   answer = iota // it may be both
	yes                     // it is true; of an error: it is not nil
	no                      // it is false
	dependent               // it may depend on the failure of a wait
)

// test returns what a condition is.
func (c *canceled) test(v ssa.Value) answer {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.NOT {
			return c.test(v.X).not()
		}
	case *ssa.BinOp:
		return c.compare(v)
	case *ssa.Call:
		return c.ask(v)
	case *ssa.Phi:
		for _, e := range v.Edges {
			if c.test(e) != unclear {
				return dependent
			}
		}
	case *ssa.Extract:
		if _, ok := v.Tuple.(*ssa.Next); ok { // a range ends some time
			return dependent
		}
	case *ssa.Const:
		if v.Value != nil && v.Value.Kind() == constant.Bool {
			return unclear // of a phi
		}
	}
	return c.fails(v)
}

func (a answer) not() answer {
	switch a {
	case yes:
		return no
	case no:
		return yes
	}
	return a
}

func (c *canceled) compare(v *ssa.BinOp) answer {
	x, y := v.X, v.Y
	if isNil(x) {
		x, y = y, x
	}
	fails := max(c.fails(x), c.fails(y))
	switch {
	case counts(x) || counts(y):
		return dependent
	case fails != yes:
		return fails
	case isNil(y):
	case isError(x.Type()): // with ErrCanceled, or with another error
		if !isCanceledError(x) && !isCanceledError(y) {
			fails = no
		}
		fails = fails.not()
	default:
		return dependent
	}
	if v.Op == token.EQL {
		return fails.not()
	}
	return fails
}

// counts reports whether a value counts the turns of a loop, which so ends some time.
func counts(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok {
			return b.Name() == "len" && getsShorter(v.Call.Args[0])
		}
		f := v.Call.StaticCallee()
		return f != nil && endsSomeTime[f.String()]
	case *ssa.UnOp:
		return v.Op == token.MUL && isStepped(v)
	}
	phi, ok := v.(*ssa.Phi)
	if !ok {
		sum, ok := v.(*ssa.BinOp)
		return ok && isArithmetic(sum.Op) && counts(sum.X)
	}
	for _, e := range phi.Edges {
		if sum, ok := e.(*ssa.BinOp); ok && sum.X == phi && isArithmetic(sum.Op) {
			return true
		}
	}
	return false
}

// getsShorter reports whether a slice becomes a part of itself in a loop, as a list of work
// does.
func getsShorter(v ssa.Value) bool {
	phi, ok := v.(*ssa.Phi)
	return ok && slices.ContainsFunc(phi.Edges, func(e ssa.Value) bool {
		part, ok := e.(*ssa.Slice)
		return ok && part.X == phi
	})
}

// isStepped reports whether a variable that is loaded is counted up or down somewhere in the
// function, or in a literal of it.
func isStepped(load *ssa.UnOp) bool {
	functions := append([]*ssa.Function{load.Parent()}, load.Parent().AnonFuncs...)
	return slices.ContainsFunc(functions, func(f *ssa.Function) bool {
		for _, b := range f.Blocks {
			for _, i := range b.Instrs {
				s, ok := i.(*ssa.Store)
				if !ok || !isSameVariable(s.Addr, load.X) {
					continue
				}
				if sum, ok := s.Val.(*ssa.BinOp); ok && isArithmetic(sum.Op) {
					return true
				}
			}
		}
		return false
	})
}

// isSameVariable reports whether two addresses are probably those of one variable.
func isSameVariable(a, b ssa.Value) bool {
	if free, ok := a.(*ssa.FreeVar); ok {
		a = bound(free)
	}
	x, isField := a.(*ssa.FieldAddr)
	y, ok := b.(*ssa.FieldAddr)
	if isField && ok {
		return x.Field == y.Field && types.Identical(x.X.Type(), y.X.Type())
	}
	return a == b
}

func isArithmetic(op token.Token) bool { return token.ADD <= op && op <= token.SHR }

// isCanceledError reports whether a value is ErrCanceled, or the error that context has for
// the same.
func isCanceledError(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	g, ok := u.X.(*ssa.Global)
	if !ok || g.Pkg == nil {
		return false
	}
	return g.Pkg.Pkg.Path() == root && g.Name() == "ErrCanceled" || g.Pkg.Pkg.Path() == "context" && g.Name() == "Canceled"
}

// endsSomeTime are functions whose results change some time, whatever a loop does.
var endsSomeTime = map[string]bool{
	"(*testing.B).Loop": true, "(time.Time).Before": true, "(time.Time).After": true, "(time.Time).Compare": true,
	"time.Since": true, "time.Until": true, "(time.Time).Sub": true,
}

// ask returns what a function says that is called with the error of a wait.
func (c *canceled) ask(call *ssa.Call) answer {
	f := call.Call.StaticCallee()
	if f != nil && endsSomeTime[f.String()] {
		return dependent
	}
	if f != nil && f.String() == "errors.Is" && c.fails(call.Call.Args[0]) == yes {
		if isCanceledError(call.Call.Args[1]) {
			return yes
		}
		if _, ok := call.Call.Args[1].(*ssa.UnOp); ok {
			return no
		}
		return dependent
	}
	return c.fails(call)
}

// fails returns yes for an error that is not nil while the context is canceled, and
// dependent for what may depend on it.
func (c *canceled) fails(v ssa.Value) answer { return c.failsIn(v, map[ssa.Value]bool{}) }

func (c *canceled) failsIn(v ssa.Value, seen map[ssa.Value]bool) answer {
	if seen[v] {
		return unclear
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.Call:
		return c.result(v, seen)
	case *ssa.Extract:
		call, ok := v.Tuple.(*ssa.Call)
		switch {
		case !ok:
		case c.waits[call] && isError(v.Type()):
			return yes
		default:
			return c.weak(c.failsIn(call, seen))
		}
	case *ssa.Phi:
		return c.all(v.Edges, seen)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return c.stored(v.X, seen)
		}
		return c.weak(c.failsIn(v.X, seen))
	case *ssa.BinOp:
		return c.weak(max(c.failsIn(v.X, seen), c.failsIn(v.Y, seen)))
	case *ssa.MakeInterface:
		return c.failsIn(v.X, seen)
	case *ssa.ChangeInterface:
		return c.failsIn(v.X, seen)
	case *ssa.TypeAssert:
		return c.weak(c.failsIn(v.X, seen))
	case *ssa.Slice: // the operands of a call with any number of them
		return c.weak(c.stored(v.X, seen))
	}
	return unclear
}

func (c *canceled) weak(a answer) answer {
	if a != unclear {
		return dependent
	}
	return unclear
}

// all returns yes if all values are errors of waits.
func (c *canceled) all(values []ssa.Value, seen map[ssa.Value]bool) answer {
	some, each := unclear, true
	for _, v := range values {
		a := c.failsIn(v, seen)
		some = max(some, c.weak(a))
		each = each && a == yes
	}
	if each && len(values) > 0 {
		return yes
	}
	return some
}

// result returns what a call returns: an error of a wait, one that wraps it, or what may
// depend on it.
func (c *canceled) result(call *ssa.Call, seen map[ssa.Value]bool) answer {
	if c.waits[call] {
		if call.Call.Signature().Results().Len() == 1 {
			return yes
		}
		return dependent
	}
	f, _ := methodCalled(call.Common())
	if f != nil {
		switch f.FullName() {
		case "(context.Context).Err", "context.Cause":
			return yes
		}
	}
	for _, arg := range call.Call.Args {
		if c.failsIn(arg, seen) != unclear {
			if f != nil && f.FullName() == "fmt.Errorf" {
				return yes
			}
			return dependent
		}
	}
	return unclear
}

// stored returns what is stored at an address: in a variable, or in one element of it.
func (c *canceled) stored(addr ssa.Value, seen map[ssa.Value]bool) answer {
	a := variableAt(addr)
	if a == nil {
		return unclear
	}
	var values []ssa.Value
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == a {
				values = append(values, r.Val)
			}
		case *ssa.IndexAddr:
			for _, r := range *r.Referrers() {
				if s, ok := r.(*ssa.Store); ok {
					values = append(values, s.Val)
				}
			}
		}
	}
	return c.all(values, seen)
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
