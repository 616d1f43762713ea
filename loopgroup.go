package asyncio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A LoopGroup is several loops that run in parallel, each on a goroutine of
// its own, so that a program can use all cores. RunGroup makes one. It has no
// counterpart in Python, where a program starts several processes for that.
//
// The loops share nothing: a task stays on its loop, and tasks, futures, locks
// and queues belong to the loop they were made on. What goes from one to
// another goes through [RunOn]. Any goroutine may call the methods.
type LoopGroup struct {
	loops []*Loop
}

// Len returns the number of loops.
func (g *LoopGroup) Len() int {
	g.mustBe("LoopGroup.Len")
	return len(g.loops)
}

func (g *LoopGroup) mustBe(op string) {
	if g == nil {
		panic("asyncio: " + op + " of nil: use the LoopGroup that RunGroup gives to main")
	}
}

// Loop returns the loop with the number i, from 0; main runs on loop 0. The loops stay
// the same while the group runs; afterwards they are closed. It panics if there is no
// such loop; see Len.
func (g *LoopGroup) Loop(i int) *Loop {
	g.mustBe("LoopGroup.Loop")
	if i < 0 || i >= len(g.loops) {
		panic(fmt.Sprintf("asyncio: LoopGroup.Loop(%d) of %d loops: count from 0 up to, and without, Len", i, len(g.loops)))
	}
	return g.loops[i]
}

// Each runs fn on every loop of the group, as a task there, and returns when all of these
// tasks have ended. It is a [WithTaskGroup] across loops: if one task fails, the others
// are canceled; it returns all errors in an *ExceptionGroup; if ctx is canceled, all
// tasks are. It suspends the calling task, and returns ErrNoRunningLoop outside a loop.
//
// Several calls of fn run in parallel. Data that they share has to be safe for that; what
// one call makes belongs to its loop.
func (g *LoopGroup) Each(ctx context.Context, fn func(ctx context.Context) error) error {
	if fn == nil {
		panic(nilCoroutine)
	}
	g.mustBe("LoopGroup.Each")
	return WithTaskGroup(ctx, func(_ context.Context, tg *TaskGroup) error {
		for _, l := range g.loops {
			Spawn(tg, func(ctx context.Context) (struct{}, error) { return RunOn(ctx, l, noResult(fn)) })
		}
		return nil
	})
}

// RunGroup runs n loops in parallel, and main on the first of them, which runs on the
// calling goroutine. If n is 0, it runs as many loops as there are cores to use
// (runtime.GOMAXPROCS). It returns when main has ended: then all loops end at the same
// time, each as in [Run], and no goroutine is left. main should wait for the tasks that
// it has started on other loops, with [RunOn] or [LoopGroup.Each]; those that are left
// are canceled.
//
// It returns main's error. If another loop ends early (by Loop.Stop, a Goexit, or an
// error of the system), or cannot end within the grace time, main is canceled and
// RunGroup returns an *ExceptionGroup: first main's error, unless main failed only
// because of that cancellation, and then the errors of the other loops. Panics and
// cancellation are as in Run.
//
// The options hold for each loop, but HandleInterrupt only for the first: when that loop
// ends, all end. So an exception handler and hooks are called by several goroutines at a
// time.
func RunGroup(ctx context.Context, n int, main func(ctx context.Context, g *LoopGroup) error, opts ...Option) error {
	switch {
	case main == nil:
		panic(nilCoroutine)
	case ctx == nil:
		panic(nilContext)
	case n < 0:
		panic(fmt.Sprintf("asyncio: RunGroup with %d loops: pass 0 for one on each core, or a positive number", n))
	case engine.RunningHere() != nil:
		return ErrLoopRunning
	}
	r := newGroupRun(ctx, cmp.Or(n, runtime.GOMAXPROCS(0)), opts)
	for i, one := range r.others() {
		r.running.Go(func() { r.runOther(one, &r.errs[i]) })
	}
	err := r.runMain(main)
	return r.outcome(err)
}

// A groupRun is a LoopGroup while it runs.
type groupRun struct {
	group   LoopGroup
	runners []*Runner // the runners of the same loops
	ctx     context.Context
	cancel  context.CancelCauseFunc
	running sync.WaitGroup // the loops besides the first
	errs    []error        // what those loops have ended with
}

var (
	errGroupEnds = errors.New("asyncio: RunGroup is ending")
	errLoopEnded = errors.New("asyncio: another loop of the group has ended early")
)

func newGroupRun(ctx context.Context, n int, opts []Option) *groupRun {
	r := &groupRun{errs: make([]error, n-1)}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	for i := range n {
		one := NewRunner(opts...)
		one.config.Interrupt = one.config.Interrupt && i == 0
		r.runners = append(r.runners, one)
		r.group.loops = append(r.group.loops, one.Loop())
	}
	return r
}

func (r *groupRun) others() []*Runner { return r.runners[1:] }

// runMain runs main on the first loop, and then ends all loops. The others end when main
// has ended, not when its loop has ended: tasks of both may wait for each other.
func (r *groupRun) runMain(main func(context.Context, *LoopGroup) error) error {
	defer func() { // runs even after a panic or a Goexit
		r.cancel(errGroupEnds)
		r.running.Wait()
	}()
	_, err := runAndClose(r.runners[0], r.ctx, noResult(func(ctx context.Context) error {
		defer r.cancel(errGroupEnds)
		err := main(ctx, &r.group)
		if err != nil && context.Cause(r.ctx) == errLoopEnded && ctx.(*engine.Scope).MeansCanceled(err) {
			return nil // the error is that of the other loop
		}
		return err
	}))
	return err
}

// runOther runs one of the other loops until the group ends.
func (r *groupRun) runOther(one *Runner, err *error) {
	*err = ErrGoexit // this stays if it does not return
	defer func() {
		if *err != nil {
			r.cancel(errLoopEnded)
		}
	}()
	_, *err = runAndClose(one, r.ctx, noResult(untilCanceled))
	if *err == ErrCanceled { // before it began
		*err = nil
	}
}

var labelGroupEnds = engine.NewLabel("the end of the loop group")

// untilCanceled is the main coroutine of a loop that only runs what other loops send to
// it.
func untilCanceled(ctx context.Context) error {
	if w, err := engine.Begin(ctx, "RunGroup"); err == nil {
		_ = w.Park(nil, labelGroupEnds)
	}
	return nil
}

// outcome is what RunGroup returns; err is what the first loop has ended with.
func (r *groupRun) outcome(err error) error {
	var failures []error
	for i, err := range r.errs {
		if err != nil {
			failures = append(failures, fmt.Errorf("asyncio: loop %d of the group: %w", i+1, err))
		}
	}
	switch {
	case len(failures) == 0:
		return err
	case err != nil:
		failures = slices.Insert(failures, 0, err)
	}
	return &ExceptionGroup{Message: "unhandled errors in a LoopGroup", Errors: failures}
}
