//go:build linux

// Package control lets a process start another one on a core of its own and
// ask it things: a line of text on its standard input, a line of JSON back. A
// child ends when its standard input does, so none outlives its parent.
package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a child may take for an answer.
const patience = 2 * time.Minute

// A Child is a process that answers.
type Child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	said    bytes.Buffer // on its standard error
}

// Start starts cmd so that all its threads run on one core.
func Start(cmd *exec.Cmd, core int) (*Child, error) {
	c := &Child{cmd: cmd}
	cmd.Stderr = &c.said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.answers = in, json.NewDecoder(out)
	if err := onCore(core, cmd.Start); err != nil {
		return nil, err
	}
	return c, nil
}

// onCore calls f on a thread that runs on that core; a process which f starts
// inherits that.
func onCore(core int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("sched_getaffinity: %w", err)
	}
	one.Set(core)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("sched_setaffinity: %w", err)
	}
	return errors.Join(f(), unix.SchedSetaffinity(0, &before))
}

// Cores returns the first and the last core that this process may use. They
// are the same where there is only one.
func Cores() (first, last int, err error) {
	var mine unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mine); err != nil {
		return 0, 0, fmt.Errorf("sched_getaffinity: %w", err)
	}
	first = -1
	for core := range len(mine) * 64 {
		if mine.IsSet(core) {
			if first < 0 {
				first = core
			}
			last = core
		}
	}
	return first, last, nil
}

// PID returns the process's number.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Ask gives an order and waits for the answer.
func (c *Child) Ask(order string, answer any) error {
	if _, err := io.WriteString(c.in, order+"\n"); err != nil {
		return c.explain(err)
	}
	return c.Hear(answer)
}

// Hear waits for an answer that was not asked for.
func (c *Child) Hear(answer any) error {
	timer := time.AfterFunc(patience, func() { c.cmd.Process.Kill() })
	defer timer.Stop()
	var line json.RawMessage
	if err := c.answers.Decode(&line); err != nil {
		return c.explain(err)
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(line, &failed); err != nil {
		return err
	}
	if failed.Error != "" {
		return errors.New(failed.Error)
	}
	return json.Unmarshal(line, answer)
}

// explain adds what the child has said to an error of talking to it.
func (c *Child) explain(err error) error {
	c.in.Close()
	c.cmd.Process.Kill()
	return fmt.Errorf("%w; it ended with %v: %s", err, c.cmd.Wait(), bytes.TrimSpace(c.said.Bytes()))
}

// End lets the child end.
func (c *Child) End() error {
	if c.cmd.ProcessState != nil { // it has failed before
		return nil
	}
	c.in.Close()
	timer := time.AfterFunc(patience, func() { c.cmd.Process.Kill() })
	defer timer.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(c.said.Bytes()))
	}
	return nil
}
