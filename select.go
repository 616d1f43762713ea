package asyncio

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Select waits for several operations, does the first one that can go on, and only that
// one. It returns the index of its case:
//
//	var job Job
//	switch chosen, err := asyncio.Select(ctx, jobs.OnGet(&job), stop.OnSet(), asyncio.After(time.Minute)); {
//	case err != nil:
//		return err
//	case chosen == 0:
//		return work(ctx, job)
//	case chosen == 1:
//		return nil
//	default:
//		return errors.New("a minute without a job")
//	}
//
// If several cases can go on at once, Select chooses the first of them in the order of
// the arguments. [Ready] can always go on, and counts as the last, wherever it stands. A
// case that can only fail, such as a queue that is shut down, is chosen, and err is its
// error.
//
// If no case can go on, the calling task suspends and waits in the line of each case's
// object (queue, lock), as it would in Get or Acquire. The first object that wakes the
// task decides, and the task leaves all other lines at that moment: it takes nothing from
// the other objects, even if it is canceled. As with Get, a TryGet may take the item
// before the woken task runs; the task then looks at all cases again, and waits behind
// those that have come meanwhile. If a case can go on at once, Select does not suspend
// and allocates nothing.
//
// If ctx is canceled, Select returns -1 and an error that is ErrCanceled, and has done
// nothing. If ctx is canceled before the call, it does so even if a case could go on.
// Without cases, it waits until ctx is canceled. Select owns nothing: see [Task.OnDone].
//
// Python has no counterpart: a program that starts a task for each get, waits for the
// first with asyncio.wait, and cancels the others, can lose an item; so can one that uses
// [Race]. In tokio: select!; in Go: the statement select, which chooses at random.
func Select(ctx context.Context, cases ...Case) (chosen int, err error) {
	mustBeCases(cases)
	w, err := engine.Begin(ctx, "Select")
	if err != nil {
		return -1, err
	}
	channels := 0
	for _, c := range cases {
		c.op.bind(w)
		if c.n == ofChannel {
			channels++
		}
	}
	if channels > 0 {
		return selectWithChannels(w, cases)
	}
	return selectFirst(w, cases, nil)
}

// selectFirst is Select without its checks. x is nil if no case is of a channel.
func selectFirst(w *engine.Wait, cases []Case, x *standIn) (chosen int, err error) {
	var s *engine.Selection
	for {
		if chosen, err = tryAll(cases, x); chosen >= 0 {
			return chosen, err
		}
		if s == nil {
			s = w.Select()
		}
		for i, c := range cases {
			if c.n == ofChannel {
				x.line(i, s)
			} else {
				c.op.line(c, s)
			}
		}
		chosen, err = s.Park()
		leaveOthers(cases, chosen)
		if err != nil {
			return -1, err
		}
		c := cases[chosen]
		if c.n == ofChannel {
			return x.result(), nil
		}
		if over, err := c.op.resume(c); over {
			return chosen, err
		}
	}
}

// A leaver is an operation that must be told when the task has left its line without
// being woken there: tasks behind it in the line may be able to go on now.
type leaver interface{ leave() }

// leaveOthers is called when the task has left all lines. woken is the case in whose line
// it was woken; -1: it was woken in none.
func leaveOthers(cases []Case, woken int) {
	for i := range cases {
		if l, ok := cases[i].op.(leaver); ok && i != woken {
			l.leave()
		}
	}
}

// tryAll does the first operation that need not wait, and returns its index, or -1 if all
// have to wait.
func tryAll(cases []Case, x *standIn) (chosen int, err error) {
	last := -1
	for i, c := range cases {
		if c.n == ofChannel {
			if x.try(i) {
				return i, nil
			}
		} else if _, isReady := c.op.(ready); isReady {
			if last < 0 {
				last = i
			}
		} else if over, err := c.op.try(c); over {
			return i, err
		}
	}
	return last, nil
}

func mustBeCases(cases []Case) {
	for i := range cases {
		if cases[i].op == nil {
			panic("asyncio: Select with a zero Case: make it with a method such as OnGet, or with After or Ready")
		}
	}
}

// A Case is an operation for [Select]. Any goroutine may make one; that does nothing yet.
// The Select that gets the Case does the operation, or waits for it. A Case is a plain
// value without a state: it may be given to several calls, one after the other or at
// once, and twice to the same call, in which the first counts. Select panics on a zero
// Case.
type Case struct {
	op   operation
	with any   // what op needs: the item, or the pointer to where it goes
	n    int64 // of After, the nanoseconds; ofChannel: op is a channelCase
}

// An operation says how a Select does what a Case is for. It is a pointer to the object that
// the case is of, converted to a type that has these methods; so it takes no memory. They are
// called on the loop, with the Case, and must not suspend.
//
// A type with a method X that waits and a method TryX has all that is needed: try is
// TryX, line is what X does before it waits, and resume is what X does after that. If X
// does something when it is canceled, the operation is a leaver as well.
type operation interface {
	// bind is called first, and once. It panics where the task must not use the object.
	bind(w *engine.Wait)
	// try does the operation if it need not wait. over says that it has, or that it can
	// only fail: with err, then.
	try(c Case) (over bool, err error)
	// line takes one place in s, in which the task waits for the operation.
	line(c Case, s *engine.Selection)
	// resume is called if the task was woken in the place that line has taken. It must
	// take what the task was given at the wake-up, such as a lock. If there is nothing
	// left to take, over is false, and the task waits again.
	resume(c Case) (over bool, err error)
}

// After is a case that can go on when d has passed since the call of Select, and at once
// if d is not positive. It limits how long Select waits; [WithTimeout] cancels whatever
// its body does. In Go: time.After in a select.
func After(d time.Duration) Case { return Case{op: after{}, n: max(int64(d), 0)} }

type after struct{}

func (after) bind(*engine.Wait)                {}
func (after) try(c Case) (bool, error)         { return c.n == 0, nil }
func (after) line(c Case, s *engine.Selection) { s.AddTimer(time.Duration(c.n)) }
func (after) resume(Case) (bool, error)        { return true, nil }

// Ready is a case that can always go on, and is chosen if no other case can go on at
// once. So Select does not suspend. In Go: default.
func Ready() Case { return Case{op: ready{}} }

type ready struct{}

func (ready) bind(*engine.Wait)            {}
func (ready) try(Case) (bool, error)       { return true, nil }
func (ready) line(Case, *engine.Selection) {}
func (ready) resume(Case) (bool, error)    { return true, nil }
