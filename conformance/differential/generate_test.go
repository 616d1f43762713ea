package differential

import (
	"math/rand/v2"
	"slices"
)

// What every program has.
const (
	futures    = 3
	locks      = 2
	semaphores = 2 // of one permit and of two
	events     = 2
	conditions = 2
	queues     = 2 // without bound, and of one item
)

// A generator makes a program of a seed, always the same.
type generator struct {
	source  *rand.PCG
	ids     int
	left    int   // operations that may still be made
	slots   int   // given out
	settled []int // slots whose task is written to its end
}

// generate makes the program of a seed.
func generate(seed uint64) program {
	g := &generator{source: rand.NewPCG(seed, 0)}
	g.left = 8 + g.below(40)
	var body []op
	for range 2 + g.below(4) {
		body = append(body, g.spawn(place{depth: 4}))
		if g.below(3) == 0 {
			body = append(body, g.op(place{calm: true})) // main itself must come to its end
		}
	}
	for range g.below(4) {
		body = append(body, g.lateCancel())
	}
	return program{g.slots, body}
}

// lateCancel makes a timer that cancels a task, often in the pass of another timer.
func (g *generator) lateCancel() op {
	g.ids += 2
	cancel := op{ID: g.ids, Kind: "cancel", N: g.below(g.slots), K: 1 + g.below(4)/3}
	return op{ID: g.ids - 1, Kind: "later", Time: 1 + g.below(5), Body: []op{cancel}}
}

// below returns a number below n.
func (g *generator) below(n int) int { return int(g.source.Uint64() % uint64(n)) }

// A place says what may stand where.
type place struct {
	depth int
	group bool // there is a group to spawn into
	calm  bool // in a clean-up: nothing that could wait for ever
}

func (p place) deeper() place {
	p.depth--
	return p
}

// alone is the place in a coroutine that has no group.
func (p place) alone() place {
	p.group = false
	return p.deeper()
}

func (g *generator) ops(at place) (ops []op) {
	for range 1 + g.below(4) {
		if g.left <= 0 {
			break
		}
		ops = append(ops, g.op(at))
	}
	return ops
}

// Which operations may stand where. What is there twice comes twice as often.
var (
	flatKinds = []string{"yield", "yield", "sleep", "sleep", "sleep", "fail", "give up", "cancel", "cancel", "cancel",
		"callback", "set future", "fail future", "cancel future", "await future", "await", "await", "shield", "wait for",
		"wait for", "wait", "wait", "soon", "soon", "ticks", "ticks", "later", "later", "set event", "clear event", "wait for event", "notify",
		"notify", "put", "get", "get", "join", "try put", "try get", "task done", "shut down"}
	deepKinds = []string{"spawn", "spawn", "spawn eagerly", "group", "group", "group", "timeout", "timeout", "timeout",
		"wait for coro", "wait for coro", "shield coro", "gather", "gather", "settle", "race", "race", "call", "try", "swallow",
		"clean", "lock", "lock", "semaphore", "semaphore", "wait for condition", "wait for condition"}
	groupKinds = []string{"child", "child", "child", "eager child", "cancel group"}
	calmKinds  = []string{"yield", "sleep", "cancel", "set future", "fail", "try put", "set event"}
	calmDeep   = []string{"gather", "timeout", "group", "call", "race"}
	actions    = []string{"cancel", "cancel", "cancel", "set future", "fail future", "cancel future", "set event", "clear event",
		"try put", "try get"}
)

func (g *generator) kind(at place) string {
	kinds := flatKinds
	switch choice := g.below(8); {
	case at.calm && at.depth > 0 && choice > 5:
		kinds = calmDeep
	case at.calm:
		kinds = calmKinds
	case at.depth > 0 && at.group && choice < 3:
		kinds = groupKinds
	case at.depth > 0 && choice >= 4:
		kinds = deepKinds
	}
	return kinds[g.below(len(kinds))]
}

func (g *generator) op(at place) op {
	o := g.made(g.kind(at))
	switch o.Kind {
	case "yield", "fail", "give up", "cancel group":
	case "sleep":
		o.Time = 1 + g.below(5)
	case "later":
		o.Time, o.Body = 1+g.below(5), []op{g.action()}
	case "soon":
		o.Body = []op{g.action()}
	case "await", "shield", "callback":
		o.N = g.settledSlot()
	case "wait for":
		o.N, o.Time = g.settledSlot(), g.below(6)-1
	case "wait":
		o.K, o.Time = g.below(3), g.below(5)
		for range 1 + g.below(3) {
			o.Parts = append(o.Parts, part{N: g.settledSlot()})
		}
	default:
		if !g.deep(&o, at) {
			g.aim(&o)
		}
	}
	return o
}

