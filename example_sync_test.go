package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleLock() {
	var lock asyncio.Lock
	pay := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				fmt.Println(name, "opens the till")
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				fmt.Println(name, "closes it")
				return nil
			})
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(pay("Ada"))
			tg.Go(pay("Bob"))
			return nil
		})
	})
	// Output:
	// Ada opens the till
	// Ada closes it
	// Bob opens the till
	// Bob closes it
}

func ExampleEvent() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var open asyncio.Event
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					if err := open.Wait(ctx); err != nil {
						return err
					}
					fmt.Println(name, "comes in")
					return nil
				})
			}
			_ = asyncio.Yield(ctx)
			fmt.Println("open")
			open.Set()
			return nil
		})
	})
	// Output:
	// open
	// Ada comes in
	// Bob comes in
}

func ExampleCondition() {
	var stock asyncio.Condition
	apples := 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		buyer := asyncio.Go(ctx, func(ctx context.Context) error {
			return stock.With(ctx, func() error {
				if err := stock.WaitFor(ctx, func() bool { return apples >= 3 }); err != nil {
					return err
				}
				fmt.Println("buying", apples)
				return nil
			})
		})
		for range 3 {
			_ = asyncio.Yield(ctx)
			_ = stock.With(ctx, func() error {
				apples++
				stock.NotifyAll()
				return nil
			})
		}
		_, err := buyer.Await(ctx)
		return err
	})
	// Output:
	// buying 3
}

func ExampleSemaphore() {
	tables := asyncio.NewSemaphore(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, guest := range []string{"Ada", "Bob", "Cem"} {
				tg.Go(func(ctx context.Context) error {
					return tables.With(ctx, func() error {
						fmt.Println(guest, "sits down; all taken:", tables.Locked())
						return asyncio.Yield(ctx)
					})
				})
			}
			return nil
		})
	})
	// Output:
	// Ada sits down; all taken: false
	// Bob sits down; all taken: true
	// Cem sits down; all taken: false
}

func ExampleBoundedSemaphore() {
	permits := asyncio.NewBoundedSemaphore(1)
	defer func() { fmt.Println("panic:", recover() != nil) }()
	permits.Release() // one more than there can be
	// Output:
	// panic: true
}

// A large upload waits until there is memory for all of it, and small ones that come later
// wait behind it.
func ExampleSemaphore_AcquireN() {
	megabytes := asyncio.NewSemaphore(10)
	upload := func(name string, size int) func(context.Context) error {
		return func(ctx context.Context) error {
			if err := megabytes.AcquireN(ctx, size); err != nil {
				return err
			}
			defer megabytes.ReleaseN(size)
			fmt.Println(name, "takes", size)
			return asyncio.Yield(ctx)
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(upload("photo", 4))
			tg.Go(upload("film", 8))
			tg.Go(upload("note", 1))
			return nil
		})
	})
	// Output:
	// photo takes 4
	// film takes 8
	// note takes 1
}

// The limit follows what the server at the other end can bear.
func ExampleSemaphore_SetLimit() {
	calls := asyncio.NewSemaphore(1)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for i := range 3 {
				tg.Go(func(ctx context.Context) error {
					return calls.With(ctx, func() error {
						fmt.Println("call", i)
						return asyncio.Sleep(ctx, time.Millisecond)
					})
				})
			}
			_ = asyncio.Yield(ctx)
			fmt.Println("it can bear three")
			calls.SetLimit(3)
			return nil
		})
	})
	// Output:
	// call 0
	// it can bear three
	// call 1
	// call 2
}

// Readers share the table, and a writer has it alone. The reader that comes after the writer
// waits for it.
func ExampleRWLock() {
	var table asyncio.RWLock
	use := func(name string, with func(context.Context, func() error) error) func(context.Context) error {
		return func(ctx context.Context) error {
			return with(ctx, func() error {
				fmt.Println(name, "comes")
				defer fmt.Println(name, "goes")
				return asyncio.Yield(ctx)
			})
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(use("reader 1", table.WithRead))
			tg.Go(use("reader 2", table.WithRead))
			tg.Go(use("writer", table.With))
			tg.Go(use("reader 3", table.WithRead))
			return nil
		})
	})
	// Output:
	// reader 1 comes
	// reader 2 comes
	// reader 1 goes
	// reader 2 goes
	// writer comes
	// writer goes
	// reader 3 comes
	// reader 3 goes
}

