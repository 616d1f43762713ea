package interference

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"syscall"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// holdsStill does what cannot wait, and then tries to.
func holdsStill(h *house, ctx context.Context, depth int) error {
	var group error
	asyncio.NoSuspend(ctx, func() {
		for _, act := range []action{triesQueue, setsEvent, cancelsTask, startsTask} {
			_ = act(h, ctx, depth)
		}
		if asynctest.PanicOf(func() { _ = asyncio.Sleep(ctx, h.moment()) }) == nil { //asyncio:ok callback-suspends that it panics is what is tested
			h.p.t.Error("a task has slept in NoSuspend")
		}
		asynctest.PanicOf(func() { group = h.startsGroup(ctx, depth) })
	})
	return group
}

// startsGroup ends with a panic if the tasks of the group would have to be waited for.
func (h *house) startsGroup(ctx context.Context, depth int) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for range h.rng.IntN(3) {
			var opts []asyncio.TaskOption
			if h.chance(2) {
				opts = append(opts, asyncio.Eager())
			}
			h.remember(asyncio.Spawn(tg, h.coroutine(depth), opts...))
		}
		return nil
	})
}

// labels looks whether a task has the labels that it was created with.
func labels(h *house, ctx context.Context, depth int) (err error) {
	want := strconv.Itoa(h.rng.Int())
	pprof.Do(ctx, pprof.Labels("interference", want), func(ctx context.Context) {
		h.remember(asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			if got, _ := pprof.Label(ctx, "interference"); got != want {
				h.p.t.Errorf("a task has the label %q, not %q", got, want)
			}
			return h.coroutine(depth)(ctx)
		}))
		err = h.act(ctx, depth+1)
	})
	return err
}

// hearsSignals waits for signals, which others send.
func hearsSignals(h *house, ctx context.Context, depth int) error {
	return h.briefly(ctx, func(ctx context.Context) error {
		for _, err := range asyncio.Signals(ctx, syscall.SIGTERM) {
			if err != nil || h.chance(2) {
				return err
			}
			h.p.ledger.see(h.act(ctx, depth+1))
		}
		return nil
	})
}

// catchSignals keeps a signal from ending the process that comes when nobody waits for
// it, or when the test that has sent it is over: it may be on its way for a while.
var catchSignals = sync.OnceFunc(func() { signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM) })

// signals sends a signal to this process, where there is a way to.
func (p *program) signals() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Signal(syscall.SIGTERM)
		_ = self.Release() // it holds a descriptor
	}
}

// usesRunner runs a loop of its own, twice, on a thread.
func usesRunner(h *house, ctx context.Context, _ int) error {
	exits := h.chance(3)
	return h.briefly(ctx, func(ctx context.Context) error {
		return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
			r := asyncio.NewRunner(asyncio.OnException(h.p.reported))
			defer func() { h.p.ledger.see(r.Close()) }()
			for range 2 {
				h.p.ledger.see(r.Run(ctx, func(ctx context.Context) error { return h.p.runs(ctx, exits) }))
			}
			return nil
		})
	})
}

// runs is the main coroutine of a loop on a thread.
func (p *program) runs(ctx context.Context, exits bool) error {
	asyncio.Go(ctx, asynctest.SleepForever)
	_, err := asyncio.Go(ctx, func(ctx context.Context) error {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		if exits {
			runtime.Goexit()
		}
		return p.ledger.fail("a task of a runner")
	}).Await(ctx)
	return err
}
