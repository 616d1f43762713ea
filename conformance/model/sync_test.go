// Random programs about locks, queues and the like: testdata/sync.py
// makes them and carries them out with CPython, this file with the library.
// Both must do the same, at the same time, in the same order and passes.

package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A syncProgram is tasks, and when which of them is canceled.
type syncProgram struct {
	Tasks   [][]syncOp
	Cancels []syncOp
}

// A syncOp is an operation. Which fields mean something depends on its kind.
type syncOp struct {
	ID    int
	Kind  string
	N     int // which lock, queue, ...
	K     int // how many, or which callback
	Time  int // in microseconds
	Again int // what a timeout is rescheduled to: not if 0, to never if negative
	Body  []syncOp
	Parts [][]syncOp
}

func (o syncOp) time() time.Duration { return time.Duration(o.Time) * time.Microsecond }

// A syncRun is one run of a program on the library.
type syncRun struct {
	libRun
	tasks      map[string]*asyncio.Task[struct{}] // by their numbers
	count      int
	locks      []*asyncio.Lock
	semaphores []semaphore
	events     []*asyncio.Event
	conditions []*asyncio.Condition
	barriers   []*asyncio.Barrier
	queues     []asynctest.Queue
	handles    map[int]*asyncio.TimerHandle
	removals   map[int]func() bool
}

type semaphore interface {
	Acquire(ctx context.Context) error
	With(ctx context.Context, body func() error) error
	Release()
	Locked() bool
}

func newSyncRun() *syncRun {
	lock := new(asyncio.Lock)
	less := func(a, b int) bool { return a < b }
	return &syncRun{
		tasks: map[string]*asyncio.Task[struct{}]{},
		locks: []*asyncio.Lock{lock, new(asyncio.Lock)},
		semaphores: []semaphore{
			asyncio.NewSemaphore(1), asyncio.NewSemaphore(2), asyncio.NewBoundedSemaphore(1), asyncio.NewSemaphore(0),
		},
		events:     []*asyncio.Event{new(asyncio.Event), new(asyncio.Event)},
		conditions: []*asyncio.Condition{new(asyncio.Condition), asyncio.NewCondition(lock)},
		barriers:   []*asyncio.Barrier{asyncio.NewBarrier(2), asyncio.NewBarrier(3)},
		queues: []asynctest.Queue{
			asyncio.NewQueue[int](0), asyncio.NewQueue[int](1), asyncio.NewQueue[int](2),
			asyncio.NewLifoQueue[int](2), asyncio.NewPriorityQueue(1, less),
		},
		handles:  map[int]*asyncio.TimerHandle{},
		removals: map[int]func() bool{},
	}
}

// run carries out a program and returns its trace.
func (r *syncRun) run(p syncProgram) []traceLine {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		r.loop = asyncio.RunningLoop(ctx)
		r.begin = r.loop.Now()
		for range futures {
			r.futs = append(r.futs, asyncio.NewFuture[int](ctx))
		}
		for _, ops := range p.Tasks {
			r.spawn(ctx, ops)
		}
		for _, c := range p.Cancels {
			r.loop.CallLater(c.time(), func() {
				t := r.tasks[fmt.Sprint(c.N)]
				r.sayNow("cancel %d: %v", c.N, t != nil && t.Cancel())
			})
		}
		return asyncio.Sleep(ctx, enough*time.Millisecond)
	}, virtual.Time(), asyncio.Observe(r.syncHooks()), asyncio.OnException(func(asyncio.ExceptionContext) {}))
	if err != nil {
		r.sayNow("Run: %v", err)
	}
	return r.trace
}

func (r *syncRun) syncHooks() *asyncio.Hooks {
	hooks := r.hooks()
	hooks.TaskDone = func(e asyncio.HookEvent) { r.sayNow("task %s ends: %s", number(e.Task.Name), describe(e.Err)) }
	return hooks
}

// sayNow is note, to the microsecond.
func (r *syncRun) sayNow(format string, args ...any) {
	now := int(r.loop.Now().Sub(r.begin).Microseconds())
	r.trace = append(r.trace, traceLine{now, r.pass, fmt.Sprintf(format, args...)})
}

func (r *syncRun) spawn(ctx context.Context, ops []syncOp, opts ...asyncio.TaskOption) *asyncio.Task[struct{}] {
	t := asyncio.Go(ctx, func(ctx context.Context) error { return r.all(ctx, ops) }, opts...)
	r.tasks[number(t.Name())] = t
	return t
}

