// Random programs about what tasks share and CPython does not have: permits by the
// number, readers and writers, broadcasts and watches. This file makes them and lets the
// library carry them out; sharedmodel_test.go has the reference model, as slow and as
// plain as can be. Both must do the same, in the same order and passes.

package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A sharedOp is an operation on the first or the second of something.
type sharedOp struct {
	ID   int
	Kind string
	On   int
	N    int // how many, or for how long
}

func (o sharedOp) String() string { return fmt.Sprintf("%d %s %d %d", o.ID, o.Kind, o.On, o.N) }

// A sharedProgram is tasks, and when which of them is canceled.
type sharedProgram struct {
	tasks   [][]sharedOp
	cancels []sharedOp // On: the task, N: when
}

var sharedKinds = []string{
	"yield", "sleep", "acquire", "acquire several", "try several", "release", "release several", "limit",
	"write", "read", "try write", "try read", "write release", "read release",
	"subscribe", "put", "put", "try put", "get", "get", "try get", "close", "shut down", "set", "wait",
}

func newSharedProgram(seed uint64) (p sharedProgram) {
	r := rand.New(rand.NewPCG(seed, 1))
	subjects := []int{0, 8, 14} // a program is mostly about one kind of thing
	from := subjects[r.IntN(len(subjects))]
	to := map[int]int{0: 8, 8: 14, 14: 25}[from]
	for range 2 + r.IntN(4) {
		var ops []sharedOp
		for range 1 + r.IntN(8) {
			kind := sharedKinds[from+r.IntN(to-from)]
			if r.IntN(5) == 0 {
				kind = sharedKinds[r.IntN(len(sharedKinds))]
			}
			if kind == "shut down" && r.IntN(4) > 0 {
				kind = "subscribe"
			}
			ops = append(ops, sharedOp{100*len(p.tasks) + len(ops), kind, r.IntN(2), r.IntN(4)})
		}
		p.tasks = append(p.tasks, ops)
	}
	for range r.IntN(3) {
		p.cancels = append(p.cancels, sharedOp{On: r.IntN(len(p.tasks)), N: r.IntN(5)})
	}
	return p
}

func (p sharedProgram) String() string {
	var b strings.Builder
	for i, ops := range p.tasks {
		fmt.Fprintf(&b, "task %d: %v\n", i+2, ops)
	}
	for _, c := range p.cancels {
		fmt.Fprintf(&b, "cancel task %d at %d\n", c.On+2, c.N)
	}
	return b.String()
}

// A sharedRun is one run of a program on the library.
type sharedRun struct {
	libRun
	semaphore   *asyncio.Semaphore
	bounded     *asyncio.BoundedSemaphore
	locks       [2]asyncio.RWLock
	news        *asyncio.Broadcast[int]
	subscribers [2]*asyncio.Subscriber[int]
	watch       asyncio.Watch[int]
}

// permits is what both semaphores can do.
type permits interface {
	Acquire(ctx context.Context) error
	AcquireN(ctx context.Context, n int) error
	TryAcquireN(n int) bool
	Release()
	ReleaseN(n int)
	SetLimit(n int)
}

func (r *sharedRun) permits(o sharedOp) permits {
	if o.On == 0 {
		return r.semaphore
	}
	return r.bounded
}

func sharedOnLibrary(p sharedProgram) []traceLine {
	r := &sharedRun{
		semaphore: asyncio.NewSemaphore(2), bounded: asyncio.NewBoundedSemaphore(3), news: asyncio.NewBroadcast[int](2),
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		r.loop = asyncio.RunningLoop(ctx)
		r.begin = r.loop.Now()
		var tasks []*asyncio.Task[struct{}]
		for _, ops := range p.tasks {
			tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error { return r.all(ctx, ops) }))
		}
		for _, c := range p.cancels {
			r.loop.CallLater(time.Duration(c.N)*time.Millisecond, func() { tasks[c.On].Cancel() })
		}
		return asyncio.Sleep(ctx, enough*time.Millisecond)
	}, virtual.Time(), asyncio.Observe(r.hooks()), asyncio.OnException(r.report))
	if err != nil {
		r.note("Run: %v", err)
	}
	return r.trace
}

func (r *sharedRun) all(ctx context.Context, ops []sharedOp) error {
	for _, o := range ops {
		outcome, err := r.op(ctx, o)
		if err != nil {
			outcome = describe(err)
		}
		r.note("task %s: %v: %s", r.task(), o, outcome)
		if err != nil {
			return err
		}
	}
	return nil
}

