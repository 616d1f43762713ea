package differential

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

// A run is one run of a program on the library.
type run struct {
	loop       *asyncio.Loop
	begin      time.Time // by the loop's clock
	over       bool
	lines      []string
	slots      []*asyncio.Task[int]
	futures    []*asyncio.Future[int]
	locks      [locks]asyncio.Lock
	semaphores []*asyncio.Semaphore
	events     [events]asyncio.Event
	conditions [conditions]asyncio.Condition
	queues     []*asyncio.Queue[int]
}

// linesOf returns what a program prints.
func linesOf(p program, opts ...asyncio.Option) []string {
	r := &run{slots: make([]*asyncio.Task[int], p.Slots)}
	for n := range semaphores {
		r.semaphores = append(r.semaphores, asyncio.NewSemaphore(n+1))
	}
	for n := range queues {
		r.queues = append(r.queues, asyncio.NewQueue[int](n))
	}
	opts = append(opts, virtual.Time(), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { return r.main(ctx, p) }, opts...)
	if err != nil {
		r.lines = append(r.lines, "Run: "+err.Error())
	}
	return r.lines
}

func (r *run) main(ctx context.Context, p program) error {
	r.loop = asyncio.RunningLoop(ctx)
	r.begin = r.loop.Now()
	for range futures {
		r.futures = append(r.futures, asyncio.NewFuture[int](ctx))
	}
	_ = r.ops(ctx, nil, "main", p.Body)
	err := asyncio.Sleep(context.WithoutCancel(ctx), 100*time.Millisecond)
	r.over = true
	return err
}

func (r *run) say(format string, args ...any) {
	if !r.over {
		now := r.loop.Now().Sub(r.begin).Milliseconds()
		r.lines = append(r.lines, fmt.Sprintf("%d ", now)+fmt.Sprintf(format, args...))
	}
}

// describe writes an error as interpret.py does.
func describe(err error) string {
	if group, ok := err.(*asyncio.ExceptionGroup); ok {
		return "group[" + strings.Join(each(group.Errors, describe), " ") + "]"
	}
	switch err {
	case nil:
		return "ok"
	case asyncio.ErrCanceled:
		return "canceled"
	case asyncio.ErrTimeout:
		return "timeout"
	case asyncio.ErrQueueShutDown:
		return "shut down"
	}
	return err.Error()
}

func failure(o op) error { return fmt.Errorf("E%d", o.ID) }

// each collects what f says of every element of vs.
func each[T, R any](vs []T, f func(T) R) []R {
	rs := make([]R, len(vs))
	for i, v := range vs {
		rs[i] = f(v)
	}
	return rs
}

// words writes values with spaces between them.
func words[T any](vs []T) string {
	return strings.Join(each(vs, func(v T) string { return fmt.Sprint(v) }), " ")
}

// coroutine is what a task runs.
func (r *run) coroutine(name string, ops []op, tg *asyncio.TaskGroup) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		err := r.ops(ctx, tg, name, ops)
		r.say("%s ends: %s", name, describe(err))
		return len(ops), err
	}
}

// ops carries out a body in the task of that name. tg is the innermost group.
func (r *run) ops(ctx context.Context, tg *asyncio.TaskGroup, name string, ops []op) error {
	for _, o := range ops {
		what, err := r.op(ctx, tg, name, o)
		if err != nil {
			what = describe(err)
		}
		r.say("%s %d %s: %s", name, o.ID, o.Kind, what)
		if err != nil {
			return err
		}
	}
	return nil
}

func (o op) duration() time.Duration { return time.Duration(o.Time) * time.Millisecond }

