package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// What it takes to run something on another loop and wait for it: with a
// message for the way back, and with a goroutine that waits, as it was once.
func BenchmarkAnotherLoop(b *testing.B) {
	ways := map[string]func(ctx context.Context, other *asyncio.Loop) (int, error){
		"RunOn": func(ctx context.Context, other *asyncio.Loop) (int, error) {
			return asyncio.RunOn(ctx, other, value(1))
		},
		"ToThread": func(ctx context.Context, other *asyncio.Loop) (int, error) {
			f := asyncio.RunCoroutineThreadsafe(other, value(1))
			return asyncio.ToThread(ctx, func(context.Context) (int, error) { return f.Wait(context.Background()) })
		},
	}
	for name, way := range ways {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			err := asyncio.RunGroup(b.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
				for b.Loop() {
					if _, err := way(ctx, g.Loop(1)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		})
	}
}
