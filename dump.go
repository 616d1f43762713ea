package asyncio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// DumpTasks writes what every task of ctx's loop is doing: what it waits for, since when,
// where in the code, and which task holds or does that. It writes a tree: tasks stand
// below their group, and below the task that waits for the group to end. The console and
// its commands show more, and show it continuously.
//
// Any goroutine may call it. It never writes to w on a loop: a task that calls it
// suspends until the text is written, even if ctx is canceled; in a callback it returns
// at once, and an error of w goes to the exception handler. It looks at 50 tasks in each
// pass of the loop, so that other work has its turn; if there are many tasks, the last
// ones are seen later than the first. A loop that has been in the same step for a quarter
// of a second counts as stuck: then the text says so, with the stack of that step.
//
// The time for which a task has waited is exact only while packages trace or console
// watch the loop. Otherwise it is a lower bound: it is known to a quarter of [SlowStep]
// (of a second by default), to 1.25 s if SlowStep is off, and less exactly the longer ago
// the wait began.
//
// DumpTasks returns ErrNoRunningLoop outside a loop, and for a loop that does not run or
// ends meanwhile; otherwise it returns the error of w. In Python:
// asyncio.print_call_graph of each task, python -m asyncio pstree.
func DumpTasks(ctx context.Context, w io.Writer) error {
	core := engine.RunningLoopOf(ctx)
	if core == nil {
		return ErrNoRunningLoop
	}
	l := loopOf(core)
	if core.OnLoop() {
		r := l.newDumpRequest()
		r.Fire()
		return l.beside(func() error { return r.write(w) })
	}
	fromOutside := func() error {
		text, err := l.dumpFromOutside()
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	}
	if here := engine.RunningHere(); here != nil { // another loop, which must not wait for this one
		return loopOf(here).beside(fromOutside)
	}
	return fromOutside()
}

// beside calls fn, which may take long, on a goroutine beside the loop. The calling task
// waits for it; in a callback, a new task waits.
func (l *Loop) beside(fn func() error) error {
	if scope := l.core.InnermostScope(); scope != nil {
		return inThread(scope, fn)
	}
	t := &funcTask{fn: func(ctx context.Context) error {
		err := inThread(ctx, fn)
		if panicked := new(PanicError); err != nil && !errors.As(err, &panicked) { // a panic was reported when it happened
			l.report(ExceptionContext{Message: "DumpTasks in a callback: its text could not be written", Err: err})
		}
		return nil
	}}
	t.task.core.Create(&l.core, context.Background(), (*funcBody)(t), "DumpTasks")
	t.task.core.Start()
	return nil
}

func inThread(ctx context.Context, fn func() error) error {
	return ToThreadFunc(context.WithoutCancel(ctx), func(context.Context) error { return fn() })
}

// stuckAfter is how long a loop may stand in one step before it is dumped as one that is
// stuck.
const stuckAfter = 250 * time.Millisecond

// dumpFromOutside asks the loop for a snapshot. If the loop is stuck, it writes what can
// be known without one.
func (l *Loop) dumpFromOutside() ([]byte, error) { return l.dumpUnless(nil) }

// dumpUnless is dumpFromOutside, but gives up when the channel is closed.
func (l *Loop) dumpUnless(over <-chan struct{}) ([]byte, error) {
	r := l.newDumpRequest()
	if err := l.core.Post(r); err != nil {
		return nil, ErrNoRunningLoop
	}
	step := l.core.Look()
	for {
		select {
		case s := <-r.answer:
			return dumpOf(s, l.threads.count()), nil
		case <-r.ended:
			return nil, ErrNoRunningLoop
		case <-over:
			return nil, ErrNoRunningLoop
		case <-time.After(stuckAfter):
		}
		switch now := l.core.Look(); {
		case now == step && now.Goroutine == 0:
			return nil, ErrNoRunningLoop // it has ended since, or its Runner runs nothing
		case now != step || now.Idle():
			step = now // it goes on, and will come to it
		default:
			return l.dumpOfStuck(step), nil
		}
	}
}

// A dumpRequest is the event that someone wants a dump.
type dumpRequest struct {
	loop   *Loop
	answer chan *engine.Snapshot
	ended  chan struct{}
}

func (l *Loop) newDumpRequest() *dumpRequest {
	return &dumpRequest{l, make(chan *engine.Snapshot, 1), make(chan struct{})}
}

func (r *dumpRequest) Fire() {
	r.loop.core.SnapshotStacks(func(s *engine.Snapshot) { r.answer <- s }, r.Drop)
}

// Drop is called in place of Fire when the loop has ended before.
func (r *dumpRequest) Drop() { close(r.ended) }

// write waits for the answer and writes it, beside the loop.
func (r *dumpRequest) write(w io.Writer) error {
	select {
	case s := <-r.answer:
		_, err := w.Write(dumpOf(s, r.loop.threads.count()-1)) // the thread that writes it is none of the program's
		return err
	case <-r.ended:
		return ErrNoRunningLoop
	}
}

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

// DumpOnQuit makes SIGQUIT (Ctrl-\ in a terminal) write what [DumpTasks] writes to
// standard error. The program then goes on; without the option, Go would print the stacks
// of all goroutines and end the program. If several loops have the option, all are
// written. If the program ignores the signal (see [signal.Ignore]), the option does
// nothing. Whether the signal was ignored when the program was started does not matter,
// because Go catches it in any case. On Windows and WebAssembly, which have no such
// signal, the option does nothing. In Python: faulthandler.register(signal.SIGQUIT).
func DumpOnQuit() Option { return prepare(func(l *Loop) { l.dumpsOnQuit = true }) }

// watchQuit dumps the loop's tasks at each SIGQUIT.
func (l *Loop) watchQuit() (stop func()) {
	if !l.dumpsOnQuit || quitSignal == nil || caught.ignored(quitSignal) {
		return func() {}
	}
	over := make(chan struct{})
	c := catchSignal(quitSignal, func() {
		if text, err := l.dumpUnless(over); err == nil {
			_, _ = os.Stderr.Write(text)
		}
	})
	return func() {
		close(over) // or it would wait for a loop that runs no more
		c.stop()
	}
}
