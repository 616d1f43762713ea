//go:build unix

//asyncio:ok dropped-iteration-error nothing cancels these tasks; the test of cancellation takes the error
package asyncio_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A signaled is a child process that is sent signals.
type signaled struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   *bufio.Scanner
	lines []string
}

// startChild runs the current test in a process of its own.
func startChild(t *testing.T) *signaled {
	t.Helper()
	return start(t, asynctest.Child(t))
}

// startDeaf is startChild with Ctrl-C ignored, as a shell starts what runs in the
// background of a script.
func startDeaf(t *testing.T) *signaled {
	t.Helper()
	cmd := asynctest.Child(t)
	cmd.Args = append([]string{"sh", "-c", `trap "" INT; exec "$@"`, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	return start(t, cmd)
}

func start(t *testing.T, cmd *exec.Cmd) *signaled {
	t.Helper()
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &signaled{t: t, cmd: cmd, out: bufio.NewScanner(out)}
}

// expect waits until the child says a line.
func (s *signaled) expect(line string) {
	s.t.Helper()
	s.expectLine(line, func(said string) bool { return said == line })
}

// expectPrefix waits until the child says a line that begins so.
func (s *signaled) expectPrefix(prefix string) {
	s.t.Helper()
	s.expectLine(prefix, func(said string) bool { return strings.HasPrefix(said, prefix) })
}

func (s *signaled) expectLine(what string, is func(line string) bool) {
	s.t.Helper()
	for s.out.Scan() {
		s.lines = append(s.lines, s.out.Text())
		if is(s.out.Text()) {
			return
		}
	}
	s.t.Fatalf("the child does not say %q; it says\n%s", what, strings.Join(s.lines, "\n"))
}

func (s *signaled) interrupt() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits for the end of the child, and returns the signal that ended it.
func (s *signaled) wait() (by syscall.Signal, err error) {
	for s.out.Scan() {
		s.lines = append(s.lines, s.out.Text())
	}
	err = s.cmd.Wait()
	if status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		by = status.Signal()
	}
	return by, err
}

func TestHandleInterrupt(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("first cancels main, which cleans up, and Run says so", func(t *testing.T) {
		if asynctest.InChild() {
			interruptible(func(ctx context.Context) { fmt.Println("cleaned up") })
			return
		}
		c := startChild(t)
		c.expect("ready")
		c.interrupt()
		c.expect("cleaned up")
		c.expect("Run: true")
		if by, err := c.wait(); by != 0 || err != nil {
			t.Errorf("the child ended by %v, %v", by, err)
		}
	})
	t.Run("second ends the program, by the signal", func(t *testing.T) {
		if asynctest.InChild() {
			interruptible(func(ctx context.Context) {
				fmt.Println("cleans up")
				_ = asynctest.SleepForever(context.WithoutCancel(ctx))
			})
			return
		}
		c := startChild(t)
		c.expect("ready")
		c.interrupt()
		c.expect("cleans up")
		c.interrupt()
		if by, _ := c.wait(); by != syscall.SIGINT {
			t.Errorf("the child ended by %v:\n%s", by, strings.Join(c.lines, "\n"))
		}
	})
	t.Run("second ends a program that is stuck in a step", func(t *testing.T) {
		if asynctest.InChild() {
			interruptible(func(context.Context) {
				fmt.Println("is stuck")
				select {}
			})
			return
		}
		c := startChild(t)
		c.expect("ready")
		c.interrupt()
		c.expect("is stuck")
		c.interrupt()
		if by, _ := c.wait(); by != syscall.SIGINT {
			t.Errorf("the child ended by %v:\n%s", by, strings.Join(c.lines, "\n"))
		}
	})
	t.Run("a main that goes on regardless returns what it likes", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			interruptSelf(t)
			err := asynctest.SleepForever(ctx)
			if !errors.Is(err, asyncio.ErrCanceled) || context.Cause(ctx) != asyncio.ErrInterrupted {
				t.Errorf("main was canceled with %v, because of %v", err, context.Cause(ctx))
			}
			return nil
		}, asyncio.HandleInterrupt())
	})
	t.Run("is the business of one run only", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner(asyncio.HandleInterrupt())
		err := r.Run(t.Context(), func(ctx context.Context) error {
			interruptSelf(t)
			return asynctest.SleepForever(ctx)
		})
		if !errors.Is(err, asyncio.ErrInterrupted) || !errors.Is(err, asyncio.ErrCanceled) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the first run returned %v", err)
		}
		if err := errors.Join(r.Run(t.Context(), asyncio.Yield), r.Close()); err != nil {
			t.Errorf("the second run returned %v", err)
		}
	})
	t.Run("of a group of loops cancels main, and all end", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		err := asyncio.RunGroup(t.Context(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			asyncio.RunningLoop(ctx).CallSoon(func() { interruptSelf(t) })
			return g.Each(ctx, asynctest.SleepForever)
		}, asyncio.HandleInterrupt())
		if !errors.Is(err, asyncio.ErrInterrupted) || !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("RunGroup returned %v", err)
		}
	})
	t.Run("a cancellation for another reason is no interrupt", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := asynctest.Run(ctx, asynctest.SleepForever, asyncio.HandleInterrupt())
		if errors.Is(err, asyncio.ErrInterrupted) || !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("Run returned %v", err)
		}
	})
}

