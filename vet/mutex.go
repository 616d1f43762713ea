package vet

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"
)

var mutexAcross = newRule("mutex-across", func(c *check) {
	p := &mutexes{paths: c.newPaths(), reported: map[token.Pos]bool{}}
	for _, fn := range p.functions {
		p.look(fn, nil)
	}
}, buildssa.Analyzer)

// mutexes follows which mutexes are locked. One counts where it is locked on all paths
// that lead there.
type mutexes struct {
	*paths
	reported map[token.Pos]bool
}

// held are the mutexes that are locked at some point.
type held map[place]*holding

// A holding is a mutex that is locked.
type holding struct {
	call     *ast.CallExpr // that has locked it
	deferred bool          // to unlock it is deferred already
}

// locking are the methods that lock and unlock, with the methods that undo them.
var locking = map[string]string{
	"(*sync.Mutex).Lock": "", "(*sync.Mutex).TryLock": "", "(*sync.RWMutex).Lock": "", "(*sync.RWMutex).TryLock": "",
	"(*sync.RWMutex).RLock": "read", "(*sync.RWMutex).TryRLock": "read", "(sync.Locker).Lock": "",
}

var unlocking = map[string]string{
	"(*sync.Mutex).Unlock": "", "(*sync.RWMutex).Unlock": "", "(*sync.RWMutex).RUnlock": "read", "(sync.Locker).Unlock": "",
}

// look looks at a function that begins with the mutexes that its caller has locked.
func (p *mutexes) look(fn *ssa.Function, begin held) {
	if len(fn.Blocks) == 0 || begin == nil && !p.locks(fn) {
		return
	}
	in := make([]held, len(fn.Blocks)) // nil: no path leads there
	in[0] = maps.Clone(begin)
	if in[0] == nil {
		in[0] = held{}
	}
	for work := []*ssa.BasicBlock{fn.Blocks[0]}; len(work) > 0; {
		b := work[0]
		work = work[1:]
		out := p.through(b, maps.Clone(in[b.Index]), nil)
		for i, next := range b.Succs {
			state := p.branch(b, i, out)
			if in[next.Index] == nil {
				in[next.Index] = maps.Clone(state)
			} else if !intersect(in[next.Index], state) {
				continue
			}
			work = append(work, next)
		}
	}
	for _, b := range fn.Blocks {
		if in[b.Index] != nil {
			p.through(b, maps.Clone(in[b.Index]), p.report)
		}
	}
}

// locks reports whether a function locks a mutex.
func (p *mutexes) locks(fn *ssa.Function) bool {
	for i := range instructions(fn) {
		if c, ok := i.(ssa.CallInstruction); ok {
			if f, _ := methodCalled(c.Common()); f != nil {
				if _, ok := locking[f.FullName()]; ok {
					return true
				}
			}
		}
	}
	return false
}

// intersect leaves in a those that are in b as well, and reports whether that has changed it.
func intersect(a, b held) (changed bool) {
	for at, h := range a {
		other := b[at]
		switch {
		case other == nil:
			delete(a, at)
			changed = true
		case h.deferred && !other.deferred:
			a[at] = other
			changed = true
		}
	}
	return changed
}

// through returns what is locked after a block, and tells see of what happens meanwhile.
func (p *mutexes) through(b *ssa.BasicBlock, state held, see func(fn *ssa.Function, i ssa.Instruction, state held)) held {
	for _, i := range b.Instrs {
		c, ok := i.(ssa.CallInstruction)
		if !ok {
			continue
		}
		p.forget(state, c)
		if see != nil && len(state) > 0 {
			see(b.Parent(), i, state)
		}
		p.step(state, c)
	}
	return state
}

// forget drops what a function of this package unlocks that is called.
func (p *mutexes) forget(state held, c ssa.CallInstruction) {
	if _, ok := c.(*ssa.Call); !ok || len(state) == 0 {
		return
	}
	fn := calledFunction(c.Common())
	if fn == nil || len(fn.Blocks) == 0 {
		return
	}
	unlocks := p.unlockedIn(fn)
	for at := range state {
		if unlocks[at.last] {
			delete(state, at)
		}
	}
}

