package ecosystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// alarm is after how long a situation counts as one that never ends. It decides nothing
// else: each takes some ten milliseconds.
const alarm = 30 * time.Second

func newScene(pool int) *Scene {
	return &Scene{
		Gate: newGate(),
		Pool: pool,
		Kill: func() { panic("this case has to set Scene.Kill") },
	}
}

// onLoop runs a situation on a loop of its own. It expects no reports to the loop's
// exception handler, and that nothing is left.
func (c Case) onLoop(t *testing.T, pool int, body func(ctx context.Context, s *Scene, client *Client)) {
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	c.run(t, newScene(pool), body, asyncio.OnException(func(e asyncio.ExceptionContext) {
		if e.Duration == 0 && !c.ownTimeout(e.Err) { // a slow machine has stalls as well
			heard.Take(e)
		}
	}))
	heard.Expect(t)
}

// ownTimeout reports whether an error is a timeout that a library in a thread has noticed by
// itself, from the deadline of its context. It may be first by a moment, while the task is
// on its way with ErrTimeout; then the error is reported.
func (c Case) ownTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return c.Way == toThread && (errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout() || status.Code(err) == codes.DeadlineExceeded)
}

func (c Case) run(t *testing.T, s *Scene, body func(ctx context.Context, s *Scene, client *Client), opts ...asyncio.Option) {
	what := fmt.Sprintf("%s, %s: %s", c.Library, c.Way, t.Name())
	defer time.AfterFunc(alarm, func() { hangs(what) }).Stop()
	defer s.Open() // before t.Cleanup, which may wait for those that are held
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		client := c.Open(ctx, t, s)
		defer func() {
			if err := client.Close(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("closing: %v", err)
			}
		}()
		body(ctx, s, client)
		return nil
	}, opts...)
	if err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}

// hangs ends the process: a loop that is stuck cannot be ended otherwise.
func hangs(what string) {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	fmt.Fprintf(os.Stderr, "%s\n\nhas not ended after %v. All goroutines are above.\n%s\n", stacks, alarm, what)
	os.Exit(2)
}
