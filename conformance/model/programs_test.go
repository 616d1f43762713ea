// Random programs, part one: the language they are written in, and what
// makes them. A program is a tree of coroutine bodies; the same description
// is carried out by the library (library_test.go) and by a reference model
// (model_test.go). There are two languages: what asyncio has, too, and what the library has
// beside that (own_test.go).

package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
)

// An opKind is what an operation does.
type opKind int

const (
	opYield        opKind = iota // Yield
	opSleep                      // Sleep(time)
	opFail                       // return an error of its own
	opGiveUp                     // return ErrCanceled
	opSoon                       // CallSoon of a callback with body[0]
	opLater                      // CallLater(time) of a callback with body[0]
	opSpawn                      // CreateTask(body), the task goes to slot
	opEager                      // the same with Eager
	opCancel                     // Cancel of the task in slot
	opCallback                   // AddDoneCallback to the task in slot
	opSetFuture                  // SetResult of a future
	opFailFuture                 // SetError of a future
	opCancelFuture               // Cancel of a future
	opAwaitFuture                // Await of a future
	opAwait                      // Await of the task in slot
	opShield                     // Shield of the task in slot
	opWaitFor                    // WaitFor of the task in slot, time
	opWaitForCoro                // WaitFor of body, time
	opWait                       // Wait for the tasks in slots
	opGather                     // Gather of parts
	opSettle                     // GatherSettled of parts
	opRace                       // Race of parts
	opAny                        // Any of parts
	opAsCompleted                // AsCompleted of parts, up to the time-th
	opCall                       // Await of body as a coroutine
	opTry                        // body; an error that is no cancellation ends here
	opSwallow                    // body; every error ends here
	opClean                      // body; cleanup, under WithoutCancel
	opTimeout                    // WithTimeout(time) of body
	opGroup                      // WithTaskGroup of body
	opChild                      // Spawn of body in the innermost group, into slot
	opEagerChild                 // the same with Eager
	opCancelGroup                // Cancel of the innermost group
	opSelect                     // Select of a future, the tasks in slots, After(time) if that is not 0, and Ready if limit is 1
	opSetAdd                     // Add of the tasks in slots to a TaskSet
	opNext                       // Next of a TaskSet
	opTryNext                    // TryNext of a TaskSet
	opAll                        // All of a TaskSet: body in up to limit+1 turns
	opSelectNext                 // Select of OnNext of a TaskSet and of what opSelect has
	opStart                      // Start of body in the innermost group
	opEagerStart                 // the same with Eager
	opStartThere                 // Start of body in a group that a task has opened, maybe another one
	opReady                      // started, in the innermost Start
	opCancelAfter                // CancelAfter(time) of the innermost group
	opSleepUntil                 // SleepUntil the time that main has begun, and time
	opEvery                      // Every(time): body in limit+1 turns
	opKinds
)

var opNames = [opKinds]string{
	"yield", "sleep", "fail", "give up", "soon", "later", "spawn", "spawn eagerly", "cancel", "callback",
	"set future", "fail future", "cancel future", "await future", "await", "shield", "wait for", "wait for coro",
	"wait", "gather", "settle", "race", "any", "as completed", "call", "try", "swallow", "clean", "timeout",
	"group", "child", "child eagerly", "cancel group", "select",
	"set add", "next", "try next", "all", "select next", "start", "start eagerly", "start there", "ready", "cancel after",
	"sleep until", "every",
}

// MarshalText and UnmarshalText write and read an opKind by its name.
func (k opKind) MarshalText() ([]byte, error) { return []byte(opNames[k]), nil }

func (k *opKind) UnmarshalText(text []byte) error {
	i := slices.Index(opNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("no operation is called %q", text)
	}
	*k = opKind(i)
	return nil
}

// An op is an operation. Which fields mean something depends on its kind.
type op struct {
	Kind       opKind
	ID         int                // its number in the program, for the trace
	Slot       int                `json:",omitzero"` // of a task
	Future     int                `json:",omitzero"`
	Set        int                `json:",omitzero"` // a TaskSet
	Group      int                `json:",omitzero"` // one of several that are remembered
	Time       int                `json:",omitzero"` // milliseconds
	When       asyncio.ReturnWhen `json:",omitzero"`
	Limit      int                `json:",omitzero"` // of a group, 0: none; of turns
	Supervised bool               `json:",omitzero"` // of a group
	Body       []op               `json:",omitempty"`
	Cleanup    []op               `json:",omitempty"`
	Parts      []part             `json:",omitempty"` // of a combination
}

