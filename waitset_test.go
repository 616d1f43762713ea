package asyncio_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// Few futures are compared one by one, many are looked up.
func TestManyThatAreGivenTwiceAreWaitedForOnce(t *testing.T) {
	const n = 20
	givenTwice := func(ctx context.Context) (tasks []*asyncio.Task[int], results []int) {
		for i := range n {
			tasks = append(tasks, asyncio.CreateTask(ctx, asynctest.Later(time.Duration(n-i)*time.Second, i)))
			results = append(results, i)
		}
		return slices.Concat(tasks, tasks), slices.Concat(results, results)
	}
	t.Run("Gather", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			tasks, want := givenTwice(ctx)
			got, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", slices.Equal(got, want), true)
		})
	})
	t.Run("Gather, among coroutines", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			tasks, want := givenTwice(ctx)
			var aws []asyncio.Awaitable[int]
			var mixed []int
			for i, task := range tasks {
				aws, mixed = append(aws, task, asynctest.Value(100+i)), append(mixed, want[i], 100+i)
			}
			got, err := asyncio.Gather(ctx, aws...)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", slices.Equal(got, mixed), true)
		})
	})
	t.Run("Wait", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			tasks, _ := givenTwice(ctx)
			done, pending, err := asyncio.Wait(ctx, tasks, asyncio.AllCompleted, 0)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "done", slices.Equal(done, tasks), true)
			asynctest.ExpectEqual(t, "pending", len(pending), 0)
		})
	})
	t.Run("AsCompleted", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			tasks, want := givenTwice(ctx)
			var got []int
			for v, err := range asyncio.AsCompleted(ctx, asyncio.Awaitables(tasks)...) {
				asynctest.ExpectNil(t, err)
				got = append(got, v)
			}
			slices.Reverse(got)
			asynctest.ExpectEqual(t, "yielded", slices.Equal(got, want[:n]), true)
		})
	})
}
