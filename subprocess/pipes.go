package subprocess

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/asyncio-go/asyncio/streams"
)

// StdinPipe returns a pipe to the standard input of the process. Close the pipe to tell
// the process that there is no more. The pipe closes itself when no process reads it any
// more; Write then returns syscall.EPIPE. Call StdinPipe before Start; it does not
// suspend. In Python: stdin=PIPE.
func (c *Cmd) StdinPipe(ctx context.Context) (*streams.Pipe, error) {
	if err := c.mayPipe("Stdin", func() bool { return c.Stdin != nil }); err != nil {
		return nil, err
	}
	theirs, ours, err := c.inputPipe(ctx)
	if err != nil {
		return nil, err
	}
	c.Stdin, c.stdin = theirs, ours
	return ours, nil
}

// StdoutPipe returns a pipe from the standard output of the process. At its end the pipe
// closes itself; if you do not read to the end, close it. Call StdoutPipe before Start;
// it does not suspend. In Python: stdout=PIPE.
func (c *Cmd) StdoutPipe(ctx context.Context) (*streams.Pipe, error) {
	if err := c.mayPipe("Stdout", func() bool { return c.Stdout != nil }); err != nil {
		return nil, err
	}
	theirs, ours, err := c.outputPipe(ctx)
	if err != nil {
		return nil, err
	}
	c.Stdout, c.stdout = theirs, ours
	return ours, nil
}

// StderrPipe is StdoutPipe for the standard error output. In Python:
// stderr=PIPE.
func (c *Cmd) StderrPipe(ctx context.Context) (*streams.Pipe, error) {
	if err := c.mayPipe("Stderr", func() bool { return c.Stderr != nil }); err != nil {
		return nil, err
	}
	theirs, ours, err := c.outputPipe(ctx)
	if err != nil {
		return nil, err
	}
	c.Stderr, c.stderr = theirs, ours
	return ours, nil
}

func (c *Cmd) mayPipe(name string, set func() bool) error {
	switch {
	case c == nil:
		return errNil
	case c.process != nil:
		return errors.New("subprocess: " + name + "Pipe after Start: call it before")
	case set():
		return errors.New("subprocess: " + name + " is set already: set it, or call " + name + "Pipe")
	default:
		return nil
	}
}

func (c *Cmd) inputPipe(ctx context.Context) (theirs *os.File, ours *streams.Pipe, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return c.keep(ctx, r, w)
}

func (c *Cmd) outputPipe(ctx context.Context) (theirs *os.File, ours *streams.Pipe, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return c.keep(ctx, w, r)
}

// keep makes one end of a pipe the child's and the other one ours.
func (c *Cmd) keep(ctx context.Context, theirs, end *os.File) (*os.File, *streams.Pipe, error) {
	ours, err := streams.OpenPipe(ctx, end)
	if err := errors.Join(err, end.Close()); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	c.theirs = append(c.theirs, theirs)
	c.ours = append(c.ours, ours)
	return theirs, ours, nil
}

// closeTheirs closes the files that the child has copies of.
func (c *Cmd) closeTheirs() {
	for _, f := range c.theirs {
		_ = f.Close()
	}
	c.theirs = nil
}

// closePipes closes both ends of all pipes, because there will be no process.
func (c *Cmd) closePipes() {
	c.closeTheirs()
	for _, p := range c.ours {
		_ = p.Close()
	}
	c.ours = nil
}

// prepare makes the command of os/exec. All its streams are files, so that os/exec
// starts no goroutines for them.
func (c *Cmd) prepare(ctx context.Context) (*exec.Cmd, error) {
	sys := &exec.Cmd{
		Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir,
		ExtraFiles: c.ExtraFiles, SysProcAttr: c.SysProcAttr, Err: c.Err,
	}
	if stdin, err := c.openInput(ctx); err != nil {
		return nil, err
	} else if stdin != nil {
		sys.Stdin = stdin
	}
	if stdout, err := c.openOutput(ctx, c.Stdout); err != nil {
		return nil, err
	} else if stdout != nil {
		sys.Stdout = stdout
	}
	if c.Stderr != nil && same(c.Stderr, c.Stdout) {
		sys.Stderr = sys.Stdout
	} else if stderr, err := c.openOutput(ctx, c.Stderr); err != nil {
		return nil, err
	} else if stderr != nil {
		sys.Stderr = stderr
	}
	return sys, nil
}

// openInput returns the file that the process reads; nil: it reads nothing.
func (c *Cmd) openInput(ctx context.Context) (*os.File, error) {
	switch r := c.Stdin.(type) {
	case nil:
		return nil, nil
	case *os.File:
		return r, nil
	}
	theirs, ours, err := c.inputPipe(ctx)
	if err == nil {
		c.copies = append(c.copies, feed(ours, c.Stdin))
	}
	return theirs, err
}

// openOutput returns the file that the process writes to, for w; nil: its output goes
// nowhere.
func (c *Cmd) openOutput(ctx context.Context, w io.Writer) (*os.File, error) {
	switch w := w.(type) {
	case nil:
		return nil, nil
	case *os.File:
		return w, nil
	}
	theirs, ours, err := c.outputPipe(ctx)
	if err == nil {
		c.copies = append(c.copies, drain(w, ours))
	}
	return theirs, err
}

// same reports whether two writers are one.
func same(a, b io.Writer) bool {
	defer func() { _ = recover() }() // they may be of a type that cannot be compared
	return a == b
}
