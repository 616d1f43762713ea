// Command asyncio shows Python's asyncio for Go at work: a tour of small
// programs that run, each with a timeline of its tasks.
//
//	go run ./cmd/asyncio tour
//
// "asyncio --help" tells more.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/cli"
)

func main() { os.Exit(run()) }

// run ends what goes on at the first Ctrl-C. The second one ends the program
// at once, because then nobody listens for it any more.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
