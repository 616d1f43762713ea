package ecosystem

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

const (
	manyTasks = "many tasks"
	smallPool = "small pool"
	cancel    = "cancel, timeout"
	killed    = "killed connection"
	cleanEnd  = "clean end"
)

// tasks is how many there are in a situation that has many.
const tasks = 40

type situation struct {
	name string
	run  func(c Case, t *testing.T)
}

var situations = [...]situation{
	{manyTasks, Case.many},
	{smallPool, Case.few},
	{cancel, Case.cancel},
	{killed, Case.killed},
	{cleanEnd, Case.end},
}

// many: many tasks use the client at a time.
func (c Case) many(t *testing.T) {
	c.onLoop(t, 0, func(ctx context.Context, s *Scene, client *Client) {
		expectEchoes(ctx, t, client, 3)
	})
}

// few: there are more tasks than connections.
func (c Case) few(t *testing.T) {
	c.onLoop(t, c.Pool, func(ctx context.Context, s *Scene, client *Client) {
		expectEchoes(ctx, t, client, 3)
	})
}

// expectEchoes makes calls in many tasks, and expects an answer to each.
func expectEchoes(ctx context.Context, t *testing.T, client *Client, rounds int) {
	t.Helper()
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for i := range tasks {
			tg.Go(func(ctx context.Context) error {
				for n := range rounds {
					if err := echo(ctx, client, fmt.Sprintf("task %d, call %d", i, n)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		t.Errorf("calls of %d tasks: %v", tasks, err)
	}
}

func echo(ctx context.Context, client *Client, text string) error {
	got, err := client.Echo(ctx, text)
	if err == nil && got != text {
		err = fmt.Errorf("asked to echo %q, the server answered %q", text, got)
	}
	return err
}

// cancel: a call is canceled, and then another has a timeout, while the server has not
// answered yet. Both return, and the client is of use afterwards.
func (c Case) cancel(t *testing.T) {
	c.onLoop(t, 0, func(ctx context.Context, s *Scene, client *Client) {
		call := hold(ctx, t, s, client)
		call.Cancel()
		_, err := call.Await(ctx)
		c.expectCause(t, "a canceled call", err, asyncio.ErrCanceled)
		recovers(ctx, t, client)

		err = asyncio.WithTimeout(ctx, 10*time.Millisecond, client.Hold)
		c.expectCause(t, "a call with a timeout", err, asyncio.ErrTimeout)
		s.Open()
		recovers(ctx, t, client)
	})
}

// hold makes a call that the server does not answer, and returns when it has got it.
func hold(ctx context.Context, t *testing.T, s *Scene, client *Client) *asyncio.Task[struct{}] {
	t.Helper()
	call := asyncio.Go(ctx, client.Hold)
	arrived := asyncio.Go(ctx, func(ctx context.Context) error {
		_, _, err := asyncio.Receive(ctx, s.Arrived)
		return err
	})
	_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{call, arrived}, asyncio.FirstCompleted, 0)
	if err != nil || call.Done() {
		_, of := call.Await(ctx)
		t.Fatalf("the call that is held ended before it had come to the server: %v, %v", of, err)
	}
	return call
}

// expectCause expects an error, and that it tells its cause unless the case says that it
// does not.
func (c Case) expectCause(t *testing.T, what string, err, cause error) {
	t.Helper()
	if err == nil || !c.OwnErrors && !errors.Is(err, cause) {
		t.Errorf("%s returned %v, want %v", what, err, cause)
	}
}

// recovers expects that calls succeed: at once, or after as many errors as a pool may
// have connections that no one knows yet to be dead.
func recovers(ctx context.Context, t *testing.T, client *Client) {
	t.Helper()
	const most = tasks + 1
	var err error
	for range most {
		if err = echo(ctx, client, "again"); err == nil {
			return
		}
		if client.Redial != nil {
			if err := client.Redial(ctx); err != nil {
				t.Fatalf("dialing again: %v", err)
			}
		}
	}
	t.Fatalf("the client is of no more use: call %d returned %v", most, err)
}

// killed: the connection dies while a call waits for its answer. The call fails, or is
// made again by the library, and the client is of use afterwards.
func (c Case) killed(t *testing.T) {
	c.onLoop(t, 0, func(ctx context.Context, s *Scene, client *Client) {
		call := hold(ctx, t, s, client)
		s.Kill()
		if c.Retries {
			s.Open()
		}
		if _, err := call.Await(ctx); (err == nil) != c.Retries || errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the call whose connection was killed returned %v", err)
		}
		s.Open()
		recovers(ctx, t, client)
		expectEchoes(ctx, t, client, 1)
	})
}

// end: a call is in progress when the program ends. (That nothing is left, no goroutine
// and no descriptor, is expected of all situations.)
func (c Case) end(t *testing.T) {
	c.onLoop(t, 0, func(ctx context.Context, s *Scene, client *Client) {
		expectEchoes(ctx, t, client, 1)
		call := hold(ctx, t, s, client)
		call.Cancel()
		_, _ = call.Await(ctx)
	})
}

// blocks: the loop stands still while the server does not answer. The watchdog says so,
// and the call returns when the answer has come.
func (c Case) blocks(t *testing.T) {
	asynctest.NothingIsLeft(t)
	s := newScene(0)
	stuck := make(chan asyncio.ExceptionContext, 1)
	go func() {
		select {
		case <-stuck:
		case <-time.After(asynctest.Patience):
			t.Error("no watchdog has reported that the loop is stuck")
		}
		s.Open()
	}()
	c.run(t, s, func(ctx context.Context, s *Scene, client *Client) {
		if err := client.Hold(ctx); err != nil {
			t.Errorf("the call that has blocked the loop returned %v", err)
		}
	}, asyncio.SlowStep(50*time.Millisecond), asyncio.OnException(func(e asyncio.ExceptionContext) {
		select {
		case stuck <- e:
		default:
		}
	}))
}
