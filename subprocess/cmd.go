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

// A Cmd is a process to be started, or that was. It can be started once. For the
// loop only. In Python: asyncio.subprocess.Process.
//
// The fields are those of os/exec, and to be set before Start.
type Cmd struct {
	// Path is the program. If it is relative, it is so to Dir.
	Path string
	// Args are its arguments, from its name on; nil: Path alone.
	Args []string
	// Env is its environment; nil: that of this process.
	Env []string
	// Dir is its working directory; "": that of this process.
	Dir string

	// Stdin is what it reads: nil is nothing, an *os.File is inherited. From
	// any other reader a task copies until the process has ended; its Read
	// must not block the loop, as that of a connection or pipe of package
	// streams, or a bytes.Reader.
	Stdin io.Reader
	// Stdout and Stderr are where its output goes: nil is nowhere, an *os.File
	// is inherited. To any other writer a task copies; if both are the same
	// writer, one task, which writes one piece after the other.
	Stdout io.Writer
	Stderr io.Writer
	// ExtraFiles are inherited, as descriptors from 3 on. Not on Windows.
	ExtraFiles []*os.File
	// SysProcAttr is what else the system knows about processes. The process
	// is started on a thread of its own, so that what is bound to the thread
	// (Ptrace, Pdeathsig) does not work.
	SysProcAttr *syscall.SysProcAttr

	// Cancel is called when the process has to end, on the loop; nil:
	// Terminate. If it returns an error, the process is killed at once, and
	// the error goes to the exception handler, unless it is os.ErrProcessDone.
	Cancel func() error
	// WaitDelay is how long the process has to end, from Cancel on, before it
	// is killed; and how long its output has to end, once it has ended
	// itself, before the pipes are closed and ErrWaitDelay is returned, if no
	// other error is. 0 means DefaultWaitDelay; negative: for ever.
	WaitDelay time.Duration

	// Err is what Command has to say about the name; Start returns it. See
	// exec.Cmd.
	Err error

	// ProcessState says how it ended; nil: it has not, or something else in
	// this program has reaped it.
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

// ErrWaitDelay is returned when a process has ended without an error, and its
// output has not within WaitDelay: another process holds it open.
var ErrWaitDelay = exec.ErrWaitDelay

var errNotStarted = errors.New("subprocess: the process was not started: call Start first")

// errNil is what a Cmd that is nil gives, as a file of package os does.
var errNil = fmt.Errorf("subprocess: the Cmd is nil: make it with Command: %w", os.ErrInvalid)

// Command returns a Cmd for a program and its arguments. A name without a
// slash is looked for in PATH, as by exec.Command. In Python:
// asyncio.create_subprocess_exec, with Start.
func Command(name string, args ...string) *Cmd {
	c := exec.Command(name, args...)
	return &Cmd{Path: c.Path, Args: c.Args, Err: c.Err}
}

// Shell returns a Cmd for a command line of the system's shell: /bin/sh, or
// COMSPEC on Windows. Whoever builds such a line from what others say has to
// quote it. In Python: asyncio.create_subprocess_shell, with Start.
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

// Start starts the process, and suspends until it runs its program. From then
// on it belongs to ctx, as the package says. It panics in a callback.
//
// If ctx is canceled, Start returns an error that is ErrCanceled, and no
// process is left: one that was started meanwhile has been killed and reaped.
// If it returns an error, all pipes of the Cmd are closed. In Python: await
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
	if err := c.process.start(ctx); err != nil {
		c.closePipes()
		return err
	}
	return nil
}

// Wait suspends until the process has ended, and what is copied to Stdout and
// Stderr by tasks as well, for the latter at most WaitDelay. It returns nil for
// the exit status 0, else an *ExitError or what went wrong in copying; if
// something else in this program has reaped the process, syscall.ECHILD. Several
// tasks may wait, and again later. If ctx is canceled, it returns an error that
// is ErrCanceled, and the process goes on. In Python: Process.wait.
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

// ReturnCode returns the exit status once the process has ended: that which it
// ended with, or, if a signal ended it, the number of the signal with a minus; 255
// if something else in this program has reaped it. In Python: Process.returncode.
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

// Signal sends the process a signal. It returns os.ErrProcessDone if it has
// ended. In Python: Process.send_signal.
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
		return p.os.Signal(sig)
	}
}

// Terminate asks the process to end: SIGTERM. On Windows, it is Kill. In Python:
// Process.terminate.
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

// exitStatusLost is what takes the place of an exit status that is lost, as in asyncio.
const exitStatusLost = 255

// errReaped returns the error that says that the exit status is lost.
func errReaped(pid int, err error) error {
	return fmt.Errorf("subprocess: the exit status of process %d is lost: something else in this program has waited for it, or SIGCHLD is ignored: %w", pid, err)
}
