//go:build unix

package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// memory returns the most memory that a process had, in MB.
func memory(c *exec.Cmd) float64 {
	used, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" { // there it is in bytes, and elsewhere in KiB
		return float64(used.Maxrss) / 1e6
	}
	return float64(used.Maxrss) * 1024 / 1e6
}
