package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// expectReceived checks what Receive has returned.
func expectReceived(t *testing.T, v int, ok bool, err error, want int, wantOK bool) {
	t.Helper()
	asynctest.ExpectEqual(t, "the value", v, want)
	asynctest.ExpectEqual(t, "ok", ok, wantOK)
	asynctest.ExpectNil(t, err)
}

func TestReceive(t *testing.T) {
	t.Run("takes what is there, and does not suspend", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int, 1)
			ch <- 7
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				v, ok, err := asyncio.Receive(ctx, ch)
				expectReceived(t, v, ok, err, 7, true)
			}), 0)
		})
	})
	t.Run("says that the channel is closed", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			close(ch)
			v, ok, err := asyncio.Receive(ctx, ch)
			expectReceived(t, v, ok, err, 0, false)
		})
	})
	t.Run("waits for a task that sends", func(t *testing.T) {
		for _, room := range []int{0, 1} {
			asynctest.OnLoop(t, func(ctx context.Context) {
				ch := make(chan int, room)
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Send(ctx, ch, 7) })
				v, ok, err := asyncio.Receive(ctx, ch)
				expectReceived(t, v, ok, err, 7, true)
			})
		}
	})
	t.Run("waits for a task that closes the channel", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer close(ch)
				return asyncio.Yield(ctx)
			})
			v, ok, err := asyncio.Receive(ctx, ch)
			expectReceived(t, v, ok, err, 0, false)
		})
	})
	t.Run("waits for a goroutine, and not the loop", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			ch, release := make(chan int), make(chan bool)
			go func() {
				<-release
				ch <- 7
			}()
			asyncio.Go(ctx, func(ctx context.Context) error {
				close(release)
				return nil
			})
			v, ok, err := asyncio.Receive(ctx, ch)
			expectReceived(t, v, ok, err, 7, true)
			return nil
		})
	})
	t.Run("from a nil channel waits for its context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				_, _, err := asyncio.Receive[int](ctx, nil)
				return err
			})
			asynctest.ExpectTimeout(t, err)
		})
	})
}

func TestSend(t *testing.T) {
	t.Run("into a buffer with room does not suspend", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int, 1)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, asyncio.Send(ctx, ch, 7))
			}), 0)
			asynctest.ExpectEqual(t, "the value", <-ch, 7) //asyncio:ok channel it has the value
		})
	})
	t.Run("waits for a task that receives", func(t *testing.T) {
		for _, room := range []int{0, 1} {
			asynctest.OnLoop(t, func(ctx context.Context) {
				ch := make(chan int, room)
				var got []int
				receiver := asyncio.Go(ctx, func(ctx context.Context) error {
					for range 3 {
						v, _, err := asyncio.Receive(ctx, ch)
						if err != nil {
							return err
						}
						got = append(got, v)
					}
					return nil
				})
				for i := range 3 {
					asynctest.ExpectNil(t, asyncio.Send(ctx, ch, i))
				}
				_, err := receiver.Await(ctx)
				asynctest.ExpectNil(t, err)
				if !slices.Equal(got, []int{0, 1, 2}) {
					t.Errorf("it received %v", got)
				}
			})
		}
	})
	t.Run("waits for a goroutine, and not the loop", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			ch, release, got := make(chan int), make(chan bool), make(chan int, 1)
			go func() {
				<-release
				got <- <-ch
			}()
			asyncio.Go(ctx, func(ctx context.Context) error {
				close(release)
				return nil
			})
			asynctest.ExpectNil(t, asyncio.Send(ctx, ch, 7))
			asynctest.ExpectEqual(t, "the value", asynctest.Receive(t, got), 7)
			return nil
		})
	})
	t.Run("on a closed channel panics as Go does", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			close(ch)
			expectSendPanics(t, func() { _ = asyncio.Send(ctx, ch, 7) })
		})
	})
	t.Run("on a nil channel waits for its context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error { return asyncio.Send(ctx, nil, 7) })
			asynctest.ExpectTimeout(t, err)
		})
	})
}

// expectSendPanics checks that fn panics with what `ch <- v` does on a closed channel.
func expectSendPanics(t *testing.T, fn func()) {
	t.Helper()
	if v, ok := asynctest.ExpectPanic(t, fn).(runtime.Error); !ok || v.Error() != "send on closed channel" {
		t.Errorf("it panicked with %v", v)
	}
}

