package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleRun() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println("hello")
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		fmt.Println("world")
		return nil
	})
	fmt.Println(err)
	// Output:
	// hello
	// world
	// <nil>
}

// What main leaves over is canceled, and cleans up before Run returns.
func ExampleRun_leftovers() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println("cleaning up:", err)
			return err
		})
		return asyncio.Yield(ctx)
	})
	fmt.Println("Run has returned")
	// Output:
	// cleaning up: asyncio: canceled
	// Run has returned
}

// Ctrl-C as usual in Go: it cancels the context of Run.
func ExampleRun_interrupt() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	_ = asyncio.Run(ctx, func(ctx context.Context) error {
		fmt.Println("press Ctrl-C")
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	// Output: press Ctrl-C
}

// Ctrl-C as in Python: the first cancels main, the second ends the program.
func ExampleHandleInterrupt() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.HandleInterrupt())
	fmt.Println("interrupted:", errors.Is(err, asyncio.ErrInterrupted))
	// Output: interrupted: false
}

func ExampleRunValue() {
	answer, err := asyncio.RunValue(context.Background(), func(ctx context.Context) (int, error) {
		return 42, asyncio.Yield(ctx)
	})
	fmt.Println(answer, err)
	// Output: 42 <nil>
}

// A Runner keeps its loop, and the tasks on it, from one run to the next.
func ExampleRunner() {
	runner := asyncio.NewRunner()
	defer runner.Close()
	var second asyncio.Event
	var task *asyncio.Task[struct{}]
	_ = runner.Run(context.Background(), func(ctx context.Context) error {
		task = asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("begins in the first run")
			err := second.Wait(ctx)
			fmt.Println("goes on in the second")
			return err
		})
		return asyncio.Yield(ctx)
	})
	_ = runner.Run(context.Background(), func(ctx context.Context) error {
		second.Set()
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// begins in the first run
	// goes on in the second
}

// A panic of a task travels as an error, and Run panics with it unless
// someone stops it on the way.
func ExamplePanicError() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(context.Context) error { panic("bang") })
		_, err := task.Await(ctx)
		var p *asyncio.PanicError
		if errors.As(err, &p) {
			fmt.Println("the task panicked with", p.Value)
		}
		return nil
	}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
	// Output: the task panicked with bang
}

// A coroutine that was only called has not done anything yet.
func ExampleCoro() {
	greet := func(name string) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			fmt.Println("greeting", name)
			return "hello, " + name, asyncio.Yield(ctx)
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		c := greet("Ada")
		fmt.Println("nothing has happened")
		text, err := c.Await(ctx)
		fmt.Println(text)
		return err
	})
	// Output:
	// nothing has happened
	// greeting Ada
	// hello, Ada
}

func ExampleSleep() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("the others run meanwhile")
			return nil
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	// Output:
	// the others run meanwhile
}

func ExampleYield() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		count := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				for i := range 2 {
					fmt.Println(name, i)
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			}
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(count("A"))
			tg.Go(count("B"))
			return nil
		})
	})
	// Output:
	// A 0
	// B 0
	// A 1
	// B 1
}

// work returns what it was told to after a while.
func work(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		return name + " done", nil
	}
}

func ExampleCreateTask() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, work("A", 2*time.Millisecond))
		b := asyncio.CreateTask(ctx, work("B", time.Millisecond))
		// Both run while this one waits for A.
		first, err := a.Await(ctx)
		fmt.Println(first, err)
		second, err := b.Await(ctx)
		fmt.Println(second, err)
		return nil
	})
	// Output:
	// A done <nil>
	// B done <nil>
}

func ExampleGo() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("in the task")
			return nil
		})
		fmt.Println("it has not begun")
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// it has not begun
	// in the task
}

func ExampleTask_Cancel() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println("cleaning up")
			return err
		})
		_ = asyncio.Yield(ctx) // let it begin
		task.Cancel()
		_, err := task.Await(ctx)
		fmt.Println(errors.Is(err, asyncio.ErrCanceled), task.Canceled())
		return nil
	})
	// Output:
	// cleaning up
	// true true
}

func ExampleTask_CancelCause() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println(context.Cause(ctx))
			return err
		})
		_ = asyncio.Yield(ctx)
		task.CancelCause(errors.New("the user has left"))
		_, _ = task.Await(ctx)
		return nil
	})
	// Output:
	// the user has left
}

func ExampleTask_Result() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, work("A", time.Millisecond))
		_, err := task.Result()
		fmt.Println(errors.Is(err, asyncio.ErrInvalidState))
		_, _ = task.Await(ctx)
		fmt.Println(task.Result())
		return nil
	})
	// Output:
	// true
	// A done <nil>
}

