package streams_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestPipeOfAConsole(t *testing.T) {
	t.Run("can be closed while it is read, and no one types", func(t *testing.T) {
		console, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
		if err != nil {
			t.Skip("there is no console: ", err)
		}
		defer console.Close()
		run(t, func(ctx context.Context) error {
			p := must(streams.OpenPipe(ctx, console))(t)
			reader := asyncio.Go(ctx, func(context.Context) error { return second(p.Read(make([]byte, 1))) })
			_ = asyncio.Sleep(ctx, 50*time.Millisecond) // until the helper reads
			mustClose(t, p)
			expectIs(t, "Read", second(reader.Await(ctx)), os.ErrClosed)
			return nil
		})
	})
}
