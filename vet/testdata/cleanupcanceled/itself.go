package cleanupcanceled

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

type key int

// Contexts that are made of themselves, and of each other.
func ofItself(parent context.Context) error {
	var ctx, a, b context.Context
	ctx = context.WithValue(ctx, key(1), 1)
	a = context.WithValue(b, key(1), 1)
	b = context.WithValue(a, key(1), 1)
	defer func() { _, _ = asyncio.Sleep(ctx, 1), asyncio.Sleep(b, 1) }()
	return asyncio.Sleep(parent, 1)
}
