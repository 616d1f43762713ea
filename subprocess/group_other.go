//go:build !unix && !windows

package subprocess

import (
	"errors"
	"os"
	"os/exec"
)

// A processGroup does not exist on these systems.
type processGroup struct{}

func (g *processGroup) prepare(*exec.Cmd) error { return errors.ErrUnsupported }

func (g *processGroup) begin(*os.Process) error { return errors.ErrUnsupported }

func (g *processGroup) signal(os.Signal) error { return errors.ErrUnsupported }

func (g *processGroup) end() {}

func watchGroupInThread(p *process) exitWatch { return watchInThread(p) }
