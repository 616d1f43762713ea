package main

import (
	"context"
	"log"
	"os"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
)

// TestMain starts a server and a worker.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "guide-")
	if err != nil {
		log.Fatal(err)
	}
	server, err := embedded.Start(dir)
	if err != nil {
		log.Fatal(err)
	}
	os.Setenv(remote.EnvURL, server.URL())
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- asyncio.Run(ctx, work) }()
	status := m.Run()
	end()
	<-ended
	server.Close()
	os.RemoveAll(dir)
	os.Exit(status)
}

// The program pool has the same output.
func Example() {
	os.Args = os.Args[:1]
	main()
	// Output: [168 303 430 550 669 783 900 1007 1117 1229]
}
