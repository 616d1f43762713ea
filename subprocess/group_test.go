package subprocess_test

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/subprocess"
)

// A family is a process and its child, which holds its output: that ends when both have.
type family struct {
	*subprocess.Cmd
	stdin  *streams.Pipe
	stdout *streams.Pipe
}

// startFamily starts a leader with a child, and waits until that is ready.
func startFamily(ctx context.Context, t *testing.T, leader, child string, set ...func(*subprocess.Cmd)) family {
	t.Helper()
	cmd := program("leader", leader, child)
	cmd.ProcessGroup = true
	cmd.WaitDelay = 20 * time.Second
	for _, set := range set {
		set(cmd)
	}
	f := family{cmd, must[*streams.Pipe](t)(cmd.StdinPipe(ctx)), must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))}
	mustStart(ctx, t, cmd)
	expectText(t, "what the child says", []byte(readSome(t, f.stdout)), "ready")
	return f
}

// expectGone expects that all have ended.
func (f family) expectGone(t *testing.T, want string) {
	t.Helper()
	rest, err := io.ReadAll(f.stdout)
	expectIs(t, "reading", err, nil)
	expectText(t, "the rest of the output", rest, want)
	_ = f.stdin.Close()
	expectIs(t, "Kill", f.Kill(), os.ErrProcessDone)
}

func TestProcessGroup(t *testing.T) {
	needSignals(t) // a child that ignores them
	t.Run("is killed as one", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			f := startFamily(ctx, t, "leaves", "stubborn")
			expectIs(t, "Kill", f.Kill(), nil)
			expectExit(t, f.Cmd, f.Wait(ctx), -int(syscall.SIGKILL))
			f.expectGone(t, "")
		})
	})
	t.Run("is killed when its leader has ended by itself", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			f := startFamily(ctx, t, "leaves", "stubborn")
			expectIs(t, "closing its input", f.stdin.Close(), nil)
			expectExit(t, f.Cmd, f.Wait(ctx), 0)
			f.expectGone(t, "")
		})
	})
	t.Run("is asked to end as one, and its leader may wait for the others", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			f := startFamily(ctx, t, "waits", "polite")
			expectIs(t, "Terminate", f.Terminate(), nil)
			expectExit(t, f.Cmd, f.Wait(ctx), 0)
			f.expectGone(t, "bye: terminated")
		})
	})
	t.Run("ends with its scope, also a child that does not want to", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			var f family
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				f = startFamily(ctx, t, "leaves", "stubborn")
				return nil
			})
			expectIs(t, "the group", err, nil)
			expectExit(t, f.Cmd, f.Wait(ctx), -int(syscall.SIGTERM))
			f.expectGone(t, "")
		})
	})
	t.Run("is killed after WaitDelay, if its leader waits for such a child", func(t *testing.T) {
		inTimelyWorlds(t, func(ctx context.Context, t *testing.T) {
			var f family
			task := inTask(ctx, func(ctx context.Context) error {
				f = startFamily(ctx, t, "waits", "stubborn", func(c *subprocess.Cmd) { c.WaitDelay = 50 * time.Millisecond })
				return f.Wait(ctx)
			})
			for f.Cmd == nil {
				_ = asyncio.Sleep(ctx, time.Millisecond)
			}
			task.Cancel()
			expectIs(t, "the task", second(task.Await(ctx)), asyncio.ErrCanceled)
			expectExit(t, f.Cmd, f.Wait(ctx), -int(syscall.SIGKILL))
			f.expectGone(t, "")
		})
	})
	t.Run("is another one than that of this process", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			f := startFamily(ctx, t, "leaves", "polite")
			expectIs(t, "Signal", f.Signal(os.Interrupt), nil)
			expectExit(t, f.Cmd, f.Wait(ctx), -int(syscall.SIGINT))
		})
	})
}

// Of this, systems without signals are capable as well.
func TestProcessGroupDoesNotHoldUpWhatReadsItsOutputToTheEnd(t *testing.T) {
	inWorlds(t, func(ctx context.Context, t *testing.T) {
		cmd := program("parent")
		cmd.ProcessGroup = true
		_, err := cmd.Output(ctx)
		expectIs(t, "Output", err, nil)
	})
}
