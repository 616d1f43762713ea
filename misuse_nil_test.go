package asyncio_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What has methods, and may be nil where someone forgot to make it. Locks and queues
// are not here: as with those of package sync, their variables are no pointers.
var nils = []any{
	(*asyncio.Loop)(nil), (*asyncio.LoopGroup)(nil), (*asyncio.Runner)(nil),
	(*asyncio.Task[int])(nil), (*asyncio.Future[int])(nil), (*asyncio.ConcurrentFuture[int])(nil),
	(*asyncio.TaskGroup)(nil), (*asyncio.Timeout)(nil), (*asyncio.Handle)(nil), (*asyncio.TimerHandle)(nil),
	(*asyncio.WorkerPool)(nil), asyncio.Coro[int](nil),
}

func TestEveryMethodOfNilReturnsOrPanicsWithAdvice(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		for _, x := range nils {
			v := reflect.ValueOf(x)
			for i := range v.NumMethod() {
				said := asynctest.PanicOf(func() { rangeOver(v.Method(i).Call(asynctest.Arguments(ctx, v.Method(i).Type()))) })
				if text := fmt.Sprint(said); said != nil && (!strings.HasPrefix(text, "asyncio: ") || !strings.Contains(text, ": ")) {
					t.Errorf("%v.%s panics with %v", v.Type(), v.Type().Method(i).Name, said)
				}
			}
		}
		return nil
	})
}

// rangeOver ranges over what a method has returned, if it is a sequence.
func rangeOver(results []reflect.Value) {
	if len(results) == 1 && results[0].Type().CanSeq2() && results[0].Kind() == reflect.Func {
		for range results[0].Seq2() {
			break
		}
	}
}

func TestWhatIsNoStateHasANumber(t *testing.T) {
	asynctest.ExpectEqual(t, "a state", asyncio.TaskState(200).String(), "TaskState(200)")
}

func TestArgumentsThatMeanNothingPanicWithAdvice(t *testing.T) {
	onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		for _, when := range []asyncio.ReturnWhen{-1, 3, 200} {
			asynctest.ExpectAdvice(t, func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{}, when, time.Second) },
				fmt.Sprintf("Wait until %d", when), "pass AllCompleted")
		}
		var lock asyncio.Lock
		var cond asyncio.Condition
		var rw asyncio.RWLock
		for _, with := range []func(context.Context, func() error) error{
			lock.With, cond.With, asyncio.NewSemaphore(1).With, asyncio.NewBoundedSemaphore(1).With,
			rw.With, rw.WithRead,
		} {
			asynctest.ExpectAdvice(t, func() { _ = with(ctx, nil) }, "nil function")
		}
		asynctest.ExpectAdvice(t, func() { _ = cond.WaitFor(ctx, nil) }, "nil function")
		asynctest.ExpectAdvice(t, func() { _, _ = asyncio.NewWatch(1).Wait(ctx, nil) }, "nil function")
		asynctest.ExpectEqual(t, "held", lock.Locked() || cond.Locked() || rw.Locked(), false)
		return nil
	})
}

func TestALoopThatAGroupDoesNotHavePanicsWithAdvice(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	err := asyncio.RunGroup(t.Context(), 2, func(_ context.Context, g *asyncio.LoopGroup) error {
		for _, i := range []int{-1, 2} {
			asynctest.ExpectAdvice(t, func() { g.Loop(i) }, fmt.Sprintf("LoopGroup.Loop(%d) of 2 loops", i), "count from 0")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