// op carries out one operation, and returns what is to be said of it.
func (r *run) op(ctx context.Context, tg *asyncio.TaskGroup, name string, o op) (string, error) {
	body := func(ctx context.Context) error { return r.ops(ctx, tg, name, o.Body) }
	switch o.Kind {
	case "yield":
		return "ok", asyncio.Yield(ctx)
	case "sleep":
		return "ok", asyncio.Sleep(ctx, o.duration())
	case "fail":
		return "", failure(o)
	case "give up":
		return "", asyncio.ErrCanceled
	case "call":
		return "ok", body(ctx)
	case "try":
		err := body(ctx)
		if err != nil && err != asyncio.ErrCanceled {
			return "caught " + describe(err), nil
		}
		return "ok", err
	case "swallow":
		if err := body(ctx); err != nil {
			return "swallowed " + describe(err), nil
		}
	case "clean":
		err := body(ctx)
		if err2 := r.ops(context.WithoutCancel(ctx), nil, name, o.Cleanup); err2 != nil {
			err = err2
		}
		return "ok", err
	case "timeout":
		return "ok", asyncio.WithTimeout(ctx, o.duration(), body)
	case "group":
		return "ok", asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			return r.ops(ctx, tg, name, o.Body)
		})
	case "lock":
		return "ok", r.locks[o.N].With(ctx, func() error { return body(ctx) })
	case "semaphore":
		return "ok", r.semaphores[o.N].With(ctx, func() error { return body(ctx) })
	case "wait for condition":
		return "ok", r.conditions[o.N].With(ctx, func() error {
			if err := r.conditions[o.N].Wait(ctx); err != nil {
				return err
			}
			r.say("%s %d is notified", name, o.ID)
			return body(ctx)
		})
	default:
		return r.start(ctx, tg, o)
	}
	return "ok", nil
}

// start is op for what starts tasks.
func (r *run) start(ctx context.Context, tg *asyncio.TaskGroup, o op) (string, error) {
	name := fmt.Sprintf("t%d", o.ID)
	c := r.coroutine(name, o.Body, nil)
	switch o.Kind {
	case "spawn":
		r.slots[o.N] = asyncio.CreateTask(ctx, c)
	case "spawn eagerly":
		r.slots[o.N] = asyncio.CreateTask(ctx, c, asyncio.Eager())
	case "child", "eager child", "cancel group":
		if tg == nil {
			return "skipped", nil
		}
		c = r.coroutine(name, o.Body, tg)
		switch o.Kind {
		case "child":
			r.slots[o.N] = asyncio.Spawn(tg, c)
		case "eager child":
			r.slots[o.N] = asyncio.Spawn(tg, c, asyncio.Eager())
		default:
			tg.Cancel()
		}
	case "wait for coro":
		return said(asyncio.WaitFor(ctx, c, o.duration()))
	case "shield coro":
		return said(asyncio.Shield(ctx, c))
	case "gather", "settle", "race":
		return r.combine(ctx, o, name)
	default:
		return r.waitForOthers(ctx, o)
	}
	return "ok", nil
}

func said(v int, err error) (string, error) { return fmt.Sprint(v), err }

func (r *run) combine(ctx context.Context, o op, name string) (string, error) {
	var aws []asyncio.Awaitable[int]
	for i, p := range o.Parts {
		if p.Coro {
			aws = append(aws, r.coroutine(fmt.Sprintf("%s.%d", name, i), p.Body, nil))
		} else if t := r.slot(p.N); t != nil {
			aws = append(aws, t)
		}
	}
	if len(aws) == 0 {
		return "skipped", nil
	}
	switch o.Kind {
	case "gather":
		vs, err := asyncio.Gather(ctx, aws...)
		return words(vs), err
	case "settle":
		rs, err := asyncio.GatherSettled(ctx, aws...)
		return words(each(rs, func(res asyncio.Result[int]) string {
			if res.Err != nil {
				return describe(res.Err)
			}
			return fmt.Sprint(res.Value)
		})), err
	default:
		return said(asyncio.Race(ctx, aws...))
	}
}

func (r *run) slot(n int) *asyncio.Task[int] {
	if n == noSlot {
		return nil
	}
	return r.slots[n]
}

