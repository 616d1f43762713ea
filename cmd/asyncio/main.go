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
	"github.com/asyncio-go/asyncio/vet"
	"github.com/asyncio-go/asyncio/vet/vettool"
)

func main() { os.Exit(run()) }

// run is also the tool that go vet starts for asyncio vet. Otherwise it runs a command, and
// cancels it at the first Ctrl-C. The second one ends the program at
// once, because no handler is installed for it any more.
func run() int {
	if vettool.Asked(os.Args[1:]) {
		vettool.Main(vet.Analyzers()...)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
