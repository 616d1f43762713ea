// Package serving is what the servers of this module have in common: they run
// until Ctrl-C, and then end in good order.
package serving

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// Main runs a command and ends the program if it fails.
func Main(cmd *cobra.Command) {
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	if err := cmd.Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\nTry '%[1]s --help'.\n", cmd.Name(), err)
		os.Exit(1)
	}
}

// A Handler serves one connection.
type Handler func(ctx context.Context, conn net.Conn) error

// Options of Run.
type Options struct {
	Grace   time.Duration        // how long connections may take to end, after Ctrl-C
	Limit   int                  // of connections at once; 0: none
	Drain   func()               // is called on the loop when the server begins to end; may be nil
	Started func(l net.Listener) // is called when it listens
	Beside  asyncio.Coro[any]    // runs as long as the server does; may be nil
	Handle  Handler
}

// Run serves a TCP address on a loop of its own, until ctx is canceled. A
// second Ctrl-C ends the program at once.
func Run(ctx context.Context, address string, o Options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err := asyncio.Run(ctx, func(ctx context.Context) error { return serve(ctx, address, o) })
	if errors.Is(err, asyncio.ErrCanceled) {
		return nil // that is how a server ends
	}
	return err
}

func serve(ctx context.Context, address string, o Options) error {
	l, err := streams.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	o.Started(l)
	if o.Drain != nil {
		loop := asyncio.RunningLoop(ctx)
		// What is called here is not on the loop.
		defer context.AfterFunc(ctx, func() { _ = loop.CallSoonThreadsafe(o.Drain) })()
	}
	if o.Beside != nil {
		beside := asyncio.CreateTask(ctx, o.Beside, asyncio.Name("beside"))
		defer beside.Cancel()
	}
	opts := []streams.ServeOption{streams.GracePeriod(max(o.Grace, time.Nanosecond))} // 0 would be the default
	if o.Limit > 0 {
		opts = append(opts, streams.MaxConnections(o.Limit))
	}
	return streams.Serve(ctx, l, o.Handle, opts...)
}
