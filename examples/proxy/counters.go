package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

// counters are what the proxy has done. Only tasks touch them.
type counters struct {
	open, total int
	failed      int    // that the other side did not take
	why         string // the last of these failed
	up, down    int64  // bytes to the server and back
}

func (c *counters) String() string {
	failed := fmt.Sprintf("%d failed", c.failed)
	if c.why != "" {
		failed += " (the last: " + c.why + ")"
	}
	return fmt.Sprintf("%d open, %d in all, %s up, %s down, %s", c.open, c.total, size(c.up), size(c.down), failed)
}

// size returns a number of bytes as a person reads it.
func size(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	x, prefix := float64(n)/unit, 0
	for ; x >= unit && prefix < 4; prefix++ {
		x /= unit
	}
	return fmt.Sprintf("%.1f %ciB", x, "KMGTP"[prefix])
}

// show draws the counters on one line of a terminal, over and over.
func (c *counters) show(ctx context.Context, w io.Writer) error {
	for {
		fmt.Fprintf(w, "\r\x1b[K%v", c)
		if err := asyncio.Sleep(ctx, time.Second/2); err != nil {
			fmt.Fprint(w, "\r\x1b[K")
			return err
		}
	}
}
