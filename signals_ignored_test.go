//go:build unix

package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// deaf runs a main in a child in which Ctrl-C is ignored, and expects that the
// child ends by itself and says these lines.
func deaf(t *testing.T, main func(ctx context.Context) error, lines ...string) {
	t.Helper()
	if asynctest.InChild() {
		fmt.Println("Run:", asynctest.Run(context.Background(), main, asyncio.HandleInterrupt()))
		return
	}
	c := startDeaf(t)
	for _, line := range append(lines, "Run: <nil>") {
		c.expect(line)
	}
	if by, err := c.wait(); by != 0 || err != nil {
		t.Errorf("the child ended by %v, %v", by, err)
	}
}

// hearsNothing sends Ctrl-C, and returns when it would have come.
func hearsNothing(t *testing.T, ctx context.Context) error {
	for range 3 {
		interruptSelf(t)
		for sig, err := range hangUp(t, ctx) {
			if err != nil || sig != syscall.SIGHUP {
				return fmt.Errorf("%v, %w", sig, err)
			}
			break
		}
	}
	fmt.Println("ignored:", signal.Ignored(os.Interrupt))
	return nil
}

// hangUp are the hang-ups of this process, of which it causes one.
func hangUp(t *testing.T, ctx context.Context) func(yield func(os.Signal, error) bool) {
	asyncio.RunningLoop(ctx).CallSoon(func() { signalSelf(t, syscall.SIGHUP) })
	return asyncio.Signals(ctx, syscall.SIGHUP)
}

func TestHandleInterruptLeavesAnIgnoredOneAlone(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("from the start", func(t *testing.T) {
		deaf(t, func(ctx context.Context) error { return hearsNothing(t, ctx) }, "ignored: true")
	})
	t.Run("from the start, also after someone has caught it for a time", func(t *testing.T) {
		deaf(t, func(ctx context.Context) error {
			c := make(chan os.Signal, 1)
			signal.Notify(c, os.Interrupt)
			signal.Stop(c)
			fmt.Println(asynctest.NewRunner(asyncio.HandleInterrupt()).Run(context.Background(), asyncio.Yield))
			return hearsNothing(t, ctx)
		}, asyncio.ErrLoopRunning.Error(), "ignored: false")
	})
	t.Run("by the program", func(t *testing.T) {
		if asynctest.InChild() {
			signal.Ignore(os.Interrupt)
			fmt.Println(asynctest.Run(context.Background(), func(ctx context.Context) error {
				return hearsNothing(t, ctx)
			}, asyncio.HandleInterrupt()))
			return
		}
		c := startChild(t)
		c.expect("ignored: true")
		c.expect("<nil>")
		if by, err := c.wait(); by != 0 || err != nil {
			t.Errorf("the child ended by %v, %v", by, err)
		}
	})
}

func TestAnIgnoredSignalIsCaughtByName(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	t.Run("by Signals, and ignored again after that", func(t *testing.T) {
		deaf(t, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(func() { interruptSelf(t) })
			for sig, err := range asyncio.Signals(ctx, os.Interrupt) {
				fmt.Println(sig, err)
				break
			}
			return hearsNothing(t, ctx)
		}, "interrupt <nil>", "ignored: true")
	})
	t.Run("by AddSignalHandler, and ignored again after that", func(t *testing.T) {
		deaf(t, func(ctx context.Context) error {
			var came asyncio.Event
			_ = asyncio.RunningLoop(ctx).AddSignalHandler(os.Interrupt, came.Set)
			interruptSelf(t)
			err := came.Wait(ctx)
			fmt.Println("came:", err)
			asyncio.RunningLoop(ctx).RemoveSignalHandler(os.Interrupt)
			return hearsNothing(t, ctx)
		}, "came: <nil>", "ignored: true")
	})
	t.Run("and ignored again when the last who asked for it has left", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		signal.Ignore(syscall.SIGUSR2)
		t.Cleanup(func() { signal.Reset(syscall.SIGUSR2) })
		asynctest.MustEnd(t, func(ctx context.Context) error {
			var came asyncio.Event
			l := asyncio.RunningLoop(ctx)
			_ = l.AddSignalHandler(syscall.SIGUSR2, came.Set)
			l.CallSoon(func() { signalSelf(t, syscall.SIGUSR2) })
			for range asyncio.Signals(ctx, syscall.SIGUSR2) { //asyncio:ok dropped-iteration-error nothing cancels it before the signal
				break
			}
			came.Clear()
			signalSelf(t, syscall.SIGUSR2)
			if err := came.Wait(ctx); err != nil {
				return err
			}
			asynctest.ExpectEqual(t, "ignored", signal.Ignored(syscall.SIGUSR2), false)
			l.RemoveSignalHandler(syscall.SIGUSR2)
			asynctest.ExpectEqual(t, "ignored", signal.Ignored(syscall.SIGUSR2), true)
			signalSelf(t, syscall.SIGUSR2) // would end the test
			return nil
		})
	})
}
