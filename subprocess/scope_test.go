package subprocess_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/subprocess"
)

// never suspends until its context is canceled.
func never(ctx context.Context) error { return asyncio.Sleep(ctx, 1<<62) }

// startReady starts a process and waits for its first line.
func startReady(ctx context.Context, t *testing.T, cmd *subprocess.Cmd) *streams.Pipe {
	t.Helper()
	stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
	mustStart(ctx, t, cmd)
	expectText(t, "the first line", []byte(readSome(t, stdout)), "ready")
	return stdout
}

// expectEndedBy expects that a signal has ended the process.
func expectEndedBy(t *testing.T, cmd *subprocess.Cmd, sig syscall.Signal) {
	t.Helper()
	if code, ended := cmd.ReturnCode(); code != -int(sig) || !ended {
		t.Errorf("the return code is %d, ended: %v; want %d", code, ended, -int(sig))
	}
}

func TestAProcessEndsWithItsScope(t *testing.T) {
	needSignals(t)
	t.Run("which is a group that is left", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("sleep")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				mustStart(ctx, t, cmd)
				return nil
			})
			expectIs(t, "the group", err, nil)
			expectEndedBy(t, cmd, syscall.SIGTERM)
		})
	})
	t.Run("but not before the tasks of the group", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				stdin, stdout := start(ctx, t, cmd)
				tg.Go(func(ctx context.Context) error {
					must[int](t)(io.WriteString(stdin, "still here"))
					expectText(t, "the answer", []byte(readSome(t, stdout)), "still here")
					return stdin.Close()
				})
				tg.Go(cmd.Wait)
				return nil
			}, asyncio.Limit(2))
			expectIs(t, "the group", err, nil)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("which is a group that fails", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("sleep")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				mustStart(ctx, t, cmd)
				tg.Go(func(context.Context) error { return errBroken })
				return never(ctx)
			})
			expectIs(t, "the group", err, errBroken)
			expectEndedBy(t, cmd, syscall.SIGTERM)
		})
	})
	t.Run("which is a task", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("sleep")
			task := asyncio.Go(ctx, func(ctx context.Context) error { return cmd.Start(ctx) })
			expectIs(t, "the task", second(task.Await(ctx)), nil)
			_ = cmd.Wait(ctx)
			expectEndedBy(t, cmd, syscall.SIGTERM)
		})
	})
	t.Run("or with the group, if the task gave it that", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				stdin := must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
				_, err := tg.Go(func(context.Context) error { return cmd.Start(ctx) }).Await(ctx)
				expectIs(t, "the task", err, nil)
				_ = asyncio.Yield(ctx)
				closeAll(t, stdin)
				return cmd.Wait(ctx)
			})
			expectIs(t, "the group", err, nil)
		})
	})
	t.Run("which is a timeout", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("sleep")
			err := asyncio.WithTimeout(ctx, time.Hour, cmd.Start)
			expectIs(t, "the timeout", err, nil)
			_ = cmd.Wait(ctx)
			expectEndedBy(t, cmd, syscall.SIGTERM)
		})
	})
	t.Run("which is a context of the standard library", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			own, cancel := context.WithCancel(ctx)
			cmd := program("sleep")
			mustStart(own, t, cmd)
			cancel()
			_ = cmd.Wait(ctx)
			expectEndedBy(t, cmd, syscall.SIGTERM)
		})
	})
	t.Run("which is Run", func(t *testing.T) {
		cmd := program("sleep")
		run(t, func(ctx context.Context, t *testing.T) {
			mustStart(context.WithoutCancel(ctx), t, cmd)
		})
		expectEndedBy(t, cmd, syscall.SIGTERM)
	})
	t.Run("and one that has ended is left alone", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "3")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				mustStart(ctx, t, cmd)
				_ = cmd.Wait(ctx)
				return nil
			})
			expectIs(t, "the group", err, nil)
			expectExit(t, cmd, cmd.Wait(ctx), 3)
		})
	})
	t.Run("and is killed if it does not listen", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("stubborn")
			cmd.WaitDelay = 10 * time.Millisecond
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				closeAll(t, startReady(ctx, t, cmd))
				return nil
			})
			expectIs(t, "the group", err, nil)
			expectEndedBy(t, cmd, syscall.SIGKILL)
		})
	})
	t.Run("and may take its time to end", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("polite")
			cmd.WaitDelay = -1
			var stdout *streams.Pipe
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				stdout = startReady(ctx, t, cmd)
				return nil
			})
			expectIs(t, "the group", err, nil)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			rest, err := io.ReadAll(stdout)
			expectIs(t, "reading", err, nil)
			expectText(t, "the rest", rest, "bye: terminated")
		})
	})
	t.Run("in its own way, or is killed if that fails", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			for want, cancel := range map[syscall.Signal]func(*subprocess.Cmd) error{
				syscall.SIGINT:  func(cmd *subprocess.Cmd) error { return cmd.Signal(os.Interrupt) },
				syscall.SIGKILL: func(*subprocess.Cmd) error { return errBroken },
			} {
				cmd := program("sleep")
				cmd.Cancel = func() error { return cancel(cmd) }
				cmd.WaitDelay = -1
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					mustStart(ctx, t, cmd)
					return nil
				})
				expectIs(t, "the group", err, nil)
				expectEndedBy(t, cmd, want)
			}
		})
	})
}

