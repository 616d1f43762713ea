//go:build !linux

package workers

import "syscall"

// dieWithParent does nothing: on Windows, the processes are in a job, which ends with this
// process; elsewhere a process is left behind when this one is killed.
func dieWithParent() *syscall.SysProcAttr { return nil }
