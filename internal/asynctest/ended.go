package asynctest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// ExpectEnded expects a process to end, soon.
func ExpectEnded(t *testing.T, pid int) {
	t.Helper()
	if !holdsInTime(func() bool { return !alive(pid) }) {
		t.Fatalf("process %d still runs", pid)
	}
}

// alive reports whether a process runs. One that has ended may have to wait until its new
// parent looks at it.
func alive(pid int) bool {
	if state, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat")); err == nil {
		_, after, _ := strings.Cut(string(state), ") ")
		return !strings.HasPrefix(after, "Z")
	}
	process, err := os.FindProcess(pid)
	return err == nil && process.Signal(syscall.Signal(0)) == nil
}
