// The table "passes to resume", line by line: how many passes of the loop lie
// between an event and the one who observes it. The rows that CPython has as
// well are also a pair, more/passes_table, whose output CPython printed.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A passRow is a line of the table.
type passRow struct {
	label string
	want  int
	trial trial
}

// A trial starts and stops the counter of its fixture.
type trial func(ctx context.Context, f *fixture) error

// A fixture is what a trial needs: a counter of passes and a future. Its tick
// comes first in every pass, for it is called for again as the first act of
// every pass.
type fixture struct {
	loop    *asyncio.Loop
	fut     *asyncio.Future[int]
	passes  int
	origin  int
	counted int
	stopped bool
}

func newFixture(ctx context.Context) *fixture {
	return &fixture{loop: asyncio.RunningLoop(ctx), fut: asyncio.NewFuture[int](ctx)}
}

func (f *fixture) tick() {
	f.passes++
	if !f.stopped {
		f.loop.CallSoon(f.tick)
	}
}

func (f *fixture) start() { f.origin = f.passes }

func (f *fixture) stop() {
	if !f.stopped {
		f.stopped, f.counted = true, f.passes-f.origin
	}
}

// expiry begins to count in the callback of a timer, which is the first pass
// after its expiry. (Ticks before it would keep a virtual clock from moving.)
func (f *fixture) expiry() {
	f.passes, f.origin = 1, 0
	f.loop.CallSoon(f.tick)
}

// stopAfter stops the counter when op is over.
func (f *fixture) stopAfter(op func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		defer f.stop()
		return op(ctx)
	}
}

// child is a task that ends when the fixture's future is done, and starts the
// counter at its end.
func (f *fixture) child(ctx context.Context) (int, error) {
	defer f.start()
	return f.fut.Await(ctx)
}

// An operation is something that a task does with another one.
type operation func(ctx context.Context, aw asyncio.Awaitable[int]) error

var one = asynctest.Value(1)

func forever(ctx context.Context) (int, error) { return asyncio.NewFuture[int](ctx).Await(ctx) }

func awaitIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := aw.Await(ctx)
	return err
}

func gatherIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.Gather(ctx, aw)
	return err
}

func gather2It(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, _, err := asyncio.Gather2(ctx, aw, aw)
	return err
}

func gather3It(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, _, _, err := asyncio.Gather3(ctx, aw, aw, aw)
	return err
}

func gatherSettledIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.GatherSettled(ctx, aw)
	return err
}

func raceIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.Race(ctx, aw)
	return err
}

func anyIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.Any(ctx, aw)
	return err
}

func shieldIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.Shield(ctx, aw)
	return err
}

func waitForIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.WaitFor(ctx, aw, longTime)
	return err
}

func waitForNoTime(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.WaitFor(ctx, aw, 0)
	return err
}

func timeoutIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	return awaitWithin(ctx, longTime, aw)
}

func asCompletedIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	for _, err := range asyncio.AsCompleted(ctx, aw) {
		return err
	}
	return nil
}

// asTask returns aw if it is a task, or makes one.
func asTask(ctx context.Context, aw asyncio.Awaitable[int]) *asyncio.Task[int] {
	if t, ok := aw.(*asyncio.Task[int]); ok {
		return t
	}
	return asyncio.CreateTask(ctx, aw.Await)
}

func waitIt(ctx context.Context, aw asyncio.Awaitable[int]) error { return wait(ctx, asTask(ctx, aw)) }

func waitFirstIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, _, err := asyncio.Wait(ctx, []*asyncio.Task[int]{asTask(ctx, aw)}, asyncio.FirstCompleted, 0)
	return err
}

func waitNoTime(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, _, err := asyncio.Wait(ctx, []*asyncio.Task[int]{asTask(ctx, aw)}, asyncio.AllCompleted, -1)
	return err
}

func groupIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, aw.Await)
		return nil
	})
}

func bodyOfGroup(ctx context.Context, aw asyncio.Awaitable[int]) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, one)
		return awaitIt(ctx, aw)
	})
}

func emptyGroup(ctx context.Context, _ asyncio.Awaitable[int]) error {
	return asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { return nil })
}

