package main

// Yield: tasks that do nothing but let each other run, against a bare round
// trip through iter.Pull, the only supported door to the runtime's coroutine
// switch. One operation is one switch: a task yields and another goes on. If a task is
// alone, its yields need no switch, only a pass of the loop.
//
// Not measured: what tasks do between two switches, and caches that are cold
// because of it. A hundred tasks touch a hundred stacks; the second base of
// that row does so too.

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio"
)

func yieldSubjects() []subject {
	one := contender{name: "iter.Pull", body: pullInTurn(1)}
	hundred := contender{name: "100 iter.Pull", body: pullInTurn(100)}
	return []subject{
		{
			name: "yield, 1 task", op: "switch", python: "yield_1",
			ours:  contender{name: "asyncio", body: yieldAlone},
			bases: []base{{one, []target{{wall, 0.47}}}},
		},
		{
			name: "yield, 2 tasks", op: "switch", python: "yield_2",
			ours:  contender{name: "asyncio", body: yieldTasks(2)},
			bases: []base{{one, []target{{wall, 1.35}}}},
		},
		{
			name: "yield, 10 tasks", op: "switch", python: "yield_10",
			ours:  contender{name: "asyncio", body: yieldTasks(10)},
			bases: []base{{one, []target{{wall, 1.22}}}},
		},
		{
			name: "yield, 100 tasks", op: "switch", python: "yield_100",
			ours:  contender{name: "asyncio", body: yieldTasks(100)},
			bases: []base{{one, nil}, {hundred, []target{{wall, 1.25}}}},
		},
	}
}

// yieldAlone yields n times in the only task there is.
func yieldAlone(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		for range n {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// yieldTasks shares n yields among some tasks.
//
// It is not inlined, because the compiler does not inline calls into the
// closures of a function that it has inlined itself: Yield would then cost a
// call that the code of a user does not have.
//
//go:noinline
func yieldTasks(tasks int) body {
	return func(_ timer, n int) error {
		yields := 0
		err := run(func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for i := range tasks {
					tg.Go(func(ctx context.Context) error {
						for range share(n, tasks, i) {
							if err := asyncio.Yield(ctx); err != nil {
								return err
							}
							yields++
						}
						return nil
					})
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		return expect("yields", yields, n)
	}
}

// pullInTurn resumes some coroutines one after the other, n times in all. It is
// not inlined, for the same reason as yieldTasks.
//
//go:noinline
func pullInTurn(coroutines int) body {
	return func(_ timer, n int) error {
		resumed := 0
		nexts := make([]func() (int, bool), coroutines)
		for i := range nexts {
			next, stop := iter.Pull(func(yield func(int) bool) {
				for yield(i) {
					resumed++
				}
			})
			defer stop()
			nexts[i] = next
			next() // to its first yield
		}
		who := 0
		for range n {
			if got, _ := nexts[who](); got != who {
				return expect("coroutine", got, who)
			}
			if who++; who == coroutines {
				who = 0
			}
		}
		return expect("round trips", resumed, n)
	}
}

// share returns the i-th part of n divided among some.
func share(n, among, i int) int {
	return n*(i+1)/among - n*i/among
}
