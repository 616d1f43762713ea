// Command hello is what one writes after an hour with the library, and years with Python.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func greet(name string, after time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		time.Sleep(after) // want `time.Sleep blocks the event loop in the function that greet gives to a Coro: use asyncio.Sleep \(asyncio-blocks\)`
		return "hello " + name, nil
	}
}

func run(ctx context.Context) error {
	greet("Ada", time.Second)                        // want `greet makes a coroutine, which is dropped and never runs.*asyncio-dropped`
	go greet("Bob", time.Second)                     // want `greet makes a coroutine, which is dropped.*asyncio-dropped`
	text, _ := greet("Cleo", time.Second).Await(ctx) // want `the error of asyncio.Coro.Await is lost.*asyncio-lost-error`
	fmt.Println(text)
	both, _ := asyncio.Gather(ctx, greet("Dora", 2*time.Second), greet("Emil", time.Second)) // want `the error of asyncio.Gather is lost.*asyncio-lost-error`
	fmt.Println(both)
	return nil
}

func main() {
	asyncio.Run(context.Background(), run) // want `the error of asyncio.Run is lost.*asyncio-lost-error`
}
