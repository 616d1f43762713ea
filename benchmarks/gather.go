package main

// Gather: a thousand coroutines of which each returns a number, gathered in
// order, against errgroup with a slice of results and conc's result pool
// (which gives the results in no order). One operation is one coroutine. In
// the second row each yields once before it returns: ours with Yield, the others with
// runtime.Gosched.
//
// Not measured: work that could run on several cores, where goroutines would
// win and a loop's tasks cannot.

import (
	"context"
	"runtime"

	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/asyncio-go/asyncio"
)

func gatherSubjects() []subject {
	return []subject{
		gatherSubject("gather of 1,000", "gather", func(context.Context) error { return nil }, func() {}),
		gatherSubject("gather of 1,000 that yield once", "gather_yield", asyncio.Yield, runtime.Gosched, target{wall, 1.4}),
	}
}

// gatherSubject compares gathers whose members pause before they return. The
// ratios are targets against errgroup.
func gatherSubject(name, python string, pause func(context.Context) error, goPause func(), ratios ...target) subject {
	return subject{
		name: name, op: "coroutine", python: python,
		ours: contender{name: "asyncio", unit: batch, body: gatherTasks(pause)},
		bases: []base{
			{contender{name: "errgroup", unit: batch, body: gatherErrgroup(goPause)}, ratios},
			{contender{name: "conc", unit: batch, body: gatherConc(goPause)}, nil},
		},
	}
}

func gatherTasks(pause func(context.Context) error) body {
	number := func(i int) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) { return i, pause(ctx) }
	}
	return func(_ timer, n int) error {
		return run(func(ctx context.Context) error {
			aws := make([]asyncio.Awaitable[int], batch)
			for size := range batches(n, batch) {
				for i := range size {
					aws[i] = number(i)
				}
				got, err := asyncio.Gather(ctx, aws[:size]...)
				if err != nil {
					return err
				}
				if err := expectNumbers(got, size); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func gatherErrgroup(pause func()) body {
	return func(_ timer, n int) error {
		for size := range batches(n, batch) {
			var g errgroup.Group
			got := make([]int, size)
			for i := range size {
				g.Go(func() error {
					pause()
					got[i] = i
					return nil
				})
			}
			if err := g.Wait(); err != nil {
				return err
			}
			if err := expectNumbers(got, size); err != nil {
				return err
			}
		}
		return nil
	}
}

func gatherConc(pause func()) body {
	return func(_ timer, n int) error {
		for size := range batches(n, batch) {
			p := pool.NewWithResults[int]().WithErrors()
			for i := range size {
				p.Go(func() (int, error) {
					pause()
					return i, nil
				})
			}
			got, err := p.Wait()
			if err != nil {
				return err
			}
			if err := expectNumbers(got, size); err != nil {
				return err
			}
		}
		return nil
	}
}

// expectNumbers checks that got holds 0 to size-1, by their sum: conc does
// not keep the order.
func expectNumbers(got []int, size int) error {
	sum := 0
	for _, v := range got {
		sum += v
	}
	return expect("sum of the results", sum, size*(size-1)/2)
}