// interruptible runs a main that waits for Ctrl-C, in a child.
func interruptible(cleanUp func(ctx context.Context)) {
	err := asynctest.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println("ready")
		err := asynctest.SleepForever(ctx)
		cleanUp(ctx)
		return err
	}, asyncio.HandleInterrupt())
	fmt.Println("Run:", errors.Is(err, asyncio.ErrInterrupted))
}

func interruptSelf(t *testing.T) { signalSelf(t, syscall.SIGINT) }

func signalSelf(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		t.Error(err)
	}
}

// signalHasCome sends a signal and returns when whoever asked for it has it.
func signalHasCome(t *testing.T, sig syscall.Signal) {
	t.Helper()
	c := make(chan os.Signal, 1)
	signal.Notify(c, sig)
	signalSelf(t, sig)
	<-c
	signal.Stop(c)
}

// guard keeps a signal from ending the test.
func guard(t *testing.T, sig os.Signal) {
	c := make(chan os.Signal, 16)
	signal.Notify(c, sig)
	t.Cleanup(func() { signal.Stop(c) })
}

func TestAddSignalHandler(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("calls on the loop, for each signal", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			if err := l.AddSignalHandler(syscall.SIGUSR1, func() {
				d.Add("task: %q", asyncio.CurrentTask(ctx).Name)
				e.Set()
			}); err != nil {
				return err
			}
			for range 2 {
				signalSelf(t, syscall.SIGUSR1)
				if err := e.Wait(ctx); err != nil {
					return err
				}
				e.Clear()
			}
			return nil
		})
		d.Expect(t, `task: ""`, `task: ""`)
	})
	t.Run("replaces the one before", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			_ = l.AddSignalHandler(syscall.SIGUSR1, func() { t.Error("the first was called") })
			_ = l.AddSignalHandler(syscall.SIGUSR1, e.Set)
			signalSelf(t, syscall.SIGUSR1)
			return e.Wait(ctx)
		})
	})
	t.Run("replaces the one before also for a signal that has come", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			_ = l.AddSignalHandler(syscall.SIGUSR1, func() { t.Error("the first was called") })
			signalHasCome(t, syscall.SIGUSR1)
			_ = l.AddSignalHandler(syscall.SIGUSR1, e.Set)
			return e.Wait(ctx)
		})
	})
	t.Run("replaces the one before without a moment in which there is none", func(t *testing.T) {
		if asynctest.InChild() {
			_ = asynctest.Run(context.Background(), func(ctx context.Context) error {
				l := asyncio.RunningLoop(ctx)
				_ = l.AddSignalHandler(syscall.SIGUSR1, nothing)
				ready := make(chan struct{})
				go func() {
					for i := range 10_000 {
						_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
						if i == 0 {
							close(ready)
						}
					}
				}()
				<-ready
				for range 1000 {
					_ = l.AddSignalHandler(syscall.SIGUSR1, nothing)
				}
				return nil
			})
			fmt.Println("alive")
			os.Exit(0) // before a signal finds that the handler is gone
		}
		c := startChild(t)
		c.expect("alive")
		if by, err := c.wait(); err != nil {
			t.Errorf("the child ended by %v: %v", by, err)
		}
	})
	t.Run("of a signal that cannot be caught returns an error", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			for _, sig := range []os.Signal{syscall.SIGKILL, syscall.SIGSTOP, nil} {
				if err := asyncio.RunningLoop(ctx).AddSignalHandler(sig, nothing); err == nil || !strings.Contains(err.Error(), "cannot be caught") {
					t.Errorf("of %v it returned %v", sig, err)
				}
			}
			return nil
		})
	})
	t.Run("is there until the clean-up at Run's end is over", func(t *testing.T) {
		guard(t, syscall.SIGUSR1)
		cleaned := false
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			_ = l.AddSignalHandler(syscall.SIGUSR1, e.Set)
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				signalSelf(t, syscall.SIGUSR1)
				cleaned = e.Wait(context.WithoutCancel(ctx)) == nil
				return err
			})
			return asyncio.Yield(ctx)
		}, asyncio.Grace(asynctest.Patience))
		if !cleaned {
			t.Error("the signal did not come")
		}
	})
	t.Run("has no effect after Run", func(t *testing.T) {
		guard(t, syscall.SIGUSR1)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			return asyncio.RunningLoop(ctx).AddSignalHandler(syscall.SIGUSR1, func() { t.Error("it was called") })
		})
		signalSelf(t, syscall.SIGUSR1)
	})
}