func ExampleTask_AddDoneCallback() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, work("A", time.Millisecond), asyncio.Name("worker"))
		task.AddDoneCallback(func(t *asyncio.Task[string]) {
			fmt.Println(t.Name(), "has ended")
		})
		text, err := task.Await(ctx)
		fmt.Println(text)
		return err
	})
	// Output:
	// worker has ended
	// A done
}

func ExampleEager() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		cached := func(context.Context) (string, error) { return "from the cache", nil }
		task := asyncio.CreateTask(ctx, cached, asyncio.Eager())
		fmt.Println(task.Done())
		fmt.Println(task.Result())
		return nil
	})
	// Output:
	// true
	// from the cache <nil>
}

func ExampleAllTasks() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ready asyncio.Event
		asyncio.Go(ctx, ready.Wait, asyncio.Name("reader"))
		_ = asyncio.Yield(ctx)
		for _, info := range asyncio.AllTasks(ctx) {
			fmt.Printf("%s is %s: %q\n", info.Name, info.State, info.WaitingOn)
		}
		fmt.Println("I am", asyncio.CurrentTask(ctx).Name)
		return nil
	})
	// Output:
	// Task-1 is running: ""
	// reader is waiting: "event"
	// I am Task-1
}

func ExampleAwaitedBy() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		ready := asyncio.NewFuture[string](ctx)
		for _, name := range []string{"cook", "waiter"} {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := ready.Await(ctx)
				return err
			}, asyncio.Name(name))
		}
		_ = asyncio.Yield(ctx)
		for _, task := range asyncio.AwaitedBy(ready) {
			fmt.Println(task.Name, "waits")
		}
		return ready.SetResult("soup")
	})
	// Output:
	// cook waits
	// waiter waits
}

func ExampleNewFuture() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		answer := asyncio.NewFuture[int](ctx)
		asyncio.RunningLoop(ctx).CallLater(time.Millisecond, func() {
			_ = answer.SetResult(42)
		})
		n, err := answer.Await(ctx)
		fmt.Println(n, err)
		fmt.Println(answer.SetResult(43))
		return nil
	})
	// Output:
	// 42 <nil>
	// asyncio: invalid state: await it before you ask for its result, and set that once only
}

func ExampleGather() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		results, err := asyncio.Gather(ctx,
			work("A", 3*time.Millisecond),
			work("B", time.Millisecond),
			asyncio.CreateTask(ctx, work("C", 2*time.Millisecond)),
		)
		fmt.Println(results, err)
		return err
	})
	// Output:
	// [A done B done C done] <nil>
}

func ExampleGather2() {
	age := asyncio.Coro[int](func(context.Context) (int, error) { return 36, nil })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		text, n, err := asyncio.Gather2(ctx, work("Ada", time.Millisecond), age)
		fmt.Println(text, n, err)
		return err
	})
	// Output:
	// Ada done 36 <nil>
}

func ExampleGather3() {
	one := asyncio.Coro[int](func(context.Context) (int, error) { return 1, nil })
	half := asyncio.Coro[float64](func(context.Context) (float64, error) { return 0.5, nil })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println(asyncio.Gather3(ctx, work("A", time.Millisecond), one, half))
		return nil
	})
	// Output:
	// A done 1 0.5 <nil>
}

func ExampleGatherSettled() {
	fails := asyncio.Coro[string](func(context.Context) (string, error) { return "", errors.New("no luck") })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		results, err := asyncio.GatherSettled(ctx, work("A", time.Millisecond), fails)
		for _, r := range results {
			fmt.Printf("%q %v\n", r.Value, r.Err)
		}
		return err
	})
	// Output:
	// "A done" <nil>
	// "" no luck
}

func ExampleAwaitables() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var tasks []*asyncio.Task[string]
		for _, name := range []string{"A", "B"} {
			tasks = append(tasks, asyncio.CreateTask(ctx, work(name, time.Millisecond)))
		}
		fmt.Println(asyncio.Gather(ctx, asyncio.Awaitables(tasks)...))
		return nil
	})
	// Output:
	// [A done B done] <nil>
}

func ExampleRace() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println(asyncio.Race(ctx, work("tortoise", time.Hour), work("hare", time.Millisecond)))
		return nil
	})
	// Output:
	// hare done <nil>
}

func ExampleAny() {
	down := func(context.Context) (string, error) { return "", errors.New("mirror is down") }
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		mirror := asyncio.CreateTask(ctx, down)
		fmt.Println(asyncio.Any(ctx, mirror, work("other mirror", time.Millisecond)))
		fmt.Println(mirror.Err())
		return nil
	})
	// Output:
	// other mirror done <nil>
	// mirror is down
}

