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
// belongs. It is canceled when the process has to end, by whoever wants that.
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
	pid      int // what os.Process forgets when someone else has reaped it
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

// own waits for the end of the process, and passes on to it a cancellation of
// ctx.
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
// millisecond, and longer when the disk is slow. Nothing cuts it.
func (p *process) fork(ctx context.Context) error {
	sys, err := p.cmd.prepare(ctx)
	if err != nil {
		return err
	}
	_, err = asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (struct{}, error) {
		err := sys.Start()
		p.cmd.closeTheirs()
		p.born = sys.Process
		if p.met.Swap(true) && err == nil {
			abandon(p.born)
		}
		return struct{}{}, err
	})
	p.os = p.born
	if p.os != nil {
		p.pid = p.os.Pid
	}
	return err
}

// end tells everyone that the process is done. It is called even if the guardian is
// ended by force.
func (p *process) end() {
	if p.startErr == nil && !p.reaped {
		p.fail(errAbandoned)
		if p.met.Swap(true) {
			abandon(p.born)
		}
	}
	p.done = true
	p.started.Set()
	p.waiters.WakeAll()
}

// abandon kills and reaps a process that has no guardian.
func abandon(p *os.Process) {
	_ = p.Kill()
	go p.Wait()
}

// interrupt ends the process: it asks for that first, unless no one has seen the
// process, and kills it if that does not help within WaitDelay.
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
	p.report("killing", p.os.Kill())
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

// report gives an error to the exception handler: whoever waits for the process is
// told how it has ended, and not what was tried before.
func (p *process) report(what string, err error) {
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.loop.Report(engine.Report{Message: "subprocess: " + what + " " + p.Describe(), Err: err})
	}
}

// reap takes the exit status of a process that has ended.
func (p *process) reap(exit exitWatch) {
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
