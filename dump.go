package asyncio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// DumpTasks writes what every task of the loop of ctx does: what it waits for, since when,
// where, and who holds or does that, as a tree: tasks stand below the group, and the task,
// that waits for their end. The console and its commands show more, and go on
// showing it.
//
// Any goroutine may call it. It never writes to w on the loop: a task that calls it
// suspends until the text is written, whatever becomes of ctx; in a callback it returns
// at once, and an error of w goes to the exception handler. If the loop is stuck, which
// it is taken for when it has been in the same step for a quarter of a second, the text
// says so, with the stack of that step. Without someone who watches (see packages trace
// and console), since when a task waits is known to a quarter of a second, and for what
// began before the last look it is a lower bound.
//
// Outside a loop, and of one that does not run, it returns ErrNoRunningLoop; otherwise
// what w returns. In Python: asyncio.print_call_graph of each task, python -m asyncio
// pstree.
func DumpTasks(ctx context.Context, w io.Writer) error {
	core := engine.RunningLoopOf(ctx)
	if core == nil {
		return ErrNoRunningLoop
	}
	l := loopOf(core)
	if core.OnLoop() {
		return l.dumpHere(ctx, w)
	}
	text, err := l.dumpFromOutside()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// dumpHere is DumpTasks on the loop.
func (l *Loop) dumpHere(ctx context.Context, w io.Writer) error {
	s, threads := l.core.SnapshotStacksNow(), l.threads.count()
	if l.core.Current() != nil {
		return ToThreadFunc(context.WithoutCancel(ctx), func(context.Context) error {
			_, err := w.Write(dumpOf(s, threads))
			return err
		})
	}
	l.reports.Go(func() {
		if _, err := w.Write(dumpOf(s, threads)); err != nil {
			l.report(ExceptionContext{Message: "DumpTasks in a callback: its text could not be written", Err: err})
		}
	})
	return nil
}

// stuckAfter is how long a loop may stand in one step before it is dumped as one that is
// stuck.
const stuckAfter = 250 * time.Millisecond

// dumpFromOutside asks the loop for what it knows, and does without if that is stuck.
func (l *Loop) dumpFromOutside() ([]byte, error) {
	answer := make(chan *engine.Snapshot, 1)
	ended := make(chan struct{})
	request := &dumpRequest{answer: answer, ended: ended, loop: l}
	if err := l.core.Post(request); err != nil {
		return nil, ErrNoRunningLoop
	}
	step := l.core.Look()
	for {
		select {
		case s := <-answer:
			return dumpOf(s, l.threads.count()), nil
		case <-ended:
			return nil, ErrNoRunningLoop
		case <-time.After(stuckAfter):
		}
		if now := l.core.Look(); now != step || now.Idle() {
			step = now // it goes on, and will come to it
			continue
		}
		return l.dumpOfStuck(step), nil
	}
}

// A dumpRequest is the event that someone wants a dump.
type dumpRequest struct {
	loop   *Loop
	answer chan<- *engine.Snapshot
	ended  chan<- struct{}
}

func (r *dumpRequest) Fire() {
	r.loop.core.SnapshotStacks(func(s *engine.Snapshot) { r.answer <- s })
}

// Drop is called in place of Fire when the loop has ended before.
func (r *dumpRequest) Drop() { close(r.ended) }

// dumpOfStuck says in which step the loop stands.
func (l *Loop) dumpOfStuck(step engine.Step) []byte {
	var b bytes.Buffer
	c, stuck := l.lookAtStall(step)
	if !stuck { // it has gone on while the stacks were printed, which takes a while
		fmt.Fprintf(&b, "asyncio: the loop stood in one step for %v and goes on now: dump again\n", stuckAfter)
		return b.Bytes()
	}
	fmt.Fprintf(&b, "asyncio: the loop is stuck, so what its tasks wait for is not known\n%s\n", c.Message)
	if c.Details != "" {
		fmt.Fprintf(&b, "%s\n", c.Details)
	}
	fmt.Fprintf(&b, "\n%s\n", bytes.TrimSpace(c.Stack))
	return b.Bytes()
}

// DumpOnQuit lets SIGQUIT (Ctrl-\ in a terminal) write what [DumpTasks] writes to standard
// error, and the program goes on, where Go would print the stacks of all goroutines and
// end it. Several loops that have the option are all written. If the signal was ignored
// when the program began, it stays so; on Windows and WebAssembly, which have no such
// signal, the option does nothing. In Python: faulthandler.register(signal.SIGQUIT).
func DumpOnQuit() Option { return prepare(func(l *Loop) { l.dumpsOnQuit = true }) }

// watchQuit dumps the loop's tasks at each SIGQUIT.
func (l *Loop) watchQuit() (stop func()) {
	if !l.dumpsOnQuit || quitSignal == nil || caught.ignored(quitSignal) {
		return func() {}
	}
	c := catchSignal(quitSignal, func() {
		text, err := l.dumpFromOutside()
		if err == nil {
			_, _ = os.Stderr.Write(text)
		}
	})
	return c.stop
}
