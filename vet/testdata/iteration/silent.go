package iteration

import (
	"context"
	"iter"
	"maps"

	"github.com/asyncio-go/asyncio"
)

func good(ctx context.Context, q *asyncio.Queue[int], b *asyncio.Broadcast[int]) error {
	for item, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		handle(item)
	}
	for _, err := range q.All(ctx) {
		if err != nil {
			return err
		}
	}
	for s := range b.Subscribers() { // it has no errors
		s.Close()
	}
	for range asyncio.AsCompletedIndex(ctx, asyncio.Coro[int](one)) { // each result has its own
	}
	for k := range maps.All(map[string]error{"a": nil}) { // of another package
		handle(len(k))
	}
	for v := range own() {
		handle(v)
	}
	return nil
}

func one(context.Context) (int, error) { return 1, nil }

func own() iter.Seq2[int, error] { return func(yield func(int, error) bool) { yield(1, nil) } }