func ExampleShield() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var disk asyncio.Event // it is set when the disk has done its part
		save := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			return "saved", disk.Wait(ctx)
		})
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, save)
			return err
		})
		fmt.Println("gave up waiting:", errors.Is(err, asyncio.ErrTimeout))
		disk.Set()
		fmt.Println(save.Await(ctx))
		return nil
	})
	// Output:
	// gave up waiting: true
	// saved <nil>
}

func ExampleWait() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		tasks := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, work("A", time.Hour)),
			asyncio.CreateTask(ctx, work("B", time.Millisecond)),
		}
		done, pending, err := asyncio.Wait(ctx, tasks, asyncio.FirstCompleted, 0)
		if err != nil {
			return err
		}
		for _, t := range done {
			fmt.Println(t.Result())
		}
		for _, t := range pending {
			fmt.Println("canceling", t.Name())
			t.Cancel()
		}
		return nil
	})
	// Output:
	// B done <nil>
	// canceling Task-2
}

func ExampleWaitFor() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.WaitFor(ctx, work("A", time.Hour), time.Millisecond)
		fmt.Println(errors.Is(err, asyncio.ErrTimeout))
		return nil
	})
	// Output:
	// true
}

// relay returns two coroutines: the first ends after the second.
func relay() (a, b asyncio.Coro[string]) {
	var baton asyncio.Event
	a = func(ctx context.Context) (string, error) { return "A done", baton.Wait(ctx) }
	b = func(context.Context) (string, error) {
		baton.Set()
		return "B done", nil
	}
	return a, b
}

func ExampleAsCompleted() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := relay()
		for text, err := range asyncio.AsCompleted(ctx, a, b) {
			fmt.Println(text, err)
		}
		return nil
	})
	// Output:
	// B done <nil>
	// A done <nil>
}

func ExampleAsCompletedIndex() {
	names := []string{"first", "second"}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := relay()
		for i, r := range asyncio.AsCompletedIndex(ctx, a, b) {
			fmt.Println(names[i], r.Value, r.Err)
		}
		return nil
	})
	// Output:
	// second B done <nil>
	// first A done <nil>
}

func ExampleWithTaskGroup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var a, b *asyncio.Task[string]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			a = asyncio.Spawn(tg, work("A", 2*time.Millisecond))
			b = asyncio.Spawn(tg, work("B", time.Millisecond))
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Println(a.Result())
		fmt.Println(b.Result())
		return nil
	})
	// Output:
	// A done <nil>
	// B done <nil>
}

// The first failure cancels the others; all failures are returned together.
func ExampleWithTaskGroup_failure() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Hour)
				fmt.Println("the other:", err)
				return err
			})
			tg.Go(func(context.Context) error { return errors.New("out of rice") })
			return nil
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// the other: asyncio: canceled
	// unhandled errors in a TaskGroup (1 sub-exception) [Task-3: out of rice]
}

// One line for a log, and everything.
func ExampleExceptionGroup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return errors.New("out of rice") }, asyncio.Name("sushi"))
			tg.Go(func(context.Context) error { return errors.New("burnt") }, asyncio.Name("toast"))
			return nil
		})
		fmt.Printf("%v\n\n%+v\n", err, err)
		return nil
	})
	// Output:
	// unhandled errors in a TaskGroup (2 sub-exceptions) [sushi: out of rice; toast: burnt]
	//
	// unhandled errors in a TaskGroup (2 sub-exceptions)
	// - sushi: out of rice
	// - toast: burnt
}

func ExampleSpawn() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			task := asyncio.Spawn(tg, work("A", time.Millisecond), asyncio.Name("worker"))
			text, err := task.Await(ctx)
			fmt.Println(task.Name(), text)
			return err
		})
	})
	// Output:
	// worker A done
}

func ExampleTaskGroup_Cancel() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for door, far := range []time.Duration{time.Hour, time.Millisecond, time.Hour} {
				tg.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, far); err != nil {
						return err
					}
					fmt.Println("found behind door", door+1)
					tg.Cancel() // no need to look any further
					return nil
				})
			}
			return nil
		})
	})
	fmt.Println(err)
	// Output:
	// found behind door 2
	// <nil>
}

func ExampleLimit() {
	running, most := 0, 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 10 {
				tg.Go(func(ctx context.Context) error {
					running++
					most = max(most, running)
					err := asyncio.Sleep(ctx, time.Millisecond)
					running--
					return err
				})
			}
			return nil
		}, asyncio.Limit(3))
	})
	fmt.Println("at most", most, "at once")
	// Output:
	// at most 3 at once
}

