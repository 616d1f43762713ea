//go:build unix

package subprocess_test

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
)

func TestSignals(t *testing.T) {
	t.Run("end a process", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
				cmd := program("sleep")
				mustStart(ctx, t, cmd)
				var err error
				switch sig {
				case syscall.SIGKILL:
					err = cmd.Kill()
				case syscall.SIGTERM:
					err = cmd.Terminate()
				default:
					err = cmd.Signal(sig)
				}
				expectIs(t, "sending", err, nil)
				expectExit(t, cmd, cmd.Wait(ctx), -int(sig))
			}
		})
	})
	t.Run("can be handled by the process", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("polite")
			_, stdout := start(ctx, t, cmd)
			expectText(t, "the first line", []byte(readSome(t, stdout)), "ready")
			expectIs(t, "Signal", cmd.Signal(os.Interrupt), nil)
			rest, err := io.ReadAll(stdout)
			expectIs(t, "reading", err, nil)
			expectText(t, "the rest", rest, "bye: interrupt")
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("to a process that has ended say so", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			expectIs(t, "Run", cmd.Run(ctx), nil)
			expectIs(t, "Kill", cmd.Kill(), os.ErrProcessDone)
			expectIs(t, "Terminate", cmd.Terminate(), os.ErrProcessDone)
			expectIs(t, "Signal", cmd.Signal(os.Interrupt), os.ErrProcessDone)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("may cross the end of the process", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			mustStart(ctx, t, cmd)
			for {
				err := cmd.Signal(syscall.SIGWINCH) // which does nothing by default
				if err != nil {
					expectIs(t, "Signal", err, os.ErrProcessDone)
					break
				}
				_ = asyncio.Yield(ctx)
			}
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
}

func TestAProcessMayHaveASessionOfItsOwn(t *testing.T) {
	inWorlds(t, func(ctx context.Context, t *testing.T) {
		cmd := program("sleep")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		mustStart(ctx, t, cmd)
		if group, err := syscall.Getpgid(cmd.Pid()); group != cmd.Pid() || err != nil {
			t.Errorf("its group is %d, %v; want its own, %d", group, err, cmd.Pid())
		}
		expectIs(t, "Terminate", cmd.Terminate(), nil)
		expectExit(t, cmd, cmd.Wait(ctx), -int(syscall.SIGTERM))
	})
}

func TestAProcessHearsThatNoOneReads(t *testing.T) {
	inWorlds(t, func(ctx context.Context, t *testing.T) {
		cmd := program("cat")
		stdin, stdout := start(ctx, t, cmd)
		closeAll(t, stdout)
		must[int](t)(io.WriteString(stdin, "for no one"))
		expectExit(t, cmd, cmd.Wait(ctx), -int(syscall.SIGPIPE))
		closeAll(t, stdin)
	})
}
