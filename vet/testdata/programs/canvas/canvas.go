// Command canvas draws with a library that wants all its calls on one thread.
package main

import (
	"context"
	"log"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
)

// canvas stands for the library.
type canvas struct{ frames int }

func (c *canvas) draw() { c.frames++ }

func paint(ctx context.Context, c *canvas) error {
	runtime.LockOSThread() // want `asyncio-thread-lock`
	for range 100 {
		c.draw()
		if err := asyncio.Sleep(ctx, 16*time.Millisecond); err != nil {
			return err
		}
	}
	runtime.UnlockOSThread()
	return nil
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var c canvas
		return paint(ctx, &c)
	})
	if err != nil {
		log.Fatal(err)
	}
}
