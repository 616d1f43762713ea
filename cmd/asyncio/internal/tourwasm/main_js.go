// Command tourwasm runs lessons in a browser: the library itself, compiled to
// WebAssembly. The worker of the tour's page loads it when a parameter is changed.
//
// When it is up it calls globalThis.asyncioTour(run), once. Then run(request, done) takes
// a request as JSON, {"lesson": "gather", "values": {"A": "3s"}}, and gives done the JSON
// of the recording, or of {"error": "a sentence"}.
package main

import (
	"context"
	"syscall/js"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

func main() {
	js.Global().Call("asyncioTour", js.FuncOf(run))
	select {} // run is called for as long as the worker lives
}

// run answers on another goroutine: a function that JavaScript has called must not wait,
// but a loop waits.
func run(_ js.Value, args []js.Value) any {
	request, done := args[0].String(), args[1]
	go func() { done.Invoke(string(tourdata.Answer(context.Background(), []byte(request)))) }()
	return nil
}