// A part of a combination is a coroutine, or the task in a slot.
type part struct {
	Slot int  `json:",omitzero"`
	Coro bool `json:",omitzero"`
	Body []op `json:",omitempty"`
}

// A randomProgram is a list of operations for main: it spawns some tasks, and
// then sleeps until everything is over that will be.
type randomProgram struct {
	Roots []op
	Slots int
}

// What every program has.
const (
	enough  = 100 // how long main sleeps, in milliseconds
	futures = 3
	sets    = 2
	groups  = 2
)

func (p randomProgram) String() string {
	var b strings.Builder
	writeOps(&b, "", p.Roots)
	return b.String()
}

func writeOps(b *strings.Builder, indent string, ops []op) {
	for _, o := range ops {
		fmt.Fprintf(b, "%s%v\n", indent, o)
		writeOps(b, indent+"    ", o.Body)
		for _, p := range o.Parts {
			if !p.Coro {
				fmt.Fprintf(b, "%s  - task %d\n", indent, p.Slot)
				continue
			}
			fmt.Fprintf(b, "%s  - coroutine\n", indent)
			writeOps(b, indent+"    ", p.Body)
		}
		if o.Kind == opClean {
			fmt.Fprintf(b, "%s  cleanup\n", indent)
			writeOps(b, indent+"    ", o.Cleanup)
		}
	}
}

// label names an operation in a trace.
func (o op) time() time.Duration { return time.Duration(o.Time) * time.Millisecond }

func (o op) label() string { return fmt.Sprintf("%d %s", o.ID, opNames[o.Kind]) }

// String is the operation without what is in it.
func (o op) String() string {
	s := o.label()
	switch o.Kind {
	case opSleep, opLater, opTimeout, opWaitForCoro, opAsCompleted, opCancelAfter, opSleepUntil:
		s += fmt.Sprintf(" %d", o.Time)
	case opSpawn, opEager, opChild, opEagerChild, opCancel, opCallback, opAwait, opShield:
		s += fmt.Sprintf(" task %d", o.Slot)
	case opWaitFor:
		s += fmt.Sprintf(" task %d, %d", o.Slot, o.Time)
	case opWait:
		s += fmt.Sprintf(" when %d, timeout %d", o.When, o.Time)
	case opSetFuture, opFailFuture, opCancelFuture, opAwaitFuture:
		s += fmt.Sprintf(" %d", o.Future)
	case opSelect:
		s += fmt.Sprintf(" future %d, time %d, ready %v", o.Future, o.Time, o.Limit == 1)
	case opGroup:
		s += fmt.Sprintf(" limit %d, supervised %v", o.Limit, o.Supervised)
	case opSetAdd, opNext, opTryNext, opAll:
		s += fmt.Sprintf(" set %d, limit %d", o.Set, o.Limit)
	case opSelectNext:
		s += fmt.Sprintf(" set %d, future %d, time %d, set first %v", o.Set, o.Future, o.Time, o.setFirst())
	case opStartThere:
		s += fmt.Sprintf(" group %d", o.Group)
	case opEvery:
		s += fmt.Sprintf(" %d, limit %d", o.Time, o.Limit)
	}
	return s
}

// A generator makes a program out of bytes: each decides one thing. When they
// have run out, the rest is as simple as can be.
type generator struct {
	language
	data    []byte
	ids     int
	left    int   // operations that may still be made
	slots   int   // given out
	settled []int // slots whose task is written to its end
}

// A language is the operations that programs are made of. Those of flat can stand where a
// program may not become deeper, those of calm in a cleanup.
type language struct{ flat, deep, group, calm, calmDeep, callbacks []opKind }

