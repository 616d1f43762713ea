//go:build unix

package asynctest

import (
	"os/exec"
	"syscall"
	"testing"
)

// ProcessOf starts a process of another user, as root can, and returns its number. The
// test is skipped where that cannot be done. The end of the test ends the process.
func ProcessOf(t *testing.T, uid uint32) int {
	t.Helper()
	child := exec.CommandContext(t.Context(), "cat")
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	in, err := child.StdinPipe() // cat lives until it is closed
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Skip("no process of another user: ", err)
	}
	t.Cleanup(func() { in.Close(); child.Wait() })
	return child.Process.Pid
}
