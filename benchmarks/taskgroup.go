package main

// TaskGroup: a group of a thousand children of which each writes its number
// into a slot, against errgroup.WithContext and conc's context pool, both set
// to cancel the rest at the first error, as our group does. One operation is
// one child; entering and leaving the group is divided among them.
//
// Not measured: failures, and children that suspend or compute.

import (
	"context"

	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/asyncio-go/asyncio"
)

func groupSubjects() []subject {
	return []subject{{
		name: "TaskGroup of 1,000", op: "child", python: "task_group",
		ours: contender{name: "asyncio", unit: batch, body: groupTasks},
		bases: []base{
			{contender{name: "errgroup", unit: batch, body: groupErrgroup}, nil},
			{contender{name: "conc", unit: batch, body: groupConc}, nil},
		},
	}}
}

// inGroups runs n children in groups of a thousand. Function group starts a
// child for each slot and waits for all of them.
func inGroups(n int, group func(slots []int) error) error {
	slots := make([]int, batch)
	for size := range batches(n, batch) {
		clear(slots)
		if err := group(slots[:size]); err != nil {
			return err
		}
		if err := expectNumbers(slots, size); err != nil {
			return err
		}
	}
	return nil
}

func groupTasks(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		return inGroups(n, func(slots []int) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for i := range slots {
					tg.Go(func(context.Context) error {
						slots[i] = i
						return nil
					})
				}
				return nil
			})
		})
	})
}

func groupErrgroup(_ timer, n int) error {
	return inGroups(n, func(slots []int) error {
		g, _ := errgroup.WithContext(context.Background())
		for i := range slots {
			g.Go(func() error {
				slots[i] = i
				return nil
			})
		}
		return g.Wait()
	})
}

func groupConc(_ timer, n int) error {
	return inGroups(n, func(slots []int) error {
		p := pool.New().WithContext(context.Background()).WithCancelOnError().WithFirstError()
		for i := range slots {
			p.Go(func(context.Context) error {
				slots[i] = i
				return nil
			})
		}
		return p.Wait()
	})
}
