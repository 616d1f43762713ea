//go:build unix

package asyncio_test

import (
	"context"
	"fmt"
	"log"
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
		for sig, err := range asyncio.Signals(ctx, syscall.SIGHUP) {
			if err != nil {
				return err
			}
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

// A descriptor that another library has opened is waited for by the loop. What
// the program opens itself is easier with package streams.
func ExampleLoop_AddReader() {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		log.Fatal(err)
	}
	defer syscall.Close(pipe[0])
	defer syscall.Close(pipe[1])
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop, text := asyncio.RunningLoop(ctx), asyncio.NewFuture[string](ctx)
		err := loop.AddReader(uintptr(pipe[0]), func() {
			loop.RemoveReader(uintptr(pipe[0]))
			buf := make([]byte, 64)
			n, err := syscall.Read(pipe[0], buf)
			if err != nil {
				_ = text.SetError(err)
				return
			}
			_ = text.SetResult(string(buf[:n]))
		})
		if err != nil {
			return err
		}
		if _, err := syscall.Write(pipe[1], []byte("hello")); err != nil {
			return err
		}
		got, err := text.Await(ctx)
		fmt.Println(got)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello
}
