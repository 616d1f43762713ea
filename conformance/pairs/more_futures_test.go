// testdata/more: futures.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var moreFuturePrograms = map[string]program{
	"more/future_states":                   futureStates,
	"more/future_error_to_every_awaiter":   futureErrorToEveryAwaiter,
	"more/future_cancelled_wakes_awaiters": futureCanceledWakesAwaiters,
	"more/ping_pong_with_futures":          pingPongWithFutures,
	"more/pipeline_of_futures":             pipelineOfFutures,
	"more/limiter_of_futures":              limiterOfFutures,
}

func futureStates(out io.Writer, opts ...asyncio.Option) error {
	show := func(fut *asyncio.Future[int]) string {
		switch v, err := fut.Result(); {
		case err == nil:
			return "result " + asPython(v, false)
		case canceled(err):
			return "cancelled"
		case errors.Is(err, asyncio.ErrInvalidState):
			return "invalid state"
		default:
			return "error " + err.Error()
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b, c := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
		say(out, show(a), a.Done(), a.Canceled())
		if err := errors.Join(a.SetResult(1), b.SetError(errors.New("bad"))); err != nil {
			return err
		}
		say(out, "cancel", c.Cancel(), c.Cancel())
		for _, fut := range []*asyncio.Future[int]{a, b, c} {
			say(out, show(fut), fut.Done(), fut.Canceled(), fut.Cancel())
			if errors.Is(fut.SetResult(2), asyncio.ErrInvalidState) {
				say(out, "no second result")
			}
			if errors.Is(fut.SetError(errors.New("late")), asyncio.ErrInvalidState) {
				say(out, "no error after it")
			}
			say(out, show(fut))
		}
		return nil
	}, opts...)
}

func futureErrorToEveryAwaiter(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		fut := asyncio.NewFuture[none](ctx)
		awaiter := func(name string) asyncio.Coro[string] {
			return func(ctx context.Context) (string, error) {
				if _, err := fut.Await(ctx); err != nil {
					say(out, name, "caught", err)
				}
				return name, nil
			}
		}
		var ts []*asyncio.Task[string]
		for _, name := range []string{"a", "b", "c"} {
			ts = append(ts, asyncio.CreateTask(ctx, awaiter(name)))
		}
		loop.CallSoon(func() { fut.SetError(errors.New("boom")) })
		names, err := asyncio.Gather(ctx, asyncio.Awaitables(ts)...)
		if err != nil {
			return err
		}
		say(out, names)
		loop.CallSoon(func() { say(out, "runs after the late one") })
		name, err := awaiter("late").Await(ctx)
		say(out, name)
		return err
	}, opts...)
}

func futureCanceledWakesAwaiters(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		fut := asyncio.NewFuture[none](ctx)
		awaiter := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := fut.Await(ctx)
				if canceled(err) {
					say(out, name, "cancelled")
				}
				return err
			}
		}
		a := asyncio.Go(ctx, awaiter("a"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		fut.AddDoneCallback(func(f *asyncio.Future[none]) { say(out, "callback", f.Canceled()) })
		b := asyncio.Go(ctx, awaiter("b"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "cancel", fut.Cancel(), fut.Done(), fut.Canceled())
		say(out, "tasks", a.Done(), b.Done())
		err := wait(ctx, a, b)
		say(out, "tasks", a.Canceled(), b.Canceled())
		return err
	}, opts...)
}

func pingPongWithFutures(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		table := map[string]*asyncio.Future[int]{
			"ping": asyncio.NewFuture[int](ctx),
			"pong": asyncio.NewFuture[int](ctx),
		}
		passes, playing := 0, true
		var tick func()
		tick = func() {
			passes++
			if playing {
				loop.CallSoon(tick)
			}
		}
		player := func(me, other string) func(context.Context) error {
			return func(ctx context.Context) error {
				for {
					ball, err := table[me].Await(ctx)
					if err != nil {
						return err
					}
					table[me] = asyncio.NewFuture[int](ctx)
					say(out, me, ball, passes)
					if ball == 0 {
						playing = false
						if !table[other].Done() {
							return table[other].SetResult(0)
						}
						return nil
					}
					if err := table[other].SetResult(ball - 1); err != nil {
						return err
					}
				}
			}
		}
		a, b := asyncio.Go(ctx, player("ping", "pong")), asyncio.Go(ctx, player("pong", "ping"))
		if err := errors.Join(asyncio.Yield(ctx), asyncio.Yield(ctx)); err != nil {
			return err
		}
		loop.CallSoon(tick)
		if err := table["ping"].SetResult(5); err != nil {
			return err
		}
		_, err1 := a.Await(ctx)
		_, err2 := b.Await(ctx)
		return errors.Join(err1, err2)
	}, opts...)
}

