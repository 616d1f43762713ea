package interference

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// deepest bounds how deep actions are nested.
const deepest = 4

// An action is something that a task does. What it returns nobody has seen yet.
type action func(h *house, ctx context.Context, depth int) error

var actions []action

func init() { // the actions do further ones, which is a cycle to the compiler
	actions = []action{
		yields, sleeps, holdsLock, holdsPermit, holdsBoundedPermit, holdsPermits, reads, writes, waitsForEvent, setsEvent, waitsForCondition, notifies,
		meets, puts, gets, triesQueue, takesTimeout, takesStandardTimeout, opensGroup, gathers, settles, races, takesAny, waits,
		waitsFor, takesAsCompleted, shields, startsTask, awaitsTask, cancelsTask, usesThread, usesOtherLoop, postsToOtherLoop, usesFuture,
		usesPipe, setsTimer, cleansUp, sends, receives, holdsStill, labels, hearsSignals, usesRunner,
		selects, selects,
	}
}

// coroutine returns a coroutine that does a few things. It may fail or panic; all that
// it is given it takes note of.
func (h *house) coroutine(depth int) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		for range 1 + h.rng.IntN(3) {
			if err := h.act(ctx, depth+1); err != nil && errors.Is(err, asyncio.ErrCanceled) && !h.chance(4) {
				return 0, err // a task that is canceled mostly ends
			}
		}
		switch {
		case h.chance(8):
			return 0, h.p.ledger.fail("a coroutine")
		case h.chance(50):
			panic(h.p.ledger.fail("a panic"))
		}
		return 1, nil
	}
}

// act does one thing, and takes note of its error.
func (h *house) act(ctx context.Context, depth int) error {
	if h.p.left.Add(-1) < 0 || depth > deepest {
		return asyncio.Yield(ctx)
	}
	h.p.done.Add(1)
	err := actions[h.rng.IntN(len(actions))](h, ctx, depth)
	h.p.ledger.see(err)
	return err
}

// briefly does something that might wait for ever, as what waits in a circle does.
func (h *house) briefly(ctx context.Context, fn func(ctx context.Context) error) error {
	return asyncio.WithTimeout(ctx, h.moment(), fn)
}

func yields(h *house, ctx context.Context, _ int) error { return asyncio.Yield(ctx) }
func sleeps(h *house, ctx context.Context, _ int) error { return asyncio.Sleep(ctx, h.moment()) }

func holdsLock(h *house, ctx context.Context, depth int) error {
	l := &h.locks[h.rng.IntN(len(h.locks))]
	return h.briefly(ctx, func(ctx context.Context) error {
		return l.With(ctx, func() error { return h.act(ctx, depth+1) })
	})
}

func holdsPermit(h *house, ctx context.Context, depth int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		return h.sem.With(ctx, func() error { return h.act(ctx, depth+1) })
	})
}

func holdsBoundedPermit(h *house, ctx context.Context, depth int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		if err := h.bounded.Acquire(ctx); err != nil {
			return err
		}
		defer h.bounded.Release()
		return h.act(ctx, depth+1)
	})
}

// holdsPermits takes several permits, and maybe gives them back one by one.
func holdsPermits(h *house, ctx context.Context, depth int) error {
	n := h.rng.IntN(permits + 1)
	return h.briefly(ctx, func(ctx context.Context) error {
		if err := h.bounded.AcquireN(ctx, n); err != nil {
			return err
		}
		if h.chance(3) {
			h.bounded.SetLimit(permits + 1)
			defer h.bounded.SetLimit(permits) // whatever others do meanwhile
		}
		if n > 0 && h.chance(2) {
			h.bounded.Release()
			n--
		}
		defer h.bounded.ReleaseN(n)
		return h.act(ctx, depth+1)
	})
}

func reads(h *house, ctx context.Context, depth int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		return h.rw.WithRead(ctx, func() error { return h.act(ctx, depth+1) })
	})
}

func writes(h *house, ctx context.Context, depth int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		return h.rw.With(ctx, func() error { return h.act(ctx, depth+1) })
	})
}

func waitsForEvent(h *house, ctx context.Context, _ int) error { return h.briefly(ctx, h.event.Wait) }

func setsEvent(h *house, _ context.Context, _ int) error {
	h.event.Set()
	if h.chance(2) {
		h.event.Clear()
	}
	return nil
}

func waitsForCondition(h *house, ctx context.Context, _ int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		return h.cond.With(ctx, func() error {
			if h.chance(2) {
				return h.cond.WaitFor(ctx, h.event.IsSet)
			}
			return h.cond.Wait(ctx)
		})
	})
}

func notifies(h *house, ctx context.Context, _ int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		return h.cond.With(ctx, func() error {
			h.cond.Notify(1 + h.rng.IntN(2))
			return nil
		})
	})
}

func meets(h *house, ctx context.Context, _ int) error {
	err := h.briefly(ctx, func(ctx context.Context) error {
		_, err := h.barrier.Wait(ctx)
		return err
	})
	if h.barrier.Broken() {
		h.barrier.Reset()
	}
	return err
}

