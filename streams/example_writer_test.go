package streams_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// Write never waits; Drain does, when the peer is slower than the program.
func ExampleWriter() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		near, far := asynciotest.Pipe(ctx) // two ends of a connection
		reader := asyncio.CreateTask(ctx, func(context.Context) ([]byte, error) {
			defer far.Close()
			return io.ReadAll(far)
		})
		w := streams.NewWriter(near)
		message := strings.Repeat("x", 1000)
		for range 1000 {
			if _, err := io.WriteString(w, message); err != nil {
				return err
			}
			if err := w.Drain(ctx); err != nil {
				return err
			}
		}
		fmt.Println("never kept more than the high-water mark:", w.Buffered() <= streams.DefaultHighWater)
		_ = w.Close() // begins to; WaitClosed has its error
		if err := w.WaitClosed(ctx); err != nil {
			return err
		}
		got, err := reader.Await(ctx)
		fmt.Println(len(got), "bytes")
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// never kept more than the high-water mark: true
	// 1000000 bytes
}
