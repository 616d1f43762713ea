package subprocess

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A process has a task of its own, its guardian, from before it is started until
// it has been reaped. The guardian is a child of the group to which the process
// belongs. Code that wants the process to end cancels the guardian.
type process struct {
	cmd      *Cmd
	loop     *engine.Loop
	guardian engine.Task
	starter  engine.Subscription // waits for the end of the context of Start

	os       *os.Process   // set when the process was started
	born     *os.Process   // the same; it belongs to the thread that starts the process until met is set
	met      atomic.Bool   // set by the thread once it has started the process, and by a guardian that is ended by force; the second of them abandons the process
	started  asyncio.Event // the process was started, or could not be: see startErr
	startErr error
	unseen   bool // Start was canceled, so that no one has seen the process
	exited   asyncio.Event
	group    *processGroup // nil: the process leads none
	pid      int           // what os.Process forgets when someone else has reaped it
	reaped   bool
	lost     bool           // someone else has reaped the process
	done     bool           // the guardian has ended
	waiters  engine.Waiters // what waits until done
	err      error          // what Wait returns
}

func newProcess(c *Cmd, l *engine.Loop) *process { return &process{cmd: c, loop: l} }

// start lets the guardian start the process.
func (p *process) start(ctx context.Context) error {
	name := "process " + filepath.Base(p.cmd.Path)
	if g := engine.GroupOf(ctx); g != nil {
		g.SpawnDaemon(&p.guardian, p, name)
	} else {
		p.guardian.Create(p.loop, ctx, p, name)
	}
	p.guardian.StartNow()
	if err := p.started.Wait(ctx); err != nil {
		p.unseen = true
		p.guardian.Cancel(nil)
		_ = p.wait(context.WithoutCancel(ctx))
		return err
	}
	if p.startErr == nil {
		p.endWith(ctx)
	}
	return p.startErr
}

// endWith makes the process end when a context does.
func (p *process) endWith(ctx context.Context) {
	stop := engine.WhenEnded(ctx, &p.starter, (*starterEnd)(p))
	p.guardian.Subscribe(new(engine.Subscription), funcEvent(stop))
}

// starterEnd is the event that the context of Start has ended.
type starterEnd process

func (e *starterEnd) Fire() { e.guardian.Cancel(errScopeEnded) }

var errScopeEnded = errors.New("subprocess: the scope that the process was started in has ended")

var errAbandoned = errors.New("subprocess: the process was killed: what watched over it was ended by force, or by a panic in Cancel")

// A funcEvent is an event that calls a function.
type funcEvent func()

func (e funcEvent) Fire() { e() }

// wait suspends until the process is done.
func (p *process) wait(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Cmd.Wait")
	if err != nil {
		return err
	}
	w.Loop().MustMaySuspend("Cmd.Wait")
	if !p.done {
		if err := w.Park(&p.waiters, p); err != nil {
			return err
		}
	}
	return p.err
}

// Describe makes a process the reason of a wait.
func (p *process) Describe() string {
	return fmt.Sprintf("process %s (%d)", filepath.Base(p.cmd.Path), p.cmd.Pid())
}

// Ref makes a process the reason of a wait.
func (p *process) Ref(*engine.Loop) engine.Ref {
	return engine.Ref{Label: labelProcess, Number: uint64(p.cmd.Pid())}
}

var labelProcess = engine.NewLabel("process")

// own waits for the end of the process; if ctx is canceled, it ends the process.
func (p *process) own(ctx context.Context, op string) error {
	err := p.guardian.Await(ctx, op, &p.guardian)
	if err != nil && (ctx.Err() != nil || p.guardian.Failed()) {
		return err
	}
	return p.err
}

// Run is what the guardian does.
func (p *process) Run(ctx context.Context) error {
	defer p.end()
	if p.startErr = p.fork(ctx); p.startErr != nil {
		p.err = p.startErr
		return nil
	}
	exit := p.watchExit()
	defer exit.stop()
	p.started.Set()
	return p.guard(ctx, exit)
}

