package subprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/streams"
)

// A Cmd is a process that is to be started, or has been. It can be started once. It may
// be used on the loop only. In Python: asyncio.subprocess.Process.
//
// The fields are like those of exec.Cmd. Set them before Start.
type Cmd struct {
	// Path is the program. A relative path is relative to Dir.
	Path string
	// Args are its arguments, from its name on; nil: Path alone.
	Args []string
	// Env is its environment; nil: that of this process.
	Env []string
	// Dir is its working directory; "": that of this process.
	Dir string

	// Stdin is what the process reads: nothing if it is nil. The process inherits an
	// *os.File. From any other reader, a task copies until the process has ended; its
	// Read must not block the loop. (Connections and pipes of package streams do not
	// block it, nor does a bytes.Reader.)
	Stdin io.Reader
	// Stdout and Stderr are where the output goes: nowhere if they are nil. The process
	// inherits an *os.File. To any other writer, a task copies. If both are the same
	// writer, one task copies for both, and writes one piece after the other.
	Stdout io.Writer
	Stderr io.Writer
	// ExtraFiles are files that the process inherits, as descriptors from 3 on. Not on
	// Windows.
	ExtraFiles []*os.File
	// SysProcAttr has settings that depend on the system. The process is started on
	// another thread, so settings that are bound to the thread (Ptrace, Pdeathsig) do not
	// work.
	SysProcAttr *syscall.SysProcAttr

	// ProcessGroup makes the process the leader of a process group. The processes that it
	// starts, and those that they start, belong to the group as well, unless they leave
	// it. Signal, Terminate and Kill then reach all processes of the group, and so do a
	// cancellation and the end of the scope. When the leader has ended, in whichever way,
	// the rest of its group is killed: a leader that wants to give its children time must
	// wait for them.
	//
	// Ctrl-C at a terminal reaches only the group that has the terminal, so a process
	// with ProcessGroup does not get it; and it stops when it reads the terminal. On
	// Windows the group is a job object, and Ctrl-C reaches all processes of the console.
	// In Python: process_group=0 or start_new_session=True, and os.killpg.
	ProcessGroup bool

	// Cancel is called, on the loop, when the process has to end; nil: Terminate. If it
	// returns an error, the process is killed at once, and the error goes to the
	// exception handler, unless it is os.ErrProcessDone.
	Cancel func() error
	// WaitDelay limits two times. The process has this long to end, from the call of
	// Cancel on; then it is killed. And when the process has ended, its output has this
	// long to end; then the pipes are closed, and ErrWaitDelay is returned if there is no
	// other error. 0 means DefaultWaitDelay, and a negative number no limit.
	WaitDelay time.Duration

	// Err is the error of Command if it does not find the program; Start returns it. See
	// exec.Cmd.
	Err error

	// ProcessState says how the process has ended; nil: it has not, or another part of
	// this program has reaped it (taken its exit status).
	ProcessState *os.ProcessState

	process *process // nil: not started
	stdin   *streams.Pipe
	stdout  *streams.Pipe
	stderr  *streams.Pipe
	theirs  []*os.File      // the child's ends of pipes, until the child has them
	ours    []*streams.Pipe // our ends of the pipes
	copies  []*transfer     // what is copied for a reader or writer that is not a file

	communicating bool // a task is in Communicate
}

// DefaultWaitDelay is what a WaitDelay of 0 means.
const DefaultWaitDelay = 5 * time.Second

// An ExitError is returned when a process has ended with an exit status that is
// not 0, or by a signal. Its Stderr is set by Output.
type ExitError = exec.ExitError

// ErrWaitDelay is returned when a process has ended without an error, but its output has
// not ended within WaitDelay, because another process holds it open.
var ErrWaitDelay = exec.ErrWaitDelay

var errNotStarted = errors.New("subprocess: the process was not started: call Start first")

// errNil is the error of a nil Cmd; it wraps os.ErrInvalid, as for a nil os.File.
var errNil = fmt.Errorf("subprocess: the Cmd is nil: make it with Command: %w", os.ErrInvalid)

// Command returns a Cmd for a program and its arguments. A name without a
// slash is looked for in PATH, as by exec.Command. In Python:
// asyncio.create_subprocess_exec, with Start.
func Command(name string, args ...string) *Cmd {
	c := exec.Command(name, args...)
	return &Cmd{Path: c.Path, Args: c.Args, Err: c.Err}
}

// Shell returns a Cmd for a command line of the system's shell: /bin/sh, or COMSPEC on
// Windows. If a part of the line comes from outside the program, quote it: the shell may
// run anything that is in it. In Python: asyncio.create_subprocess_shell, with Start.
func Shell(command string) *Cmd { return shell(command) }