// Both listeners get all that is put in, and the one that is slow holds the radio up.
func ExampleBroadcast() {
	radio := asyncio.NewBroadcast[string](1)
	listen := func(name string, s *asyncio.Subscriber[string], pause time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			defer s.Close()
			for song, err := range s.All(ctx) {
				if err != nil {
					return err
				}
				fmt.Println(name, "hears", song)
				if err := asyncio.Sleep(ctx, pause); err != nil {
					return err
				}
			}
			return nil
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(listen("Ada", radio.Subscribe(), 0))
			tg.Go(listen("Bob", radio.Subscribe(), time.Millisecond))
			for _, song := range []string{"a waltz", "a tango"} {
				if err := radio.Put(ctx, song); err != nil {
					return err
				}
			}
			radio.Shutdown(false)
			return nil
		})
	})
	// Output:
	// Ada hears a waltz
	// Bob hears a waltz
	// Ada hears a tango
	// Bob hears a tango
}

// A worker that is busy sees the latest settings when it comes back.
func ExampleWatch() {
	level := asyncio.NewWatch("info")
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				for now, err := range level.Changes(ctx) {
					if err != nil {
						return err
					}
					fmt.Println("the level is", now)
					if now == "off" {
						return nil
					}
				}
				return nil
			})
			_ = asyncio.Yield(ctx)
			level.Set("debug")
			level.Set("off")
			return nil
		})
	})
	// Output:
	// the level is info
	// the level is off
}

func ExampleWatch_Wait() {
	var connections asyncio.Watch[int]
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		connections.Set(2)
		asyncio.RunningLoop(ctx).CallSoon(func() { connections.Set(connections.Get() - 1) })
		asyncio.RunningLoop(ctx).CallSoon(func() { connections.Set(connections.Get() - 1) })
		left, err := connections.Wait(ctx, func(n int) bool { return n == 0 })
		fmt.Println("connections left:", left)
		return err
	})
	// Output:
	// connections left: 0
}

func ExampleBarrier() {
	ready := asyncio.NewBarrier(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					fmt.Println(name, "comes")
					index, err := ready.Wait(ctx)
					fmt.Println(name, "goes on as number", index)
					return err
				})
			}
			return nil
		})
	})
	// Output:
	// Ada comes
	// Bob comes
	// Bob goes on as number 1
	// Ada goes on as number 0
}

// With room for one, the producer waits for the consumer.
func ExampleQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[int](1)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				defer q.Shutdown(false)
				for i := range 3 {
					if err := q.Put(ctx, i); err != nil {
						return err
					}
				}
				return nil
			})
			for item, err := range q.All(ctx) {
				if err != nil {
					return err
				}
				fmt.Println(item)
			}
			return nil
		})
	})
	// Output:
	// 0
	// 1
	// 2
}

func ExampleQueue_Join() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[string](0)
		for _, job := range []string{"wash", "cut", "cook"} {
			if err := q.Put(ctx, job); err != nil {
				return err
			}
		}
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			for job, err := range q.All(ctx) {
				if err != nil {
					return err
				}
				fmt.Println(job)
				q.TaskDone()
			}
			return nil
		})
		err := q.Join(ctx)
		fmt.Println("all done")
		worker.Cancel()
		return err
	})
	// Output:
	// wash
	// cut
	// cook
	// all done
}

func ExampleLifoQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		plates := asyncio.NewLifoQueue[string](0)
		_ = plates.Put(ctx, "lower")
		_ = plates.Put(ctx, "upper")
		fmt.Println(plates.Get(ctx))
		return nil
	})
	// Output:
	// upper <nil>
}

func ExamplePriorityQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewPriorityQueue(0, func(a, b string) bool { return len(a) < len(b) })
		for _, word := range []string{"banana", "fig", "apple", "kiwi"} {
			_ = q.Put(ctx, word)
		}
		q.Shutdown(false)
		for word, err := range q.All(ctx) {
			if err != nil {
				return err
			}
			fmt.Println(word)
		}
		return nil
	})
	// Output:
	// fig
	// kiwi
	// apple
	// banana
}

func ExampleTaskSet() {
	// fetch stands for a page with links to others.
	links := map[string][]string{"/": {"/a", "/b"}, "/a": {"/c"}}
	fetch := func(page string) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) { return page, asyncio.Yield(ctx) }
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			var pages asyncio.TaskSet[string]
			pages.Add(asyncio.Spawn(tg, fetch("/")))
			for task, err := range pages.All(ctx) {
				if err != nil {
					return err
				}
				page, err := task.Result()
				if err != nil {
					return err
				}
				fmt.Println(page)
				for _, link := range links[page] {
					pages.Add(asyncio.Spawn(tg, fetch(link)))
				}
			}
			return nil
		})
	})
	// Output:
	// /
	// /a
	// /b
	// /c
}
