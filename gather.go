package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Gather runs awaitables beside each other and returns their results in the
// order of the arguments. Coroutines become tasks; a task or future given
// twice is awaited once.
//
// The first awaitable that fails, or is canceled, ends Gather at once with its error. The
// others run on; an error of theirs that no one looks at is reported. (A TaskGroup
// cancels them.) If ctx is canceled, all are canceled, and when they have ended, Gather
// returns an error that is ErrCanceled, even if they all have values. But if one of them
// failed before any ended canceled, Gather returns the error of that one, as asyncio
// does.
//
// An ordinary function needs a conversion, Coro[string](fetch): it has no method Await,
// and the compiler says that it "does not match asyncio.Awaitable[T] (cannot infer T)".
// Tasks in a slice need one as well, Awaitables(tasks). In Python: asyncio.gather.
func Gather[T any](ctx context.Context, aws ...Awaitable[T]) ([]T, error) {
	c, handles, err := gather(ctx, gatherRule, aws)
	if err != nil {
		return nil, err
	}
	if err := c.outcome(ctx, "Gather"); err != nil {
		return nil, err
	}
	values := make([]T, len(handles))
	for i, h := range handles {
		values[i], _ = h.Result()
	}
	return values, nil
}

// A Result is how one awaitable ended.
type Result[T any] struct {
	Value T
	Err   error
}

// GatherSettled is Gather, but takes errors as results: it waits for all. Its own error
// is not nil only if ctx is canceled; the results then say how each awaitable ended. In
// Python: asyncio.gather(return_exceptions=True).
func GatherSettled[T any](ctx context.Context, aws ...Awaitable[T]) ([]Result[T], error) {
	c, handles, err := gather(ctx, settleRule, aws)
	if err != nil {
		return nil, err
	}
	err = c.wait(ctx, "GatherSettled")
	results := make([]Result[T], len(handles))
	for i, h := range handles {
		results[i].Value, results[i].Err = h.Result()
	}
	return results, err
}

// gather makes a combination of awaitables. It returns a handle for each.
func gather[T any](ctx context.Context, r rule, aws []Awaitable[T]) (*combination, []handle[T], error) {
	if engine.RunningLoopOf(ctx) == nil {
		return nil, nil, ErrNoRunningLoop
	}
	c, handles := combine(r, len(aws)), make([]handle[T], len(aws))
	for i, aw := range aws {
		handles[i] = addTo(ctx, &c.waitSet, aw, i)
	}
	c.cancelAll = canceling(handles)
	return c, handles, nil
}

// addTo adds what is under way for an awaitable to a set.
func addTo[T any](ctx context.Context, s *waitSet, aw Awaitable[T], index int) handle[T] {
	h, created := ensure(ctx, aw)
	s.add(h.future(), index, created)
	return h
}

// Gather2 is Gather for two awaitables of different types.
func Gather2[A, B any](ctx context.Context, a Awaitable[A], b Awaitable[B]) (va A, vb B, err error) {
	if engine.RunningLoopOf(ctx) == nil {
		return va, vb, ErrNoRunningLoop
	}
	c := combine(gatherRule, 2)
	ha := addTo(ctx, &c.waitSet, a, 0)
	hb := addTo(ctx, &c.waitSet, b, 1)
	c.cancelAll = canceling([]owned{ha, hb})
	if err := c.outcome(ctx, "Gather2"); err != nil {
		return va, vb, err
	}
	va, _ = ha.Result()
	vb, _ = hb.Result()
	return va, vb, nil
}

// Gather3 is Gather for three awaitables of different types.
func Gather3[A, B, C any](ctx context.Context, a Awaitable[A], b Awaitable[B], c Awaitable[C]) (va A, vb B, vc C, err error) {
	if engine.RunningLoopOf(ctx) == nil {
		return va, vb, vc, ErrNoRunningLoop
	}
	all := combine(gatherRule, 3)
	ha := addTo(ctx, &all.waitSet, a, 0)
	hb := addTo(ctx, &all.waitSet, b, 1)
	hc := addTo(ctx, &all.waitSet, c, 2)
	all.cancelAll = canceling([]owned{ha, hb, hc})
	if err := all.outcome(ctx, "Gather3"); err != nil {
		return va, vb, vc, err
	}
	va, _ = ha.Result()
	vb, _ = hb.Result()
	vc, _ = hc.Result()
	return va, vb, vc, nil
}

// outcome waits and returns the error of what was waited for.
func (c *combination) outcome(ctx context.Context, op string) error {
	if err := c.wait(ctx, op); err != nil {
		return err
	}
	if c.first != nil {
		return c.first.Err()
	}
	return nil
}

// Race returns the result or the error of the awaitable that ends first. The others are
// canceled, and Race returns when they have ended. If ctx is canceled, all are canceled.
//
// The others may have come to their end before the cancellation reaches them; the results
// that they return then are dropped. For example, two tasks that each take an item from a
// queue may both have one, and the item of the loser is lost. [Select] waits for several
// queues, locks and events and takes from only one of them. For other sources, let the
// coroutine itself store the item.
func Race[T any](ctx context.Context, aws ...Awaitable[T]) (T, error) {
	return firstOf(ctx, raceRule, "Race", aws)
}

// Any returns the result of the first awaitable that succeeds, and ignores errors before
// that. The others are then canceled, and Any returns when they have ended; results that
// they still return are dropped, as in Race. If none succeeds, it returns their errors in
// an *ExceptionGroup, in the order of the arguments. If ctx is canceled, all are
// canceled.
func Any[T any](ctx context.Context, aws ...Awaitable[T]) (T, error) {
	return firstOf(ctx, anyRule, "Any", aws)
}

func firstOf[T any](ctx context.Context, r rule, op string, aws []Awaitable[T]) (T, error) {
	var zero T
	c, handles, err := gather(ctx, r, aws)
	if err != nil {
		return zero, err
	}
	if len(aws) == 0 {
		return zero, ErrNoAwaitables
	}
	if err := c.wait(ctx, op); err != nil {
		return zero, err
	}
	for _, h := range handles {
		if h.future() == c.first {
			return h.Result()
		}
	}
	group := &ExceptionGroup{Message: "all awaitables of Any failed"}
	for i := range c.members {
		m := &c.members[i]
		name := ""
		if t, ok := handles[m.index].canceler().(*engine.Task); ok {
			name = t.Name()
		}
		group.add(name, m.future.Err())
	}
	return zero, group
}
