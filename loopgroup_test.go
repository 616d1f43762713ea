package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A groupMain is the main coroutine of a group of loops.
type groupMain = func(ctx context.Context, g *asyncio.LoopGroup) error

// groupMustEnd runs a group and expects no error, no report, and that nothing
// is left.
func groupMustEnd(t *testing.T, n int, main groupMain) {
	t.Helper()
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	if err := asyncio.RunGroup(t.Context(), n, main, heard.Option()); err != nil {
		t.Errorf("RunGroup returned %v", err)
	}
	heard.Expect(t)
}

// signalAndWait is a coroutine's part in a meeting of two threads: it blocks
// until the other is there as well, which only another thread can bring about.
func signalAndWait(t *testing.T, mine chan<- int, other <-chan int) asyncio.Coro[int] {
	return func(context.Context) (int, error) {
		close(mine)
		return asynctest.Receive(t, other), nil
	}
}

func TestRunGroup(t *testing.T) {
	t.Run("runs main on the first of its loops", func(t *testing.T) {
		type key struct{}
		groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			asynctest.ExpectEqual(t, "loops", g.Len(), 3)
			asynctest.ExpectEqual(t, "the loop of main", asyncio.RunningLoop(ctx), g.Loop(0))
			if g.Loop(0) == g.Loop(1) || g.Loop(1) == g.Loop(2) || g.Loop(0) == g.Loop(2) {
				t.Error("two of them are one")
			}
			return asyncio.Yield(ctx)
		})
		ctx := context.WithValue(t.Context(), key{}, "mine")
		asynctest.ExpectNil(t, asyncio.RunGroup(ctx, 1, func(ctx context.Context, _ *asyncio.LoopGroup) error {
			asynctest.ExpectEqual(t, "a value of its context", ctx.Value(key{}), any("mine"))
			return nil
		}))
	})
	t.Run("of no number runs a loop for each core", func(t *testing.T) {
		groupMustEnd(t, 0, func(_ context.Context, g *asyncio.LoopGroup) error {
			asynctest.ExpectEqual(t, "loops", g.Len(), runtime.GOMAXPROCS(0))
			return nil
		})
	})
	t.Run("runs its loops in parallel", func(t *testing.T) {
		a, b := make(chan int), make(chan int)
		groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, func(ctx context.Context) (int, error) { return asyncio.RunOn(ctx, g.Loop(1), signalAndWait(t, a, b)) })
				asyncio.Spawn(tg, func(ctx context.Context) (int, error) { return asyncio.RunOn(ctx, g.Loop(2), signalAndWait(t, b, a)) })
				return nil
			})
		})
	})
	t.Run("returns the error of main", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		err := asyncio.RunGroup(t.Context(), 2, func(context.Context, *asyncio.LoopGroup) error { return errBoom })
		asynctest.ExpectEqual(t, "the error", err, errBoom)
	})
	t.Run("cancels main with its context", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := asyncio.RunGroup(ctx, 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
			return g.Each(ctx, func(ctx context.Context) error {
				if asyncio.RunningLoop(ctx) == g.Loop(1) {
					cancel()
				}
				return asynctest.SleepForever(ctx)
			})
		})
		asynctest.ExpectCanceled(t, err)
	})
	t.Run("with a context that is canceled runs nothing", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		asynctest.ExpectCanceled(t, asyncio.RunGroup(ctx, 2, func(context.Context, *asyncio.LoopGroup) error { panic("it ran") }))
	})
	t.Run("cancels what main leaves on any loop, and lets it clean up", func(t *testing.T) {
		var cleaned atomic.Int64
		groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			return g.Each(ctx, func(ctx context.Context) error {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := asynctest.SleepForever(ctx)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
					cleaned.Add(1)
					return err
				}, asyncio.Eager())
				return nil
			})
		})
		asynctest.ExpectEqual(t, "clean-ups", cleaned.Load(), 3)
	})
	t.Run("closes its loops", func(t *testing.T) {
		var loops []*asyncio.Loop
		groupMustEnd(t, 2, func(_ context.Context, g *asyncio.LoopGroup) error {
			loops = append(loops, g.Loop(0), g.Loop(1))
			return nil
		})
		for _, l := range loops {
			_, err := asyncio.RunOn(t.Context(), l, asynctest.Value(1))
			asynctest.ExpectEqual(t, "the error of RunOn", err, asyncio.ErrLoopClosed)
		}
	})
	t.Run("inside a loop is refused", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			err := asyncio.RunGroup(ctx, 2, func(context.Context, *asyncio.LoopGroup) error { panic("it ran") })
			asynctest.ExpectEqual(t, "the error", err, asyncio.ErrLoopRunning)
			return nil
		})
	})
	t.Run("misused panics with advice", func(t *testing.T) {
		idle := func(context.Context, *asyncio.LoopGroup) error { return nil }
		asynctest.ExpectAdvice(t, func() { _ = asyncio.RunGroup(t.Context(), -1, idle) }, "asyncio: ", "-1", "pass 0")
		asynctest.ExpectAdvice(t, func() { _ = asyncio.RunGroup(t.Context(), 1, nil) }, "asyncio: nil coroutine")
		var none context.Context
		asynctest.ExpectAdvice(t, func() { _ = asyncio.RunGroup(none, 1, idle) }, "asyncio: nil context")
	})
}