func taskIt(ctx context.Context, aw asyncio.Awaitable[int]) error {
	return awaitIt(ctx, asTask(ctx, aw))
}

func yieldIt(ctx context.Context, _ asyncio.Awaitable[int]) error { return asyncio.Yield(ctx) }

// inPasses lets n passes go by.
func inPasses(ctx context.Context, n int) error {
	for range n {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	return nil
}

// firstStep: from the creation of a task to its first step.
func firstStep(opts ...asyncio.TaskOption) trial {
	return func(ctx context.Context, f *fixture) error {
		f.start()
		t := asyncio.Go(ctx, f.stopAfter(func(context.Context) error { return nil }), opts...)
		_, err := t.Await(ctx)
		return err
	}
}

// future: from the completion of a future to its awaiter.
func future(complete func(fut *asyncio.Future[int])) trial {
	return func(ctx context.Context, f *fixture) error {
		f.loop.CallSoon(func() {
			f.start()
			complete(f.fut)
		})
		f.fut.Await(ctx) //asyncio:ok lost-error only the passes are counted
		f.stop()
		return nil
	}
}

// callback: from the completion of a future to its callback, which is added
// before it or after it.
func callback(late bool) trial {
	return func(ctx context.Context, f *fixture) error {
		stop := func(*asyncio.Future[int]) { f.stop() }
		if late {
			f.fut.SetResult(1)
			f.start()
			f.fut.AddDoneCallback(stop)
		} else {
			f.fut.AddDoneCallback(stop)
			f.start()
			f.fut.SetResult(1)
		}
		return inPasses(ctx, 2)
	}
}

// childEnds: from the end of a task to who waits for it.
func childEnds(op operation) trial {
	return func(ctx context.Context, f *fixture) error {
		f.loop.CallSoon(func() { f.fut.SetResult(1) })
		t := asyncio.CreateTask(ctx, f.child)
		defer f.stop()
		return op(ctx, t)
	}
}

// childOfGroupEnds: from the end of the last child of a group to its exit.
func childOfGroupEnds(ctx context.Context, f *fixture) error {
	f.loop.CallSoon(func() { f.fut.SetResult(1) })
	defer f.stop()
	return groupIt(ctx, asyncio.Coro[int](f.child))
}

// whole: from before an operation on a coroutine that never suspends to
// after it.
func whole(op operation) trial {
	return func(ctx context.Context, f *fixture) error {
		f.start()
		defer f.stop()
		return op(ctx, one)
	}
}

// onDone: an operation on a task that is done.
func onDone(op operation) trial {
	return func(ctx context.Context, f *fixture) error {
		t := asyncio.CreateTask(ctx, one)
		if _, err := t.Await(ctx); err != nil {
			return err
		}
		f.start()
		defer f.stop()
		return op(ctx, t)
	}
}

// onNothing: a combination of nothing.
func onNothing(op func(ctx context.Context) error) trial {
	return func(ctx context.Context, f *fixture) error {
		f.start()
		defer f.stop()
		return op(ctx)
	}
}

func gatherThree(ctx context.Context, aw asyncio.Awaitable[int]) error {
	_, err := asyncio.Gather(ctx, aw, aw, aw)
	return err
}

// neverStarted: a task is canceled before its first step.
func neverStarted(ctx context.Context, f *fixture) error {
	t := asyncio.CreateTask(ctx, one)
	f.start()
	t.Cancel()
	t.Await(ctx)
	f.stop()
	return nil
}

// An observer is where a cancellation is seen.
type observer int

const (
	byInner   observer = iota // what the canceled task waits for
	byTask                    // the canceled task
	byAwaiter                 // who awaits it
	byWaiter                  // who is in Wait for it
)

// cancel: from cancelling a task that is in op to the observer.
func cancel(op operation, who observer, asATask bool) trial {
	return func(ctx context.Context, f *fixture) error {
		stopIf := func(o observer) {
			if o == who {
				f.stop()
			}
		}
		inner := asyncio.Coro[int](func(ctx context.Context) (int, error) {
			defer stopIf(byInner)
			return forever(ctx)
		})
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			defer stopIf(byTask)
			if asATask {
				return op(ctx, asyncio.CreateTask(ctx, inner))
			}
			return op(ctx, inner)
		})
		if err := inPasses(ctx, 3); err != nil {
			return err
		}
		a := asyncio.Go(ctx, func(ctx context.Context) error {
			if who == byWaiter {
				defer f.stop()
				return wait(ctx, t)
			}
			defer stopIf(byAwaiter)
			t.Await(ctx) //asyncio:ok lost-error only the passes are counted
			return nil
		})
		if err := inPasses(ctx, 2); err != nil {
			return err
		}
		f.start()
		t.Cancel()
		_, err := a.Await(ctx)
		return errors.Join(err, inPasses(ctx, 3))
	}
}

