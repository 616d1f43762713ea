//go:build unix

package subprocess_test

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/subprocess"
)

func TestProcessGroupOnUnix(t *testing.T) {
	t.Run("refuses to lead a group and to be in another", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("echo")
			cmd.ProcessGroup = true
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: 1}
			if err := cmd.Run(ctx); err == nil {
				t.Error("it was started")
			}
		})
	})
	t.Run("may be that of a session, and what is set for the process stays as it is", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			attr := &syscall.SysProcAttr{Setsid: true}
			f := startFamily(ctx, t, "leaves", "stubborn", func(c *subprocess.Cmd) { c.SysProcAttr = attr })
			expectIs(t, "Kill", f.Kill(), nil)
			expectExit(t, f.Cmd, f.Wait(ctx), -int(syscall.SIGKILL))
			f.expectGone(t, "")
			if attr.Setpgid || f.SysProcAttr != attr {
				t.Error("Start has changed SysProcAttr")
			}
		})
	})
	t.Run("has no one to signal when something else has reaped the leader", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			cmd.ProcessGroup = true
			mustStart(ctx, t, cmd)
			var status syscall.WaitStatus
			for { // on this thread, so that the loop does not see the end before
				if _, err := syscall.Wait4(cmd.Pid(), &status, 0, nil); err != syscall.EINTR {
					break
				}
			}
			expectIs(t, "Kill", cmd.Kill(), os.ErrProcessDone)
			expectIs(t, "Wait", cmd.Wait(ctx), syscall.ECHILD)
			expectIs(t, "Kill", cmd.Kill(), os.ErrProcessDone)
		})
	})
	t.Run("is left by a canceled Start", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			for range 20 {
				cmd := program("sleep")
				cmd.ProcessGroup = true
				task := inTask(ctx, cmd.Start)
				_ = asyncio.Sleep(ctx, 0)
				task.Cancel()
				_, _ = task.Await(ctx)
			}
		})
	})
}
