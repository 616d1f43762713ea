//go:build unix

package child

import (
	"crypto/rand"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// limited returns the command of a program. A shell sets the limits, because a process
// can set only its own limits, and this program must not be ended by them. Limits that
// the system does not enforce are left out, such as the limit of memory on macOS.
func limited(p Program) *exec.Cmd {
	var limits []string
	limit := func(letter string, n int64) {
		if n > 0 {
			limits = append(limits, fmt.Sprintf("ulimit -%s %d 2>/dev/null", letter, n))
		}
	}
	limit("d", p.Memory>>10)              // in KiB
	limit("f", (p.File+511)>>9)           // in blocks; those of some shells have 1024 bytes, which is enough
	limit("t", int64(2*p.Time.Seconds())) // for what has left the family
	if len(limits) == 0 {
		return plain(p)
	}
	limits = append(limits, "ulimit -c 0 2>/dev/null", `exec "$0" "$@"`)
	return exec.Command("/bin/sh", append([]string{"-c", strings.Join(limits, "; "), p.Path}, p.Args...)...)
}

// A family is a program and the processes that it has started: a process group and, on
// Linux, the processes that have left the group and still have the mark in their
// environment.
type family struct {
	leader int
	mark   string
}

func start(cmd *exec.Cmd, _ Program) (*family, error) {
	mark := "ASYNCIO_FAMILY=" + rand.Text()
	cmd.Env = append(cmd.Environ(), mark)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &family{cmd.Process.Pid, mark}, nil
}

func (f *family) kill() {
	_ = syscall.Kill(-f.leader, syscall.SIGKILL)
	killMarked(f.mark)
}

func (f *family) close() {}