// all carries out a body.
func (r *syncRun) all(ctx context.Context, ops []syncOp) error {
	for _, o := range ops {
		outcome, err := r.wait(ctx, o)
		if err != nil {
			outcome = describe(err)
		}
		r.sayNow("task %s: %d %s %d: %s", r.task(), o.ID, o.Kind, o.N, outcome)
		if err != nil {
			return err
		}
	}
	return nil
}

// wait carries out one operation, and says what is to be noted of it.
func (r *syncRun) wait(ctx context.Context, o syncOp) (string, error) {
	body := func() error { return r.all(ctx, o.Body) }
	switch o.Kind {
	case "yield":
		return "ok", asyncio.Yield(ctx)
	case "sleep":
		return "ok", asyncio.Sleep(ctx, o.time())
	case "lock":
		l := r.locks[o.N%2]
		err := l.With(ctx, body)
		return fmt.Sprint(l.Locked()), err
	case "semaphore":
		s := r.semaphores[o.N%2]
		err := s.With(ctx, body)
		return fmt.Sprint(s.Locked()), err
	case "acquire":
		s := r.semaphores[o.N%4]
		err := s.Acquire(ctx)
		return fmt.Sprint(s.Locked()), err
	case "event wait":
		return "ok", r.events[o.N%2].Wait(ctx)
	case "condition", "condition for", "notify":
		return r.condition(ctx, o, body)
	case "barrier":
		return r.barrier(ctx, o)
	case "put", "get", "join":
		return r.queue(ctx, o)
	case "await future":
		return noted(r.futs[o.N%3].Await(ctx))
	case "timeout":
		return r.timeout(ctx, o)
	default:
		return r.start(ctx, o)
	}
}

func (r *syncRun) condition(ctx context.Context, o syncOp, body func() error) (string, error) {
	c := r.conditions[o.N%2]
	err := c.With(ctx, func() error {
		var err error
		switch {
		case o.Kind == "condition":
			err = c.Wait(ctx)
		case o.Kind == "condition for":
			err = c.WaitFor(ctx, func() bool { return r.count >= o.K })
		case o.K > 0:
			c.Notify(o.K)
			return nil
		default:
			c.NotifyAll()
			return nil
		}
		if err != nil {
			return err
		}
		r.sayNow("%d woken", o.ID)
		return body()
	})
	return fmt.Sprint(c.Locked()), err
}

func (r *syncRun) barrier(ctx context.Context, o syncOp) (string, error) {
	switch i, err := r.barriers[o.N%2].Wait(ctx); {
	case errors.Is(err, asyncio.ErrBrokenBarrier):
		return "broken", nil
	case i == 0:
		return "first", err
	default:
		return "passed", err
	}
}

func (r *syncRun) queue(ctx context.Context, o syncOp) (outcome string, err error) {
	q := r.queues[o.N%5]
	switch o.Kind {
	case "put":
		err = q.Put(ctx, o.ID)
		outcome = fmt.Sprint(q.Len())
	case "get":
		var n int
		n, err = q.Get(ctx)
		outcome = fmt.Sprint("got ", n)
	default:
		return "ok", q.Join(ctx)
	}
	if errors.Is(err, asyncio.ErrQueueShutDown) {
		return "shut down", nil
	}
	return outcome, err
}

func (r *syncRun) timeout(ctx context.Context, o syncOp) (string, error) {
	var timeout *asyncio.Timeout
	err := asyncio.WithTimeout(ctx, o.time(), func(ctx context.Context) error {
		timeout = asyncio.TimeoutOf(ctx)
		switch {
		case o.Again < 0:
			timeout.Reschedule(time.Time{})
		case o.Again > 0:
			timeout.Reschedule(r.loop.Now().Add(time.Duration(o.Again) * time.Microsecond))
		}
		return r.all(ctx, o.Body)
	})
	if errors.Is(err, asyncio.ErrTimeout) {
		return fmt.Sprintf("timeout %v", timeout.Expired()), nil
	}
	return fmt.Sprintf("ok %v", timeout.Expired()), err
}

func (r *syncRun) start(ctx context.Context, o syncOp) (string, error) {
	switch o.Kind {
	case "spawn":
		return fmt.Sprint(r.spawn(ctx, o.Body).Done()), nil
	case "eager":
		return fmt.Sprint(r.spawn(ctx, o.Body, asyncio.Eager()).Done()), nil
	case "gather":
		ts := each(o.Parts, func(ops []syncOp) *asyncio.Task[struct{}] { return r.spawn(ctx, ops) })
		_, err := asyncio.GatherSettled(ctx, asyncio.Awaitables(ts)...)
		return "ok", err
	case "reset":
		b := r.barriers[o.N%2]
		b.Reset()
		return fmt.Sprint(b.Waiting(), b.Broken()), nil
	case "abort":
		b := r.barriers[o.N%2]
		b.Abort()
		return fmt.Sprint(b.Waiting(), b.Broken()), nil
	default:
		return r.do(o), nil
	}
}

