// Command tourrun records one lesson and ends. The server of the tour builds it with a
// lesson that was edited in the page, and runs it apart from itself: such a program may
// do anything.
//
//	tourrun FILE REQUEST
//
// REQUEST is JSON, {"lesson": "gather", "values": {}}. FILE gets the recording, or
// {"error": "a sentence"}; standard output is the program's.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "tourrun is a part of asyncio tour --web: run that")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], tourdata.Answer(context.Background(), []byte(os.Args[2])), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