func ExampleSupervised() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return errors.New("the first job has failed") })
			tg.Go(func(ctx context.Context) error {
				fmt.Println("the second job goes on")
				return asyncio.Sleep(ctx, time.Millisecond)
			})
			return nil
		}, asyncio.Supervised())
	})
	fmt.Println(err)
	// Output:
	// the second job goes on
	// unhandled errors in a TaskGroup (1 sub-exception) [Task-2: the first job has failed]
}

func ExampleWithTimeout() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			return asyncio.Sleep(ctx, time.Hour)
		})
		fmt.Println(err)
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
		return nil
	})
	// Output:
	// asyncio: timed out
	// true
}

// A cleanup that has to wait does so on a context that is not canceled.
func ExampleWithTimeout_cleanup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			defer func() {
				err := asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
				fmt.Println("cleaned up:", err)
			}()
			return asyncio.Sleep(ctx, time.Hour)
		})
	})
	// Output:
	// cleaned up: <nil>
}

func ExampleWithTimeoutAt() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		end := asyncio.RunningLoop(ctx).Now().Add(time.Millisecond)
		err := asyncio.WithTimeoutAt(ctx, end, func(ctx context.Context) error {
			t := asyncio.TimeoutOf(ctx)
			when, _ := t.When()
			fmt.Println(when.Equal(end))
			return asyncio.Sleep(ctx, time.Hour)
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// true
	// asyncio: timed out
}

// A library may hide why its call has ended. The timeout knows.
func ExampleTimeoutOf() {
	query := func(ctx context.Context) error { // of a library
		<-ctx.Done()
		return errors.New("connection closed")
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			err := asyncio.ToThreadFunc(context.WithoutCancel(ctx), func(context.Context) error { return query(ctx) })
			fmt.Println(err)
			fmt.Println("too late:", asyncio.TimeoutOf(ctx).Expired())
			return nil
		})
	})
	// Output:
	// connection closed
	// too late: true
}

// Every line that comes gives the sender more time.
func ExampleTimeout_Reschedule() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		lines := asyncio.NewQueue[string](0)
		_ = lines.TryPut("hello")
		_ = lines.TryPut("world")
		err := asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context) error {
			t := asyncio.TimeoutOf(ctx)
			for {
				t.Reschedule(loop.Now().Add(time.Millisecond))
				line, err := lines.Get(ctx)
				if err != nil {
					return err
				}
				fmt.Println(line)
			}
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// hello
	// world
	// asyncio: timed out
}

func ExampleExceptionGroup_Split() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return fmt.Errorf("a.txt: %w", fs.ErrNotExist) })
			tg.Go(func(context.Context) error { return errors.New("disk is full") })
			return nil
		})
	})
	var group *asyncio.ExceptionGroup
	if errors.As(err, &group) {
		missing, rest := group.Split(func(leaf error) bool { return errors.Is(leaf, fs.ErrNotExist) })
		fmt.Println(missing)
		fmt.Println(rest)
	}
	// Output:
	// unhandled errors in a TaskGroup (1 sub-exception) [Task-2: a.txt: file does not exist]
	// unhandled errors in a TaskGroup (1 sub-exception) [Task-3: disk is full]
}

func ExampleExceptIs() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return fmt.Errorf("a.txt: %w", fs.ErrNotExist) })
			tg.Go(func(context.Context) error { return errors.New("disk is full") })
			return nil
		})
	})
	if missing, rest := asyncio.ExceptIs(err, fs.ErrNotExist); missing != nil {
		fmt.Println("passed over:", missing)
		err = rest
	}
	fmt.Println(err)
	// Output:
	// passed over: unhandled errors in a TaskGroup (1 sub-exception) [Task-2: a.txt: file does not exist]
	// unhandled errors in a TaskGroup (1 sub-exception) [Task-3: disk is full]
}

func ExampleExceptAs() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return &fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrNotExist} })
			tg.Go(func(context.Context) error { return &fs.PathError{Op: "open", Path: "b.txt", Err: fs.ErrPermission} })
			return nil
		})
	})
	failed, rest := asyncio.ExceptAs[*fs.PathError](err)
	for _, e := range failed {
		fmt.Println(e.Path)
	}
	fmt.Println(rest)
	// Output:
	// a.txt
	// b.txt
	// <nil>
}

func ExampleErrCanceled() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				return fmt.Errorf("waiting for godot: %w", err)
			}
			return nil
		})
		_ = asyncio.Yield(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		fmt.Println(err)
		fmt.Println(errors.Is(err, asyncio.ErrCanceled), errors.Is(err, context.Canceled))
		return nil
	})
	// Output:
	// waiting for godot: asyncio: canceled
	// true true
}