// Whoever waits learns how it has ended, and no one what Cancel has returned.
func TestTheErrorOfCancelIsReported(t *testing.T) {
	needSignals(t)
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"an error":              {errBroken, 1},
		"that it ended already": {os.ErrProcessDone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var heard []asyncio.ExceptionContext
			run(t, func(ctx context.Context, t *testing.T) {
				cmd := program("sleep")
				cmd.Cancel = func() error { return tt.err }
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					mustStart(ctx, t, cmd)
					return nil
				})
				expectIs(t, "the group", err, nil)
				expectEndedBy(t, cmd, syscall.SIGKILL)
			}, asyncio.OnException(func(c asyncio.ExceptionContext) { heard = append(heard, c) }), asyncio.SlowStep(-1))
			if len(heard) != tt.want || tt.want > 0 && (!errors.Is(heard[0].Err, tt.err) || !strings.Contains(heard[0].Message, "ending process ")) {
				t.Errorf("the exception handler was given %v", heard)
			}
		})
	}
}

func TestACanceledOwnerEndsTheProcess(t *testing.T) {
	needSignals(t)
	owners := map[string]func(ctx context.Context, cmd *subprocess.Cmd) error{
		"Run":            func(ctx context.Context, cmd *subprocess.Cmd) error { return cmd.Run(ctx) },
		"Output":         func(ctx context.Context, cmd *subprocess.Cmd) error { return second(cmd.Output(ctx)) },
		"CombinedOutput": func(ctx context.Context, cmd *subprocess.Cmd) error { return second(cmd.CombinedOutput(ctx)) },
		"Communicate": func(ctx context.Context, cmd *subprocess.Cmd) error {
			_, _, err := cmd.Communicate(ctx, make([]byte, 1<<20))
			return err
		},
	}
	for name, call := range owners {
		t.Run("of "+name, func(t *testing.T) {
			run(t, func(ctx context.Context, t *testing.T) {
				cmd := program("sleep")
				owner := inTask(ctx, func(ctx context.Context) error { return call(ctx, cmd) })
				for cmd.Pid() == 0 {
					_ = asyncio.Yield(ctx)
				}
				_ = asyncio.Yield(ctx)
				owner.Cancel()
				expectIs(t, name, second(owner.Await(ctx)), asyncio.ErrCanceled)
				if !owner.Canceled() {
					t.Error("the task is not canceled")
				}
				if isAlive(cmd.Pid()) {
					t.Error("the process lives")
				}
			})
		})
		t.Run("of "+name+" in a timeout", func(t *testing.T) {
			run(t, func(ctx context.Context, t *testing.T) {
				cmd := program("sleep")
				err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error { return call(ctx, cmd) })
				expectIs(t, name, err, asyncio.ErrTimeout)
				if pid := cmd.Pid(); pid != 0 && isAlive(pid) {
					t.Error("the process lives")
				}
			})
		})
		t.Run("of "+name+" before it begins", func(t *testing.T) {
			run(t, func(ctx context.Context, t *testing.T) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				cmd := program("sleep")
				expectIs(t, name, call(ctx, cmd), context.Canceled)
				if cmd.Pid() != 0 {
					t.Error("it was started")
				}
			})
		})
	}
	t.Run("and returns what was read", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("polite")
			start(ctx, t, cmd)
			owner := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
				stdout, _, err := cmd.Communicate(ctx, nil)
				expectIs(t, "Communicate", err, asyncio.ErrCanceled)
				return string(stdout), nil
			})
			expectIs(t, "sleeping", asyncio.Sleep(ctx, time.Millisecond), nil)
			owner.Cancel()
			got, _ := owner.Await(ctx)
			if code, _ := cmd.ReturnCode(); code == 0 { // it may have been asked to end before it could listen
				expectText(t, "the output", []byte(got), "ready\nbye: terminated")
			}
		})
	})
	t.Run("and a result that is there is not lost", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "6")
			mustStart(ctx, t, cmd)
			_ = cmd.Wait(ctx)
			_, _, err := cmd.Communicate(ctx, nil)
			expectExit(t, cmd, err, 6)
		})
	})
}