func (h *house) store() store { return h.stores[h.rng.IntN(len(h.stores))] }

func puts(h *house, ctx context.Context, _ int) error {
	item := h.p.ledger.offer()
	return h.briefly(ctx, func(ctx context.Context) error {
		err := h.store().Put(ctx, item)
		h.p.ledger.accepted(h.p.t, item, err)
		return err
	})
}

func gets(h *house, ctx context.Context, _ int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		q := h.store()
		item, err := q.Get(ctx)
		if err == nil {
			h.p.ledger.taken(h.p.t, item)
			q.TaskDone()
		}
		return err
	})
}

func triesQueue(h *house, _ context.Context, _ int) error {
	q := h.store()
	if item, err := q.TryGet(); err == nil {
		h.p.ledger.taken(h.p.t, item)
		q.TaskDone()
	}
	item := h.p.ledger.offer()
	h.p.ledger.accepted(h.p.t, item, q.TryPut(item))
	return nil
}

func takesTimeout(h *house, ctx context.Context, depth int) error {
	return asyncio.WithTimeout(ctx, h.moment(), func(ctx context.Context) error {
		err := h.act(ctx, depth+1)
		if h.chance(3) {
			asyncio.TimeoutOf(ctx).Reschedule(h.loop.Now().Add(h.moment()))
			err = errors.Join(err, h.act(ctx, depth+1))
		}
		return err
	})
}

func takesStandardTimeout(h *house, ctx context.Context, depth int) error {
	ctx, cancel := context.WithTimeout(ctx, h.moment())
	defer cancel()
	return h.act(ctx, depth+1)
}

func opensGroup(h *house, ctx context.Context, depth int) (err error) {
	defer func() {
		if v := recover(); v != nil { // the panic of a body goes on as that
			err = &asyncio.PanicError{Value: v}
		}
	}()
	var opts []asyncio.GroupOption
	if h.chance(3) {
		opts = append(opts, asyncio.Limit(1))
	}
	if h.chance(3) {
		opts = append(opts, asyncio.Supervised())
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range h.rng.IntN(4) {
			h.remember(asyncio.Spawn(tg, h.coroutine(depth)))
		}
		if h.chance(10) {
			tg.Cancel()
		}
		_, err := h.coroutine(depth)(ctx)
		return err
	}, opts...)
}

// several returns a few awaitables: coroutines, and tasks that may be others' as well.
func (h *house) several(ctx context.Context, depth int) []asyncio.Awaitable[int] {
	aws := make([]asyncio.Awaitable[int], 1+h.rng.IntN(3))
	for i := range aws {
		aws[i] = h.coroutine(depth)
		if h.chance(3) {
			t := asyncio.CreateTask(ctx, h.coroutine(depth))
			h.remember(t)
			aws[i] = t
		}
	}
	return aws
}

func gathers(h *house, ctx context.Context, depth int) error {
	_, err := asyncio.Gather(ctx, h.several(ctx, depth)...)
	return err
}

func settles(h *house, ctx context.Context, depth int) error {
	results, err := asyncio.GatherSettled(ctx, h.several(ctx, depth)...)
	for _, r := range results {
		h.p.ledger.see(r.Err)
	}
	return err
}

func races(h *house, ctx context.Context, depth int) error {
	_, err := asyncio.Race(ctx, h.several(ctx, depth)...)
	return err
}

// takesAny sees the errors itself, for Any passes over them if one succeeds.
func takesAny(h *house, ctx context.Context, depth int) error {
	aws := h.several(ctx, depth)
	for i, aw := range aws {
		if c, ok := aw.(asyncio.Coro[int]); ok {
			aws[i] = asyncio.Coro[int](func(ctx context.Context) (int, error) {
				v, err := c(ctx)
				h.p.ledger.see(err)
				return v, err
			})
		} else {
			aw.(*asyncio.Task[int]).AddDoneCallback(h.sees)
		}
	}
	_, err := asyncio.Any(ctx, aws...)
	return err
}

func (h *house) sees(t *asyncio.Task[int]) { h.p.ledger.see(t.Err()) }

func waits(h *house, ctx context.Context, depth int) error {
	var ts []*asyncio.Task[int]
	for range 1 + h.rng.IntN(3) {
		ts = append(ts, asyncio.CreateTask(ctx, h.coroutine(depth)))
		h.remember(ts[len(ts)-1])
	}
	when := []asyncio.ReturnWhen{asyncio.AllCompleted, asyncio.FirstCompleted, asyncio.FirstException}[h.rng.IntN(3)]
	done, _, err := asyncio.Wait(ctx, ts, when, h.moment())
	for _, t := range done {
		h.p.ledger.see(t.Err())
	}
	return err
}

func waitsFor(h *house, ctx context.Context, depth int) error {
	_, err := asyncio.WaitFor(ctx, h.several(ctx, depth)[0], h.moment())
	return err
}

func takesAsCompleted(h *house, ctx context.Context, depth int) error {
	for _, err := range asyncio.AsCompleted(ctx, h.several(ctx, depth)...) {
		h.p.ledger.see(err)
		if h.chance(4) {
			break
		}
	}
	return nil
}