// onChannel are the two operations on a channel that is not ready for either.
var onChannel = map[string]func(ctx context.Context) error{
	"Receive": func(ctx context.Context) error {
		_, _, err := asyncio.Receive(ctx, make(chan int))
		return err
	},
	"Send": func(ctx context.Context) error { return asyncio.Send(ctx, make(chan int), 7) },
}

func TestOperationsOnChannels(t *testing.T) {
	for name, op := range onChannel {
		t.Run(name+" can be canceled", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				task := asyncio.Go(ctx, op)
				asynctest.Settle(ctx)
				want := "channel " + strings.ToLower(name)
				asynctest.ExpectEqual(t, "what the task waits for", asyncio.AllTasks(ctx)[1].WaitingOn, want)
				task.Cancel()
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
					_, err := task.Await(ctx)
					asynctest.ExpectCanceled(t, err)
				}), 2)
			})
		})
		t.Run(name+" ends with a context of package context", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				ctx, cancel := context.WithCancel(ctx)
				asyncio.RunningLoop(ctx).CallSoon(cancel)
				asynctest.ExpectIs(t, op(ctx), context.Canceled)
			})
		})
		t.Run(name+" outside a loop is an error", func(t *testing.T) {
			asynctest.ExpectEqual(t, "the error", op(t.Context()), asyncio.ErrNoRunningLoop)
		})
		t.Run(name+" in a callback panics with advice", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				over := asyncio.NewFuture[any](ctx)
				asyncio.RunningLoop(ctx).CallSoon(func() { _ = over.SetResult(asynctest.PanicOf(func() { _ = op(ctx) })) })
				v, _ := over.Await(ctx)
				asynctest.ExpectAdviceIn(t, v, name, "callback")
			})
		})
		t.Run(name+" leaves nothing when its task is ended by force", func(t *testing.T) {
			asynctest.NothingIsLeft(t)
			var heard asynctest.Reports
			err := asynctest.Run(t.Context(), func(ctx context.Context) error {
				asyncio.Go(ctx, func(ctx context.Context) error { return op(context.WithoutCancel(ctx)) })
				return asyncio.Yield(ctx)
			}, asyncio.Grace(time.Millisecond), heard.Option())
			if _, ok := errors.AsType[*asyncio.ShutdownError](err); !ok {
				t.Errorf("Run returned %v", err)
			}
		})
	}
	t.Run("on a canceled context do nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			ch := make(chan int, 2)
			ch <- 1
			_, _, err := asyncio.Receive(ctx, ch)
			asynctest.ExpectIs(t, err, context.Canceled)
			asynctest.ExpectIs(t, asyncio.Send(ctx, ch, 2), context.Canceled)
			asynctest.ExpectEqual(t, "values in the channel", len(ch), 1)
		})
	})
	t.Run("let others have their turn even if they never have to wait", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			full, closed := make(chan int, 1), make(chan int)
			close(closed)
			over := false
			asyncio.Go(ctx, func(context.Context) error {
				over = true
				return nil
			})
			for !over {
				_, _, _ = asyncio.Receive(ctx, closed)
				_ = asyncio.Send(ctx, full, 1) //asyncio:ok swallowed-cancel nothing cancels it
				<-full                         //asyncio:ok channel it has a value, or else Send has just put one there
			}
		})
	})
}

// The cancellation comes when the value has been received, or sent, and the task has not
// heard of that.
func TestACancellationThatComesAfterTheExchange(t *testing.T) {
	t.Run("loses nothing that was received", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			var got int
			task := asyncio.Go(ctx, func(ctx context.Context) (err error) {
				got, _, err = asyncio.Receive(ctx, ch)
				return err
			})
			asynctest.Settle(ctx)
			ch <- 7 //asyncio:ok channel a receiver waits for it already
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "the value", got, 7)
		})
	})
	t.Run("says that it was sent", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int)
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Send(ctx, ch, 7) })
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "the value", <-ch, 7) //asyncio:ok channel a sender waits with it already
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})
}

