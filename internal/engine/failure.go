package engine

import (
	"runtime"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/list"
)

// A failure is an error that waits for someone to look at it. It outlives its future, so
// that it can be reported when the garbage collector takes the future before anyone has
// looked.
type failure struct {
	err     error
	loop    *Loop  // nil: it is a cancellation, and no one has to look at it
	task    uint64 // the number of its task; 0: it is a plain future's
	name    string // the name of its task; empty: it is a plain future's
	seen    atomic.Bool
	cleanup runtime.Cleanup
	node    list.Node[*failure] // the place in the loop's list of unseen failures
}

func newFailure(f *Future, err error, name string) *failure {
	x := &failure{err: err, loop: f.loop, name: name}
	x.node.Value = x
	f.loop.unseen.Add(&x.node)
	x.cleanup = runtime.AddCleanup(f, (*failure).orphaned, x)
	return x
}

// Look says that someone looks at the future's error.
func (f *Future) Look() {
	if f.failure != nil {
		f.failure.look()
	}
}

func (x *failure) look() {
	if x.seen.CompareAndSwap(false, true) && x.loop != nil {
		x.loop.unseen.Remove(&x.node)
		x.cleanup.Stop()
	}
}

// orphaned runs on a goroutine of the runtime when the future is collected.
func (x *failure) orphaned() {
	if !x.seen.Load() {
		_ = x.loop.Post(x) // a loop that is closed has reported it
	}
}

// Fire reports the failure of a future that was collected.
func (x *failure) Fire() {
	if x.seen.CompareAndSwap(false, true) {
		x.loop.unseen.Remove(&x.node)
		x.loop.CallUser(x.report)
	}
}

func (x *failure) report() {
	if MeansKilled(x.err) {
		return
	}
	x.noteReported()
	who := "a future"
	if x.name != "" {
		who = "task " + x.name
	}
	x.loop.Report(Report{Message: who + " failed and no one looked at its error", Err: x.err, Name: x.name})
}

// ReportUnseen reports the errors that no one has looked at, oldest first.
func (l *Loop) ReportUnseen() {
	for n := l.unseen.First(); n != nil; n = l.unseen.First() {
		x := n.Value
		x.seen.Store(true)
		l.unseen.Remove(n)
		x.cleanup.Stop()
		x.report()
	}
}
