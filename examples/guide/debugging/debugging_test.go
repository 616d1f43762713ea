package debugging

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// ANCHOR: lockorder
type account struct {
	name    string
	balance int
	lock    asyncio.Lock
}

func open(name string, balance int) *account {
	a := &account{name: name, balance: balance}
	a.lock.SetName(name) // for reports
	return a
}

func transfer(ctx context.Context, from, to *account, sum int) error {
	return from.lock.With(ctx, func() error {
		if err := audit(ctx, from); err != nil {
			return err
		}
		return to.lock.With(ctx, func() error {
			from.balance -= sum
			to.balance += sum
			return nil
		})
	})
}

// ANCHOR_END: lockorder

// audit stands for a question to another machine.
func audit(ctx context.Context, _ *account) error { return asyncio.Sleep(ctx, time.Millisecond) }

// changing is what differs from run to run.
var changing = regexp.MustCompile(`, in its pass \d+|, for (at least )?[\w.µ]+|\n +at .*`)

// Two transfers in opposite directions, each of which holds what the other wants.
func Example_stuck() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		ann, bob := open("ann", 100), open("bob", 100)
		tasks := []*asyncio.Task[struct{}]{
			asyncio.Go(ctx, func(ctx context.Context) error { return transfer(ctx, ann, bob, 10) }, asyncio.Name("ann to bob")),
			asyncio.Go(ctx, func(ctx context.Context) error { return transfer(ctx, bob, ann, 20) }, asyncio.Name("bob to ann")),
		}
		_, _, _ = asyncio.Wait(ctx, tasks, asyncio.AllCompleted, 50*time.Millisecond)

		var out bytes.Buffer
		// ANCHOR: dump
		err := asyncio.DumpTasks(ctx, &out)
		// ANCHOR_END: dump
		fmt.Print(changing.ReplaceAllString(out.String(), ""))
		for _, task := range tasks {
			task.Cancel()
		}
		return err
	})
	// Output:
	// asyncio: 3 tasks of a loop
	// task 1 runs
	// task 2 "ann to bob" waits for lock "bob", held by task 3 "bob to ann"; created by task 1
	// task 3 "bob to ann" waits for lock "ann", held by task 2 "ann to bob"; created by task 1
}

// ANCHOR: mutexacross
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(ctx context.Context, fetch func(ctx context.Context) (int, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := fetch(ctx) // suspends, and the next task that wants the mutex stops the loop
	c.n += n
	return err
}

// ANCHOR_END: mutexacross

// ANCHOR: mutexmended
func (c *counter) addMended(ctx context.Context, fetch func(ctx context.Context) (int, error)) error {
	n, err := fetch(ctx)
	c.n += n // nothing else runs between two waits: no mutex is needed
	return err
}

// ANCHOR_END: mutexmended

func one(ctx context.Context) (int, error) { return 1, asyncio.Sleep(ctx, time.Second) }

func TestCounter(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		c := new(counter)
		if err := c.add(ctx, one); err != nil { // alone, it goes well
			t.Error(err)
		}
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for range 10 {
				tg.Go(func(ctx context.Context) error { return c.addMended(ctx, one) })
			}
			return nil
		})
		if err != nil || c.n != 11 {
			t.Error(c.n, err)
		}
	})
}

// ANCHOR: options
func run(ctx context.Context, main func(ctx context.Context) error) error {
	return asyncio.Run(ctx, main,
		asyncio.SlowStep(100*time.Millisecond), // report a step that blocks the loop for that long
		asyncio.DumpOnQuit(),                   // kill -QUIT, or Ctrl-\, writes what every task waits for
		asyncio.OnException(func(e asyncio.ExceptionContext) {
			fmt.Fprintln(os.Stderr, e)
		}),
	)
}

// ANCHOR_END: options

func TestRun(t *testing.T) {
	if err := run(t.Context(), func(ctx context.Context) error { return asyncio.Yield(ctx) }); err != nil {
		t.Error(err)
	}
}
