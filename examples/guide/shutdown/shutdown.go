// Package shutdown holds the code of docs/guide/shutdown.md: a program that ends in good
// order.
package shutdown

import (
	"context"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// ANCHOR: serve
func serve(ctx context.Context, l net.Listener, handle func(ctx context.Context, conn net.Conn) error) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		server := tg.Go(func(ctx context.Context) error {
			return streams.Serve(ctx, l, handle, streams.GracePeriod(10*time.Second))
		})
		for _, err := range asyncio.Signals(ctx, os.Interrupt, syscall.SIGTERM) {
			if err != nil {
				return err
			}
			server.Cancel() // accepts no more; connections have ten seconds
			return nil      // and the group waits for them
		}
		return nil
	})
}

// ANCHOR_END: serve

// ANCHOR: drain
// A desk has workers that take jobs from a queue.
type desk struct {
	jobs *asyncio.Queue[string]
	do   func(ctx context.Context, job string) error
}

func (d *desk) run(ctx context.Context, quit *asyncio.Event) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range 4 {
			tg.Go(d.work)
		}
		if err := quit.Wait(ctx); err != nil {
			return err
		}
		d.jobs.Shutdown(false)           // no new jobs; those in the queue are done
		tg.CancelAfter(20 * time.Second) // if they are done in time
		return nil
	})
}

func (d *desk) work(ctx context.Context) error {
	for job, err := range d.jobs.All(ctx) {
		if err != nil {
			return err
		}
		if err := d.do(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// ANCHOR_END: drain

// ANCHOR: cleanup
func withFile(ctx context.Context, open func(ctx context.Context) (func(ctx context.Context) error, error), body func(ctx context.Context) error) (err error) {
	closeFile, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx) // which may be canceled by now
		if e := asyncio.WithTimeout(ctx, time.Second, closeFile); err == nil {
			err = e
		}
	}()
	return body(ctx)
}

// ANCHOR_END: cleanup
