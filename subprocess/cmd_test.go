package subprocess_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/subprocess"
)

func TestStart(t *testing.T) {
	t.Run("suspends the task, and not the loop", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			turns := 0
			others := asyncio.Go(ctx, func(ctx context.Context) error {
				for cmd.Pid() == 0 {
					turns++
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			})
			mustStart(ctx, t, cmd)
			expectIs(t, "the other task", second(others.Await(ctx)), nil)
			expectIs(t, "Wait", cmd.Wait(ctx), nil)
			if turns == 0 {
				t.Error("the other task had no turn while the process was started")
			}
		})
	})
	t.Run("says that there is no such program, as os/exec does", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			for _, name := range []string{"no-such-program", filepath.Join(t.TempDir(), "none")} {
				cmd := subprocess.Command(name)
				err, want := cmd.Start(ctx), exec.Command(name).Start()
				if err == nil || want == nil || err.Error() != want.Error() || !isNoProgram(err) {
					t.Errorf("Start of %s returned %v, os/exec %v", name, err, want)
				}
				if cmd.Pid() != 0 {
					t.Error("it has a number")
				}
			}
		})
	})
	t.Run("closes all pipes if there is no such program", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := subprocess.Command(filepath.Join(t.TempDir(), "none"))
			w := must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
			r := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			_ = must[*streams.Pipe](t)(cmd.StderrPipe(ctx))
			if err := cmd.Start(ctx); !isNoProgram(err) {
				t.Errorf("Start returned %v", err)
			}
			expectIs(t, "Write", second(w.Write([]byte("x"))), os.ErrClosed)
			expectIs(t, "Read", second(r.Read(make([]byte, 1))), os.ErrClosed)
		})
	})
	t.Run("closes the pipes of writers if the directory does not exist", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("echo")
			cmd.Dir = filepath.Join(t.TempDir(), "none")
			if out, err := cmd.Output(ctx); err == nil || len(out) > 0 {
				t.Errorf("Output gave %q, %v", out, err)
			}
		})
	})
	t.Run("works once", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			expectIs(t, "Run", cmd.Run(ctx), nil)
			if err := cmd.Start(ctx); err == nil || !strings.Contains(err.Error(), "another Cmd") {
				t.Errorf("Start again returned %v", err)
			}
			if _, err := cmd.StdinPipe(ctx); err == nil || !strings.Contains(err.Error(), "before") {
				t.Errorf("StdinPipe after Start returned %v", err)
			}
		})
	})
	t.Run("needs a loop", func(t *testing.T) {
		expectIs(t, "Start", program("exit", "0").Start(t.Context()), asyncio.ErrNoRunningLoop)
	})
	t.Run("comes before the rest", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			for name, err := range map[string]error{
				"Wait": cmd.Wait(ctx), "Kill": cmd.Kill(), "Terminate": cmd.Terminate(), "Signal": cmd.Signal(os.Interrupt),
			} {
				if err == nil || !strings.Contains(err.Error(), "call Start first") {
					t.Errorf("%s before Start returned %v", name, err)
				}
			}
			if _, ended := cmd.ReturnCode(); ended || cmd.Pid() != 0 {
				t.Error("it has ended, or a number, before it was started")
			}
		})
	})
}

// isNoProgram reports whether an error says that there is no such program. On
// Windows a path is searched for, too: for the name with .exe and others.
func isNoProgram(err error) bool {
	return errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) && runtime.GOOS != "windows"
}

func TestWait(t *testing.T) {
	t.Run("returns the exit status", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			for _, code := range []string{"0", "1", "7", "255"} {
				cmd := program("exit", code)
				mustStart(ctx, t, cmd)
				if _, ended := cmd.ReturnCode(); ended {
					t.Error("there is a return code before anyone could know")
				}
				want := map[string]int{"0": 0, "1": 1, "7": 7, "255": 255}[code]
				expectExit(t, cmd, cmd.Wait(ctx), want)
			}
		})
	})
	t.Run("may be called by several tasks, and again", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			stdin := must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
			mustStart(ctx, t, cmd)
			ended := 0
			expectIs(t, "the group", asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range 3 {
					tg.Go(func(ctx context.Context) error {
						ended++
						return cmd.Wait(ctx)
					})
				}
				_ = asyncio.Yield(ctx)
				return stdin.Close()
			}), nil)
			expectIs(t, "Wait again", cmd.Wait(ctx), nil)
			if ended != 3 {
				t.Errorf("%d tasks have waited", ended)
			}
		})
	})
	t.Run("returns at once when the process has ended before", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "4")
			mustStart(ctx, t, cmd)
			for _, ended := cmd.ReturnCode(); !ended; _, ended = cmd.ReturnCode() {
				_ = asyncio.Yield(ctx)
			}
			expectExit(t, cmd, cmd.Wait(ctx), 4)
		})
	})
	t.Run("that is canceled leaves the process alone", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			stdin := must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
			mustStart(ctx, t, cmd)
			waiter := inTask(ctx, cmd.Wait)
			waiter.Cancel()
			expectIs(t, "the waiter", second(waiter.Await(ctx)), asyncio.ErrCanceled)
			if _, ended := cmd.ReturnCode(); ended {
				t.Error("the process has ended")
			}
			expectIs(t, "Close", stdin.Close(), nil)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("that is canceled while the process ends harms no one", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			mustStart(ctx, t, cmd)
			first, second := inTask(ctx, cmd.Wait), inTask(ctx, cmd.Wait)
			asyncio.RunningLoop(ctx).CallSoon(func() { first.Cancel() })
			_, err := first.Await(ctx)
			expectIs(t, "the canceled waiter", err, asyncio.ErrCanceled)
			_, err = second.Await(ctx)
			expectIs(t, "the other waiter", err, nil)
		})
	})
	t.Run("of a hundred processes at once", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			const n = 100
			ended := 0
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range n {
					tg.Go(func(ctx context.Context) error {
						defer func() { ended++ }()
						return program("exit", "0").Run(ctx)
					})
				}
				return nil
			})
			expectIs(t, "the group", err, nil)
			if ended != n {
				t.Errorf("%d have ended, want %d", ended, n)
			}
		})
	})
	t.Run("is not needed for a process to be reaped", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			mustStart(ctx, t, cmd)
			for len(childProcesses(t)) > 0 {
				_ = asyncio.Yield(ctx)
			}
		})
	})
}