// String returns the command line for people to read.
func (c *Cmd) String() string {
	if c == nil {
		return "<nil>"
	}
	args := c.Args
	if len(args) == 0 {
		args = []string{c.Path}
	}
	return (&exec.Cmd{Path: c.Path, Args: args, Err: c.Err}).String()
}

// Environ returns the environment in which the process runs; see exec.Cmd.
func (c *Cmd) Environ() []string {
	if c == nil {
		return nil
	}
	return (&exec.Cmd{Env: c.Env, Dir: c.Dir, SysProcAttr: c.SysProcAttr}).Environ()
}

// Start starts the process, and suspends until it runs its program. From then on the
// process belongs to ctx, as the package documentation explains. Start panics in a
// callback.
//
// If ctx is canceled, Start returns an error that is ErrCanceled, and no process is left:
// a process that was started meanwhile has been killed and reaped. If Start returns an
// error, all pipes of the Cmd are closed. In Python: await
// asyncio.create_subprocess_exec.
func (c *Cmd) Start(ctx context.Context) error {
	if c == nil {
		return errNil
	}
	if c.process != nil {
		return errors.New("subprocess: the process was started before: make another Cmd")
	}
	w, err := engine.Begin(ctx, "Cmd.Start")
	if err != nil {
		c.closePipes()
		return err
	}
	c.process = newProcess(c, w.Loop())
	if c.ProcessGroup {
		c.process.group = new(processGroup)
	}
	if err := c.process.start(ctx); err != nil {
		c.closePipes()
		return err
	}
	return nil
}

// Wait suspends until the process has ended, and until the tasks that copy to Stdout and
// Stderr have ended, for which it waits at most WaitDelay. It returns nil for the exit
// status 0, otherwise an *ExitError or the error of copying; if another part of this
// program has reaped the process, it returns syscall.ECHILD. Several tasks may call Wait,
// also again when the process has ended. If ctx is canceled, it returns an error that is
// ErrCanceled, and the process goes on. In Python: Process.wait.
func (c *Cmd) Wait(ctx context.Context) error {
	if err := c.mustBeStarted(); err != nil {
		return err
	}
	c.process.loop.Check("Cmd.Wait")
	return c.process.wait(ctx)
}

func (c *Cmd) mustBeStarted() error {
	switch {
	case c == nil:
		return errNil
	case c.process == nil:
		return errNotStarted
	default:
		return nil
	}
}

// Pid returns the number of the process; 0 if it was not started.
func (c *Cmd) Pid() int {
	if c.mustBeStarted() != nil {
		return 0
	}
	return c.process.pid
}

// ReturnCode returns the exit status once the process has ended. If a signal has ended
// it, code is the negative number of the signal; if another part of this program has
// reaped it, code is 255. In Python: Process.returncode.
func (c *Cmd) ReturnCode() (code int, ended bool) {
	switch {
	case c.mustBeStarted() != nil:
		return 0, false
	case c.process.lost:
		return exitStatusLost, true
	case c.ProcessState == nil:
		return 0, false
	}
	if sig, ok := endedBy(c.ProcessState); ok {
		return -sig, true
	}
	return c.ProcessState.ExitCode(), true
}

// Signal sends a signal to the process or, with ProcessGroup, to all processes of its
// group. It returns os.ErrProcessDone if the process has ended. In Python:
// Process.send_signal.
func (c *Cmd) Signal(sig os.Signal) error {
	if err := c.mustBeStarted(); err != nil {
		return err
	}
	p := c.process
	p.loop.Check("Cmd.Signal")
	switch {
	case p.os == nil: // it could not be started, or is not yet
		return errNotStarted
	case p.lost:
		return os.ErrProcessDone
	default:
		return p.signal(sig)
	}
}

// Terminate asks the process to end, with SIGTERM. On Windows it is the same as Kill. In
// Python: Process.terminate.
func (c *Cmd) Terminate() error { return c.Signal(terminate) }

// Kill ends the process. In Python: Process.kill.
func (c *Cmd) Kill() error { return c.Signal(os.Kill) }

// waitDelay returns WaitDelay, and whether there is one.
func (c *Cmd) waitDelay() (time.Duration, bool) {
	switch {
	case c.WaitDelay == 0:
		return DefaultWaitDelay, true
	default:
		return c.WaitDelay, c.WaitDelay > 0
	}
}

// exitStatusLost takes the place of an exit status that is lost, as in Python's asyncio.
const exitStatusLost = 255

// errReaped returns the error that says that the exit status is lost.
func errReaped(pid int, err error) error {
	return fmt.Errorf("subprocess: the exit status of process %d is lost: something else in this program has waited for it, or SIGCHLD is ignored: %w", pid, err)
}
