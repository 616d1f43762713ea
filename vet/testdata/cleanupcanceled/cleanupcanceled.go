package cleanupcanceled

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

type session struct{}

func (s *session) goodbye(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }

func (s *session) close() {}

func deferred(ctx context.Context, s *session, q *asyncio.Queue[int]) error {
	defer s.goodbye(ctx) // want `^session.goodbye waits on ctx in a defer of deferred: once ctx is canceled, it returns at once with ErrCanceled, and the clean-up is not done; wait on context.WithoutCancel\(ctx\) \(asyncio-cleanup-canceled\)$`
	defer func() {
		_ = q.Put(ctx, 1) // want `asyncio.Queue.Put waits on ctx in a defer of deferred`
	}()
	flush := func() { _ = q.Join(ctx) } // want `Join waits on ctx`
	defer flush()
	exec := func() error { return s.goodbye(ctx) } // want `session.goodbye waits on ctx`
	if err := exec(); err != nil {
		return err
	}
	defer exec() // so the literal has no fix
	return asyncio.Sleep(ctx, 1)
}

func derived(ctx context.Context, s *session) error {
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	ctx3 := context.WithValue(ctx, "k", 1)
	defer s.goodbye(ctx3) // want `waits on ctx3`
	return s.goodbye(ctx2)
}

func literal(ctx context.Context, s *session) {
	asyncio.Go(ctx, func(ctx context.Context) error {
		defer func() {
			if err := s.goodbye(ctx); err != nil { // want `in a defer of the function that literal gives to asyncio.Go`
				s.close()
			}
		}()
		return asyncio.Sleep(ctx, 1)
	})
}

func branches(ctx context.Context, s *session) error {
	err := asyncio.Sleep(ctx, 1)
	if errors.Is(err, asyncio.ErrCanceled) {
		return s.goodbye(ctx) // want `^session.goodbye waits on ctx in branches after the cancellation: as ctx is canceled, it returns at once`
	}
	if err := s.goodbye(ctx); err != nil && errors.Is(err, context.Canceled) {
		_ = asyncio.Yield(ctx) // want `asyncio.Yield waits on ctx`
	}
	switch err := asyncio.Yield(ctx); {
	case errors.Is(err, asyncio.ErrCanceled):
		_ = s.goodbye(ctx) // want `after the cancellation`
	case err != nil:
		_ = s.goodbye(ctx)
	}
	if ctx.Err() != nil {
		_ = s.goodbye(ctx) // want `after the cancellation`
	}
	return err
}

// What follows is right.

func good(ctx context.Context, s *session, task *asyncio.Task[int]) (err error) {
	defer s.close()
	defer s.goodbye(context.WithoutCancel(ctx))
	defer func() {
		ctx := context.WithoutCancel(ctx)
		_ = s.goodbye(ctx)
	}()
	defer func(ctx context.Context) { _ = s.goodbye(ctx) }(context.WithoutCancel(ctx))
	defer func() {
		if err == nil { // so it is not canceled
			err = s.goodbye(ctx)
		}
		if ctx.Err() == nil && s != nil {
			_ = s.goodbye(ctx)
		}
		if err != nil {
			s.close()
		} else {
			_ = s.goodbye(ctx)
		}
	}()
	defer func() {
		go func() { s.close() }()
		asyncio.Go(ctx, s.goodbye)
	}()
	defer task.Await(ctx) // it cancels the task, and waits for its end
	return asyncio.Sleep(ctx, 1)
}

// end says that it waits on another context.
func (s *session) end(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	return s.goodbye(ctx)
}

func (s *session) endLater(ctx context.Context) error {
	if err := s.end(ctx); err != nil {
		return err
	}
	own := context.WithoutCancel(ctx)
	return s.goodbye(own)
}

func (s *session) endNow(ctx context.Context) error {
	_ = s.goodbye(context.WithoutCancel(ctx))
	return s.goodbye(ctx)
}

func uncut(ctx context.Context, s *session) error {
	defer s.end(ctx)
	defer s.endLater(ctx)
	defer s.endNow(ctx) // want `session.endNow waits on ctx`
	for {
		_ = s.endLater(ctx)
	}
}

func ofAnother(ctx context.Context, s *session, task *asyncio.Task[int]) error {
	task.Cancel()
	_, err := task.Await(ctx)
	if errors.Is(err, asyncio.ErrCanceled) { // the task was canceled, not this one
		return s.goodbye(ctx)
	}
	if _, err := asyncio.Gather(ctx, asyncio.Awaitable[int](task)); errors.Is(err, asyncio.ErrCanceled) {
		return s.goodbye(ctx)
	}
	if err := s.goodbye(ctx); !errors.Is(err, asyncio.ErrCanceled) {
		return s.goodbye(ctx)
	}
	if err := s.goodbye(ctx); errors.Is(err, asyncio.ErrCanceled) {
		return s.goodbye(context.WithoutCancel(ctx))
	}
	return nil
}

func ofATimeout(ctx context.Context, s *session) error {
	err := asyncio.WithTimeout(ctx, time.Second, func(inner context.Context) error {
		err := s.goodbye(inner)
		if errors.Is(err, asyncio.ErrCanceled) {
			_ = s.goodbye(ctx) // on another context
		}
		return err
	})
	if errors.Is(err, asyncio.ErrTimeout) {
		return s.goodbye(ctx)
	}
	return err
}
