// Random programs, part four: the library carries out a program.

package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A libRun is one run of a program on the library.
type libRun struct {
	loop    *asyncio.Loop
	begin   time.Time // by the loop's clock
	pass    int
	current []string // names of the tasks that run, the innermost last
	slots   []*asyncio.Task[int]
	futs    []*asyncio.Future[int]
	sets    [sets]asyncio.TaskSet[int]
	groups  [groups]*asyncio.TaskGroup // the last ones that were opened
	trace   []traceLine
	reports []string
}

// runOnLibrary returns the trace of a program, and the errors that went to
// the exception handler.
func runOnLibrary(p randomProgram, opts ...asyncio.Option) (trace []traceLine, reports []string) {
	r := &libRun{slots: make([]*asyncio.Task[int], p.Slots)}
	opts = append(opts, virtual.Time(), asyncio.Observe(r.hooks()), asyncio.OnException(r.report),
		asyncio.SlowStep(-1)) // a machine that stops the process for a second must not add a report
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		r.loop = asyncio.RunningLoop(ctx)
		r.begin = r.loop.Now()
		for range futures {
			r.futs = append(r.futs, asyncio.NewFuture[int](ctx))
		}
		for _, root := range p.Roots {
			if _, err := r.op(ctx, libPlace{}, root); err != nil {
				return err
			}
		}
		err := asyncio.Sleep(ctx, enough*time.Millisecond)
		r.noteSets()
		return err
	}, opts...)
	if err != nil {
		r.reports = append(r.reports, fmt.Sprintf("Run: %v", err))
	}
	slices.Sort(r.reports)
	return r.trace, r.reports
}

func (r *libRun) hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		PassBegin: func(e asyncio.HookEvent) { r.pass = int(e.Pass) },
		StepBegin: func(e asyncio.HookEvent) { r.current = append(r.current, e.Task.Name) },
		StepEnd:   func(asyncio.HookEvent) { r.current = r.current[:len(r.current)-1] },
		TaskDone: func(e asyncio.HookEvent) {
			r.note("task %s ends: %s", number(e.Task.Name), describe(e.Err))
		},
	}
}

func (r *libRun) report(c asyncio.ExceptionContext) { r.reports = append(r.reports, describe(c.Err)) }

func (r *libRun) note(format string, args ...any) {
	now := int(r.loop.Now().Sub(r.begin).Milliseconds())
	r.trace = append(r.trace, traceLine{now, r.pass, fmt.Sprintf(format, args...)})
}

// number turns the name that a task is given into its number.
func number(name string) string { return strings.TrimPrefix(name, "Task-") }

func (r *libRun) task() string { return number(r.current[len(r.current)-1]) }

// describe writes an error as the model does.
func describe(err error) string {
	switch err := err.(type) {
	case nil:
		return "ok"
	case *asyncio.ExceptionGroup:
		return "group[" + strings.Join(each(err.Errors, describe), " ") + "]"
	}
	switch err {
	case asyncio.ErrCanceled:
		return "canceled"
	case asyncio.ErrTimeout:
		return "timeout"
	}
	return err.Error()
}

func describeResult(v int, err error) string {
	if err != nil {
		return describe(err)
	}
	return fmt.Sprint(v)
}

// A libPlace is where an operation is carried out.
type libPlace struct {
	group   *asyncio.TaskGroup // the innermost
	started func(int)          // of the innermost Start
}

// alone is the place of what is in none of the groups around.
func (at libPlace) alone() libPlace { return libPlace{nil, at.started} }

func (r *libRun) coroutine(ops []op, at libPlace) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) { return firstID(ops), r.ops(ctx, at, ops) }
}

// ops carries out a body.
func (r *libRun) ops(ctx context.Context, at libPlace, ops []op) error {
	for _, o := range ops {
		outcome, err := r.op(ctx, at, o)
		if err != nil {
			outcome = describe(err)
		}
		r.note("task %s: %s: %s", r.task(), o.label(), outcome)
		if err != nil {
			return err
		}
	}
	return nil
}

