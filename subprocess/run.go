package subprocess

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

// Run starts the process and suspends until it has ended; it returns what Start or Wait
// returns. If ctx is canceled, Run ends the process, waits until it is gone, and returns
// an error that is ErrCanceled. In Python: create_subprocess_exec and Process.wait.
func (c *Cmd) Run(ctx context.Context) error {
	if err := c.Start(ctx); err != nil {
		return err
	}
	return c.process.own(ctx, "Cmd.Run")
}

// Output is like Run, and returns what the process has written to its standard output,
// also if there is an error. Unless Stderr is set, an *ExitError has the beginning and
// the end of the standard error output. In Python: subprocess.check_output.
func (c *Cmd) Output(ctx context.Context) ([]byte, error) {
	switch {
	case c == nil:
		return nil, errNil
	case c.Stdout != nil:
		return nil, errors.New("subprocess: Output, and Stdout is set already: leave it nil, or use Run")
	}
	var stdout bytes.Buffer
	var stderr headTail
	c.Stdout = &stdout
	if c.Stderr == nil {
		c.Stderr = &stderr
	}
	err := c.Run(ctx)
	if exit, ok := errors.AsType[*ExitError](err); ok && c.Stderr == &stderr {
		exit.Stderr = stderr.bytes()
	}
	return stdout.Bytes(), err
}

// CombinedOutput is like Run, and returns what the process has written to its standard
// output and its standard error output, in the order in which it was written. In Python:
// stderr=STDOUT and communicate.
func (c *Cmd) CombinedOutput(ctx context.Context) ([]byte, error) {
	switch {
	case c == nil:
		return nil, errNil
	case c.Stdout != nil || c.Stderr != nil:
		return nil, errors.New("subprocess: CombinedOutput, and Stdout or Stderr is set already: leave them nil, or use Run")
	}
	var both bytes.Buffer
	c.Stdout, c.Stderr = &both, &both
	err := c.Run(ctx)
	return both.Bytes(), err
}

// Communicate writes input to the process and reads all its output, both at the same
// time, and waits for its end; the error is that of Wait. If the process was not started,
// Communicate starts it, with pipes for the streams that are not set (without input, the
// process reads nothing). If the process runs, Communicate uses the pipes that were made
// before Start. It is no error if the process does not read its input. Only one task may
// call Communicate at a time; a later call has nothing more to read.
//
// If ctx is canceled, Communicate ends the process, waits until it is gone, and returns
// what was read and an error that is ErrCanceled. If the process has ended, but its
// output has not ended within WaitDelay, the pipes are closed, and the error is
// ErrWaitDelay if there is no other. In Python: Process.communicate.
func (c *Cmd) Communicate(ctx context.Context, input []byte) (stdout, stderr []byte, err error) {
	if err := c.mayCommunicate(input); err != nil {
		return nil, nil, err
	}
	c.communicating = true
	defer func() { c.communicating = false }()
	if c.process == nil {
		if err := c.startPiped(ctx, len(input) > 0); err != nil {
			return nil, nil, err
		}
	}
	var out, errs bytes.Buffer
	err = c.exchange(ctx, input, &out, &errs)
	return out.Bytes(), errs.Bytes(), err
}

func (c *Cmd) mayCommunicate(input []byte) error {
	if c == nil {
		return errNil
	}
	if c.process != nil {
		c.process.loop.Check("Cmd.Communicate")
	}
	switch {
	case c.communicating:
		return errors.New("subprocess: Communicate is running in another task: let one task call it, and hand on what it returns")
	case len(input) == 0 || c.stdin != nil || c.process == nil && c.Stdin == nil:
		return nil
	case c.process != nil && c.process.done: // it reads no more
		return nil
	default:
		return errors.New("subprocess: Communicate with input, which the process does not read from a pipe: call StdinPipe before Start, or leave Stdin nil")
	}
}

// exchange transfers what goes through pipes, and waits for the process.
func (c *Cmd) exchange(ctx context.Context, input []byte, out, errs io.Writer) (err error) {
	var all []*transfer
	if c.stdin != nil {
		all = append(all, feed(c.stdin, bytes.NewReader(input)))
	}
	if c.stdout != nil {
		all = append(all, drain(out, c.stdout))
	}
	if c.stderr != nil {
		all = append(all, drain(errs, c.stderr))
	}
	kept := context.WithoutCancel(ctx)
	_ = asyncio.WithTaskGroup(kept, func(_ context.Context, tg *asyncio.TaskGroup) error {
		copying := startTransfers(tg, all)
		err = c.process.own(ctx, "Cmd.Communicate")
		if failed := copying.finish(kept, c); err == nil {
			err = failed
		}
		c.stdin, c.stdout, c.stderr = nil, nil, nil // they are closed
		return nil
	})
	return err
}

// startPiped starts the process with pipes for what is not set.
func (c *Cmd) startPiped(ctx context.Context, input bool) (err error) {
	defer func() {
		if err != nil {
			c.closePipes()
		}
	}()
	if input && c.Stdin == nil {
		_, err = c.StdinPipe(ctx)
	}
	if c.Stdout == nil && err == nil {
		_, err = c.StdoutPipe(ctx)
	}
	if c.Stderr == nil && err == nil {
		_, err = c.StderrPipe(ctx)
	}
	if err != nil {
		return err
	}
	return c.Start(ctx)
}