// aim says what an operation is done to that has nothing in it.
func (g *generator) aim(o *op) {
	switch o.Kind {
	case "cancel":
		o.N, o.K = g.anySlot(), 1+g.below(4)/3
	case "set future", "fail future", "cancel future", "await future":
		o.N = g.below(futures)
	case "ticks":
		o.K = 2 + g.below(8)
	case "notify", "shut down":
		o.N, o.K = g.below(2), g.below(3)
	default:
		o.N = g.below(2)
	}
}

// deep fills in an operation that has others in it, and returns false if it has none.
func (g *generator) deep(o *op, at place) bool {
	switch o.Kind {
	case "spawn", "spawn eagerly":
		o.N, o.Body = g.task(at.alone())
	case "child", "eager child":
		o.N, o.Body = g.task(at.deeper())
	case "gather", "settle", "race":
		for range 1 + g.below(3) {
			o.Parts = append(o.Parts, g.part(at))
		}
	case "wait for coro":
		o.Time, o.Body = g.below(6)-1, g.ops(at.alone())
	case "shield coro":
		o.Body = g.ops(at.alone())
	case "timeout":
		o.Time, o.Body = g.below(7)-1, g.ops(at.deeper())
	case "group":
		in := at.deeper()
		in.group = true
		o.Body = g.ops(in)
		if !at.calm && g.below(2) == 0 {
			o.Body = slices.Concat(g.family(in), o.Body)
		}
	case "clean":
		o.Body = g.ops(at.deeper())
		o.Cleanup = g.ops(place{depth: at.depth - 1, calm: true})
	case "call", "try", "swallow":
		o.Body = g.ops(at.deeper())
	case "lock", "semaphore", "wait for condition":
		o.N, o.Body = g.below(2), g.ops(at.deeper())
	default:
		return false
	}
	return true
}

// family makes children of a group that go on for a while, and a scope in its body that
// does: so a cancellation meets several levels.
func (g *generator) family(at place) (ops []op) {
	for range 1 + g.below(2) {
		child := g.made("child")
		child.N, child.Body = g.task(at.deeper())
		child.Body = append(child.Body, g.nap())
		ops = append(ops, child)
	}
	if g.below(2) == 0 {
		ops = append(ops, g.made("yield")) // so that they begin
	}
	scope := g.made([]string{"timeout", "timeout", "group", "clean", "lock", "gather"}[g.below(6)])
	g.deep(&scope, at.deeper())
	if scope.Kind == "timeout" {
		scope.Time = 3 + g.below(10)
	}
	if scope.Kind != "gather" {
		scope.Body = append(scope.Body, g.nap())
	}
	return append(ops, scope)
}

// made makes an operation in which everything is still to be said.
func (g *generator) made(kind string) op {
	g.left--
	g.ids++
	return op{ID: g.ids, Kind: kind}
}

// nap makes a sleep that is mostly cut.
func (g *generator) nap() op {
	o := g.made("sleep")
	o.Time = 3 + g.below(10)
	return o
}

func (g *generator) spawn(at place) op {
	o := g.made("spawn")
	g.deep(&o, at)
	return o
}

// task makes the body of a task and gives it a slot. No body awaits a task that is
// written around it or after it, so that no two wait for each other.
func (g *generator) task(at place) (slot int, body []op) {
	slot = g.slots
	g.slots++
	body = g.ops(at)
	if g.below(3) == 0 {
		body = append(body, g.nap())
	}
	g.settled = append(g.settled, slot)
	return slot, body
}

func (g *generator) part(at place) part {
	if len(g.settled) > 0 && !at.calm && g.below(3) == 0 {
		return part{N: g.settledSlot()}
	}
	return part{Coro: true, Body: g.ops(at.alone())}
}

// noSlot is what no task is ever put into.
const noSlot = -1

func (g *generator) settledSlot() int {
	if len(g.settled) == 0 {
		return noSlot
	}
	return g.settled[len(g.settled)-1-g.below(min(4, len(g.settled)))]
}

// anySlot may be that of the task itself, or of one around it.
func (g *generator) anySlot() int {
	if g.slots == 0 {
		return noSlot
	}
	return g.slots - 1 - g.below(min(6, g.slots))
}

// action makes what a callback does.
func (g *generator) action() op {
	g.ids++
	o := op{ID: g.ids, Kind: actions[g.below(len(actions))]}
	g.aim(&o)
	return o
}

// kinds lists the kinds of operations that a generator makes.
func kinds() []string {
	all := slices.Concat(flatKinds, deepKinds, groupKinds, calmKinds, calmDeep, actions)
	slices.Sort(all)
	return slices.Compact(all)
}
