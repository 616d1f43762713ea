// Command farm has a picture of the Mandelbrot set painted by worker processes, tile by
// tile:
//
//	go run ./examples/farm
//
// It starts a NATS server in this process, two workers, and one more later, and kills the
// first worker in the middle of a tile: another one paints that tile again. In the end, it
// paints the same picture with a WorkerPool. With a server that runs, and workers on other
// machines:
//
//		go run ./examples/farm -nats nats://HOST:4222
//		go run ./examples/farm worker -nats nats://HOST:4222
//
//	  - picture.go is what is computed, and the function that the workers run;
//	  - farm.go is the client: a task for each tile;
//	  - crew.go is a worker, and how the farm starts and kills it;
//	  - pool.go is the same without other processes;
//	  - screen.go draws.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	_ "github.com/asyncio-go/asyncio/console" // ASYNCIO_CONSOLE=1 shows the tasks
	"github.com/asyncio-go/asyncio/remote/embedded"
)

func main() {
	run := farmMain
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "worker" {
		run, args = workerMain, args[1:]
	}
	switch err := run(args); {
	case errors.Is(err, asyncio.ErrInterrupted):
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "farm:", err)
		os.Exit(1)
	}
}

func workerMain(args []string) error {
	flags := flag.NewFlagSet("farm worker", flag.ExitOnError)
	url := flags.String("nats", "", "`URL` of the server; without it, ASYNCIO_NATS says it")
	name := flags.String("name", "", "of the worker")
	tied := flags.Bool("tied", false, "end when standard input ends")
	_ = flags.Parse(args) // it ends the program itself
	if *tied {
		go dieWithParent()
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return work(ctx, *url, *name)
	})
}

func farmMain(args []string) error {
	flags := flag.NewFlagSet("farm", flag.ExitOnError)
	url := flags.String("nats", "", "`URL` of a server that runs; without it, one is started in this process")
	cost := flags.Duration("work", 9*time.Second, "about how long one core would take for the picture")
	_ = flags.Parse(args) // it ends the program itself
	if *url == "" {
		dir, err := os.MkdirTemp("", "farm-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		server, err := embedded.Start(dir)
		if err != nil {
			return err
		}
		defer server.Close()
		*url = server.URL()
	}
	screen, picture := newScreen(os.Stdout)
	picture.Samples = samples(picture, *cost)
	f := newFarm(*url, picture, screen)
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if err := f.run(ctx); err != nil {
			return err
		}
		return f.compare(ctx)
	}, asyncio.HandleInterrupt())
}