func TestCommand(t *testing.T) {
	t.Run("hands on its arguments", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			out, err := program("echo", "one", "two words", "").Output(ctx)
			expectIs(t, "Output", err, nil)
			if got := strings.TrimRight(string(out), "\r\n"); got != "one two words " {
				t.Errorf("it said %q", got)
			}
		})
	})
	t.Run("hands on its environment", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("env", "ASYNCIO_TEST_WORD")
			cmd.Env = append(cmd.Env, "ASYNCIO_TEST_WORD=bird")
			out, err := cmd.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the variable", out, "bird")
			if env := cmd.Environ(); env[len(env)-1] != "ASYNCIO_TEST_WORD=bird" {
				t.Errorf("Environ ends with %q", env[len(env)-1])
			}
		})
	})
	t.Run("runs in its directory", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("dir")
			cmd.Dir = must[string](t)(filepath.EvalSymlinks(t.TempDir()))
			out, err := cmd.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the directory", out, cmd.Dir)
		})
	})
	t.Run("hands on files", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("not on Windows")
		}
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			name := filepath.Join(t.TempDir(), "file")
			expectIs(t, "WriteFile", os.WriteFile(name, []byte("text"), 0o600), nil)
			f := must[*os.File](t)(os.Open(name))
			defer f.Close()
			cmd := program("extra")
			cmd.ExtraFiles = []*os.File{f}
			out, err := cmd.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the file", out, "text")
		})
	})
	t.Run("reads as it would be typed", func(t *testing.T) {
		for want, cmd := range map[string]*subprocess.Cmd{
			"/bin/program a b": subprocess.Command("/bin/program", "a", "b"),
			"/bin/program":     {Path: "/bin/program"},
			"":                 {},
		} {
			if got := cmd.String(); got != want {
				t.Errorf("it is %q, want %q", got, want)
			}
		}
	})
	t.Run("belongs to its loop: on another one, it panics with advice", func(t *testing.T) {
		needProcesses(t)
		err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
			cmd := program("sleep")
			mustStart(ctx, t, cmd)
			for name, use := range map[string]func(ctx context.Context){
				"Wait":        func(ctx context.Context) { _ = cmd.Wait(ctx) },
				"Communicate": func(ctx context.Context) { _, _, _ = cmd.Communicate(ctx, nil) },
				"Kill":        func(context.Context) { _ = cmd.Kill() },
			} {
				advice, err := asyncio.RunOn(ctx, g.Loop(1), func(ctx context.Context) (any, error) {
					return recovered(func() { use(ctx) }), nil
				})
				if !strings.Contains(fmt.Sprint(advice), "goroutine that does not run the loop") {
					t.Errorf("%s: %v, %v", name, advice, err)
				}
			}
			return nil
		}, asyncio.Debug(true)) // so that it is noticed everywhere
		expectIs(t, "RunGroup", err, nil)
	})
}

func TestShell(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil && runtime.GOOS != "windows" {
		t.Skip("there is no /bin/sh")
	}
	t.Run("runs a command line", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			out, err := subprocess.Shell("echo one&& exit 7").Output(ctx)
			var exit *subprocess.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 7 {
				t.Errorf("the error is %v", err)
			}
			expectText(t, "the output", out, "one")
		})
	})
	t.Run("has its environment", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			line := "echo $ASYNCIO_TEST_WORD"
			if runtime.GOOS == "windows" {
				line = "echo %ASYNCIO_TEST_WORD%"
			}
			cmd := subprocess.Shell(line)
			cmd.Env = append(os.Environ(), "ASYNCIO_TEST_WORD=bird")
			out, err := cmd.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the variable", out, "bird")
		})
	})
}