func TestRunGroupWhenALoopEndsEarly(t *testing.T) {
	// endingLoop runs a group in which end is called on a loop beside main's.
	endingLoop := func(t *testing.T, end func(l *asyncio.Loop), main mainFunc, opts ...asyncio.Option) *asyncio.ExceptionGroup {
		t.Helper()
		asynctest.NothingIsLeft(t)
		err := asyncio.RunGroup(t.Context(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			_ = g.Loop(2).CallSoonThreadsafe(func() { end(g.Loop(2)) })
			return main(ctx)
		}, opts...)
		g, ok := err.(*asyncio.ExceptionGroup)
		if !ok {
			t.Fatalf("RunGroup returned %v", err)
		}
		return g
	}
	t.Run("by Stop, main is canceled and the error says which", func(t *testing.T) {
		g := endingLoop(t, (*asyncio.Loop).Stop, asynctest.SleepForever)
		asynctest.ExpectEqual(t, "errors", len(g.Errors), 1)
		asynctest.ExpectIs(t, g, asyncio.ErrLoopStopped)
		asynctest.ExpectAdviceIn(t, g, "loop 2 of the group")
	})
	t.Run("and main fails then, both errors are there, main's first", func(t *testing.T) {
		g := endingLoop(t, (*asyncio.Loop).Stop, func(ctx context.Context) error { return errors.Join(asynctest.SleepForever(ctx), errBoom) })
		asynctest.ExpectEqual(t, "errors", len(g.Errors), 2)
		asynctest.ExpectIs(t, g.Errors[0], errBoom)
		asynctest.ExpectIs(t, g.Errors[1], asyncio.ErrLoopStopped)
	})
	t.Run("by a Goexit, it is an error", func(t *testing.T) {
		g := endingLoop(t, func(*asyncio.Loop) { runtime.Goexit() }, asynctest.SleepForever)
		asynctest.ExpectIs(t, g, asyncio.ErrGoexit)
	})
	t.Run("and a task of main waits for a coroutine there, that is canceled", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var waited error
		err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
			_, waited = asyncio.RunOn(context.WithoutCancel(ctx), g.Loop(1), func(ctx context.Context) (int, error) {
				asyncio.RunningLoop(ctx).Stop()
				return 0, asynctest.SleepForever(ctx)
			})
			return nil
		})
		asynctest.ExpectIs(t, err, asyncio.ErrLoopStopped)
		asynctest.ExpectCanceled(t, waited)
	})
	t.Run("what cannot end on it is named", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
			asyncio.RunCoroutineThreadsafe(g.Loop(1), func(ctx context.Context) (int, error) {
				return 0, asynctest.SleepForever(context.WithoutCancel(ctx))
			})
			_, err := asyncio.RunOn(ctx, g.Loop(1), asynctest.Value(0)) // so that it has begun
			return err
		}, asyncio.Grace(10*time.Millisecond), heard.Option())
		if stuck, ok := errors.AsType[*asyncio.ShutdownError](err); !ok || len(stuck.Tasks) != 1 {
			t.Errorf("RunGroup returned %v", err)
		}
		heard.Expect(t, "has not ended")
	})
}

func TestAPanicInAGroup(t *testing.T) {
	t.Run("of main is a panic of RunGroup, when all loops have ended", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		value := asynctest.PanicOf(func() {
			_ = asyncio.RunGroup(t.Context(), 2, func(context.Context, *asyncio.LoopGroup) error { panic("bang") }, heard.Option())
		})
		if p, ok := value.(*asyncio.PanicError); !ok || p.Value != "bang" {
			t.Errorf("it panicked with %v", value)
		}
		heard.Expect(t, "bang")
	})
	t.Run("of a coroutine on another loop goes to who waits, and so to the top", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		value := asynctest.PanicOf(func() {
			_ = asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
				_, err := asyncio.RunOn(ctx, g.Loop(1), func(context.Context) (int, error) { panic("bang") })
				return err
			}, heard.Option())
		})
		if p, ok := value.(*asyncio.PanicError); !ok || p.Value != "bang" {
			t.Errorf("it panicked with %v", value)
		}
		heard.Expect(t, "bang")
	})
	t.Run("a Goexit of main goes on when all loops have ended", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		if !endedByGoexit(t, func() {
			_ = asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, _ *asyncio.LoopGroup) error { return goexits(ctx) })
		}) {
			t.Error("RunGroup returned")
		}
	})
}

