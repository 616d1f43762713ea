//go:build unix

package remote_test

import (
	"os"
	"syscall"
)

// haveSignals says that a process can be stopped, continued, and asked to end.
const haveSignals = true

func sigstop(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
func sigcont(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
func sigterm(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
