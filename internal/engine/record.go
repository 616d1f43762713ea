package engine

import (
	"math"
	"time"
)

// A record is one thing that a loop has done. Readers of a Chunk get it as a Happening. A
// wake-up is a part of the step that follows it, so that a switch of tasks is one record.
type record struct {
	at   int64  // when, in ticks
	task uint64 // the number of the task that it is about; 0: none
	arg  uint64 // a number: see the kinds
	n    uint32 // another one
	ref  uint32 // of a step, the lower half of the number in by; of others, a text of the chunk, from 1
	more uint32 // of a step, how long before its begin the task was woken: see ago; Spawned: its site, from 1
	kind Kind
	what Label // see the kinds
	by   Label // of a step: what has woken the task; 0: nothing
}

// A packed is a record as it is written for those who watch the loop; see Trace. It has
// no pointers, and takes only five stores, because a switch of goroutines waits for each
// of them.
type packed struct {
	at        int64
	task, arg uint64
	numbers   uint64
	tags      uint64
}

func numbers(n, ref uint32) uint64 { return uint64(n) | uint64(ref)<<32 }

func tags(k Kind, what, by Label, more uint32) uint64 {
	return uint64(k) | uint64(what)<<8 | uint64(by)<<16 | uint64(more)<<32
}

// ago packs a number of ticks, which may be many, into few bits.
func ago(ticks int64) uint32 { return math.Float32bits(float32(ticks)) }

func (r *record) pack() packed {
	return packed{r.at, r.task, r.arg, numbers(r.n, r.ref), tags(r.kind, r.what, r.by, r.more)}
}

func (p *packed) unpack() record {
	return record{
		at: p.at, task: p.task, arg: p.arg,
		n: uint32(p.numbers), ref: uint32(p.numbers >> 32), more: uint32(p.tags >> 32),
		kind: Kind(p.tags), what: Label(p.tags >> 8), by: Label(p.tags >> 16),
	}
}

// ago returns how many ticks before its begin the task of a step was woken.
func (r *record) ago() int64 { return int64(math.Float32frombits(r.more)) }

// A Happening is something that a loop has done, as it is read. Times are the loop's.
type Happening struct {
	Kind Kind
	Label
	At, From time.Duration // From is 0 if it has taken no time: if it is no step, call or sleep
	Task     uint64        // the number of the task that it is about; 0: none
	Arg      uint64        // a number: see the kinds
	N        uint32        // another one
	Text     string
	Site     []uintptr // Spawned: program counters of the stack on which it was created, innermost first
}

// A Kind is what a Happening is about.
type Kind uint8

// The kinds. Their numbers are a part of the console's wire format and of
// recordings: new ones come at the end.
const (
	// Spawned: a task was created. Arg is the number of the task that did, N that of
	// the group that it belongs to; Text is its name, if it was given one.
	Spawned Kind = iota + 1
	_            // there was one
	// Present: the task was there already when the watching began. Arg, N and Text
	// are those of Spawned.
	Present
	// Holding: the limit of its group keeps the task back.
	Holding
	// Yields: a step of the task, from From to At, in the pass N, after which it is
	// ready again. Arg is how many steps it stands for, if they are more than one: see
	// mergedAtOnce.
	Yields
	// Waits: a step likewise, after which it waits, for what Label and Arg say: the
	// number of a task or of an object, nanoseconds of a sleep.
	Waits
	// Ends: its last step.
	Ends
	// Pauses: a part of a step. A task that it starts eagerly comes first.
	Pauses
	// Woken: the task is ready. Label and Arg say through what: the number of the
	// task that did it, of the function of a callback.
	Woken
	// Returned, Failed, Canceled and Panicked: the task has ended so. Text is its error.
	Returned
	Failed
	Canceled
	Panicked
	// Asked: the task was asked to end. Arg is the number of the task that did.
	Asked
	// Called: a callback ran, from From to At, in the pass N. Arg is the program
	// counter of its function.
	Called
	// Expired: a deadline was reached. Arg is the loop's time of it.
	Expired
	// Slept: the loop waited for the world, from From to At.
	Slept
	// Opened: the task has opened the group Arg, below the group N. Text is its name.
	Opened
	// Left: the group Arg is over.
	Left
	// Named: the object Arg, which Label says the kind of, is called Text.
	Named
	// Began: the row that Text names ("thread-1"), of the kind Label ("thread"), is
	// busy; for Task, if any asked for it. Text may say in a second line for what, and in a
	// third one for which of those. This and Finished come from any goroutine,
	// in chunks of their own.
	Began
	// Finished: it no longer is. If there was an error, Text has that in a second line.
	Finished
	// Hosted: the task is on the simulated host that Text names. It comes after Spawned or
	// Present; a task without it is where the test itself is.
	Hosted
	// HostUp: the simulated host that Text names runs from now on.
	HostUp
	// HostDown: it no longer does.
	HostDown
	// Sent: something was sent from one simulated host to another, whose names are the
	// lines of Text. Label says what: "connect", "data"; N how many bytes that are, Arg
	// the loop's time at which they arrive.
	Sent
	// Lost: it was sent likewise, and does not arrive; Arg is 0.
	Lost
	// Pushed: something came into the ready queue: a task, or what Label says.
	// Only who asks for pushes gets them, at the end of the step in which they were.
	Pushed
	// PassBegun: a pass begins, with Arg events. Only for who asks, as all that follow.
	PassBegun
	// PassOver: it has ended.
	PassOver
	// Begins: a step of the task begins.
	Begins
	// Calls: a callback is about to run.
	Calls
	// Fires: an event of the engine's own is about to have its turn. Only Listeners are told.
	Fires
	kinds
)

// Kinds is a set of kinds.
type Kinds uint64

// Of returns a set of these kinds.
func Of(kinds ...Kind) (set Kinds) {
	for _, k := range kinds {
		set |= 1 << k
	}
	return set
}

// Has reports whether the kind is in the set.
func (s Kinds) Has(k Kind) bool { return s>>k&1 != 0 }

// Usual are the kinds that a Stream gets if it does not ask for others: all but those
// that come several times with each event.
const Usual = Kinds(1)<<Pushed - 2