// guard copies until the process has ended, and ends it when ctx is canceled.
func (p *process) guard(ctx context.Context, exit exitWatch) (cut error) {
	kept := context.WithoutCancel(ctx)
	panicked := asyncio.WithTaskGroup(kept, func(_ context.Context, tg *asyncio.TaskGroup) error {
		copying := startTransfers(tg, p.cmd.copies)
		if cut = p.exited.Wait(ctx); cut != nil {
			p.interrupt(kept)
		}
		p.reap(exit)
		p.fail(copying.finish(kept, p.cmd))
		return nil
	}, asyncio.Supervised())
	if panicked != nil { // a transfer returns no other error than a panic
		p.err = panicked
	}
	return cut
}

// fork starts the process on another thread, because that takes a good part of a
// millisecond, and longer when the disk is slow. No cancellation interrupts it.
func (p *process) fork(ctx context.Context) error {
	sys, err := p.cmd.prepare(ctx)
	if err != nil {
		return err
	}
	if p.group != nil {
		if err := p.group.prepare(sys); err != nil {
			return err
		}
	}
	_, err = asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (struct{}, error) {
		err := p.startHere(sys)
		p.cmd.closeTheirs()
		if p.met.Swap(true) && err == nil {
			p.abandon()
		}
		return struct{}{}, err
	})
	p.os = p.born
	if p.os != nil {
		p.pid = p.os.Pid
	}
	return err
}

// startHere starts the process, and blocks meanwhile.
func (p *process) startHere(sys *exec.Cmd) error {
	if err := sys.Start(); err != nil {
		return err
	}
	if p.group != nil {
		if err := p.group.begin(sys.Process); err != nil {
			_ = sys.Process.Kill()
			_, _ = sys.Process.Wait()
			p.group.end()
			return err
		}
	}
	p.born = sys.Process
	return nil
}

// end tells everyone that the process is done. It is called even if the guardian is
// ended by force.
func (p *process) end() {
	if p.startErr == nil && !p.reaped {
		p.fail(errAbandoned)
		if p.met.Swap(true) {
			p.abandon()
		}
	}
	p.done = true
	p.started.Set()
	p.waiters.WakeAll()
}

// abandon kills and reaps a process that has no guardian.
func (p *process) abandon() {
	if p.group != nil {
		p.group.end()
	}
	_ = p.born.Kill()
	go p.born.Wait()
}

// signal sends a signal to the process, or to all in its group.
func (p *process) signal(sig os.Signal) error {
	switch {
	case p.group == nil:
		return p.os.Signal(sig)
	case p.reaped:
		return os.ErrProcessDone
	default:
		return p.group.signal(sig)
	}
}

// interrupt ends the process. It first asks the process to end, and kills it if it has
// not ended within WaitDelay. A process that no one has seen yet it kills at once.
func (p *process) interrupt(ctx context.Context) {
	if delay, limited := p.cmd.waitDelay(); !p.unseen && p.askedToEnd() {
		if !limited {
			_ = p.exited.Wait(ctx)
			return
		}
		err := asyncio.WithTimeout(ctx, delay, p.exited.Wait)
		if err == nil {
			return
		}
	}
	p.report("killing", p.signal(os.Kill))
	_ = p.exited.Wait(ctx)
}

// askedToEnd asks the process to end, and reports whether that succeeded.
func (p *process) askedToEnd() bool {
	ask := p.cmd.Cancel
	if ask == nil {
		ask = p.cmd.Terminate
	}
	err := ask()
	p.report("ending", err)
	return err == nil
}

// report gives an error to the exception handler. Wait does not return such an error: it
// says how the process has ended, and not what was tried before.
func (p *process) report(what string, err error) {
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.loop.Report(engine.Report{Message: "subprocess: " + what + " " + p.Describe(), Err: err})
	}
}

// reap takes the exit status of a process that has ended.
func (p *process) reap(exit exitWatch) {
	if p.group != nil { // before the system can give its number to another process
		p.group.end()
	}
	p.reaped = true
	state, err := exit.reap()
	switch {
	case err != nil:
		p.lost = true
		_ = p.os.Release()
		p.fail(errReaped(p.pid, err))
	case !state.Success():
		p.fail(&exec.ExitError{ProcessState: state})
	}
	p.cmd.ProcessState = state
}

// fail notes an error for Wait. The first counts.
func (p *process) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}
