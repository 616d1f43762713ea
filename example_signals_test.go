//go:build unix

package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/asyncio-go/asyncio"
)

// A program that reads its configuration again whenever it is told to.
func ExampleSignals() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		hangUp := func() { _ = syscall.Kill(os.Getpid(), syscall.SIGHUP) }
		asyncio.RunningLoop(ctx).CallSoon(hangUp) // someone says kill -HUP
		reloads := 0
		for sig := range asyncio.Signals(ctx, syscall.SIGHUP) {
			fmt.Println(sig, "- reloading")
			if reloads++; reloads == 2 {
				break
			}
			asyncio.RunningLoop(ctx).CallSoon(hangUp)
		}
		return nil
	})
	// Output:
	// hangup - reloading
	// hangup - reloading
}
