package child

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// killMarked kills the processes that have a mark in their environment, which children
// get from their parents: so it reaches those that have left the process group. Some may
// start others meanwhile, so it looks until there is none, for a second.
func killMarked(mark string) {
	for deadline := time.Now().Add(time.Second); killOnce(mark) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

// killOnce reports whether there was one. Processes of other users cannot be read, and
// what has ended has no environment any more.
func killOnce(mark string) (any bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false // it need not be mounted
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environment, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err == nil && bytes.Contains(environment, []byte(mark)) {
			any = true
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return any
}
