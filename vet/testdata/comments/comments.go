package comments

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func wait(ctx context.Context) error {
	time.Sleep(1) //asyncio:ok blocks it is for a test
	//asyncio:ok blocks the next line is meant
	time.Sleep(1)
	time.Sleep(1) /* it is not silenced */ // want `asyncio-blocks`
	//asyncio:ok blocks // want `lacks the reason: write why it is right here \(asyncio-ok\)`
	time.Sleep(1) // want `asyncio-blocks`
	//asyncio:ok // want `names no rule`
	//asyncio:ok sleeps because // want `names sleeps, which is no rule`
	//asyncio:ok channel there is none // want `silences nothing: remove it`
	return asyncio.Sleep(ctx, 1)
}

// whole is silenced as a whole.
//
//asyncio:ok blocks the whole function is meant
func whole(ctx context.Context) error {
	time.Sleep(1)
	time.Sleep(1)
	return asyncio.Sleep(ctx, 1)
}
