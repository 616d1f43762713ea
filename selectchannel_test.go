package asyncio_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestSelectOfChannels(t *testing.T) {
	t.Run("does at once what need not wait, in the order of the arguments", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			in, out, closed := make(chan int, 1), make(chan int, 1), make(chan int)
			close(closed)
			var v int
			var ok bool
			// A step of its own for each, for channels are used only for so long in one.
			expectSelect := func(t *testing.T, ctx context.Context, want int, wantErr error, cases ...asyncio.Case) {
				t.Helper()
				_ = asyncio.Yield(ctx)
				expectSelect(t, ctx, want, wantErr, cases...)
			}
			expectSelect(t, ctx, 1, nil, asyncio.OnReceive(in, &v, &ok), asyncio.OnSend(out, 5))
			expectSelect(t, ctx, 1, nil, asyncio.OnSend(out, 6), asyncio.OnReceive(out, &v, &ok))
			asynctest.ExpectEqual(t, "value", v, 5)
			asynctest.ExpectEqual(t, "ok", ok, true)
			expectSelect(t, ctx, 0, nil, asyncio.OnReceive(closed, &v, &ok), asyncio.Ready())
			asynctest.ExpectEqual(t, "ok", ok, false)
			expectSelect(t, ctx, 1, nil, asyncio.OnReceive(in, nil, nil), asyncio.Ready())
			var none chan int
			expectSelect(t, ctx, 2, nil, asyncio.OnReceive(none, &v, &ok), asyncio.OnSend(none, 1), asyncio.Ready())
			var errs = make(chan error, 1)
			expectSelect(t, ctx, 0, nil, asyncio.OnSend(errs, nil))
			err := errors.New("not set")
			expectSelect(t, ctx, 0, nil, asyncio.OnReceive(errs, &err, nil))
			asynctest.ExpectNil(t, err)
		})
	})
	t.Run("waits for one of several", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			a, b, out := make(chan int), make(chan error), make(chan string)
			var v int
			err := errors.New("not set")
			var ok bool
			s := startSelect(ctx, new(asyncio.Event).OnSet(), asyncio.OnReceive(a, &v, &ok), asyncio.OnReceive(b, &err, &ok), asyncio.OnSend(out, "x"))
			asynctest.ExpectEqual(t, "it waits for", s.Info().WaitingOn, "select: event, channel receive, channel receive, channel send")
			asynctest.ExpectNil(t, asyncio.Send(ctx, b, nil))
			_, _ = s.Await(ctx)
			s.expect(t, ctx, 2, nil)
			asynctest.ExpectNil(t, err)
			s = startSelect(ctx, asyncio.OnReceive(a, &v, &ok), asyncio.OnSend(out, "x"))
			text, _, err := asyncio.Receive(ctx, out)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "text", text, "x")
			_, _ = s.Await(ctx)
			s.expect(t, ctx, 1, nil)
		})
	})
	t.Run("meets another Select", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			a, b := make(chan int), make(chan int)
			var v, w int
			one := startSelect(ctx, asyncio.OnReceive(a, &v, nil), asyncio.OnSend(b, 7))
			other := startSelect(ctx, asyncio.OnReceive(b, &w, nil))
			_, _ = one.Await(ctx)
			_, _ = other.Await(ctx)
			one.expect(t, ctx, 1, nil)
			other.expect(t, ctx, 0, nil)
			asynctest.ExpectEqual(t, "value", w, 7)
		})
	})
	t.Run("does not meet itself", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			s := startSelect(ctx, asyncio.OnReceive(ch, nil, nil), asyncio.OnSend(ch, 7))
			asynctest.ExpectEqual(t, "done", s.Done(), false)
			s.Cancel()
			_, _ = s.Await(context.WithoutCancel(ctx))
			s.expect(t, ctx, -1, asyncio.ErrCanceled)
		})
	})
	t.Run("receives nothing when another case is chosen, or none", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int, 1)
			var e asyncio.Event
			v := 0
			s := startSelect(ctx, asyncio.OnReceive(ch, &v, nil), e.OnSet())
			e.Set()
			ch <- 1
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "items", len(ch), 1)
			<-ch //asyncio:ok channel it has an item
			s = startSelect(ctx, asyncio.OnReceive(ch, &v, nil), asyncio.OnReceive(make(chan int), nil, nil))
			s.Cancel()
			ch <- 2
			s.expect(t, ctx, -1, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "items", len(ch), 1)
			asynctest.ExpectEqual(t, "value", v, 0)
		})
	})
	t.Run("keeps what has come before another case, which goes to the next in line", func(t *testing.T) {
		for name, make := range fixtures {
			t.Run(name, func(t *testing.T) {
				asynctest.OnLoop(t, func(ctx context.Context) {
					f, ch := make(ctx), newBuffered()
					v := 0
					s := startSelect(ctx, asyncio.OnReceive(ch, &v, nil), f.Case)
					var behind *asyncio.Task[bool]
					if f.waits != nil {
						behind = asyncio.CreateTask(ctx, f.waits)
						asynctest.Settle(ctx)
					}
					ch <- 3 //asyncio:ok channel it has room; the loop hears of it in the next pass at the earliest
					f.happen()
					s.expect(t, ctx, 0, nil)
					asynctest.ExpectEqual(t, "value", v, 3)
					if behind != nil {
						done, err := behind.Await(ctx)
						asynctest.ExpectNil(t, err)
						asynctest.ExpectEqual(t, "the one behind has it", done, true)
					} else {
						f.expectTaken(t, false)
					}
				})
			})
		}
	})
	t.Run("keeps what has come before the cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch, v := newBuffered(), 0
			s := startSelect(ctx, new(asyncio.Event).OnSet(), asyncio.OnReceive(ch, &v, nil))
			ch <- 3 //asyncio:ok channel it has room
			s.Cancel()
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "value", v, 3)
		})
	})
	t.Run("waits again, with its channels, when a queue was overtaken", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var q asyncio.Queue[int]
			ch, v := newBuffered(), 0
			s := startSelect(ctx, q.OnGet(&v), asyncio.OnReceive(ch, &v, nil))
			for range 3 {
				_ = q.TryPut(1)
				_, _ = q.TryGet()
				asynctest.Settle(ctx)
				asynctest.ExpectEqual(t, "chosen", s.chosen, -2)
			}
			ch <- 4 //asyncio:ok channel it has room
			_, _ = s.Await(ctx)
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "value", v, 4)
		})
	})
	t.Run("panics when the channel it sends on is closed", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			close(ch)
			expectSendPanics(t, func() { _, _ = asyncio.Select(ctx, asyncio.Ready(), asyncio.OnSend(ch, 1)) })
		})
	})
	t.Run("is not for NoSuspend, and leaves no goroutine when its task is ended by force", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int, 1)
			asynctest.ExpectAdvice(t, func() {
				asyncio.NoSuspend(ctx, func() { _, _ = asyncio.Select(ctx, asyncio.OnSend(ch, 1)) })
			}, "NoSuspend")
			asynctest.ExpectEqual(t, "items", len(ch), 0)
		})
		asynctest.NothingIsLeft(t)
		_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					_, _ = asyncio.Select(context.WithoutCancel(ctx), asyncio.OnReceive(make(chan int), nil, nil))
				}
			})
			return asyncio.Yield(ctx)
		}, asyncio.Grace(time.Millisecond), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	})
	t.Run("is cancelable", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynciotest.AssertCancelable(t, func(ctx context.Context) error {
			ch, v := newBuffered(), 0
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { ch <- 1 }) //asyncio:ok channel it has room
			_, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.OnReceive(ch, &v, nil))
			if err == nil {
				err = asyncio.Yield(ctx)
			} else if err := asyncio.Sleep(context.WithoutCancel(ctx), 2*time.Second); err != nil {
				return err
			}
			asynctest.ExpectEqual(t, "values", len(ch)+v, 1)
			return err
		})
	})
}