func TestLoopGroupEach(t *testing.T) {
	t.Run("runs on every loop", func(t *testing.T) {
		groupMustEnd(t, 4, func(ctx context.Context, g *asyncio.LoopGroup) error {
			var mu sync.Mutex
			var seen []*asyncio.Loop
			err := g.Each(ctx, func(ctx context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, asyncio.RunningLoop(ctx))
				return nil
			})
			asynctest.ExpectEqual(t, "calls", len(seen), 4)
			for i := range g.Len() {
				if !slices.Contains(seen, g.Loop(i)) {
					t.Errorf("it did not run on loop %d", i)
				}
			}
			return err
		})
	})
	t.Run("cancels the others when one fails, and returns when all have ended", func(t *testing.T) {
		groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			var cleaned atomic.Int64
			var begun sync.WaitGroup
			begun.Add(2)
			err := g.Each(ctx, func(ctx context.Context) error {
				if asyncio.RunningLoop(ctx) == g.Loop(1) {
					begun.Wait() //asyncio:ok blocks it blocks this loop only
					return errBoom
				}
				begun.Done()
				err := asynctest.SleepForever(ctx)
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
				cleaned.Add(1)
				return err
			})
			asynctest.ExpectGroup(t, err, errBoom)
			asynctest.ExpectEqual(t, "clean-ups", cleaned.Load(), 2)
			return nil
		})
	})
	t.Run("without a loop returns an error", func(t *testing.T) {
		groupMustEnd(t, 1, func(ctx context.Context, g *asyncio.LoopGroup) error {
			err := g.Each(t.Context(), func(context.Context) error { panic("it ran") })
			asynctest.ExpectEqual(t, "the error", err, asyncio.ErrNoRunningLoop)
			asynctest.ExpectAdvice(t, func() { _ = g.Each(ctx, nil) }, "asyncio: nil coroutine")
			return nil
		})
	})
}

func TestLoopsOfAGroupWaitForEachOther(t *testing.T) {
	t.Run("all at once", func(t *testing.T) {
		const tasks, rounds = 8, 50
		groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
			counts := make([]int, g.Len()) // each belongs to its loop
			count := func(i int) asyncio.Coro[int] {
				return func(ctx context.Context) (int, error) {
					counts[i]++
					return i, asyncio.Yield(ctx)
				}
			}
			talk := func(ctx context.Context) error {
				for round := range rounds {
					i := round % g.Len()
					if got, err := asyncio.RunOn(ctx, g.Loop(i), count(i)); err != nil || got != i {
						return fmt.Errorf("RunOn returned %d, %w", got, err)
					}
				}
				return nil
			}
			err := g.Each(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					for range tasks {
						tg.Go(talk)
					}
					return nil
				})
			})
			sum := 0
			for _, n := range counts {
				sum += n
			}
			asynctest.ExpectEqual(t, "calls", sum, tasks*rounds*g.Len())
			return err
		})
	})
	t.Run("in the middle of which the group may end", func(t *testing.T) {
		for range 20 {
			groupMustEnd(t, 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
				return g.Each(ctx, func(ctx context.Context) error {
					for i := range g.Len() {
						asyncio.Go(ctx, func(ctx context.Context) error {
							for {
								if _, err := asyncio.RunOn(ctx, g.Loop(i), func(ctx context.Context) (int, error) { return 0, asyncio.Yield(ctx) }); err != nil {
									return closedIsCanceled(err)
								}
							}
						})
					}
					return asyncio.Yield(ctx)
				})
			})
		}
	})
}

// closedIsCanceled is for what may be told of the end of another loop before
// that of its own.
func closedIsCanceled(err error) error {
	if errors.Is(err, asyncio.ErrLoopClosed) {
		return asyncio.ErrCanceled
	}
	return err
}

// What it takes to run something on another loop and wait for it: with a
// message for the way back, and with a goroutine that waits, as it was once.
func BenchmarkAnotherLoop(b *testing.B) {
	ways := map[string]func(ctx context.Context, other *asyncio.Loop) (int, error){
		"RunOn": func(ctx context.Context, other *asyncio.Loop) (int, error) {
			return asyncio.RunOn(ctx, other, asynctest.Value(1))
		},
		"ToThread": func(ctx context.Context, other *asyncio.Loop) (int, error) {
			f := asyncio.RunCoroutineThreadsafe(other, asynctest.Value(1))
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
