package vet

import (
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"
)

var threadLock = newRule("thread-lock", func(c *check) {
	p := c.newPaths()
	for _, fn := range p.functions {
		for i := range instructions(fn) {
			if _, ok := i.(*ssa.Call); ok && calls(i, "runtime.LockOSThread") {
				p.lookAtThread(fn, i)
			}
		}
	}
}, buildssa.Analyzer)

func calls(i ssa.Instruction, name string) bool {
	c, ok := i.(ssa.CallInstruction)
	if !ok {
		return false
	}
	f, _ := methodCalled(c.Common())
	return f != nil && f.FullName() == name
}

// lookAtThread looks for a way from a LockOSThread to a call that suspends.
func (p *paths) lookAtThread(fn *ssa.Function, lock ssa.Instruction) {
	at := p.call(lock)
	if at == nil {
		return
	}
	wait := p.firstWait(fn, lock)
	if wait == nil {
		return
	}
	by, text := p.waitAt(wait)
	p.report(at, nil, "%s locks the thread of the event loop and may be suspended by %s (line %d) before it unlocks it: no other task can run then; do such work in ToThread, or unlock the thread before",
		p.source(fn).name(), text, p.line(by.Pos()))
}

// firstWait returns the first call that suspends on a path from a LockOSThread on which the
// thread is not unlocked.
func (p *paths) firstWait(fn *ssa.Function, lock ssa.Instruction) (first ssa.Instruction) {
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(b *ssa.BasicBlock, rest []ssa.Instruction)
	visit = func(b *ssa.BasicBlock, rest []ssa.Instruction) {
		for _, i := range rest {
			switch _, isCall := i.(*ssa.Call); {
			case isCall && calls(i, "runtime.UnlockOSThread"):
				return
			case isCall && p.suspendsAt(fn, i):
				if first == nil || i.Pos() < first.Pos() {
					first = i
				}
				return
			}
		}
		for _, next := range b.Succs {
			if !seen[next] {
				seen[next] = true
				visit(next, next.Instrs)
			}
		}
	}
	b := lock.Block()
	for n, i := range b.Instrs {
		if i == lock {
			visit(b, b.Instrs[n+1:])
		}
	}
	return first
}
