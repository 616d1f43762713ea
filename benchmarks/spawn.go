package main

// Spawn: tasks that end without ever suspending, made in batches of 1,000 and
// then awaited, against goroutines that do nothing at all under a WaitGroup.
// One operation is one task, from its creation to its awaited result. Our
// tasks return a value that is added up; the goroutines have no result to
// hand over, which favors them.
//
// Not measured: tasks that suspend (gather has a row with them), and the
// parallelism that goroutines would have if they had work to do.

import (
	"context"
	"sync"

	"github.com/asyncio-go/asyncio"
)

func spawnSubjects() []subject {
	waitGroup := contender{name: "WaitGroup.Go", unit: batch, body: spawnGoroutines}
	return []subject{
		{
			name: "spawn and await", op: "task", python: "spawn",
			ours:   contender{name: "asyncio", unit: batch, body: spawnTasks},
			bases:  []base{{waitGroup, []target{{wall, 0.43}}}},
			limits: []target{{allocs, 1}, {allocBytes, 176}},
		},
		{
			name: "spawn in a group", op: "task",
			ours:   contender{name: "asyncio", unit: batch, body: spawnInGroup},
			bases:  []base{{waitGroup, []target{{wall, 0.45}}}},
			limits: []target{{allocs, 1}, {allocBytes, 192}},
		},
	}
}

// one is a coroutine that returns 1 at once. It captures nothing, so it costs
// nothing to make.
func one(context.Context) (int, error) { return 1, nil }

func spawnTasks(_ timer, n int) error {
	sum := 0
	err := run(func(ctx context.Context) error {
		tasks := make([]*asyncio.Task[int], 0, batch)
		for size := range batches(n, batch) {
			tasks = tasks[:0]
			for range size {
				tasks = append(tasks, asyncio.CreateTask(ctx, one))
			}
			for _, t := range tasks {
				v, err := t.Await(ctx)
				if err != nil {
					return err
				}
				sum += v
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return expect("sum of the results", sum, n)
}

func spawnInGroup(_ timer, n int) error {
	ran := 0
	child := func(context.Context) (int, error) { ran++; return ran, nil }
	err := run(func(ctx context.Context) error {
		for size := range batches(n, batch) {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for range size {
					asyncio.Spawn(tg, child)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return expect("tasks that ran", ran, n)
}

func nothing() {}

func spawnGoroutines(_ timer, n int) error {
	var wg sync.WaitGroup
	for size := range batches(n, batch) {
		for range size {
			wg.Go(nothing)
		}
		wg.Wait()
	}
	return nil
}