// op carries out one operation. It returns what is to be noted of it, and its
// error.
func (r *libRun) op(ctx context.Context, at libPlace, o op) (string, error) {
	switch o.Kind {
	case opYield:
		return "ok", asyncio.Yield(ctx)
	case opSleep:
		return "ok", asyncio.Sleep(ctx, o.time())
	case opFail:
		return "", errors.New(failure(o))
	case opGiveUp:
		return "", asyncio.ErrCanceled
	case opCancel, opSetFuture, opFailFuture, opCancelFuture:
		return r.act(at, o), nil
	case opSoon:
		r.loop.CallSoon(func() { r.note("callback: %s: %s", o.Body[0].label(), r.act(at, o.Body[0])) })
	case opLater:
		r.loop.CallLater(o.time(), func() { r.note("callback: %s: %s", o.Body[0].label(), r.act(at, o.Body[0])) })
	case opCallback:
		r.callback(o)
	case opAwaitFuture:
		return noted(r.futs[o.Future].Await(ctx))
	case opCall:
		return noted(asyncio.Coro[int](r.coroutine(o.Body, at)).Await(ctx))
	case opTry:
		err := r.ops(ctx, at, o.Body)
		if err != nil && !errors.Is(err, asyncio.ErrCanceled) {
			return "caught " + describe(err), nil
		}
		return "ok", err
	case opSwallow:
		return "swallowed " + describe(r.ops(ctx, at, o.Body)), nil
	case opClean:
		err := r.ops(ctx, at, o.Body)
		if err2 := r.ops(context.WithoutCancel(ctx), at.alone(), o.Cleanup); err2 != nil {
			err = err2
		}
		return "ok", err
	case opTimeout:
		return "ok", asyncio.WithTimeout(ctx, o.time(), func(ctx context.Context) error {
			return r.ops(ctx, at, o.Body)
		})
	case opGroup:
		return "ok", r.group(ctx, at, o)
	default:
		return r.taskOp(ctx, at, o)
	}
	return "ok", nil
}

func (r *libRun) group(ctx context.Context, at libPlace, o op) error {
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		at.group, r.groups[o.Group] = tg, tg
		return r.ops(ctx, at, o.Body)
	}, groupOptions(o)...)
	if at.group != nil && at.group.Expired() {
		r.note("group %d has expired", o.ID)
	}
	return err
}

func noted(v int, err error) (string, error) { return fmt.Sprint(v), err }

func groupOptions(o op) []asyncio.GroupOption {
	var opts []asyncio.GroupOption
	if o.Limit > 0 {
		opts = append(opts, asyncio.Limit(o.Limit))
	}
	if o.Supervised {
		opts = append(opts, asyncio.Supervised())
	}
	return opts
}

// taskOp is op for what has to do with other tasks.
func (r *libRun) taskOp(ctx context.Context, at libPlace, o op) (string, error) {
	switch o.Kind {
	case opSpawn:
		r.slots[o.Slot] = asyncio.CreateTask(ctx, r.coroutine(o.Body, at.alone()))
	case opEager:
		r.slots[o.Slot] = asyncio.CreateTask(ctx, r.coroutine(o.Body, at.alone()), asyncio.Eager())
	case opChild, opEagerChild:
		if at.group == nil {
			return "skipped", nil
		}
		var opts []asyncio.TaskOption
		if o.Kind == opEagerChild {
			opts = append(opts, asyncio.Eager())
		}
		r.slots[o.Slot] = asyncio.Spawn(at.group, r.coroutine(o.Body, at), opts...)
	case opCancelGroup:
		if at.group != nil {
			at.group.Cancel()
		}
	case opWaitForCoro:
		return noted(asyncio.WaitFor(ctx, r.coroutine(o.Body, at.alone()), o.time()))
	case opAwait, opShield, opWaitFor:
		t := r.slot(o.Slot)
		switch {
		case t == nil:
			return "skipped", nil
		case o.Kind == opAwait:
			return noted(t.Await(ctx))
		case o.Kind == opShield:
			return noted(asyncio.Shield(ctx, t))
		default:
			return noted(asyncio.WaitFor(ctx, t, o.time()))
		}
	case opWait:
		return r.wait(ctx, o)
	case opSelect:
		return r.selects(ctx, o)
	case opGather, opSettle, opRace, opAny, opAsCompleted:
		return r.combine(ctx, at, o)
	default:
		return r.own(ctx, at, o)
	}
	return "ok", nil
}