// Whoever is canceled, and whenever: a value is with a receiver, with a sender that was
// told that it was not sent, or in the channel.
func TestNoValueIsLostOrDoubledOnAChannel(t *testing.T) {
	const tasks, values = 8, 50
	storm := func(t *testing.T, ctx context.Context, room int) {
		ch := make(chan int, room)
		left := make(map[int]int)
		var all []*asyncio.Task[struct{}]
		for i := range tasks {
			all = append(all, asyncio.Go(ctx, func(ctx context.Context) error {
				for v := i * values; v < (i+1)*values; v++ {
					if err := asyncio.Send(ctx, ch, v); err != nil {
						for ; v < (i+1)*values; v++ {
							left[v]++
						}
						return err
					}
				}
				return nil
			}), asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					v, _, err := asyncio.Receive(ctx, ch)
					if err != nil {
						return err
					}
					left[v]++
				}
			}))
		}
		for _, task := range all {
			asynctest.Settle(ctx)
			task.Cancel()
		}
		for _, task := range all {
			_, _ = task.Await(ctx)
		}
		close(ch)
		for v := range ch { //asyncio:ok channel it was closed
			left[v]++
		}
		for v := range tasks * values {
			if left[v] != 1 {
				t.Errorf("value %d is there %d times", v, left[v])
			}
		}
	}
	for _, room := range []int{0, 3} {
		t.Run(fmt.Sprintf("with room for %d", room), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) { storm(t, ctx, room) })
		})
	}
	t.Run("between loops and goroutines", func(t *testing.T) {
		for range 20 {
			asynctest.NothingIsLeft(t)
			ch, sent, got := make(chan int), 0, 0
			var mu sync.Mutex
			add := func(n *int) {
				mu.Lock()
				defer mu.Unlock()
				*n++
			}
			stop := make(chan struct{})
			var goroutines sync.WaitGroup
			for range 2 {
				goroutines.Go(func() {
					for {
						select {
						case ch <- 1:
							add(&sent)
						case <-stop:
							return
						}
					}
				})
			}
			err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
				return g.Each(ctx, func(ctx context.Context) error {
					for range 50 {
						task := asyncio.Go(ctx, func(ctx context.Context) error {
							for {
								if _, _, err := asyncio.Receive(ctx, ch); err != nil {
									return err
								}
								add(&got)
								if err := asyncio.Yield(ctx); err != nil {
									return err
								}
							}
						})
						letPass(ctx, 8) // it may be ready for ever
						task.Cancel()
						_, _ = task.Await(ctx)
					}
					return nil
				})
			})
			close(stop)
			goroutines.Wait() //asyncio:ok blocks the goroutines need the loop no more
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "values received", got, sent)
		}
	})
}

func TestChannelsInVirtualTime(t *testing.T) {
	t.Run("a value arrives before the clock jumps", func(t *testing.T) {
		for _, room := range []int{0, 1} {
			asynciotest.Explore(t, func(ctx context.Context) {
				ch, l := make(chan int, room), asyncio.RunningLoop(ctx)
				start := l.Now()
				asyncio.Go(ctx, func(ctx context.Context) error {
					for i := range 5 {
						if err := asyncio.Sleep(ctx, time.Second); err != nil {
							return err
						}
						if err := asyncio.Send(ctx, ch, i); err != nil {
							return err
						}
					}
					return nil
				})
				for i := range 5 {
					v, ok, err := asyncio.Receive(ctx, ch)
					expectReceived(t, v, ok, err, i, true)
					asynctest.ExpectEqual(t, "the time", l.Now().Sub(start), time.Duration(i+1)*time.Second)
				}
			}, asynciotest.Runs(20))
		}
	})
	t.Run("every run is like the other", func(t *testing.T) {
		var first string
		for range 20 {
			var d asynctest.Logbook
			asynctest.InVirtualTime(t, func(ctx context.Context) {
				ch := make(chan int)
				for i := range 4 {
					asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Send(ctx, ch, i) })
					asyncio.Go(ctx, func(ctx context.Context) error {
						v, _, err := asyncio.Receive(ctx, ch)
						d.Add("%d has %d in pass %d", i, v, asyncio.RunningLoop(ctx).Stats().Passes)
						return err
					})
				}
				asynctest.Settle(ctx)
			})
			if got := strings.Join(d.Lines(), "\n"); first == "" {
				first = got
			} else if got != first {
				t.Fatalf("one run was\n%s\nand another\n%s", first, got)
			}
		}
	})
	t.Run("a goroutine that was announced keeps the clock", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ch, done := make(chan int), asynciotest.Outside(ctx)
			go func() {
				defer done()
				ch <- 7
			}()
			err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				v, ok, err := asyncio.Receive(ctx, ch)
				expectReceived(t, v, ok, err, 7, true)
				return err
			})
			asynctest.ExpectNil(t, err)
		})
	})
}