// The delay of the rows that start at the expiry of a timer.
const delay = 10 * ms

func afterExpiry(op func(ctx context.Context) error) trial {
	return func(ctx context.Context, f *fixture) error {
		f.loop.CallLater(delay, f.expiry)
		err := op(ctx)
		f.stop()
		if timedOut(err) {
			return nil
		}
		return err
	}
}

// inTimeout: from the expiry of a timeout to who waits in its body.
func inTimeout(op func(ctx context.Context) error) trial {
	return func(ctx context.Context, f *fixture) error {
		return afterExpiry(func(ctx context.Context) error {
			return awaitWithin(ctx, delay, do(f.stopAfter(op)))
		})(ctx, f)
	}
}

func expiryToCallback(ctx context.Context, f *fixture) error {
	f.loop.CallLater(delay, f.expiry)
	f.loop.CallLater(delay, f.stop)
	return asyncio.Sleep(ctx, 2*delay)
}

func waitWithTimeoutOf(d time.Duration) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, forever)
		defer t.Cancel()
		_, _, err := asyncio.Wait(ctx, []*asyncio.Task[int]{t}, asyncio.AllCompleted, d)
		return err
	}
}

// expiryOfWaitFor: from the expiry of a WaitFor of a task to the observer.
func expiryOfWaitFor(who observer) trial {
	return func(ctx context.Context, f *fixture) error {
		return afterExpiry(func(ctx context.Context) error {
			_, err := asyncio.WaitFor(ctx, asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				if who == byInner {
					defer f.stop()
				}
				return forever(ctx)
			}), delay)
			return err
		})(ctx, f)
	}
}

func await(fn asyncio.Coro[int]) func(ctx context.Context) error {
	return func(ctx context.Context) error { return awaitIt(ctx, fn) }
}

