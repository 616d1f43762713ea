// A whole file is silenced by a comment above its package clause.

//asyncio:ok blocks everything in this file is meant
//asyncio:ok channel there is none // want `silences nothing: remove it`

package comments

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func inAFile(ctx context.Context) error {
	time.Sleep(1)
	return asyncio.Sleep(ctx, 1)
}

func alsoInAFile(ctx context.Context) error {
	time.Sleep(1)
	return asyncio.Sleep(ctx, 1)
}