// unlockedIn returns what a function unlocks, with all that it calls.
func (p *mutexes) unlockedIn(fn *ssa.Function) map[any]bool {
	if known, ok := p.unlocks[fn]; ok {
		return known
	}
	all := map[any]bool{}
	p.unlocks[fn] = all
	reach(fn, func(fn *ssa.Function) {
		for i := range instructions(fn) {
			if c, ok := i.(ssa.CallInstruction); ok {
				if f, on := methodCalled(c.Common()); f != nil && on != nil {
					if _, ok := unlocking[f.FullName()]; ok {
						all[p.place(on).last] = true
					}
				}
			}
		}
	})
	return all
}

// step makes a call change what is locked.
func (p *mutexes) step(state held, c ssa.CallInstruction) {
	f, on := methodCalled(c.Common())
	if f == nil || on == nil {
		return
	}
	at := p.place(on)
	if kind, ok := locking[f.FullName()]; ok {
		if _, ok := c.(*ssa.Call); ok && f.Name() != "TryLock" && f.Name() != "TryRLock" {
			at.path += kind
			state[at] = &holding{call: p.call(c)}
		}
		return
	}
	kind, ok := unlocking[f.FullName()]
	if !ok {
		return
	}
	exact := at
	exact.path += kind
	switch _, isCall := c.(*ssa.Call); {
	case !isCall:
		if h := state[exact]; h != nil {
			state[exact] = &holding{h.call, true}
		}
	case state[exact] != nil:
		delete(state, exact)
	default: // it may be the same by another name
		maps.DeleteFunc(state, func(other place, _ *holding) bool { return other.last == at.last })
	}
}

// branch returns what is locked at the beginning of a branch: TryLock locks on one.
func (p *mutexes) branch(b *ssa.BasicBlock, i int, state held) held {
	v, negated := condition(b)
	c, ok := v.(*ssa.Call)
	if !ok || (i == 0) == negated {
		return state
	}
	f, on := methodCalled(c.Common())
	if f == nil || on == nil || f.Name() != "TryLock" && f.Name() != "TryRLock" {
		return state
	}
	if kind, ok := locking[f.FullName()]; ok {
		at := p.place(on)
		at.path += kind
		state = maps.Clone(state)
		state[at] = &holding{call: p.call(c)}
	}
	return state
}

// report reports a call that suspends, and looks into literals that are called.
func (p *mutexes) report(fn *ssa.Function, i ssa.Instruction, state held) {
	c := i.(ssa.CallInstruction).Common()
	if p.lookInside(c, state) {
		return
	}
	at, text := p.waitAt(i)
	if at == nil || !p.suspendsAt(fn, i) || p.reported[at.Pos()] {
		return
	}
	locked := slices.Collect(maps.Values(state))
	if _, ok := i.(*ssa.Defer); ok { // what was deferred before it happens after it
		locked = slices.DeleteFunc(locked, func(h *holding) bool { return !h.deferred })
	}
	if len(locked) == 0 {
		return
	}
	first := slices.MinFunc(locked, func(a, b *holding) int { return cmp.Compare(a.call.Pos(), b.call.Pos()) })
	p.reported[at.Pos()] = true
	p.check.report(at, nil, "%s may suspend the task in %s while %s is locked (line %d): the next task that locks it blocks the event loop for ever; use an asyncio.Lock, or unlock it before",
		text, p.source(fn).name(), receiverText(first.call), p.line(first.call.Pos()))
}

// lookInside looks at a literal that is called at once, or for each turn of a range over a
// function.
func (p *mutexes) lookInside(c *ssa.CallCommon, state held) bool {
	if m, ok := c.Value.(*ssa.MakeClosure); ok {
		if fn, ok := m.Fn.(*ssa.Function); ok && fn.Parent() != nil {
			p.look(fn, state)
			return true
		}
	}
	for _, arg := range c.Args {
		if m, ok := arg.(*ssa.MakeClosure); ok {
			if fn := m.Fn.(*ssa.Function); p.byNode[fn.Syntax()] == nil && fn.Parent() != nil {
				p.look(fn, state)
			}
		}
	}
	return false
}