func TestRemoveSignalHandler(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("reports whether there was one", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			got := []bool{l.RemoveSignalHandler(syscall.SIGUSR1)}
			_ = l.AddSignalHandler(syscall.SIGUSR1, nothing)
			got = append(got, l.RemoveSignalHandler(syscall.SIGUSR1), l.RemoveSignalHandler(syscall.SIGUSR1))
			if !slices.Equal(got, []bool{false, true, false}) {
				t.Errorf("it reported %v", got)
			}
			return nil
		})
	})
	t.Run("takes back a call that is due", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			_ = l.AddSignalHandler(syscall.SIGUSR1, func() { t.Error("it was called") })
			signalHasCome(t, syscall.SIGUSR1)
			l.RemoveSignalHandler(syscall.SIGUSR1)
			return errors.Join(asyncio.Yield(ctx), asyncio.Yield(ctx))
		})
	})
	t.Run("lets the signal do what it does by default", func(t *testing.T) {
		if asynctest.InChild() {
			_ = asynctest.Run(context.Background(), func(ctx context.Context) error {
				l := asyncio.RunningLoop(ctx)
				_ = l.AddSignalHandler(syscall.SIGTERM, nothing)
				l.RemoveSignalHandler(syscall.SIGTERM)
				fmt.Println("ready")
				return asyncio.Sleep(ctx, time.Minute)
			})
			return
		}
		c := startChild(t)
		c.expect("ready")
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if by, _ := c.wait(); by != syscall.SIGTERM {
			t.Errorf("the child ended by %v", by)
		}
	})
}

