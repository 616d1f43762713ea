package asynciotest

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// WaitAllBlocked suspends the calling task until all other tasks wait: none of them can
// go on before the clock moves, or something comes from outside the loop. It also waits
// for functions in threads; see Patience. The clock stands still meanwhile. If ctx is
// canceled, it returns an error that is ErrCanceled. It panics outside of Run and
// Explore.
func WaitAllBlocked(ctx context.Context) error {
	s := sessionOf(ctx, "WaitAllBlocked")
	f := asyncio.NewFuture[struct{}](ctx)
	s.idle = append(s.idle, f)
	_, err := f.Await(ctx)
	return err
}

// wakeIdle is called by the world, on the loop, when nothing is ready.
func (s *session) wakeIdle() (woken bool) {
	for _, f := range s.idle {
		if f.SetResult(struct{}{}) == nil {
			woken = true
		}
	}
	s.idle = nil
	return woken
}