// do carries out an operation that does not wait.
func (r *syncRun) do(o syncOp) (outcome string) {
	defer func() {
		if recover() != nil {
			outcome = "misuse"
		}
	}()
	e, f := r.events[o.N%2], r.futs[o.N%3]
	switch o.Kind {
	case "set":
		e.Set()
	case "clear":
		e.Clear()
	case "release":
		r.semaphores[o.N%4].Release()
		return fmt.Sprint(r.semaphores[o.N%4].Locked())
	case "try put", "try get", "task done", "shut down":
		return r.doQueue(o)
	case "count":
		r.count++
		return fmt.Sprint(r.count)
	case "set future":
		if errors.Is(f.SetResult(o.ID), asyncio.ErrInvalidState) {
			return "invalid state"
		}
	case "cancel future":
		return fmt.Sprint(f.Cancel())
	case "reset", "abort", "notify":
		return "skipped"
	default:
		return r.doCallback(o)
	}
	return "ok"
}

func (r *syncRun) doQueue(o syncOp) string {
	q := r.queues[o.N%5]
	switch o.Kind {
	case "try put":
		return queueOutcome(q.TryPut(o.ID), func() string { return fmt.Sprint(q.Len()) })
	case "try get":
		n, err := q.TryGet()
		return queueOutcome(err, func() string { return fmt.Sprint("got ", n) })
	case "task done":
		q.TaskDone()
		return "ok"
	default:
		q.Shutdown(o.K == 0)
		return fmt.Sprint(q.Len(), q.Empty(), q.Full())
	}
}

func queueOutcome(err error, ok func() string) string {
	switch {
	case errors.Is(err, asyncio.ErrQueueFull):
		return "full"
	case errors.Is(err, asyncio.ErrQueueEmpty):
		return "empty"
	case errors.Is(err, asyncio.ErrQueueShutDown):
		return "shut down"
	}
	return ok()
}

func (r *syncRun) doCallback(o syncOp) string {
	switch o.Kind {
	case "callback":
		r.removals[o.K] = r.futs[o.N%3].AddDoneCallback(func(f *asyncio.Future[int]) {
			r.sayNow("callback %d: %v", o.ID, f.Canceled())
		})
	case "remove callback":
		remove := r.removals[o.K]
		delete(r.removals, o.K)
		if remove == nil {
			return "none"
		}
		return fmt.Sprint(remove())
	case "later":
		r.handles[o.K] = r.loop.CallLater(o.time(), func() {
			in := o.Body[0]
			outcome := r.do(in)
			r.sayNow("callback: %d %s %d: %s", in.ID, in.Kind, in.N, outcome)
		})
	case "unlater":
		h := r.handles[o.K]
		if h == nil {
			return "none"
		}
		h.Cancel()
		return fmt.Sprint(h.Canceled())
	default:
		panic("no operation is called " + o.Kind)
	}
	return "ok"
}

// A recordedSync is a program, and what happened in it under CPython.
type recordedSync struct {
	Program syncProgram
	Trace   []string
}

func recordedSyncs(t *testing.T) (recorded []recordedSync) {
	t.Helper()
	if readJSON(t, "testdata/sync.json", &recorded); len(recorded) == 0 {
		t.Fatal("no programs")
	}
	return recorded
}

func TestRandomSyncProgramsAgainstCPython(t *testing.T) {
	for i, rec := range recordedSyncs(t) {
		got := upToTheEnd(relativeIn("us", newSyncRun().run(rec.Program)))
		if !slices.Equal(got, rec.Trace) {
			t.Errorf("program %d: the library differs from CPython (here \"model\")\n%s", i, sideBySide(rec.Trace, got))
		}
	}
}

func TestRecordedSyncTracesAreWhatPythonPrints(t *testing.T) {
	want := recordedSyncs(t)
	var got []recordedSync
	interpret(t, &got, "sync.py", "sync.json")
	for i := range want {
		if i >= len(got) || !slices.Equal(got[i].Trace, want[i].Trace) {
			t.Errorf("program %d has another trace", i)
		}
	}
}