func newBuffered() chan int { return make(chan int, 1) }

// Goroutines send and receive on channels while tasks select, of channels and a queue, and
// are canceled: what was sent was received, once.
func TestSelectOfChannelsLosesNothing(t *testing.T) {
	asynctest.OnRealLoop(t, func(ctx context.Context) {
		const senders, each = 4, 200
		a, b := make(chan int), make(chan int, 3)
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				for n := range each {
					if n%2 == 0 {
						a <- i*each + n
					} else {
						b <- i*each + n
					}
				}
			})
		}
		go func() {
			wg.Wait()
			close(a)
			close(b)
		}()
		var q asyncio.Queue[int]
		seen, put := map[int]int{}, 0
		receive := func(ctx context.Context) error {
			a, b := a, b
			for a != nil || b != nil {
				v, ok := 0, true
				chosen, err := asyncio.Select(ctx, q.OnGet(&v), asyncio.OnReceive(a, &v, &ok), asyncio.OnReceive(b, &v, &ok))
				switch {
				case err != nil:
					return err
				case chosen == 0:
					put--
				case ok:
					seen[v]++
				case chosen == 1:
					a = nil // it is closed, and would be chosen for ever, whatever b has
				default:
					b = nil
				}
			}
			return nil
		}
		tasks := make([]*asyncio.Task[struct{}], 5)
		for round := 0; len(seen) < senders*each; round++ {
			for i := range tasks {
				if tasks[i] == nil || tasks[i].Done() {
					tasks[i] = asyncio.Go(ctx, receive)
				}
			}
			for range round % 7 {
				_ = asyncio.Yield(ctx)
			}
			if q.TryPut(0) == nil {
				put++
			}
			tasks[round%5].Cancel()
			_ = asyncio.Yield(ctx)
		}
		for _, task := range tasks {
			task.Cancel()
			_, _ = asyncio.Shield(ctx, task)
		}
		asynctest.ExpectEqual(t, "items of the queue that are left or lost", put, q.Len())
		for v, times := range seen {
			if times != 1 {
				t.Errorf("%d was received %d times", v, times)
			}
		}
	})
}

