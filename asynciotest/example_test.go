package asynciotest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
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

// A client asks again until it has an answer, though the server crashes meanwhile.
func ExampleNet() {
	serve := func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", ":80")
		if err != nil {
			return err
		}
		return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
			if err := asyncio.Sleep(ctx, time.Second); err != nil { // it thinks
				return err
			}
			_, err := io.WriteString(c, "hello")
			return err
		})
	}
	ask := func(ctx context.Context) (string, error) {
		c, err := streams.Dial(ctx, "tcp", "server:80")
		if err != nil {
			return "", err
		}
		defer c.Close()
		answer, err := io.ReadAll(c)
		return string(answer), err
	}
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Latency(10*time.Millisecond, 10*time.Millisecond)
		server := n.Host("server", serve)
		loop := asyncio.RunningLoop(ctx)
		loop.CallLater(500*time.Millisecond, server.Crash)
		loop.CallLater(3*time.Second, server.Restart)
		start := loop.Now()
		for {
			answer, err := ask(ctx)
			fmt.Println(loop.Now().Sub(start), answer, err)
			if err == nil {
				return
			}
			if asyncio.Sleep(ctx, 2*time.Second) != nil {
				return
			}
		}
	})
	// Output:
	// 510ms  read tcp 10.255.255.254:32768->10.0.0.1:80: read: connection reset by peer
	// 2.53s  dial tcp 10.0.0.1:80: connect: connection refused
	// 5.57s hello <nil>
}
