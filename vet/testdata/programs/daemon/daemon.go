// Command daemon saves its state when it is told to, and at its end.
package main

import (
	"context"
	"log"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
)

type daemon struct {
	state []byte
	saves *asyncio.Queue[string]
}

func (d *daemon) save(ctx context.Context) error {
	return files.WriteFile(ctx, "state", d.state, 0o600)
}

func (d *daemon) serve(ctx context.Context) error {
	defer func() {
		if err := d.save(ctx); err != nil {
			log.Print(err)
		}
	}()
	for reason, err := range d.saves.All(ctx) {
		if err != nil {
			return err
		}
		log.Print("saved, for ", reason)
		if err := d.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	d := &daemon{saves: asyncio.NewQueue[string](1)}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		err := loop.AddSignalHandler(syscall.SIGHUP, func() {
			_ = d.saves.Put(ctx, "hangup") // want `asyncio.Queue.Put suspends a task, but the function that main gives to asyncio.Loop.AddSignalHandler runs as a callback.*asyncio-callback-suspends`
		})
		if err != nil {
			return err
		}
		asyncio.Go(ctx, func(ctx context.Context) error {
			for range asyncio.Signals(ctx, os.Interrupt) { // want `asyncio-dropped-iteration-error`
				d.saves.Shutdown(false)
			}
			return nil
		})
		time.AfterFunc(time.Hour, func() {
			d.saves.Shutdown(false) // want `asyncio.Queue.Shutdown is for the loop, but the function that main gives to time.AfterFunc calls it on another goroutine.*asyncio-foreign`
		})
		return d.serve(ctx)
	})
	if err != nil {
		log.Fatal(err)
	}
}
