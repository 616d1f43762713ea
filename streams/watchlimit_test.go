//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
	"github.com/asyncio-go/asyncio/streams"
)

// A limitedPoller is one of a system that allows few watches.
type limitedPoller struct {
	engine.Descriptors
	left int
}

func (p *limitedPoller) Watch(fd int, about engine.Readiness, edge bool, w engine.Watcher) error {
	if p.left == 0 {
		return fmt.Errorf("asyncio: epoll_ctl: %w", syscall.ENOSPC)
	}
	p.left--
	return p.Descriptors.Watch(fd, about, edge, w)
}

// onLimitedLoop runs main on a loop whose poller allows few watches.
func onLimitedLoop(t *testing.T, main func(ctx context.Context, p *limitedPoller) error, opts ...asyncio.Option) {
	t.Helper()
	p := &limitedPoller{Descriptors: must(poller.New())(t), left: -1}
	world := config.InWorld(func() config.World { return config.World{Clock: poller.NewClock(), Poller: p} })
	run(t, func(ctx context.Context) error { return main(ctx, p) }, append(opts, world)...)
}

func TestNoWatchesLeft(t *testing.T) {
	t.Run("an error of the call that needs one", func(t *testing.T) {
		onLimitedLoop(t, func(ctx context.Context, p *limitedPoller) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			p.left = 0
			_, err := streams.Dial(ctx, "tcp", l.Addr().String())
			expectError(t, "Dial", err, syscall.ENOSPC)
			_, err = streams.Listen(ctx, "tcp", "127.0.0.1:0")
			expectError(t, "Listen", err, syscall.ENOSPC)
			_, _, err = streams.NewPipe(ctx)
			expectError(t, "NewPipe", err, syscall.ENOSPC)
			p.left = -1
			c := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
			mustClose(t, c)
			return nil
		})
	})
	t.Run("Serve pauses, and goes on when there is one", func(t *testing.T) {
		told := 0
		tell := asyncio.OnException(func(c asyncio.ExceptionContext) {
			if errors.Is(c.Err, syscall.ENOSPC) {
				told++
			} else {
				t.Errorf("reported: %v", c)
			}
		})
		onLimitedLoop(t, func(ctx context.Context, p *limitedPoller) error {
			err := serving(ctx, t, echoAll, func(ctx context.Context, address string) {
				p.left = 1 // for the client
				refused := must(streams.Dial(ctx, "tcp", address))(t)
				for told == 0 {
					_ = asyncio.Yield(ctx)
				}
				_ = refused.Close()
				p.left = -1
				c := must(streams.Dial(ctx, "tcp", address))(t)
				send(t, c, "one")
				recv(t, c, "one")
				_ = c.Close()
			})
			expectError(t, "Serve", err, asyncio.ErrCanceled)
			return nil
		}, tell)
	})
}