func TestStartThatIsCanceledLeavesNoProcess(t *testing.T) {
	needSignals(t)
	t.Run("while the process is being started", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			for range 20 {
				cmd := program("stubborn")
				_ = must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
				_ = must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
				cmd.Stderr = new(bytes.Buffer)
				task := inTask(ctx, cmd.Start)
				task.Cancel()
				expectIs(t, "Start", second(task.Await(ctx)), asyncio.ErrCanceled)
				if len(childProcesses(t)) > 0 {
					t.Error("a process is left")
				}
			}
		})
	})
	t.Run("at any moment", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			for turns := range 40 {
				cmd := program("sleep")
				task := inTask(ctx, func(ctx context.Context) error {
					_, _, err := cmd.Communicate(ctx, []byte("input"))
					return err
				})
				for range turns * turns {
					_ = asyncio.Yield(ctx)
				}
				task.Cancel()
				expectIs(t, "Communicate", second(task.Await(ctx)), asyncio.ErrCanceled)
				if len(childProcesses(t)) > 0 {
					t.Error("a process is left")
				}
			}
		})
	})
	t.Run("with its group", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("sleep")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(cmd.Start)
				_ = asyncio.Yield(ctx)
				return errBroken
			})
			expectIs(t, "the group", err, errBroken)
		})
	})
}

// endGrandchild ends the process whose number a "parent" has printed.
func endGrandchild(t *testing.T, out string) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		t.Fatalf("the parent said %q", out)
	}
	p, err := os.FindProcess(pid)
	if err == nil {
		err = errors.Join(p.Kill(), p.Release())
	}
	expectIs(t, "ending the grandchild", err, nil)
}

func TestAScopeThatIsCanceledWhenStartHasJustSucceededEndsTheProcess(t *testing.T) {
	needSignals(t)
	woken := false
	see := asyncio.Observe(&asyncio.Hooks{TaskWoken: func(e asyncio.HookEvent) { woken = woken || e.Task.Name == "starter" }})
	run(t, func(ctx context.Context, t *testing.T) {
		cmd := program("sleep")
		starter := asyncio.Go(ctx, func(ctx context.Context) error { return cmd.Start(ctx) }, asyncio.Name("starter"))
		for !woken {
			_ = asyncio.Yield(ctx)
		}
		starter.Cancel() // which cannot cut what was woken
		_, err := starter.Await(ctx)
		expectIs(t, "Start", err, nil)
		if exit := (*subprocess.ExitError)(nil); !errors.As(cmd.Wait(ctx), &exit) {
			t.Error("the process was not ended by a signal")
		}
	}, see)
}

