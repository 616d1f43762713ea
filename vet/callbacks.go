package vet

import "go/ast"

var callbackSuspends = newRule("callback-suspends", func(c *check) {
	for _, f := range c.functions {
		if f.kind != callback {
			continue
		}
		c.walk(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s := c.callSuspends(call); s != nil && !s.Elsewhere && !c.onlyThroughLiteral(call) {
				c.reportCallback(f, call)
			}
			return true
		})
	}
})

// always are functions of the library that suspend whatever has happened before. Others need
// not, if what they wait for is there; so a function that is given to NoSuspend may call them.
var always = map[string]bool{"Sleep": true, "SleepUntil": true, "Yield": true, "ToThread": true, "ToThreadFunc": true}

func (c *check) reportCallback(f *function, call *ast.CallExpr) {
	name, to := "the coroutine", c.callee(call)
	if to != nil {
		name = c.nameOf(call, c.Pkg)
	}
	switch {
	case f.to != "asyncio.NoSuspend":
		c.report(call, nil, "%s suspends a task, but %s runs as a callback, where it panics: create a task there (asyncio.Go) and wait in it", name, f.name())
	case to != nil && to.Pkg() != nil && to.Pkg().Path() == root && always[shortName(to)]:
		c.report(call, nil, "%s suspends a task, but %s must not suspend, so it panics: do before or after it what may wait", name, f.name())
	}
}