// A Select that has left the line for another case does not keep back who stands behind it,
// and one that a channel has ended is not counted.
func TestSelectInALineOfSeveralPermits(t *testing.T) {
	t.Run("lets a request be refused that is first then", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			sem := asyncio.NewBoundedSemaphore(2)
			asynctest.ExpectNil(t, sem.AcquireN(ctx, 2))
			var e asyncio.Event
			s := startSelect(ctx, sem.OnAcquire(), e.OnSet())
			behind := asyncio.Go(ctx, func(ctx context.Context) error { return sem.AcquireN(ctx, 2) })
			asynctest.Settle(ctx)
			sem.SetLimit(1)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "the one behind is done", behind.Done(), false)
			e.Set()
			s.expect(t, ctx, 1, nil)
			_, err := behind.Await(ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrSemaphoreLimit)
			sem.ReleaseN(2)
		})
	})
	t.Run("does not take the permits of a larger one", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			sem, ch, v := asyncio.NewSemaphore(0), newBuffered(), 0
			s := startSelect(ctx, asyncio.OnReceive(ch, &v, nil), sem.OnAcquire())
			behind := asyncio.Go(ctx, func(ctx context.Context) error { return sem.AcquireN(ctx, 2) })
			asynctest.Settle(ctx)
			ch <- 3 //asyncio:ok channel it has room
			sem.Release()
			s.expect(t, ctx, 0, nil)
			asynctest.ExpectEqual(t, "the one behind is done", behind.Done(), false)
			sem.Release()
			_, err := behind.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "a permit is left", sem.TryAcquire(), false)
		})
	})
}