// generate makes a program of up to size operations.
func (l language) generate(data []byte, size int) randomProgram {
	g := &generator{language: l, data: data, left: size}
	var roots []op
	for range 1 + g.below(3) {
		g.ids++
		root := op{Kind: opSpawn, ID: g.ids}
		root.Slot, root.Body = g.task(place{depth: 4})
		roots = append(roots, root)
	}
	return randomProgram{roots, g.slots}
}

// below returns a number below n.
func (g *generator) below(n int) int {
	if len(g.data) == 0 || n < 2 {
		return 0
	}
	b := int(g.data[0])
	g.data = g.data[1:]
	return b % n
}

// A place says what may stand where.
type place struct {
	depth    int
	group    bool // there is a group to spawn into
	calm     bool // in a cleanup: nothing that could wait for ever
	starting bool // in a Start
}

func (p place) deeper() place {
	p.depth--
	return p
}

func (g *generator) ops(at place) []op {
	n := 1 + g.below(5)
	var ops []op
	for range n {
		if g.left == 0 {
			break
		}
		g.left--
		ops = append(ops, g.op(at))
	}
	return ops
}

// asyncioKinds is the language of what asyncio has as well. Another order, or one more
// kind, makes other programs of all seeds.
var asyncioKinds = language{
	flat: []opKind{opYield, opSleep, opSleep, opYield, opFail, opGiveUp, opCancel, opCallback, opSetFuture,
		opFailFuture, opCancelFuture, opAwaitFuture, opAwait, opShield, opWaitFor, opWait, opAwait, opSoon, opLater, opSelect, opSelect},
	deep: []opKind{opSpawn, opEager, opWaitForCoro, opGather, opGather, opSettle, opRace, opAny, opAsCompleted,
		opCall, opTry, opTry, opSwallow, opClean, opTimeout, opTimeout, opGroup, opGroup, opSpawn, opTry},
	group:     []opKind{opChild, opChild, opChild, opEagerChild, opCancelGroup},
	calm:      []opKind{opYield, opSleep, opYield, opSleep, opCancel, opSetFuture, opFail},
	calmDeep:  []opKind{opGather, opTimeout, opGroup, opCall},
	callbacks: []opKind{opSetFuture, opCancel, opFailFuture, opCancelFuture},
}

func (g *generator) kind(at place) opKind {
	if at.starting && g.below(4) == 0 {
		return opReady
	}
	kinds := g.flat
	switch choice := g.below(4); {
	case at.calm && at.depth > 0 && choice == 3:
		kinds = g.calmDeep
	case at.calm:
		kinds = g.calm
	case at.depth > 0 && at.group && choice == 2:
		kinds = g.group
	case at.depth > 0 && choice >= 1:
		kinds = g.deep
	}
	return kinds[g.below(len(kinds))]
}

func (g *generator) op(at place) op {
	g.ids++
	o := op{Kind: g.kind(at), ID: g.ids}
	switch o.Kind {
	case opSleep, opLater:
		o.Time = g.below(5) + 1
	case opSoon, opSetFuture, opFailFuture, opCancelFuture, opAwaitFuture:
		o.Future = g.below(futures)
	case opCancel:
		o.Slot = g.anySlot()
	case opCallback, opAwait, opShield:
		o.Slot = g.settledSlot()
	case opWaitFor:
		o.Slot, o.Time = g.settledSlot(), g.below(6)-1
	case opWait:
		o.When, o.Time = asyncio.ReturnWhen(g.below(3)), g.below(6)-1
		for range 1 + g.below(3) {
			o.Parts = append(o.Parts, part{Slot: g.settledSlot()})
		}
	case opSelect:
		o.Future, o.Time, o.Limit = g.below(futures), g.below(7)-2, g.below(5)
		for range g.below(4) {
			o.Parts = append(o.Parts, part{Slot: g.settledSlot()})
		}
	case opSetAdd, opNext, opTryNext, opSelectNext, opCancelAfter, opSleepUntil:
		g.own(&o)
	default:
		g.nested(&o, at)
	}
	if o.Kind == opSoon || o.Kind == opLater {
		o.Body = []op{g.callback()}
	}
	return o
}