func TestSignals(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("come one after another, and the task waits between them", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			send := func() {
				d.Add("sent")
				signalSelf(t, syscall.SIGUSR1)
			}
			n := 0
			asyncio.RunningLoop(ctx).CallSoon(send) // it waits by then
			for sig, err := range asyncio.Signals(ctx, syscall.SIGUSR1) {
				d.Add("%v, %v", sig, err)
				if n++; n == 3 {
					break
				}
				asyncio.RunningLoop(ctx).CallSoon(send)
			}
			return nil
		})
		usr1 := syscall.SIGUSR1.String() + ", <nil>"
		d.Expect(t, "sent", usr1, "sent", usr1, "sent", usr1)
	})
	t.Run("that come while the body runs are not lost", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			var got []os.Signal
			asyncio.RunningLoop(ctx).CallSoon(func() { signalSelf(t, syscall.SIGUSR1) })
			for sig := range asyncio.Signals(ctx, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP) {
				if got = append(got, sig); len(got) == 1 {
					signalSelf(t, syscall.SIGUSR2)
					signalSelf(t, syscall.SIGHUP)
				}
				if len(got) == 3 {
					break
				}
				letPass(ctx, 3)
			}
			if !slices.Contains(got, os.Signal(syscall.SIGUSR2)) || !slices.Contains(got, os.Signal(syscall.SIGHUP)) {
				t.Errorf("there came %v", got)
			}
			return nil
		})
	})
	t.Run("that are too many while the body runs become fewer", func(t *testing.T) {
		const sent = 300
		flood := func() {
			guarded := make(chan os.Signal, 1)
			signal.Notify(guarded, syscall.SIGUSR1)
			defer signal.Stop(guarded)
			for range sent {
				signalSelf(t, syscall.SIGUSR1)
				asynctest.Receive(t, guarded) // so that the system does not make one of two
			}
			signalSelf(t, syscall.SIGUSR2)
		}
		asynctest.MustEnd(t, func(ctx context.Context) error {
			got := 0
			asyncio.RunningLoop(ctx).CallSoon(func() { signalSelf(t, syscall.SIGUSR2) })
			for sig := range asyncio.Signals(ctx, syscall.SIGUSR1, syscall.SIGUSR2) {
				if sig == syscall.SIGUSR1 {
					got++
					continue
				}
				if got > 0 {
					break
				}
				flood()
			}
			// 64, and those that were not yet on their way.
			if got == 0 || got > 80 {
				t.Errorf("of %d that were sent, %d came", sent, got)
			}
			return nil
		})
	})
	t.Run("end with the context, whose error is the last pair", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				err := lastError(asyncio.Signals(ctx, syscall.SIGUSR1))
				asynctest.ExpectCanceled(t, err)
				return err
			})
			asynctest.ExpectTimeout(t, err)
			return nil
		})
	})
	t.Run("outside a loop are ErrNoRunningLoop", func(t *testing.T) {
		asynctest.ExpectIs(t, lastError(asyncio.Signals(t.Context(), syscall.SIGUSR1)), asyncio.ErrNoRunningLoop)
	})
	t.Run("leave nothing behind after a break or a panic", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(func() { signalSelf(t, syscall.SIGUSR1) })
			for range asyncio.Signals(ctx, syscall.SIGUSR1) {
				break
			}
			asyncio.RunningLoop(ctx).CallSoon(func() { signalSelf(t, syscall.SIGUSR1) })
			asynctest.ExpectPanic(t, func() {
				for range asyncio.Signals(ctx, syscall.SIGUSR1) {
					panic("in the body")
				}
			})
			return nil
		})
	})
	t.Run("come to several at once, each of them named once", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range 2 {
					tg.Go(func(ctx context.Context) error {
						for sig := range asyncio.Signals(ctx, syscall.SIGUSR1, syscall.SIGUSR1) {
							d.Add("%v", sig)
							break
						}
						return nil
					}, asyncio.Eager())
				}
				signalSelf(t, syscall.SIGUSR1)
				return nil
			})
		})
		d.Expect(t, syscall.SIGUSR1.String(), syscall.SIGUSR1.String())
	})
	t.Run("do what they do by default when the loop was left", func(t *testing.T) {
		if asynctest.InChild() {
			_ = asynctest.Run(context.Background(), func(ctx context.Context) error {
				asyncio.RunningLoop(ctx).CallSoon(func() { fmt.Println("ready") })
				for range asyncio.Signals(ctx, syscall.SIGTERM) {
					break
				}
				fmt.Println("left")
				return asyncio.Sleep(ctx, time.Minute)
			})
			return
		}
		c := startChild(t)
		c.expect("ready")
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		c.expect("left")
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if by, _ := c.wait(); by != syscall.SIGTERM {
			t.Errorf("the child ended by %v", by)
		}
	})
	t.Run("misused panic with advice", func(t *testing.T) {
		asynctest.ExpectAdvice(t, func() { asyncio.Signals(t.Context()) }, "asyncio: Signals of no signal")
		asynctest.ExpectAdvice(t, func() { asyncio.Signals(t.Context(), syscall.SIGHUP, os.Kill) }, "asyncio: the signal killed cannot be caught")
	})
}