func shields(h *house, ctx context.Context, depth int) error {
	_, err := asyncio.Shield(ctx, h.several(ctx, depth)[0])
	return err
}

func startsTask(h *house, ctx context.Context, depth int) error {
	var opts []asyncio.TaskOption
	if h.chance(4) {
		opts = append(opts, asyncio.Eager())
	}
	h.remember(asyncio.CreateTask(ctx, h.coroutine(depth), opts...))
	return nil
}

// awaitsTask does not wait for ever, for tasks may await each other in a circle.
func awaitsTask(h *house, ctx context.Context, _ int) error {
	t := h.task()
	if t == nil || t.Name() == asyncio.CurrentTask(ctx).Name {
		return nil
	}
	return h.briefly(ctx, func(ctx context.Context) error {
		_, err := asyncio.Shield(ctx, t)
		return err
	})
}

func cancelsTask(h *house, _ context.Context, _ int) error {
	if t := h.task(); t != nil {
		t.Cancel()
		if h.chance(4) {
			t.CancelCause(errors.New("a second time"))
		}
	}
	return nil
}

func usesThread(h *house, ctx context.Context, _ int) error {
	end := h.rng.IntN(6)
	fn := func(ctx context.Context) (int, error) {
		switch end {
		case 0:
			<-ctx.Done()
			return 0, ctx.Err()
		case 1:
			runtime.Gosched()
			panic(h.p.ledger.fail("a thread that panics"))
		case 2:
			runtime.Goexit()
		case 3:
			if h.p.debug { // else one that comes after a cancellation may go unreported
				return 0, h.p.ledger.fail("a thread")
			}
		}
		return 1, nil
	}
	return h.briefly(ctx, func(ctx context.Context) error {
		if h.chance(3) {
			_, err := asyncio.RunInExecutor(ctx, h.p.pool, fn).Await(ctx)
			return err
		}
		_, err := asyncio.ToThread(ctx, fn)
		return err
	})
}

func (h *house) other() *house { return h.p.houses[h.rng.IntN(len(h.p.houses))] }

func usesOtherLoop(h *house, ctx context.Context, depth int) error {
	other := h.other()
	if other == h {
		return nil
	}
	return h.briefly(ctx, func(ctx context.Context) error {
		_, err := asyncio.RunOn(ctx, other.loop, func(ctx context.Context) (int, error) {
			return other.coroutine(depth)(ctx)
		})
		return err
	})
}

func postsToOtherLoop(h *house, ctx context.Context, _ int) error {
	other := h.other()
	err := other.loop.CallSoonThreadsafe(func() { _ = cancelsTask(other, ctx, 0) })
	if errors.Is(err, asyncio.ErrLoopClosed) {
		return nil
	}
	return err
}

func usesFuture(h *house, ctx context.Context, _ int) error {
	f := asyncio.NewFuture[int](ctx)
	h.loop.CallLater(h.moment(), func() {
		if err := h.p.ledger.fail("a future"); h.chance(2) || f.SetError(err) != nil {
			h.p.ledger.see(err)
			_ = f.SetResult(1)
		}
	})
	_, err := f.Await(ctx)
	return err
}

func usesPipe(h *house, ctx context.Context, _ int) error {
	r, w, err := streams.NewPipe(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	defer w.Close()
	return h.briefly(ctx, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error {
				_, err := r.Read(make([]byte, 10))
				return ignoreClosed(err)
			})
			if h.chance(2) {
				_, err := w.Write([]byte("hello"))
				return ignoreClosed(err)
			}
			return asyncio.Sleep(ctx, h.moment())
		})
	})
}

func setsTimer(h *house, _ context.Context, _ int) error {
	timer := h.loop.CallLater(h.moment(), func() { h.event.Set() })
	if h.chance(2) {
		timer.Cancel()
	}
	return nil
}

func (p *program) channel(rng *rand.Rand) chan int { return p.channels[rng.IntN(len(p.channels))] }

func sends(h *house, ctx context.Context, _ int) error {
	item := h.p.ledger.offer()
	return h.briefly(ctx, func(ctx context.Context) error {
		err := asyncio.Send(ctx, h.p.channel(h.rng), item)
		h.p.ledger.accepted(h.p.t, item, err)
		return err
	})
}

func receives(h *house, ctx context.Context, _ int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		item, ok, err := asyncio.Receive(ctx, h.p.channel(h.rng))
		if err == nil && ok {
			h.p.ledger.taken(h.p.t, item)
		}
		return err
	})
}

// cleansUp is what a task does that is canceled and has something to tidy up.
func cleansUp(h *house, ctx context.Context, depth int) error {
	err := h.act(ctx, depth+1)
	return errors.Join(err, h.act(context.WithoutCancel(ctx), depth+1))
}

// ignoreClosed drops an error that only says that the pipe was closed.
func ignoreClosed(err error) error {
	if err != nil && !slices.ContainsFunc([]error{asyncio.ErrCanceled, asyncio.ErrTimeout}, func(target error) bool { return errors.Is(err, target) }) {
		return nil
	}
	return err
}
