package asynciotest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// t stands for the parameter of a test.
var t = new(exampleT)

type exampleT struct{ testing.T }

func (*exampleT) Context() context.Context { return context.Background() }

func ExampleRun() {
	// func TestGiveUp(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.RunningLoop(ctx).Now()
		_, err := asyncio.WaitFor(ctx, asyncio.NewFuture[int](ctx), 24*time.Hour)
		fmt.Println(errors.Is(err, asyncio.ErrTimeout), asyncio.RunningLoop(ctx).Now().Sub(start))
	})
	// Output: true 24h0m0s
}

func ExampleExplore() {
	// func TestTransfer(t *testing.T) {
	asynciotest.Explore(&t.T, func(ctx context.Context) {
		balance := 100
		var lock asyncio.Lock
		withdraw := func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				b := balance
				err := asyncio.Sleep(ctx, time.Second) // asks the bank
				balance = b - 10
				return err
			})
		}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(withdraw)
			tg.Go(withdraw)
			return nil
		})
		if err != nil || balance != 80 {
			t.Errorf("balance %d, %v", balance, err)
		}
	}, asynciotest.Strategy(asynciotest.Exhaustive(1000)))
}

func ExampleWaitAllBlocked() {
	asynciotest.Run(t, func(ctx context.Context) {
		var door asyncio.Event
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("waits for the door")
			return door.Wait(ctx)
		})
		_ = asynciotest.WaitAllBlocked(ctx)
		fmt.Println("all are blocked")
		door.Set()
		_, err := task.Await(ctx)
		fmt.Println(err)
	})
	// Output:
	// waits for the door
	// all are blocked
	// <nil>
}

func ExampleSequencer() {
	asynciotest.Run(t, func(ctx context.Context) {
		var seq asynciotest.Sequencer
		say := func(number int, word string) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				return seq.Do(ctx, number, func() error {
					fmt.Println(word)
					return nil
				})
			}
		}
		_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(say(1, "second"))
			tg.Go(say(0, "first"))
			return nil
		})
	})
	// Output:
	// first
	// second
}

func ExampleRand() {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Rand(ctx).IntN(6)
		fmt.Println(n >= 0 && n < 6)
	})
	// Output: true
}

func ExamplePipe() {
	asynciotest.Run(t, func(ctx context.Context) {
		client, server := asynciotest.Pipe(ctx)
		echo := asyncio.Go(ctx, func(context.Context) error {
			_, err := io.Copy(server, server)
			return err
		})
		fmt.Fprintln(client, "hello")
		line, _ := bufio.NewReader(client).ReadString('\n')
		fmt.Print(line)
		_ = client.Close()
		_, err := echo.Await(ctx)
		fmt.Println(err)
	})
	// Output:
	// hello
	// <nil>
}

func ExampleAssertCancelable() {
	jobs := func(ctx context.Context) error {
		todo, done := asyncio.NewQueue[int](0), 0
		_ = todo.TryPut(1)
		defer func() {
			if todo.Len()+done != 1 {
				t.Error("the job is lost")
			}
		}()
		job, err := todo.Get(ctx)
		if err != nil {
			return err
		}
		if err := asyncio.Sleep(ctx, time.Minute); err != nil {
			_ = todo.TryPut(job) // another one may do it
			return err
		}
		done++
		return nil
	}
	// func TestJobs(t *testing.T) {
	asynciotest.AssertCancelable(t, jobs)
}

func ExampleOutside() {
	asynciotest.Run(t, func(ctx context.Context) {
		answer := asyncio.NewFuture[int](ctx)
		loop, done := asyncio.RunningLoop(ctx), asynciotest.Outside(ctx)
		go func() { // of a library, perhaps
			defer done()
			_ = loop.CallSoonThreadsafe(func() { _ = answer.SetResult(42) })
		}()
		fmt.Println(asyncio.WaitFor(ctx, answer, time.Second))
	})
	// Output: 42 <nil>
}
