package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleRunningLoop() {
	fmt.Println("outside:", asyncio.RunningLoop(context.Background()) != nil)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println("inside:", asyncio.RunningLoop(ctx) != nil)
		return nil
	})
	// Output:
	// outside: false
	// inside: true
}

func ExampleLoop_CallSoon() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.CallSoon(func() { fmt.Println("second") })
		loop.CallSoon(func() { fmt.Println("third") })
		fmt.Println("first")
		return asyncio.Yield(ctx)
	})
	// Output:
	// first
	// second
	// third
}

func ExampleLoop_CallLater() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[string](ctx)
		loop.CallLater(2*time.Millisecond, func() { _ = done.SetResult("rang") })
		what, err := done.Await(ctx)
		fmt.Println("the alarm", what)
		return err
	})
	// Output: the alarm rang
}

func ExampleLoop_CallAt() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		at := loop.Now().Add(time.Millisecond)
		for i := range 3 { // one deadline: in the order of the calls
			loop.CallAt(at, func() { fmt.Println(i) })
		}
		return asyncio.Sleep(ctx, 2*time.Millisecond)
	})
	// Output:
	// 0
	// 1
	// 2
}

func ExampleTimerHandle() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		alarm := loop.CallLater(time.Millisecond, func() { fmt.Println("never said") })
		alarm.Cancel()
		fmt.Println("canceled:", alarm.Canceled())
		return asyncio.Sleep(ctx, 2*time.Millisecond)
	})
	// Output: canceled: true
}

// Another goroutine reaches what belongs to the loop through one door.
func ExampleLoop_CallSoonThreadsafe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop, ready := asyncio.RunningLoop(ctx), new(asyncio.Event)
		go func() {
			_ = loop.CallSoonThreadsafe(ready.Set)
		}()
		err := ready.Wait(ctx)
		fmt.Println("woken by another goroutine")
		return err
	})
	// Output: woken by another goroutine
}

func ExampleLoop_Stop() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).Stop()
		return asyncio.Sleep(ctx, time.Hour)
	})
	fmt.Println(err)
	// Output: asyncio: the event loop was stopped before the main coroutine ended
}

func ExampleLoop_SetExceptionHandler() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.SetExceptionHandler(func(c asyncio.ExceptionContext) { fmt.Println(c.Message) })
		loop.CallSoon(func() { panic("bang") })
		return asyncio.Yield(ctx)
	})
	// Output: panic in a callback
}

func ExampleLoop_Stats() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		_ = asyncio.Yield(ctx)
		s := asyncio.RunningLoop(ctx).Stats()
		fmt.Println(s.Tasks, "tasks,", s.Timers, "timers, pass", s.Passes)
		return nil
	})
	// Output: 4 tasks, 3 timers, pass 2
}

func ExampleCurrentTask() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			me := asyncio.CurrentTask(ctx)
			fmt.Println(me.Name, "is", me.State, "and was created by task", me.Parent)
			return nil
		}, asyncio.Name("worker"))
		_, err := task.Await(ctx)
		return err
	})
	// Output: worker is running and was created by task 1
}