func TestAGrandchildThatHoldsTheOutput(t *testing.T) {
	needSignals(t)
	t.Run("does not hold up Wait", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("parent")
			stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			mustStart(ctx, t, cmd)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			endGrandchild(t, readSome(t, stdout))
			rest, err := io.ReadAll(stdout)
			expectIs(t, "reading", err, nil)
			expectText(t, "the rest", rest, "")
		})
	})
	t.Run("does not hold up Wait for a process that is killed", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("parent", "stays")
			stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			mustStart(ctx, t, cmd)
			grandchild := readSome(t, stdout)
			expectIs(t, "Kill", cmd.Kill(), nil)
			expectExit(t, cmd, cmd.Wait(ctx), -int(syscall.SIGKILL))
			endGrandchild(t, grandchild)
			closeAll(t, stdout)
		})
	})
	t.Run("holds up what reads to the end for WaitDelay", func(t *testing.T) {
		readers := map[string]func(ctx context.Context, cmd *subprocess.Cmd) ([]byte, error){
			"Output":         func(ctx context.Context, cmd *subprocess.Cmd) ([]byte, error) { return cmd.Output(ctx) },
			"CombinedOutput": func(ctx context.Context, cmd *subprocess.Cmd) ([]byte, error) { return cmd.CombinedOutput(ctx) },
			"Communicate": func(ctx context.Context, cmd *subprocess.Cmd) ([]byte, error) {
				stdout, _, err := cmd.Communicate(ctx, nil)
				return stdout, err
			},
		}
		for name, read := range readers {
			inTimelyWorlds(t, func(ctx context.Context, t *testing.T) {
				cmd := program("parent")
				cmd.WaitDelay = 50 * time.Millisecond
				out, err := read(ctx, cmd)
				expectIs(t, name, err, subprocess.ErrWaitDelay)
				endGrandchild(t, string(out))
			})
		}
	})
	t.Run("holds it up for ever if there is no limit", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("parent")
			stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			cmd.WaitDelay = -1
			mustStart(ctx, t, cmd)
			pid := readSome(t, stdout)
			reader := inTask(ctx, func(ctx context.Context) error {
				_, _, err := cmd.Communicate(ctx, nil)
				return err
			})
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			if reader.Done() {
				t.Error("Communicate has ended before the output")
			}
			endGrandchild(t, pid)
			expectIs(t, "Communicate", second(reader.Await(ctx)), nil)
		})
	})
}

func TestAPanicOfCancelKillsTheProcess(t *testing.T) {
	needSignals(t)
	needProcesses(t)
	nothingIsLeft(t)
	cmd := program("sleep")
	var heard []string
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		cmd.Cancel = func() error { panic("oops") }
		ctx, cancel := context.WithCancel(ctx)
		mustStart(ctx, t, cmd)
		cancel()
		return cmd.Wait(context.WithoutCancel(ctx))
	}, asyncio.OnException(func(c asyncio.ExceptionContext) { heard = append(heard, c.String()) }), asyncio.SlowStep(-1))
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Wait returned %v", err)
	}
	if len(heard) != 1 || !strings.Contains(heard[0], "oops") {
		t.Errorf("reported: %q", heard)
	}
	eventually(t, "the process has been killed", func() bool { return !isAlive(cmd.Pid()) && len(childProcesses(t)) == 0 })
}

func TestAPanicOfCancelAfterTheEndLeavesNoZombie(t *testing.T) {
	needSignals(t)
	needProcesses(t)
	nothingIsLeft(t)
	cmd := program("sleep")
	_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
		cmd.Cancel = func() error {
			expectIs(t, "Kill", cmd.Kill(), nil)
			for isAlive(cmd.Pid()) {
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
			}
			_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond) // in which the loop hears of it
			panic("oops")
		}
		scope, cancel := context.WithCancel(ctx)
		mustStart(scope, t, cmd)
		cancel()
		return cmd.Wait(ctx)
	}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
	eventually(t, "the process has been reaped", func() bool { return len(childProcesses(t)) == 0 })
}

func TestAProcessThatRefusesToEndIsKilledWithTheLoop(t *testing.T) {
	needSignals(t)
	needProcesses(t)
	nothingIsLeft(t)
	cmd := program("stubborn")
	cmd.WaitDelay = -1
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		startReady(ctx, t, cmd)
		return nil
	}, asyncio.Grace(10*time.Millisecond), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	var stuck *asyncio.ShutdownError
	if !errors.As(err, &stuck) || len(stuck.Tasks) != 1 || !strings.HasPrefix(stuck.Tasks[0], "process ") {
		t.Errorf("Run returned %v", err)
	}
	eventually(t, "the process has been killed", func() bool { return !isAlive(cmd.Pid()) && len(childProcesses(t)) == 0 })
}
