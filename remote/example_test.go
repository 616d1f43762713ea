package remote_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
)

var square = remote.Define("square", func(_ context.Context, n int) (int, error) { return n * n, nil })

// besideWorker runs main beside a server and a worker. In a program, these would be other
// processes, on other machines.
func besideWorker(main func(ctx context.Context, url string) error, fns ...remote.Registered) {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, server.URL())
		if err != nil {
			return err
		}
		defer nc.Close()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			defer tg.Cancel()
			tg.Go(func(ctx context.Context) error { return remote.Serve(ctx, nc, fns) })
			return main(ctx, server.URL())
		})
	})
	if err != nil {
		fmt.Println(err)
	}
}

// A function is called on another machine, and awaited as a task is. In a program, client
// and worker would both import the package that has the Define.
func ExampleDefine() {
	double := remote.Define("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil },
		remote.Timeout(time.Minute), remote.Retries(2))

	besideWorker(func(ctx context.Context, url string) error {
		x, err := remote.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer x.Close()
		job, err := double.Submit(ctx, x, 21)
		if err != nil {
			return err
		}
		n, err := job.Await(ctx)
		fmt.Println(n, err)
		return nil
	}, double)
	// Output: 42 <nil>
}

// An error of the function comes back as a RemoteError, and is the same for errors.Is if it
// is registered.
func ExampleFunc_Submit() {
	errOdd := errors.New("an odd number")
	remote.RegisterError("example.odd", errOdd)
	half := remote.Define("half", func(_ context.Context, n int) (int, error) {
		if n%2 != 0 {
			return 0, fmt.Errorf("half of %d: %w", n, errOdd)
		}
		return n / 2, nil
	})

	besideWorker(func(ctx context.Context, url string) error {
		x, err := remote.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer x.Close()
		var jobs []*remote.Job[int]
		for _, n := range []int{10, 11} {
			job, err := half.Submit(ctx, x, n)
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		for _, job := range jobs {
			n, err := job.Await(ctx)
			var failed *remote.RemoteError
			if errors.As(err, &failed) {
				fmt.Println(failed.Message, errors.Is(err, errOdd))
			} else {
				fmt.Println(n, err)
			}
		}
		return nil
	}, half)
	// Output:
	// 5 <nil>
	// half of 11: an odd number true
}

// Results come in the order of the inputs, of which a window is submitted ahead.
func ExampleFunc_Map() {
	besideWorker(func(ctx context.Context, url string) error {
		x, err := remote.Connect(ctx, url, remote.Window(100))
		if err != nil {
			return err
		}
		defer x.Close()
		for n, err := range square.Map(ctx, x, slices.Values([]int{1, 2, 3, 4, 5})) {
			if err != nil {
				return err
			}
			fmt.Println(n)
		}
		return nil
	}, square)
	// Output:
	// 1
	// 4
	// 9
	// 16
	// 25
}

// Jobs can be waited for as tasks can: with AsCompleted, in the order in which they end.
func ExampleJob() {
	besideWorker(func(ctx context.Context, url string) error {
		x, err := remote.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer x.Close()
		var jobs []*remote.Job[int]
		for n := range 4 {
			job, err := square.Submit(ctx, x, n)
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		for n, err := range asyncio.AsCompleted(ctx, asyncio.Awaitables(jobs)...) {
			if err != nil {
				return err
			}
			fmt.Println(n)
		}
		return nil
	}, square)
	// Unordered output:
	// 0
	// 1
	// 4
	// 9
}

// What the function tells of its progress is for those who listen: it is not kept.
func ExampleJob_Progress() {
	seen := make(chan struct{}) // only an example can share it: here, the worker is in the same process
	count := remote.Define("count", func(ctx context.Context, steps int) (string, error) {
		for {
			if err := remote.Progress(ctx, fmt.Sprintf("step 1 of %d", steps)); err != nil {
				return "", err
			}
			select {
			case <-seen:
				return "all done", nil
			case <-time.After(10 * time.Millisecond):
			}
		}
	})

	besideWorker(func(ctx context.Context, url string) error {
		x, err := remote.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer x.Close()
		job, err := count.Submit(ctx, x, 7)
		if err != nil {
			return err
		}
		for step, err := range job.Progress(ctx) {
			if err != nil {
				return err
			}
			fmt.Printf("%s\n", step) // JSON
			break
		}
		close(seen)
		result, err := job.Await(ctx)
		fmt.Println(result, err)
		return nil
	}, count)
	// Output:
	// "step 1 of 7"
	// all done <nil>
}

// A client that was restarted finds its job, or the result, under the same names.
func ExampleFunc_Attach() {
	besideWorker(func(ctx context.Context, url string) error {
		first, err := remote.Connect(ctx, url, remote.Client("nightly"))
		if err != nil {
			return err
		}
		if _, err := square.Submit(ctx, first, 12, remote.ID("2026-11-30")); err != nil {
			return err
		}
		if err := first.Close(); err != nil { // the job goes on
			return err
		}

		second, err := remote.Connect(ctx, url, remote.Client("nightly"))
		if err != nil {
			return err
		}
		defer second.Close()
		job, err := square.Attach(ctx, second, "2026-11-30")
		if err != nil {
			return err
		}
		n, err := job.Await(ctx)
		fmt.Println(n, err)
		return nil
	}, square)
	// Output: 144 <nil>
}

// A worker is a program that serves functions. It goes on until SIGTERM; then the jobs that
// it has begun may end.
func ExampleServe() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := embedded.Start(dir) // or the URL of one that runs
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	hello := remote.Define("hello", func(_ context.Context, name string) (string, error) {
		return "Hello, " + name, nil
	})
	worker := func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, server.URL())
		if err != nil {
			return err
		}
		defer nc.Close()
		return remote.Serve(ctx, nc, []remote.Registered{hello}, remote.Parallel(2), remote.Drain(10*time.Second))
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fmt.Println("worker:", errors.Is(asyncio.Run(ctx, worker), asyncio.ErrCanceled))
	}()

	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		x, err := remote.Connect(ctx, server.URL())
		if err != nil {
			return err
		}
		defer x.Close()
		job, err := hello.Submit(ctx, x, "world")
		if err != nil {
			return err
		}
		greeting, err := job.Await(ctx)
		fmt.Println(greeting, err)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	cancel() // instead of SIGTERM
	<-ended
	// Output:
	// Hello, world <nil>
	// worker: true
}
