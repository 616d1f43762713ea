//go:build unix

package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"

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