// passRows are the rows of more/passes_table, with CPython's counts.
var passRows = []passRow{
	{"create_task to its first step", 1, firstStep()},
	{"eager task to its first step", 0, firstStep(asyncio.Eager())},
	{"future set to its awaiter", 1, future(func(fut *asyncio.Future[int]) { fut.SetResult(1) })},
	{"future failed to its awaiter", 1, future(func(fut *asyncio.Future[int]) { fut.SetError(errors.New("bad")) })},
	{"future cancelled to its awaiter", 1, future(func(fut *asyncio.Future[int]) { fut.Cancel() })},
	{"future set to its callback", 1, callback(false)},
	{"callback added to a future that is set", 1, callback(true)},
	{"child ends to its awaiter", 1, childEnds(awaitIt)},
	{"child ends to gather", 2, childEnds(gatherIt)},
	{"child ends to gather of settled", 2, childEnds(gatherSettledIt)},
	{"child ends to wait for all", 2, childEnds(waitIt)},
	{"child ends to wait for the first", 2, childEnds(waitFirstIt)},
	{"child ends to shield", 2, childEnds(shieldIt)},
	{"child ends to as_completed", 2, childEnds(asCompletedIt)},
	{"child ends to wait_for", 1, childEnds(waitForIt)},
	{"child ends to a timeout around its awaiter", 1, childEnds(timeoutIt)},
	{"child ends to the exit of its group", 2, childOfGroupEnds},
	{"sleep(0)", 1, whole(yieldIt)},
	{"bare coroutine", 0, whole(awaitIt)},
	{"task that never suspends", 2, whole(taskIt)},
	{"gather of one that never suspends", 3, whole(gatherIt)},
	{"gather of three that never suspend", 3, whole(gatherThree)},
	{"gather of nothing", 0, onNothing(func(ctx context.Context) error {
		_, err := asyncio.Gather[int](ctx)
		return err
	})},
	{"group of one that never suspends", 3, whole(groupIt)},
	{"empty group", 0, whole(emptyGroup)},
	{"shield of one that never suspends", 3, whole(shieldIt)},
	{"wait for one that never suspends", 3, whole(waitIt)},
	{"as_completed of one that never suspends", 3, whole(asCompletedIt)},
	{"wait_for of one that never suspends", 0, whole(waitForIt)},
	{"timeout around one that never suspends", 0, whole(timeoutIt)},
	{"await of a done task", 0, onDone(awaitIt)},
	{"gather of a done task", 0, onDone(gatherIt)},
	{"wait for a done task", 2, onDone(waitIt)},
	{"shield of a done task", 0, onDone(shieldIt)},
	{"as_completed of a done task", 2, onDone(asCompletedIt)},
	{"wait_for of a done task", 0, onDone(waitForIt)},
	{"wait_for of a done task, no time", 0, onDone(waitForNoTime)},
	{"cancelled before its first step to its awaiter", 2, neverStarted},
	{"cancel to the task", 1, cancel(awaitIt, byTask, false)},
	{"cancel to its awaiter", 2, cancel(awaitIt, byAwaiter, false)},
	{"cancel to a wait for it", 3, cancel(awaitIt, byWaiter, false)},
	{"cancel to the task it awaits", 1, cancel(awaitIt, byInner, true)},
	{"cancel through the task it awaits", 2, cancel(awaitIt, byTask, true)},
	{"cancel to the child of its gather", 1, cancel(gatherIt, byInner, false)},
	{"cancel through its gather", 3, cancel(gatherIt, byTask, false)},
	{"cancel to one in wait", 1, cancel(waitIt, byTask, false)},
	{"cancel to one in shield", 1, cancel(shieldIt, byTask, true)},
	{"cancel to one in wait_for", 1, cancel(waitForIt, byTask, false)},
	{"cancel to one in a timeout", 1, cancel(timeoutIt, byTask, false)},
	{"cancel to one in the body of a group", 1, cancel(bodyOfGroup, byTask, false)},
}

// timerRows go on with that; here the counter begins at the expiry of a timer.
var timerRows = []passRow{
	{"expiry to its callback", 1, expiryToCallback},
	{"expiry to the sleeper", 2, afterExpiry(func(ctx context.Context) error { return asyncio.Sleep(ctx, delay) })},
	{"expiry to one in a timeout", 2, inTimeout(await(forever))},
	{"expiry to a sleeper in a timeout", 2, inTimeout(sleepLong)},
	{"expiry to a wait with a timeout", 2, afterExpiry(waitWithTimeoutOf(delay))},
	{"expiry to the task in wait_for", 2, expiryOfWaitFor(byInner)},
	{"expiry through the task in wait_for", 3, expiryOfWaitFor(byAwaiter)},
}

// goPassRows are rows that CPython does not have, or has otherwise.
var goPassRows = []passRow{
	{"child ends to Gather2", 2, childEnds(gather2It)},
	{"child ends to Gather3", 2, childEnds(gather3It)},
	{"child ends to Race", 2, childEnds(raceIt)},
	{"child ends to Any", 2, childEnds(anyIt)},
	{"Race of one that never suspends", 3, whole(raceIt)},
	{"Any of one that never suspends", 3, whole(anyIt)},
	{"GatherSettled of nothing", 0, onNothing(func(ctx context.Context) error {
		_, err := asyncio.GatherSettled[int](ctx)
		return err
	})},
	{"Wait for nothing", 0, onNothing(func(ctx context.Context) error { return wait[*asyncio.Task[int]](ctx) })},
	{"Wait that does not wait", 0, onDone(waitNoTime)},
	{"GatherSettled of a done task", 0, onDone(gatherSettledIt)},
	// From outside, one pass: a canceled group cancels its children at once.
	{"cancel to the child of its group", 1, cancel(groupIt, byInner, false)},
	{"cancel through its group", 3, cancel(groupIt, byTask, false)},
	{"cancel to the child of its Race", 1, cancel(raceIt, byInner, false)},
	{"cancel through its Race", 3, cancel(raceIt, byTask, false)},
	{"cancel through its Any", 3, cancel(anyIt, byTask, false)},
	{"cancel to one in AsCompleted", 1, cancel(asCompletedIt, byTask, false)},
	{"Yield on a canceled context", 1, onCanceled(asyncio.Yield)},
	{"Sleep on a canceled context", 1, onCanceled(sleepLong)},
	{"future on a canceled context", 1, onCanceled(await(forever))},
	{"expiry of a timeout of zero to Yield", 1, zeroTimeout(asyncio.Yield)},
	{"expiry of a timeout of zero to a future", 2, zeroTimeout(await(forever))},
}

