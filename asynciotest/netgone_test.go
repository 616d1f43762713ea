package asynciotest_test

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// acceptAll is a host that reads each connection to its end, and counts those that have
// none.
func acceptAll(open *int) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", ":80")
		if err != nil {
			return err
		}
		for {
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			*open++
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { *open-- }()
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
				return nil
			})
		}
	}
}

// Whoever gives up a Dial, or crashes in one, at whatever moment, has no connection, and
// no one has one with it.
func TestDialThatIsGivenUp(t *testing.T) {
	type dial = func(ctx context.Context) error
	for name, giveUp := range map[string]func(ctx context.Context, h *asynciotest.Host, after time.Duration, dial dial) error{
		"by a timeout": func(ctx context.Context, _ *asynciotest.Host, after time.Duration, dial dial) error {
			return asyncio.WithTimeout(ctx, after, dial)
		},
		"by a cancellation": func(ctx context.Context, _ *asynciotest.Host, after time.Duration, dial dial) error {
			task := asyncio.Go(ctx, dial)
			asyncio.RunningLoop(ctx).CallLater(after, func() { task.Cancel() })
			_, err := task.Await(ctx)
			return err
		},
		"by a crash": func(ctx context.Context, h *asynciotest.Host, after time.Duration, dial dial) error {
			asyncio.RunningLoop(ctx).CallLater(after, h.Crash)
			return dial(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Explore(t, func(ctx context.Context) {
				n := asynciotest.Net(ctx)
				open := 0
				n.Host("server", acceptAll(&open))
				_ = asynciotest.WaitAllBlocked(ctx)
				latency := time.Duration(asynciotest.Rand(ctx).IntN(2)) * time.Millisecond
				n.All().Latency(latency, latency)
				after := time.Duration(asynciotest.Rand(ctx).IntN(4)) * time.Millisecond
				var h *asynciotest.Host
				err := errors.New("it has not ended")
				h = n.Host("client", func(ctx context.Context) error {
					err = giveUp(ctx, h, after, func(ctx context.Context) error {
						c, err := streams.Dial(ctx, "tcp", "server:80")
						if err == nil {
							_ = c.Close()
						}
						return err
					})
					return nil
				})
				_ = asyncio.Sleep(ctx, 10*time.Millisecond)
				if open != 0 {
					t.Errorf("%d connections have no end; Dial has returned %v", open, err)
				}
				if err != nil && !errors.Is(err, asyncio.ErrCanceled) && !errors.Is(err, asyncio.ErrTimeout) && !errors.Is(err, asynciotest.ErrHostCrashed) {
					t.Errorf("Dial has returned %v", err)
				}
			}, asynciotest.Runs(100))
		})
	}
}

// A writer whose peer's answers get lost learns that in the end.
func TestAnswersThatGetLost(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		open := 0
		server := n.Host("server", acceptAll(&open))
		_ = asynciotest.WaitAllBlocked(ctx)
		c, err := streams.Dial(ctx, "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		n.Link(server, n.Local()).PartitionOneWay()
		took := elapsed(ctx)
		_, err = c.Write(make([]byte, 1<<20))
		expectIs(t, "Write", err, syscall.ETIMEDOUT)
		if took() != 102200*time.Millisecond {
			t.Errorf("it took %v", took())
		}
		_ = c.Close()
	})
}
