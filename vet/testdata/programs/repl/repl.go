// Command repl runs what is typed as a program, and counts how long it takes.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"time"

	"github.com/asyncio-go/asyncio"
)

func clock(ctx context.Context, since time.Time) error {
	for {
		fmt.Printf("\r%v ", time.Since(since).Round(time.Second))
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func loop(ctx context.Context) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() { // want `bufio.Scanner.Scan blocks the event loop in loop: use streams.OpenPipe or ToThread \(asyncio-blocks\)`
		ticking := asyncio.Go(ctx, func(ctx context.Context) error { return clock(ctx, time.Now()) })
		out, err := exec.Command("sh", "-c", lines.Text()).CombinedOutput() // want `exec.Cmd.CombinedOutput blocks the event loop in loop: use package subprocess \(asyncio-blocks\)`
		ticking.Cancel()
		_, _ = ticking.Await(ctx) // want `asyncio-swallowed-cancel`
		fmt.Printf("%s%v\n", out, err)
	}
	return lines.Err()
}

func main() {
	if err := asyncio.Run(context.Background(), loop); err != nil {
		log.Fatal(err)
	}
}