// onCanceled: a suspension on a context that is canceled already.
func onCanceled(op func(ctx context.Context) error) trial {
	return func(ctx context.Context, f *fixture) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			asyncio.NewFuture[none](ctx).Await(ctx) //asyncio:ok lost-error only the passes are counted
			f.start()
			defer f.stop()
			return op(ctx)
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.Cancel()
		return wait(ctx, t)
	}
}

// zeroTimeout: a timeout that expires at the first suspension.
func zeroTimeout(op func(ctx context.Context) error) trial {
	return func(ctx context.Context, f *fixture) error {
		f.start()
		err := awaitWithin(ctx, 0, do(f.stopAfter(op)))
		if !timedOut(err) {
			return fmt.Errorf("not timed out but %w", err)
		}
		return nil
	}
}

// count returns what a row's trial counts.
func (row passRow) count(ctx context.Context, fromExpiry bool) (int, error) {
	f := newFixture(ctx)
	if !fromExpiry {
		f.loop.CallSoon(f.tick)
		if err := asyncio.Yield(ctx); err != nil {
			return 0, err
		}
	}
	if err := row.trial(ctx, f); err != nil {
		return 0, err
	}
	f.stop()
	return f.counted, inPasses(ctx, 3)
}

func TestPassesToResume(t *testing.T) {
	test := func(row passRow, fromExpiry bool) {
		t.Run(row.label, func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				got, err := row.count(ctx, fromExpiry)
				if got != row.want {
					t.Errorf("%d passes, want %d", got, row.want)
				}
				return err
			}, virtual.Time())
			if err != nil {
				t.Error(err)
			}
		})
	}
	for _, row := range slices.Concat(tickingRows, goPassRows) {
		test(row, false)
	}
	for _, row := range timerRows {
		test(row, true)
	}
}

// When main is done, its done callback stops the loop in the next pass, whose
// rest still runs; what becomes ready in that rest waits for the next run.
func TestPassesAfterMainIsDone(t *testing.T) {
	var events []string
	note := func(text string) func() { return func() { events = append(events, text) } }
	runner := asyncio.NewRunner(virtual.Time())
	mains := []func(ctx context.Context) error{
		func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			loop.CallSoon(func() {
				note("callback")()
				loop.CallSoon(note("callback of the callback"))
			})
			note("first main")()
			return nil
		},
		func(context.Context) error {
			note("second main")()
			return nil
		},
	}
	for _, main := range mains {
		if err := runner.Run(t.Context(), main); err != nil {
			t.Fatal(err)
		}
		note("run returns")()
	}
	if err := runner.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"first main", "callback", "run returns",
		"callback of the callback", "second main", "run returns",
	}
	if !slices.Equal(events, want) {
		t.Errorf("got %q\nwant %q", events, want)
	}
}

// passesTable is the translation of more/passes_table.
func passesTable(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for i, row := range slices.Concat(tickingRows, timerRows) {
			got, err := row.count(ctx, i >= len(tickingRows))
			if err != nil {
				return fmt.Errorf("%s: %w", row.label, err)
			}
			fmt.Fprintf(out, "%s: %d\n", row.label, got)
		}
		return nil
	}, opts...)
}
