package main

// Forced hand-over of a lock: two locks that are held, and two tasks, each of
// which waits for the lock that the other one releases, against two goroutines
// that do the same. One operation is one hand-over. A sync.Mutex spins for a
// while before it lets its goroutine sleep, so it needs two cores to be fast;
// the second base has channels that hold a token in its place.
//
// Not measured: locks that are free, and what a lock protects.

import (
	"context"
	"sync"

	"github.com/asyncio-go/asyncio"
)

func lockSubjects() []subject {
	return []subject{{
		name: "lock hand-over", op: "hand-over", python: "lock_hand_over",
		ours: contender{name: "asyncio", unit: 2, body: handOverLocks},
		bases: []base{
			{contender{name: "sync.Mutex", unit: 2, body: handOverMutexes}, []target{{wall, 0.65}}},
			{contender{name: "channel with a token", unit: 2, body: handOverTokens}, nil},
		},
		limits: []target{{allocs, 0.01}},
	}}
}

// handOverLocks starts with both locks held, and gives the first one free.
func handOverLocks(_ timer, n int) error {
	handed := 0
	err := run(func(ctx context.Context) error {
		var a, b asyncio.Lock
		a.TryAcquire()
		b.TryAcquire()
		relay := func(mine, next *asyncio.Lock) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range n / 2 {
					if err := mine.Acquire(ctx); err != nil {
						return err
					}
					handed++
					next.Release()
				}
				return nil
			}
		}
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(relay(&a, &b))
			tg.Go(relay(&b, &a))
			a.Release()
			return nil
		})
	})
	if err != nil {
		return err
	}
	return expect("hand-overs", handed, n/2*2)
}

func handOverMutexes(_ timer, n int) error {
	return handOverLockers(n, new(sync.Mutex), new(sync.Mutex))
}

func handOverTokens(_ timer, n int) error {
	return handOverLockers(n, make(token, 1), make(token, 1))
}

func handOverLockers(n int, a, b sync.Locker) error {
	a.Lock()
	b.Lock()
	handed := 0
	relay := func(mine, next sync.Locker) {
		for range n / 2 {
			mine.Lock()
			handed++
			next.Unlock()
		}
	}
	var both sync.WaitGroup
	both.Go(func() { relay(a, b) })
	both.Go(func() { relay(b, a) })
	a.Unlock()
	both.Wait()
	return expect("hand-overs", handed, n/2*2)
}

// A token is a lock made of a channel: it is held while the channel is full.
type token chan struct{}

func (t token) Lock()   { t <- struct{}{} }
func (t token) Unlock() { <-t }
