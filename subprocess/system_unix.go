//go:build unix

package subprocess

import (
	"os"
	"syscall"
)

const terminate = syscall.SIGTERM

func shell(command string) *Cmd { return Command("/bin/sh", "-c", command) }

// endedBy returns the signal that has ended a process.
func endedBy(s *os.ProcessState) (sig int, ok bool) {
	status, ok := s.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return 0, false
	}
	return int(status.Signal()), true
}
