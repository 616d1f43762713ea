//go:build unix

package subprocess

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// A processGroup is a process group of the system.
type processGroup struct {
	leader *os.Process
	pid    int // of the leader; it is what os.Process forgets when it is released
}

func (g *processGroup) prepare(c *exec.Cmd) error {
	attr := syscall.SysProcAttr{}
	if c.SysProcAttr != nil {
		attr = *c.SysProcAttr
	}
	if attr.Pgid != 0 {
		return errOtherGroup
	}
	attr.Setpgid = !attr.Setsid // the leader of a session leads a group, too
	c.SysProcAttr = &attr
	return nil
}

func (g *processGroup) begin(p *os.Process) error {
	g.leader, g.pid = p, p.Pid
	return nil
}

func (g *processGroup) signal(sig os.Signal) error {
	s, ok := sig.(syscall.Signal)
	if !ok {
		return errors.New("subprocess: a signal of this system is needed: pass one of package syscall")
	}
	if err := g.leader.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) {
		return err // something else in this program has reaped it
	}
	err := syscall.Kill(-g.pid, s)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// end ignores an error: macOS returns one if only the leader is left.
func (g *processGroup) end() { _ = g.signal(syscall.SIGKILL) }

// A groupWatch waits on a goroutine until the leader has ended, and does not reap it.
type groupWatch struct{ threadWatch }

func watchGroupInThread(p *process) exitWatch {
	w := new(groupWatch)
	w.process = p
	w.Start(p.loop, w, func() (*os.ProcessState, error) {
		if awaitExit(p.pid) {
			return nil, nil
		}
		return p.os.Wait()
	})
	return w
}

func (w *groupWatch) reap() (*os.ProcessState, error) {
	if w.Value != nil || w.Err != nil {
		return w.Value, w.Err
	}
	return w.process.os.Wait()
}