// box holds one item, for one putter and one getter.
type box struct {
	items          []int
	getter, putter *asyncio.Future[none]
}

func (b *box) put(ctx context.Context, item int) error {
	for len(b.items) > 0 {
		b.putter = asyncio.NewFuture[none](ctx)
		if _, err := b.putter.Await(ctx); err != nil {
			return err
		}
	}
	b.items = append(b.items, item)
	return wake(b.getter)
}

func (b *box) get(ctx context.Context) (int, error) {
	for len(b.items) == 0 {
		b.getter = asyncio.NewFuture[none](ctx)
		if _, err := b.getter.Await(ctx); err != nil {
			return 0, err
		}
	}
	item := b.items[0]
	b.items = nil
	return item, wake(b.putter)
}

// wake completes a future that somebody waits for.
func wake(fut *asyncio.Future[none]) error {
	if fut == nil || fut.Done() {
		return nil
	}
	return fut.SetResult(none{})
}

// The last item of a stage.
const endOfItems = -1

func pipelineOfFutures(out io.Writer, opts ...asyncio.Option) error {
	source := func(ctx context.Context, to *box) error {
		for n := range 4 {
			say(out, "source", n)
			if err := to.put(ctx, n); err != nil {
				return err
			}
		}
		return to.put(ctx, endOfItems)
	}
	square := func(ctx context.Context, from, to *box) error {
		for {
			n, err := from.get(ctx)
			if err != nil || n == endOfItems {
				return errors.Join(err, to.put(ctx, endOfItems))
			}
			say(out, "square", n)
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			if err := to.put(ctx, n*n); err != nil {
				return err
			}
		}
	}
	sink := func(ctx context.Context, from *box) (int, error) {
		total := 0
		for {
			n, err := from.get(ctx)
			if err != nil || n == endOfItems {
				return total, err
			}
			say(out, "sink", n)
			total += n
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var a, b box
		var t *asyncio.Task[int]
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return source(ctx, &a) })
			tg.Go(func(ctx context.Context) error { return square(ctx, &a, &b) })
			t = asyncio.Spawn(tg, func(ctx context.Context) (int, error) { return sink(ctx, &b) })
			return nil
		})
		if err != nil {
			return err
		}
		say(out, "total", result(t))
		return nil
	}, opts...)
}

// limiter lets a few in at a time and keeps the others in line.
type limiter struct {
	free int
	line []*asyncio.Future[none]
}

func (l *limiter) acquire(ctx context.Context) error {
	if l.free > 0 {
		l.free--
		return nil
	}
	fut := asyncio.NewFuture[none](ctx)
	l.line = append(l.line, fut)
	_, err := fut.Await(ctx)
	return err
}

func (l *limiter) release() {
	for len(l.line) > 0 {
		fut := l.line[0]
		l.line = l.line[1:]
		if fut.SetResult(none{}) == nil {
			return
		}
	}
	l.free++
}

func limiterOfFutures(out io.Writer, opts ...asyncio.Option) error {
	lim := &limiter{free: 2}
	job := func(name string, delay int) func(context.Context) error {
		return func(ctx context.Context) error {
			if err := lim.acquire(ctx); err != nil {
				say(out, name, "leaves the line")
				return err
			}
			defer lim.release()
			say(out, name, "begins")
			if err := asyncio.Sleep(ctx, centiseconds(delay)); err != nil {
				return err
			}
			say(out, name, "ends")
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[none]{
			asyncio.Go(ctx, job("a", 3)), asyncio.Go(ctx, job("b", 5)), asyncio.Go(ctx, job("c", 4)),
			asyncio.Go(ctx, job("d", 1)), asyncio.Go(ctx, job("e", 1)),
		}
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		ts[2].Cancel()
		err := wait(ctx, ts...)
		say(out, each(ts, (*asyncio.Task[none]).Canceled), lim.free)
		return err
	}, opts...)
}
