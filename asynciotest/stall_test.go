package asynciotest_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

func TestRunReportsAStepThatBlocks(t *testing.T) {
	t.Parallel() // it waits, and so does TestAStepThatBlocksForGoodIsReported
	f := mustFail(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			for range 10 {
				before := f.output()
				time.Sleep(3 * time.Second) //asyncio:ok blocks a step that blocks is what the report is about
				if f.output() == before {
					return
				}
				_ = asyncio.Yield(ctx) // the machine was busy: it was seen before it slept, which is logged
			}
		}, asynciotest.LoopOptions(asyncio.SlowStep(50*time.Millisecond)))
	}, "a step blocks", "it waits outside the loop: sleep in asynciotest_test.TestRunReportsAStepThatBlocks", "stall_test.go:")
	t.Log(f.output())
}

// A step that works is not at fault, however slow the machine is.
func TestRunForgivesAStepThatIsSlow(t *testing.T) {
	f := mustPass(t, func(f *fakeTB) {
		asynciotest.Run(f, func(context.Context) {
			for !strings.Contains(f.output(), "has kept the loop") { // it computes until the watchdog has seen it
				runtime.Gosched()
			}
		}, asynciotest.LoopOptions(asyncio.SlowStep(10*time.Millisecond)))
	})
	t.Log(f.output())
}

func TestNothingGoesOnAfterADeadlock(t *testing.T) {
	after, unwound := false, false
	f := on(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			defer func() { unwound = true }()
			if err := new(asyncio.Event).Wait(ctx); err != nil {
				f.Errorf("a consequence: %v", err)
			}
		})
		after = true
	})
	if !f.Failed() || after || !unwound || strings.Contains(f.output(), "consequence") {
		t.Errorf("the test went on: %v; unwound: %v; it says\n%s", after, unwound, f.output())
	}
}

// TestFailuresForTheirPlace fails, in a process of its own: see below.
func TestFailuresForTheirPlace(t *testing.T) {
	if os.Getenv("ASYNCIOTEST_FAIL") == "" {
		t.Skip("a part of TestFailuresAreOfTheTestsLine")
	}
	t.Run("deadlock", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { _ = new(asyncio.Event).Wait(ctx) })
	})
	t.Run("left over", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { asyncio.Go(ctx, new(asyncio.Event).Wait) })
	})
	t.Run("report", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() { panic("oh dear") })
			_ = asyncio.Yield(ctx)
		})
	})
}

var failure = regexp.MustCompile(`(?m)^ +(\w+\.go):\d+: (deadlock|1 task was|panic in)`)

func TestFailuresAreOfTheTestsLine(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestFailuresForTheirPlace$")
	cmd.Env = append(os.Environ(), "ASYNCIOTEST_FAIL=1")
	out, _ := cmd.CombinedOutput()
	places := failure.FindAllStringSubmatch(string(out), -1)
	if len(places) != 3 {
		t.Errorf("%d failures were found in\n%s", len(places), out)
	}
	for _, p := range places {
		if p[1] != "stall_test.go" {
			t.Errorf("%q is said of %s", p[2], p[1])
		}
	}
}

// TestBlocksForGood never ends, in a process of its own: see below.
func TestBlocksForGood(t *testing.T) {
	if os.Getenv("ASYNCIOTEST_FAIL") == "" {
		t.Skip("a part of TestAStepThatBlocksForGoodIsReported")
	}
	asynciotest.Run(t, func(context.Context) { select {} }, asynciotest.LoopOptions(asyncio.SlowStep(10*time.Millisecond))) //asyncio:ok channel a step that blocks for good is what the report is about
}

// The log of a test that never ends is never printed.
func TestAStepThatBlocksForGoodIsReported(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestBlocksForGood$")
	cmd.Env = append(os.Environ(), "ASYNCIOTEST_FAIL=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if !strings.Contains(line, "TestBlocksForGood: a step blocks") {
		t.Errorf("it says %q: %v", line, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
