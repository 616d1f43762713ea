package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
)

// A brokenPoller fails once it is broken. It takes every descriptor, and says of
// none that it is ready.
type brokenPoller struct {
	*poller.Portable
	broken bool
}

var errBroken = errors.New("the system has no more memory")

func (p *brokenPoller) Wait(timeout time.Duration) error {
	if p.broken {
		return errBroken
	}
	return p.Portable.Wait(timeout)
}

func (p *brokenPoller) Watch(int, engine.Readiness, bool, engine.Watcher) error { return nil }

func (p *brokenPoller) Unwatch(int) error { return nil }

func TestPollerThatFails(t *testing.T) {
	broken := func(t *testing.T, goOn mainFunc) (d *logbook, heard *reports) {
		nothingIsLeft(t)
		p := &brokenPoller{Portable: poller.NewPortable()}
		world := config.InWorld(func() config.World { return config.World{Clock: poller.NewClock(), Poller: p} })
		d, heard = new(logbook), new(reports)
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer d.add("the other task has ended")
				return never(ctx)
			}, asyncio.Name("other"))
			_ = asyncio.Yield(ctx)
			defer d.add("main has ended")
			p.broken = true
			return goOn(ctx)
		}, world, heard.option())
		expectIs(t, err, errBroken)
		return d, heard
	}
	t.Run("when there is nothing to do: all tasks are canceled", func(t *testing.T) {
		d, heard := broken(t, never)
		d.expect(t, "main has ended", "the other task has ended")
		heard.expect(t)
	})
	t.Run("between two passes: what does not end soon is ended by force", func(t *testing.T) {
		d, heard := broken(t, func(ctx context.Context) error {
			expectNil(t, asyncio.RunningLoop(ctx).AddReader(0, nothing))
			for {
				_ = asyncio.Yield(context.WithoutCancel(ctx))
			}
		})
		d.expect(t, "the other task has ended", "main has ended")
		heard.expect(t, "task Task-1 has not ended before the loop failed, and is ended by force")
	})
}