// waitForOthers is op for what waits for tasks, futures and primitives.
func (r *run) waitForOthers(ctx context.Context, o op) (string, error) {
	switch o.Kind {
	case "await", "shield", "wait for", "callback":
		return r.waitForTask(ctx, o)
	case "wait":
		return r.wait(ctx, o)
	case "await future":
		return said(r.futures[o.N].Await(ctx))
	case "wait for event":
		return "ok", r.events[o.N].Wait(ctx)
	case "notify":
		return "ok", r.conditions[o.N].With(ctx, func() error {
			r.conditions[o.N].Notify(o.K)
			return nil
		})
	case "put":
		return "ok", r.queues[o.N].Put(ctx, o.ID)
	case "get":
		return said(r.queues[o.N].Get(ctx))
	case "join":
		return "ok", r.queues[o.N].Join(ctx)
	default:
		return r.act(o), nil
	}
}

func (r *run) waitForTask(ctx context.Context, o op) (string, error) {
	t := r.slot(o.N)
	switch {
	case t == nil:
		return "skipped", nil
	case o.Kind == "await":
		return said(t.Await(ctx))
	case o.Kind == "shield":
		return said(asyncio.Shield(ctx, t))
	case o.Kind == "wait for":
		return said(asyncio.WaitFor(ctx, t, o.duration()))
	}
	t.AddDoneCallback(func(t *asyncio.Task[int]) { r.say("callback %d: %v", o.ID, t.Canceled()) })
	return "ok", nil
}

func (r *run) wait(ctx context.Context, o op) (string, error) {
	var ts []*asyncio.Task[int]
	for _, p := range o.Parts {
		if t := r.slot(p.N); t != nil && !slices.Contains(ts, t) {
			ts = append(ts, t)
		}
	}
	if len(ts) == 0 {
		return "skipped", nil
	}
	_, _, err := asyncio.Wait(ctx, ts, asyncio.ReturnWhen(o.K), o.duration())
	return words(each(ts, (*asyncio.Task[int]).Done)), err
}

// act carries out an operation that does not wait.
func (r *run) act(o op) string {
	switch o.Kind {
	case "soon":
		r.loop.CallSoon(r.callback(o.Body[0]))
	case "ticks":
		r.tick(o, 1)
	case "later":
		r.loop.CallLater(o.duration(), r.callback(o.Body[0]))
	case "cancel":
		var answers []bool
		for range o.K {
			t := r.slot(o.N)
			answers = append(answers, t != nil && t.Cancel())
		}
		return words(answers)
	case "cancel future":
		return fmt.Sprint(r.futures[o.N].Cancel())
	case "set future":
		return result(r.futures[o.N].SetResult(o.ID))
	case "fail future":
		return result(r.futures[o.N].SetError(failure(o)))
	case "set event":
		r.events[o.N].Set()
	case "clear event":
		r.events[o.N].Clear()
	default:
		return r.queue(o)
	}
	return "ok"
}

// tick says something in each of the next passes, so that the others' lines show in
// which pass they are said.
func (r *run) tick(o op, n int) {
	r.loop.CallSoon(func() {
		r.say("tick %d of %d", n, o.ID)
		if n < o.K {
			r.tick(o, n+1)
		}
	})
}

func (r *run) callback(o op) func() {
	return func() { r.say("callback %d %s: %s", o.ID, o.Kind, r.act(o)) }
}

func (r *run) queue(o op) (what string) {
	q := r.queues[o.N]
	switch o.Kind {
	case "try put":
		return result(q.TryPut(o.ID))
	case "try get":
		v, err := q.TryGet()
		if err == nil {
			return fmt.Sprint(v)
		}
		return result(err)
	case "task done":
		defer func() {
			if recover() != nil {
				what = "misuse"
			}
		}()
		q.TaskDone()
	case "shut down":
		q.Shutdown(o.K == 1)
	default:
		panic("no operation is called " + o.Kind)
	}
	return "ok"
}

// result says how something went that does not wait.
func result(err error) string {
	switch {
	case errors.Is(err, asyncio.ErrInvalidState):
		return "invalid state"
	case errors.Is(err, asyncio.ErrQueueFull):
		return "full"
	case errors.Is(err, asyncio.ErrQueueEmpty):
		return "empty"
	}
	return describe(err)
}
