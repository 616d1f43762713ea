package comments

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// quick blocks for a moment, and its callers need not know.
func quick() {
	time.Sleep(1) //asyncio:ok blocks it is a nanosecond
}

func callsQuick(ctx context.Context) error {
	quick()
	return asyncio.Sleep(ctx, 1)
}