// op carries out an operation, and returns what is to be noted of it.
func (r *sharedRun) op(ctx context.Context, o sharedOp) (outcome string, err error) {
	switch o.Kind {
	case "yield":
		return "ok", asyncio.Yield(ctx)
	case "sleep":
		return "ok", asyncio.Sleep(ctx, time.Duration(1+o.N)*time.Millisecond)
	case "acquire":
		err = r.permits(o).Acquire(ctx)
	case "acquire several":
		err = r.permits(o).AcquireN(ctx, o.N)
	case "write":
		err = r.locks[o.On].Acquire(ctx)
	case "read":
		err = r.locks[o.On].AcquireRead(ctx)
	case "put":
		err = r.news.Put(ctx, o.ID)
	case "get":
		return r.get(o, func(s *asyncio.Subscriber[int]) (int, error) { return s.Get(ctx) })
	case "wait":
		var v int
		v, err = r.watch.Wait(ctx, func(v int) bool { return v >= o.N })
		return fmt.Sprint(v), err
	default:
		return r.do(o), nil
	}
	return sharedOutcome("ok", err)
}

// sharedOutcome makes an outcome of errors that do not end the task.
func sharedOutcome(ok string, err error) (string, error) {
	for _, told := range []error{asyncio.ErrSemaphoreLimit, asyncio.ErrQueueShutDown, asyncio.ErrQueueFull, asyncio.ErrQueueEmpty} {
		if errors.Is(err, told) {
			return told.Error(), nil
		}
	}
	return ok, err
}

func (r *sharedRun) get(o sharedOp, get func(*asyncio.Subscriber[int]) (int, error)) (string, error) {
	s := r.subscribers[o.On]
	if s == nil {
		return "no subscriber", nil
	}
	item, err := get(s)
	return sharedOutcome(fmt.Sprint("got ", item), err)
}

// do carries out an operation that does not wait.
func (r *sharedRun) do(o sharedOp) (outcome string) {
	defer func() {
		if recover() != nil {
			outcome = "misuse"
		}
	}()
	l := &r.locks[o.On]
	switch o.Kind {
	case "try several":
		return fmt.Sprint(r.permits(o).TryAcquireN(o.N))
	case "release":
		r.permits(o).Release()
	case "release several":
		r.permits(o).ReleaseN(o.N)
	case "limit":
		r.permits(o).SetLimit(o.N)
	case "try write":
		return fmt.Sprint(l.TryAcquire(), l.Locked())
	case "try read":
		return fmt.Sprint(l.TryAcquireRead(), l.Locked())
	case "write release":
		l.Release()
	case "read release":
		l.ReleaseRead()
	case "set":
		r.watch.Set(o.N)
	default:
		return r.doBroadcast(o)
	}
	return "ok"
}

func (r *sharedRun) doBroadcast(o sharedOp) string {
	switch o.Kind {
	case "subscribe":
		if r.subscribers[o.On] != nil {
			return fmt.Sprint(r.subscribers[o.On].Len())
		}
		r.subscribers[o.On] = r.news.Subscribe()
	case "try put":
		outcome, _ := sharedOutcome("ok", r.news.TryPut(o.ID))
		return outcome
	case "try get":
		outcome, _ := r.get(o, (*asyncio.Subscriber[int]).TryGet)
		return outcome
	case "close":
		if s := r.subscribers[o.On]; s != nil {
			s.Close()
			r.subscribers[o.On] = nil
		}
	case "shut down":
		r.news.Shutdown(o.N == 0)
	default:
		panic("no operation is called " + o.Kind)
	}
	return "ok"
}

func TestRandomSharedProgramsAgainstTheModel(t *testing.T) {
	programs := uint64(10_000)
	if testing.Short() || runtime.GOARCH == "wasm" {
		programs = 1_000
	}
	noCollections(t)
	for seed := range programs {
		if seed%500 == 0 {
			runtime.GC()
		}
		if p := newSharedProgram(seed); differShared(p) != "" {
			p = shrinkShared(p)
			t.Fatalf("seed %d: the library differs from the model\n%v\n%s", seed, p, differShared(p))
		}
	}
}

// differShared returns how the library differs from the model, or "".
func differShared(p sharedProgram) string {
	got, want := relative(sharedOnLibrary(p)), relative(sharedOnModel(p))
	if slices.Equal(got, want) {
		return ""
	}
	return sideBySide(want, got)
}

// shrinkShared takes away from a program what it can and still have it differ.
func shrinkShared(p sharedProgram) sharedProgram {
	for i := range p.tasks {
		for j := 0; j < len(p.tasks[i]); {
			smaller := sharedProgram{slices.Clone(p.tasks), p.cancels}
			smaller.tasks[i] = slices.Concat(p.tasks[i][:j], p.tasks[i][j+1:])
			if differShared(smaller) != "" {
				p = smaller
			} else {
				j++
			}
		}
	}
	return p
}