func (r *libRun) slot(n int) *asyncio.Task[int] {
	if n == noSlot {
		return nil
	}
	return r.slots[n]
}

// act carries out an operation that does not wait.
func (r *libRun) act(at libPlace, o op) string {
	f := r.futs[o.Future]
	switch o.Kind {
	case opSetFuture:
		return fmt.Sprint(f.SetResult(o.ID) == nil)
	case opFailFuture:
		return fmt.Sprint(f.SetError(errors.New(failure(o))) == nil)
	case opCancelFuture:
		return fmt.Sprint(f.Cancel())
	case opSetAdd, opTryNext, opReady, opCancelAfter:
		return r.actOwn(at, o)
	default:
		t := r.slot(o.Slot)
		return fmt.Sprint(t != nil && t.Cancel())
	}
}

func (r *libRun) callback(o op) {
	if t := r.slot(o.Slot); t != nil {
		t.AddDoneCallback(func(t *asyncio.Task[int]) { r.note("callback %d of task %s", o.ID, number(t.Name())) })
	}
}

func (r *libRun) wait(ctx context.Context, o op) (string, error) {
	var ts []*asyncio.Task[int]
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil && !slices.Contains(ts, t) {
			ts = append(ts, t)
		}
	}
	done, _, err := asyncio.Wait(ctx, ts, o.When, o.time())
	return strings.Join(each(ts, func(t *asyncio.Task[int]) string { return fmt.Sprint(slices.Contains(done, t)) }), " "), err
}

func (r *libRun) selects(ctx context.Context, o op) (string, error) {
	cases := []asyncio.Case{r.futs[o.Future].OnDone()}
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil {
			cases = append(cases, t.OnDone())
		}
	}
	if o.Time != 0 {
		cases = append(cases, asyncio.After(o.time()))
	}
	if o.Limit == 1 {
		cases = append([]asyncio.Case{asyncio.Ready()}, cases...)
	}
	chosen, err := asyncio.Select(ctx, cases...)
	return fmt.Sprint(chosen), err
}

// combine is op for combinations.
func (r *libRun) combine(ctx context.Context, at libPlace, o op) (string, error) {
	var aws []asyncio.Awaitable[int]
	for _, p := range o.Parts {
		if p.Coro {
			aws = append(aws, r.coroutine(p.Body, at.alone()))
		} else if t := r.slot(p.Slot); t != nil {
			aws = append(aws, t)
		}
	}
	if len(aws) == 0 {
		return "skipped", nil
	}
	switch o.Kind {
	case opGather:
		vs, err := asyncio.Gather(ctx, aws...)
		return strings.Join(each(vs, func(v int) string { return fmt.Sprint(v) }), " "), err
	case opSettle:
		rs, err := asyncio.GatherSettled(ctx, aws...)
		return strings.Join(each(rs, settledText), " "), err
	case opRace:
		return noted(asyncio.Race(ctx, aws...))
	case opAny:
		return noted(asyncio.Any(ctx, aws...))
	default:
		return r.asCompleted(ctx, o, aws)
	}
}

func settledText(r asyncio.Result[int]) string { return describeResult(r.Value, r.Err) }

// asCompleted reads up to o.Time+1 results.
func (r *libRun) asCompleted(ctx context.Context, o op, aws []asyncio.Awaitable[int]) (string, error) {
	var seen []string
	for i, res := range asyncio.AsCompletedIndex(ctx, aws...) {
		if i < 0 {
			return "", res.Err
		}
		if seen = append(seen, settledText(res)); len(seen) > o.Time {
			break
		}
	}
	return strings.Join(seen, " "), nil
}
