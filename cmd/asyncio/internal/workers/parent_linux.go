package workers

import "syscall"

// dieWithParent makes the system ask a process to end when this one is killed and can ask
// nobody. The system looks at the thread that has started the process, not at this process.
// That is the same here: a thread of Go ends before the process only if a goroutine ends
// that has locked it, and this command locks none.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