// nested fills in an operation that has others in it.
func (g *generator) nested(o *op, at place) {
	in := at.deeper()
	switch o.Kind {
	case opSpawn, opEager, opChild, opEagerChild:
		in.group = in.group && (o.Kind == opChild || o.Kind == opEagerChild)
		o.Slot, o.Body = g.task(in)
	case opGather, opSettle, opRace, opAny, opAsCompleted:
		o.Time = g.below(3)
		in.group = false
		for range 1 + g.below(3) {
			o.Parts = append(o.Parts, g.part(in))
		}
	case opWaitForCoro:
		in.group = false
		o.Time, o.Body = g.below(6)-1, g.ops(in)
	case opTimeout:
		o.Time, o.Body = g.below(6)-1, g.ops(in)
	case opGroup:
		in.group = true
		o.Limit, o.Supervised = g.below(4)%3, g.below(4) == 1
		o.Group = g.ids % groups
		o.Body = g.ops(in)
	case opClean:
		o.Body = g.ops(in)
		in.calm, in.group = true, false
		o.Cleanup = g.ops(in)
	case opCall, opTry, opSwallow:
		o.Body = g.ops(in)
	case opStart, opEagerStart:
		in.starting = true
		o.Body = g.ops(in)
	case opStartThere: // what waits for others there could wait for itself
		o.Group = g.below(groups)
		in.starting, in.calm, in.group = true, true, false
		o.Body = g.ops(in)
	case opAll, opEvery:
		o.Set, o.Time, o.Limit = g.set(), 1+g.below(4), g.below(3)
		o.Body = g.ops(in)
	}
}

// task makes the body of a task and gives it a slot. No body awaits a task
// that is written around it or after it, so that no two wait for each other.
func (g *generator) task(at place) (slot int, body []op) {
	slot = g.slots
	g.slots++
	body = g.ops(at)
	g.settled = append(g.settled, slot)
	return slot, body
}

func (g *generator) part(at place) part {
	if len(g.settled) > 0 && !at.calm && g.below(3) == 1 {
		return part{Slot: g.settledSlot()}
	}
	return part{Coro: true, Body: g.ops(at)}
}

// noSlot is what no task is ever put into.
const noSlot = -1

func (g *generator) settledSlot() int {
	if len(g.settled) == 0 {
		return noSlot
	}
	return g.settled[len(g.settled)-1-g.below(min(4, len(g.settled)))]
}

// anySlot may be that of the task itself, or one around it.
func (g *generator) anySlot() int {
	if g.slots == 0 {
		return noSlot
	}
	return g.slots - 1 - g.below(min(6, g.slots))
}

// callback is what a callback does: something that does not wait.
func (g *generator) callback() op {
	g.ids++
	o := op{Kind: g.callbacks[g.below(len(g.callbacks))], ID: g.ids}
	o.Future, o.Slot = g.below(futures), g.anySlot()
	g.own(&o)
	return o
}

// failure is the text of the error that an operation makes.
func failure(o op) string { return fmt.Sprintf("E%d", o.ID) }

// firstID is the value of a coroutine: the number of its first operation.
func firstID(ops []op) int {
	if len(ops) == 0 {
		return 0
	}
	return ops[0].ID
}

// A traceLine is something that happened in a program, and when.
type traceLine struct {
	time int // in milliseconds, if nothing else is said
	pass int
	text string
}

// relative writes a trace: when something happened, and in a later pass at the
// same time, how many passes later. (Across a jump of the clock passes are not
// compared: one in which nothing is seen to happen may come before it.)
func relative(trace []traceLine) []string { return relativeIn("ms", trace) }

// relativeIn is relative for times in a unit.
func relativeIn(unit string, trace []traceLine) []string {
	var lines []string
	last := traceLine{time: -1}
	for _, l := range trace {
		when := fmt.Sprintf("%d%s", l.time, unit)
		if l.time == last.time {
			when += fmt.Sprintf(" +%d", l.pass-last.pass)
		}
		lines = append(lines, when+": "+l.text)
		last = l
	}
	return lines
}

// each collects what f says of every element of vs.
func each[T, R any](vs []T, f func(T) R) []R {
	rs := make([]R, len(vs))
	for i, v := range vs {
		rs[i] = f(v)
	}
	return rs
}
