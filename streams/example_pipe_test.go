package streams_test

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A task reads lines as they come, while others work.
func ExampleOpenPipe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		in, out, err := os.Pipe() // or os.Stdin
		if err != nil {
			return err
		}
		input, err := streams.OpenPipe(ctx, in)
		if err != nil {
			return err
		}
		defer input.Close()
		in.Close()

		asyncio.Go(ctx, func(context.Context) error {
			defer out.Close()
			fmt.Fprintln(out, "first")
			fmt.Fprintln(out, "second")
			return nil
		})
		lines := bufio.NewScanner(input)
		for lines.Scan() {
			fmt.Println(lines.Text())
		}
		return lines.Err()
	})
	// Output:
	// first
	// second
}
