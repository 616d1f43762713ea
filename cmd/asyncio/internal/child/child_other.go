//go:build !unix && !windows

package child

import "os/exec"

func limited(p Program) *exec.Cmd { return plain(p) }

// A family is only the program itself.
type family struct{ cmd *exec.Cmd }

func start(cmd *exec.Cmd, _ Program) (*family, error) { return &family{cmd}, cmd.Start() }

func (f *family) kill() { _ = f.cmd.Process.Kill() }

func (f *family) close() {}
