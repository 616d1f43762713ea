//go:build unix

package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// TestDumpOnQuit sends SIGQUIT to a child, which says what its tasks do and goes on.
func TestDumpOnQuit(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if asynctest.InChild() {
		os.Stderr = os.Stdout
		err := asynctest.Run(context.Background(), func(ctx context.Context) error {
			var e asyncio.Event
			e.SetName("the end")
			waiter := asyncio.Go(ctx, e.Wait, asyncio.Name("waiter"))
			fmt.Println("ready")
			for _, err := range asyncio.Signals(ctx, syscall.SIGHUP) {
				if err != nil {
					return err
				}
				break
			}
			e.Set()
			_, err := waiter.Await(ctx)
			return err
		}, asyncio.DumpOnQuit())
		fmt.Println("Run:", err)
		return
	}
	c := startChild(t)
	c.expect("ready")
	for range 2 {
		if err := c.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		c.expectPrefix(`task 2 "waiter" waits for event "the end"`)
	}
	if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c.expect("Run: <nil>")
	if by, err := c.wait(); by != 0 || err != nil {
		t.Errorf("the child ended by %v, %v", by, err)
	}
}

// TestDumpOnQuitAtTheEnd sends SIGQUIT to a child in the last step of its loop, which has
// no time to see to it any more. It ends all the same.
func TestDumpOnQuitAtTheEnd(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if asynctest.InChild() {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			var e asyncio.Event
			for range 1000 { // more than it can look at before the end
				asyncio.Go(ctx, e.Wait)
			}
			_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
			time.Sleep(100 * time.Millisecond) //asyncio:ok blocks until the signal is there
			return nil
		}, asyncio.DumpOnQuit())
		fmt.Println("Run:", err)
		return
	}
	c := startChild(t)
	c.expect("Run: <nil>")
	if by, err := c.wait(); by != 0 || err != nil {
		t.Errorf("the child ended by %v, %v", by, err)
	}
}

// TestDumpOnQuitOfSeveralLoops sends SIGQUIT to a child that has two loops with the option,
// each of which catches Ctrl-C as well.
func TestDumpOnQuitOfSeveralLoops(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if asynctest.InChild() {
		os.Stderr = os.Stdout
		var loops sync.WaitGroup
		var begun sync.WaitGroup
		begun.Add(2)
		for _, name := range []string{"one", "other"} {
			loops.Go(func() {
				err := asyncio.Run(context.Background(), func(ctx context.Context) error {
					var e asyncio.Event
					asyncio.Go(ctx, e.Wait, asyncio.Name(name))
					_ = asyncio.Yield(ctx)
					begun.Done()
					return asyncio.Sleep(ctx, time.Hour)
				}, asyncio.DumpOnQuit(), asyncio.HandleInterrupt())
				fmt.Println("Run:", err)
			})
		}
		begun.Wait()
		fmt.Println("ready")
		loops.Wait()
		return
	}
	c := startChild(t)
	c.expect("ready")
	if err := c.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{"one": true, "other": true}
	for len(missing) > 0 {
		c.expectLine("waits for event", func(line string) bool { return strings.Contains(line, "waits for event") })
		delete(missing, strings.Split(c.lines[len(c.lines)-1], `"`)[1])
	}
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	c.expectPrefix("Run: asyncio: interrupted")
	c.expectPrefix("Run: asyncio: interrupted")
}

// TestDumpOnQuitLeavesAnIgnoredSignalAlone sends SIGQUIT to a child that ignores it.
func TestDumpOnQuitLeavesAnIgnoredSignalAlone(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if asynctest.InChild() {
		os.Stderr = os.Stdout
		signal.Ignore(syscall.SIGQUIT)
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
			return asyncio.Sleep(ctx, 50*time.Millisecond)
		}, asyncio.DumpOnQuit())
		fmt.Println("Run:", err, signal.Ignored(syscall.SIGQUIT))
		return
	}
	c := startChild(t)
	c.expect("Run: <nil> true")
	for _, line := range c.lines {
		if strings.Contains(line, "of a loop") {
			t.Errorf("it was dumped: %s", line)
		}
	}
	if by, err := c.wait(); by != 0 || err != nil {
		t.Errorf("the child ended by %v, %v", by, err)
	}
}
